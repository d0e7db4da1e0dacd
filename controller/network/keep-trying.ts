/** Connections over the network that are made again for ever: ever less often while none of them lasts. */

/** Pauses before the next attempt, in ms; the last one again and again. */
const PAUSES = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** A connection that lasted this long, in ms, was a good one: after it the pauses begin anew. */
const STEADY_MS = 60_000;

export interface Trying {
  /** Connects, and ends with its connection. Must not reject. */
  readonly attempt: () => Promise<void>;
  /** Ms on a clock that is never set. */
  readonly now: () => { readonly counted: number };
  /** Calls `run` after `ms`; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly signal: AbortSignal;
  /** Longest pause, in ms. */
  readonly longestMs?: number;
}

/** Resolves after `signal`, at once when it comes during a pause. */
export async function keepTrying({
  attempt,
  now,
  after,
  signal,
  longestMs = Number.POSITIVE_INFINITY,
}: Trying): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const begun = now().counted;
    await attempt();
    if (now().counted - begun >= STEADY_MS) failures = 0;
    const wait = PAUSES[Math.min(failures++, PAUSES.length - 1)]!;
    await pause(Math.min(wait, longestMs), after, signal);
  }
}

function pause(ms: number, after: Trying['after'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = after(ms, wake);
    signal.addEventListener('abort', wake);
  });
}
