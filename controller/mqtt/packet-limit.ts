/**
 * Lets MQTT packets through whole, and leaves out messages that are too large before anybody keeps them in memory. A flood
 * ends it: who has to read all of that has no time left to mute anything.
 */
import { Transform, type TransformCallback } from 'node:stream';

const PUBLISH = 3;
/** A length has at most four bytes of seven bits. */
const MAX_HEAD = 5;
/** Of all sizes, within `FLOOD_MS`. A house sends some hundred at the very most. */
const MOST_PACKETS = 3_000;
const FLOOD_MS = 1_000;

/** The longest topic that is read of a message that was left out, in bytes. */
const MAX_TOPIC = 1024;

/** What is known of a message that was too large. */
export interface Skipped {
  /** Empty when it is too long to be one of ours. */
  readonly topic: string;
  readonly retained: boolean;
}

export class PacketLimit extends Transform {
  readonly #most: number;
  #head: number[] = [];
  #left = 0;
  /** The first bytes of a message that is left out, until its topic is complete. */
  #skipping: { readonly retained: boolean; start: Buffer; told: boolean } | null = null;
  readonly #onSkipped: (skipped: Skipped) => void;
  readonly #now: () => number;
  #since = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** `most` is the largest packet in bytes; `onSkipped` hears of every message that was left out, as soon as its topic is there; `now` tells ms. */
  constructor(most: number, onSkipped: (skipped: Skipped) => void, now = () => performance.now()) {
    super();
    this.#most = most;
    this.#onSkipped = onSkipped;
    this.#now = now;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const part = chunk.subarray(at, at + this.#left);
        this.#left -= part.length;
        at += part.length;
        if (this.#skipping) this.#skip(part);
        else this.push(part);
        continue;
      }
      this.#head.push(chunk[at++]!);
      const problem = this.#takeHead();
      if (problem) {
        done(new Error(problem));
        return;
      }
    }
    done();
  }

  /** Why this is no MQTT, null when it may be. */
  #takeHead(): string | null {
    const last = this.#head.at(-1)!;
    if (this.#head.length === 1) return null;
    if (last & 0x80) return this.#head.length < MAX_HEAD ? null : 'no MQTT: a length without end';
    if (this.#isFlood()) return `it sends more than ${MOST_PACKETS} messages a second`;
    const [first = 0, ...digits] = this.#head;
    this.#left = digits.reduceRight((length, digit) => length * 128 + (digit & 0x7f), 0);
    const skips = this.#left > this.#most;
    if (skips && first >> 4 !== PUBLISH) return 'no MQTT: a packet that is far too large';
    this.#skipping = skips ? { retained: (first & 1) === 1, start: Buffer.alloc(0), told: false } : null;
    if (!skips) this.push(Buffer.from(this.#head));
    this.#head = [];
    return null;
  }

  #isFlood(): boolean {
    const now = this.#now();
    if (now - this.#since >= FLOOD_MS) {
      this.#since = now;
      this.#count = 0;
    }
    return ++this.#count > MOST_PACKETS;
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
