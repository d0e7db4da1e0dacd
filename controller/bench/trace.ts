/** The record of every edge that matters outside of the chip. */

/**
 * `actuator`: the relay's driver pin, or the servo powered and told to open. `contact`: 1 while the speaker hears (relay
 * contact closed, shutter not closed). `red`, `green`: 1 while the LED is lit, however dim.
 */
const SIGNALS = ['actuator', 'contact', 'red', 'green'] as const;
/** Beside them the named lamps on free pins: 1 while the chip drives the pin high. */
export type Signal = (typeof SIGNALS)[number] | `lamp:${string}`;

export interface TraceEntry {
  /** Board time in µs since the board was made; goes on over resets and power cuts. */
  readonly tUs: number;
  readonly signal: Signal;
  readonly level: 0 | 1;
}

export class Trace {
  /** The newest entries, oldest first. */
  readonly entries: TraceEntry[] = [];
  readonly #limit: number;
  readonly #levels = new Map<Signal, 0 | 1>();
  readonly #listeners = new Set<(entry: TraceEntry) => void>();

  /** Keeps at least the newest `limit` entries; 0 keeps none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  level(signal: Signal): 0 | 1 {
    return this.#levels.get(signal) ?? 0;
  }

  /** Hears every edge as it happens. Returns how to stop. */
  onEntry(listener: (entry: TraceEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Notes a level; without an edge nothing happens. */
  set(signal: Signal, level: 0 | 1, tUs: () => number): void {
    if (this.level(signal) === level) return;
    this.#levels.set(signal, level);
    if (this.#limit === 0 && this.#listeners.size === 0) return;
    const entry: TraceEntry = { tUs: tUs(), signal, level };
    if (this.#limit > 0) {
      this.entries.push(entry);
      if (this.entries.length > 2 * this.#limit) this.entries.splice(0, this.#limit);
    }
    for (const listener of this.#listeners) listener(entry);
  }
}
