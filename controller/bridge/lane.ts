/**
 * The way down one serial wire. Mutes go at once, before everything else; of the rest at most one frame is on the wire or
 * in a buffer of the system, and one of each kind waits: the newest. So nobody can keep a mute waiting by sending much.
 */
import { LIMITS } from '../../schemas/protocol.ts';
import type { Clock } from '../link/clock.ts';
import { framed, framesIn, mayPass, muteOf } from './sieve.ts';

/** Start bit, eight bits and stop bit. */
const BITS_A_BYTE = 10;
/** A controller sends a few frames a second; the gate needs time to verify each. */
const BETWEEN_MS = 20;

export interface LaneOptions {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Hands bytes to the wire at once. */
  readonly write: (bytes: Uint8Array) => void;
  /** The gate says of itself that it holds a key. */
  readonly isKeyed: () => boolean;
}

const wireMs = (bytes: number): number => (bytes * BITS_A_BYTE * 1_000) / LIMITS.baud.value;

export class Lane {
  readonly #options: LaneOptions;
  /** By id, what stood between F0 and F7. */
  readonly #waiting = new Map<number, Uint8Array>();
  /** While a mute is still on the wire, only the newest waits: they all do the same. */
  #mute: Uint8Array | null = null;
  #muteFreeAt = 0;
  #freeAt = 0;
  #isMutesOnly = false;
  #cancel: (() => void) | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Takes a payload that came over MQTT. */
  take(payload: Uint8Array): void {
    const { mutes, others } = framesIn(payload);
    if (mutes.length > 0) this.#mute = mutes.at(-1)!;
    if (!this.#isMutesOnly) for (const inner of others) this.#waiting.set(inner[0]!, inner);
    this.#go();
  }

  /** What stands between F0 and F7 of a mute. */
  mute(inner: Uint8Array): void {
    this.#mute = inner;
    this.#go();
  }

  /** From now on nothing passes but mutes. */
  mutesOnly(): void {
    this.#isMutesOnly = true;
    this.#waiting.clear();
  }

  /** The wire is another one, or there is none: what waited was not meant for it. */
  clear(): void {
    this.#waiting.clear();
    this.#mute = null;
    this.#cancel?.();
    this.#cancel = null;
  }

  #go(): void {
    const { clock } = this.#options;
    const now = clock.now();
    if (this.#mute && now >= this.#muteFreeAt) this.#sendMute(this.#mute, now);
    if (!this.#mute && now >= this.#freeAt) this.#sendOther(now);
    this.#cancel?.();
    this.#cancel = null;
    const next = this.#mute ? this.#muteFreeAt : this.#waiting.size > 0 ? this.#freeAt : null;
    if (next !== null) this.#cancel = clock.after(Math.max(1, Math.ceil(next - now)), () => this.#go());
  }

  #sendMute(inner: Uint8Array, now: number): void {
    const frame = muteOf(inner);
    this.#mute = null;
    this.#options.write(frame);
    this.#muteFreeAt = now + wireMs(frame.length);
    this.#freeAt = Math.max(this.#freeAt, now) + wireMs(frame.length);
  }

  /** The next that may pass; what may not is forgotten. */
  #sendOther(now: number): void {
    for (const [id, inner] of this.#waiting) {
      this.#waiting.delete(id);
      if (!mayPass(inner, this.#options.isKeyed())) continue;
      const frame = framed(inner);
      this.#options.write(frame);
      this.#freeAt = now + Math.max(wireMs(frame.length), BETWEEN_MS);
      return;
    }
  }
}
