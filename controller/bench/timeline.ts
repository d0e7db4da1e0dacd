/** What will happen outside of the chip (a bounce, a contact that moves, a byte on the wire), in order of board cycles. */

interface Entry {
  readonly cycle: number;
  readonly action: () => void;
  cancelled: boolean;
}

/** Takes a scheduled action back; harmless when it has already happened. */
export type Cancel = () => void;

export class Timeline {
  /** Cycle of the earliest entry, Infinity when there is none. */
  next = Number.POSITIVE_INFINITY;
  /** Told when a new entry is earlier than everything before, so that a running loop can stop in time. */
  onEarlier: (cycle: number) => void = () => {};
  readonly #entries: Entry[] = [];

  /** Fractions of a cycle are rounded up. Entries of the same cycle happen in the order they were added. */
  at(when: number, action: () => void): Cancel {
    const cycle = Math.ceil(when);
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
      this.next = this.#entries[0]?.cycle ?? Number.POSITIVE_INFINITY;
      if (!entry.cancelled) entry.action();
    }
  }
}
