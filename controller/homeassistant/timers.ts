/** Timers of one connection: none outlives it. */

/** One timer for each purpose; while one stands, another of the same is none. */
export class Timers {
  readonly #after: (ms: number, run: () => void) => () => void;
  readonly #guarded: (run: () => void) => void;
  readonly #cancels = new Map<string, () => void>();

  /** `after` calls `run` after `ms` and returns the way to prevent it; `guarded` runs what is due. */
  constructor(after: (ms: number, run: () => void) => () => void, guarded: (run: () => void) => void) {
    this.#after = after;
    this.#guarded = guarded;
  }

  later(what: string, ms: number, run: () => void): void {
    if (this.#cancels.has(what)) return;
    const cancel = this.#after(ms, () => {
      this.#cancels.delete(what);
      this.#guarded(run);
    });
    this.#cancels.set(what, cancel);
  }

  clear(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
