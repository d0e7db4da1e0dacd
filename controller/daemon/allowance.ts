/** So much within a time and no more. Pure but for its own count; the instants are passed in. */

export interface Window {
  readonly ms: number;
  readonly most: number;
}

/** Counts in windows that begin with the first use after the last one has ended; every one of them must have room. */
export class Allowance {
  readonly #windows: (Window & { since: number; used: number })[];

  constructor(...windows: readonly Window[]) {
    this.#windows = windows.map((window) => ({ ...window, since: Number.NEGATIVE_INFINITY, used: 0 }));
  }

  /** True when there was room. */
  take(now: number): boolean {
    for (const window of this.#windows) {
      // A clock that went back begins a new one as well.
      if (now - window.since < window.ms && now >= window.since) continue;
      window.since = now;
      window.used = 0;
    }
    if (this.#windows.some(({ used, most }) => used >= most)) return false;
    for (const window of this.#windows) window.used++;
    return true;
  }
}
