/** Repeatable chance for everything on the bench that is not exact: bounce, RAM after power-up, torn bytes. Pure. */

// A global looked up in a hot loop is slow where modules run in a context of their own, as in tests.
const { floor, imul } = Math;

/** Numbers in [0, 1), the same for the same seed on every machine (mulberry32). */
export type Random = () => number;

/** A new sequence for a seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** A whole byte of chance. */
export function randomByte(random: Random): number {
  return floor(random() * 256);
}
