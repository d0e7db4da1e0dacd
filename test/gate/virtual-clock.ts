/** Time that passes only when a test says so. */
import type { Clock } from '../../controller/link/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class VirtualClock implements Clock {
  /** UTC less monotonic ms; a test may step it. */
  utcOffset: number;
  #now = 1_000;
  #timers: Timer[] = [];

  constructor(utc = Date.UTC(2026, 10, 21, 12)) {
    this.utcOffset = utc - this.#now;
  }

  now(): number {
    return this.#now;
  }

  utc(): number {
    return this.#now + this.utcOffset;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass; what is due runs in order, and what it sets going settles before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next.at);
      const due = next;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      due.run();
      await settle();
    }
    this.#now = end;
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** How long until something is due, ms. */
  get idleMs(): number {
    return Math.max(0, (this.#next()?.at ?? Number.POSITIVE_INFINITY) - this.#now);
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (!first || timer.at < first.at) first = timer;
    return first;
  }
}

/** Everything that waits for nothing but promises has happened afterwards. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
