/** The serial wire between a host and the chip: one byte after the other at its own speed. */
import type { BoardChip } from './chip.ts';
import { type Random, randomByte } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Speed of the guard's wire. */
export const WIRE_BAUD = 115_200;
const BITS_PER_BYTE = 10;
/** Receiver and sender may differ by this much and still understand each other. */
const TOLERANCE = 0.045;
const US_PER_SECOND = 1_000_000;

export class Wire {
  /** Speed at which the host sends and listens, bits per second. */
  baud = WIRE_BAUD;
  readonly #chip: BoardChip;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #cyclesPerUs: () => number;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  #queue: Uint8Array[] = [];
  #offset = 0;
  #freeAt = 0;
  #sending = false;

  constructor(chip: BoardChip, timeline: Timeline, random: Random, cyclesPerUs: () => number) {
    this.#chip = chip;
    this.#timeline = timeline;
    this.#random = random;
    this.#cyclesPerUs = cyclesPerUs;
  }

  /** Bytes sent by the host that have not arrived yet. */
  get pending(): number {
    return this.#queue.reduce((sum, bytes) => sum + bytes.length, 0) - this.#offset;
  }

  /** Puts bytes on the wire to the chip, after those already there. */
  send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#queue.push(Uint8Array.from(bytes));
    if (!this.#sending) this.#next();
  }

  /** Hears every byte of the chip when its stop bit has passed. Returns how to stop. */
  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A byte from the chip's pin. */
  transmitted(byte: number, baud: number): void {
    const bytes = Uint8Array.of(this.#understood(baud) ? byte : randomByte(this.#random));
    for (const listener of this.#listeners) listener(bytes);
  }

  #next(): void {
    const now = this.#chip.cycles;
    const start = Math.max(now, this.#freeAt);
    this.#freeAt = start + (BITS_PER_BYTE * US_PER_SECOND * this.#cyclesPerUs()) / this.baud;
    this.#sending = true;
    this.#timeline.at(this.#freeAt, () => this.#arrive());
  }

  #arrive(): void {
    const head = this.#queue[0]!;
    const byte = head[this.#offset++]!;
    if (this.#offset === head.length) {
      this.#queue.shift();
      this.#offset = 0;
    }
    this.#sending = false;
    if (this.#chip.running) {
      const understood = this.#understood(this.#chip.baud);
      this.#chip.receive(understood ? byte : randomByte(this.#random), !understood);
    }
    if (this.#queue.length > 0) this.#next();
  }

  #understood(baud: number): boolean {
    return Math.abs(baud / this.baud - 1) <= TOLERANCE;
  }
}
