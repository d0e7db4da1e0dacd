/** How fast packets of one connection may come. */

/** What is to become of a packet with so many bytes: null lets it pass at once. */
export type Pace = (bytes: number) => { readonly waitMs: number } | { readonly problem: string } | null;

/** Of all sizes, within `FLOOD_MS`. A house sends some hundred at the very most. */
const MOST_PACKETS = 3_000;
const FLOOD_MS = 1_000;
const BYTES_EACH = 1024;

/** Somebody else has seen to it. */
export const noPace: Pace = () => null;

/** A flood ends it: who has to read all of that has no time left to mute anything. `now` tells ms. */
export function floodEnds(now = () => performance.now()): Pace {
  let since = Number.NEGATIVE_INFINITY;
  let count = 0;
  return () => {
    const at = now();
    if (at - since >= FLOOD_MS) {
      since = at;
      count = 0;
    }
    return ++count > MOST_PACKETS
      ? { problem: `it sends more than ${MOST_PACKETS} messages a second` }
      : null;
  };
}

/**
 * Whoever sends faster has to wait: `perSecond` packets of up to 1 KB in the long run, each further KB counts as one more,
 * and `burst` of them at once.
 */
export function floodWaits(perSecond: number, burst: number, now = () => performance.now()): Pace {
  let left = burst;
  let at = now();
  return (bytes) => {
    const before = at;
    at = now();
    left = Math.min(burst, left + ((at - before) * perSecond) / 1_000) - 1 - Math.floor(bytes / BYTES_EACH);
    return left >= 0 ? null : { waitMs: (-left * 1_000) / perSecond };
  };
}

/** Says of each whether there is room for it: `perSecond` in the long run, and `burst` of them at once. `now` tells ms. */
export function floodDrops(perSecond: number, burst: number, now = () => performance.now()): () => boolean {
  let left = burst;
  let at = now();
  return () => {
    const before = at;
    at = now();
    left = Math.min(burst, left + ((at - before) * perSecond) / 1_000);
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
