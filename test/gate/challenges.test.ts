import { describe, expect, test } from '@jest/globals';
import {
  type Challenges,
  challenged,
  echoed,
  mostAge,
  NO_CHALLENGES,
  unechoedSince,
} from '../../controller/gate/challenges.ts';

const bytes = (n: number) => new Uint8Array(8).fill(n);
const at = (now: number, utc = 1e12 + now) => ({ now, utc });
const open = (...numbers: number[]) =>
  numbers.reduce<Challenges>((all, n) => challenged(all, bytes(n), at(n * 1_000), null), NO_CHALLENGES);
const taken = (challenges: ReturnType<typeof echoed>): Challenges => {
  if (typeof challenges === 'string') throw new Error(challenges);
  return challenges;
};

describe('S7: what echoes a challenge', () => {
  test('only the newest and the last but one count', () => {
    const three = open(1, 2, 3);
    const here = { boot: 4, uptime: 9_000 };
    expect(echoed(three, bytes(1), here)).toBe('stale');
    expect(echoed(three, bytes(0), here)).toBe('stale');
    expect(echoed(NO_CHALLENGES, bytes(0), here)).toBe('stale');
    expect(taken(echoed(three, bytes(2), here))).toHaveLength(2);
    expect(taken(echoed(three, bytes(3), here))).toHaveLength(2);
  });

  test('was made after it was sent, and is as old as its uptime leaves room for', () => {
    // Sent at 1000; the first report with it, of uptime 50000, comes at 3000: it may be 2000 ms old.
    const first = taken(echoed(open(1), bytes(1), { boot: 4, uptime: 50_000 }));
    expect(mostAge(first, { boot: 4, uptime: 50_000 }, at(3_000))).toBe(2_000);
    // One of a second later, that comes a second later, is as late.
    expect(mostAge(first, { boot: 4, uptime: 51_010 }, at(4_000))).toBeCloseTo(2_000);
    // One of a second later that is held back for a minute shows it.
    expect(mostAge(first, { boot: 4, uptime: 51_010 }, at(64_000))).toBeCloseTo(62_000);
    // An earlier one, which came later, tells more.
    const earlier = taken(echoed(first, bytes(1), { boot: 4, uptime: 49_000 }));
    expect(mostAge(earlier, { boot: 4, uptime: 50_010 }, at(3_000))).toBeCloseTo(1_000);
    // A computer that slept is told by its other clock.
    expect(mostAge(first, { boot: 4, uptime: 50_000 }, at(3_000, 1e12 + 99_000))).toBe(98_000);
  });

  test('of another boot says nothing of this one', () => {
    const first = taken(echoed(open(1), bytes(1), { boot: 4, uptime: 50_000 }));
    expect(mostAge(first, { boot: 5, uptime: 50_000 }, at(3_000))).toBe(Number.POSITIVE_INFINITY);
  });

  test('two boards: it is further back than what was proved before it was asked', () => {
    const floor = { boot: 4, uptime: 50_000 };
    const asked = challenged(NO_CHALLENGES, bytes(1), at(0), floor);
    expect(echoed(asked, bytes(1), { boot: 4, uptime: 49_999 })).toBe('contradiction');
    expect(echoed(asked, bytes(1), { boot: 3, uptime: 90_000 })).toBe('contradiction');
    expect(typeof echoed(asked, bytes(1), floor)).toBe('object');
    expect(typeof echoed(asked, bytes(1), { boot: 5, uptime: 0 })).toBe('object');
  });

  test('what was not echoed yet is known', () => {
    expect(unechoedSince(NO_CHALLENGES)).toBeNull();
    expect(unechoedSince(open(1, 2))).toBe(2_000);
    expect(unechoedSince(taken(echoed(open(1, 2), bytes(1), { boot: 4, uptime: 1 })))).toBe(2_000);
    expect(unechoedSince(taken(echoed(open(1, 2), bytes(2), { boot: 4, uptime: 1 })))).toBeNull();
  });
});
