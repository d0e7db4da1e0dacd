/** What will happen outside of the chip (a bounce, a contact that moves, a byte on the wire), in order of board cycles. */

// Globals are slow to look up where modules run in a context of their own, as in tests.
const { ceil } = Math;
const NEVER = Number.POSITIVE_INFINITY;

interface Entry {
  readonly cycle: number;
  readonly action: () => void;
  cancelled: boolean;
}

/** Takes a scheduled action back; harmless when it has already happened. */
export type Cancel = () => void;

export class Timeline {
  /** Cycle of the earliest entry, Infinity when there is none. */
  next = NEVER;
  /** Told when a new entry is earlier than everything before, so that a running loop can stop in time. */
  onEarlier: (cycle: number) => void = () => {};
  readonly #entries: Entry[] = [];

  /** Fractions of a cycle are rounded up. Entries of the same cycle happen in the order they were added. */
  at(when: number, action: () => void): Cancel {
    const cycle = ceil(when);
    const entry: Entry = { cycle, action, cancelled: false };
    let index = this.#entries.length;
    while (index > 0 && this.#entries[index - 1]!.cycle > cycle) index--;
    this.#entries.splice(index, 0, entry);
    if (index === 0) {
      this.next = cycle;
      this.onEarlier(cycle);
    }
    return () => {
      entry.cancelled = true;
    };
  }

  /** Lets everything due at `now` happen. */
  run(now: number): void {
    while (this.next <= now) {
      const entry = this.#entries.shift()!;
      this.next = this.#entries[0]?.cycle ?? NEVER;
      if (!entry.cancelled) entry.action();
    }
  }
}
