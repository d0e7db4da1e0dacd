/** Time as link and gate use it, passed in so that tests can run in virtual time. */
export interface Clock {
  /** Monotonic ms; never steps, has no relation to the time of day. */
  now(): number;
  /** UTC ms; may step when the clock of the computer is set. */
  utc(): number;
  /** Calls `run` once after `ms`; returns the way to prevent it. */
  after(ms: number, run: () => void): () => void;
}

/** The clocks and timers of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  utc: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
