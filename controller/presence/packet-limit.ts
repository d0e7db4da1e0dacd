/** Lets MQTT packets through whole, and leaves out messages that are too large before anybody keeps them in memory. */
import { Transform, type TransformCallback } from 'node:stream';

const PUBLISH = 3;
/** A length has at most four bytes of seven bits. */
const MAX_HEAD = 5;

export class PacketLimit extends Transform {
  readonly #most: number;
  #head: number[] = [];
  #left = 0;
  #skips = false;
  readonly #onSkipped: () => void;

  /** `most` is the largest packet in bytes; `onSkipped` hears of every message that was left out. */
  constructor(most: number, onSkipped: () => void) {
    super();
    this.#most = most;
    this.#onSkipped = onSkipped;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const part = chunk.subarray(at, at + this.#left);
        if (!this.#skips) this.push(part);
        this.#left -= part.length;
        at += part.length;
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
    const [first = 0, ...digits] = this.#head;
    this.#left = digits.reduceRight((length, digit) => length * 128 + (digit & 0x7f), 0);
    this.#skips = this.#left > this.#most;
    if (this.#skips && first >> 4 !== PUBLISH) return 'no MQTT: a packet that is far too large';
    if (this.#skips) this.#onSkipped();
    else this.push(Buffer.from(this.#head));
    this.#head = [];
    return null;
  }
}
