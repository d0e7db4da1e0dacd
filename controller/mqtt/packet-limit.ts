/** Lets MQTT packets through whole and at their pace, and leaves out messages that are too large before anybody keeps them in memory. */
import { Transform, type TransformCallback } from 'node:stream';
import { floodEnds, type Pace } from './pace.ts';

/** Largest payload that anybody looks at, in bytes. */
export const MAX_PAYLOAD = 64 * 1024;

const PUBLISH = 3;
/** A length has at most four bytes of seven bits. */
const MAX_HEAD = 5;

/** So much at once is followed by a turn of everybody else: libuv hands over thirty times as much in one go. */
const MUCH = 16 * 1024;

/** The longest topic that is read of a message that was left out, in bytes. */
const MAX_TOPIC = 1024;

/** What is known of a message that was too large. */
export interface Skipped {
  /** Empty when it is too long to be one of ours. */
  readonly topic: string;
  readonly retained: boolean;
}

/** Whether a message is to be looked at, by its topic and the bytes after that: asked for every one, so it must cost little. */
export type Wanted = (topic: string, rest: Uint8Array) => boolean;

export class PacketLimit extends Transform {
  readonly #most: number;
  #head: number[] = [];
  #left = 0;
  #parts: Buffer[] = [];
  /** The first bytes of a message that is left out, until its topic is complete. */
  #skipping: { readonly retained: boolean; start: Buffer; told: boolean } | null = null;
  readonly #onSkipped: (skipped: Skipped) => void;
  readonly #pace: Pace;
  readonly #wanted: Wanted | null;
  #prevent = () => {};

  /**
   * `most` is the largest packet in bytes; `onSkipped` hears of every message that was left out for its size, as soon as its
   * topic is there. `wanted`: messages that it does not want are left out without a word.
   */
  constructor(
    most: number,
    onSkipped: (skipped: Skipped) => void,
    pace = floodEnds(),
    wanted: Wanted | null = null,
  ) {
    super({ readableObjectMode: true });
    this.#wanted = wanted;
    this.#most = most;
    this.#onSkipped = onSkipped;
    this.#pace = pace;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#take(chunk, chunk.length < MUCH ? done : (error) => void setImmediate(() => done(error)));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#prevent();
    done(error);
  }

  #take(chunk: Buffer, done: TransformCallback): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        if (this.#skipping) this.#skip(part);
        else this.#whole(part);
        continue;
      }
      this.#head.push(rest[0]!);
      rest = rest.subarray(1);
      if (this.#head.length === 1) continue;
      if (this.#head.at(-1)! & 0x80) {
        if (this.#head.length < MAX_HEAD) continue;
        done(new Error('no MQTT: a length without end'));
        return;
      }
      const length = this.#head.slice(1).reduceRight((sum, digit) => sum * 128 + (digit & 0x7f), 0);
      const pace = this.#pace(Math.min(length, this.#most));
      const refusal = pace && 'problem' in pace ? pace.problem : this.#refusal(length);
      if (refusal) {
        done(new Error(refusal));
        return;
      }
      if (pace && 'waitMs' in pace) {
        const timer = setTimeout(() => {
          this.#begin(length);
          this.#take(rest, done);
        }, pace.waitMs);
        this.#prevent = () => clearTimeout(timer);
        return;
      }
      this.#begin(length);
    }
    done();
  }

  #refusal(length: number): string | null {
    return length > this.#most && this.#head[0]! >> 4 !== PUBLISH
      ? 'no MQTT: a packet that is far too large'
      : null;
  }

  /** A packet of this length begins to pass, or to be left out. */
  #begin(length: number): void {
    this.#left = length;
    const skips = length > this.#most;
    this.#skipping = skips
      ? { retained: (this.#head[0]! & 1) === 1, start: Buffer.alloc(0), told: false }
      : null;
    if (!skips) this.#whole(Buffer.from(this.#head));
    this.#head = [];
  }

  /** Passes a packet on with its last part. */
  #whole(part: Buffer): void {
    this.#parts.push(part);
    if (this.#left > 0) return;
    const parts = this.#parts;
    this.#parts = [];
    if (this.#isWanted(parts)) this.push(parts.length === 1 ? part : Buffer.concat(parts));
  }

  #isWanted([head, ...body]: readonly Buffer[]): boolean {
    if (!this.#wanted || head![0]! >> 4 !== PUBLISH) return true;
    const [first = Buffer.alloc(0), ...more] = body;
    const whole = more.length > 0 ? Buffer.concat(body) : first;
    if (whole.length < 2) return true;
    const end = 2 + whole.readUInt16BE(0);
    return this.#wanted(whole.toString('latin1', 2, end), whole.subarray(end));
  }

  /** Reads the topic, and nothing else. */
  #skip(part: Buffer): void {
    const skipping = this.#skipping!;
    if (skipping.told) return;
    skipping.start = Buffer.concat([skipping.start, part.subarray(0, 2 + MAX_TOPIC)]);
    const { start, retained } = skipping;
    if (start.length < 2) return;
    const length = start.readUInt16BE(0);
    if (length <= MAX_TOPIC && start.length < 2 + length) return;
    skipping.told = true;
    skipping.start = Buffer.alloc(0);
    this.#onSkipped({
      topic: length <= MAX_TOPIC ? start.toString('utf8', 2, 2 + length) : '',
      retained,
    });
  }
}
