import { expect, test } from '@jest/globals';
import { seldom } from '../../controller/daemon/clock.ts';

function clock() {
  const at = { wall: 1_000_000, ran: 500, counted: 7_000, reads: 0 };
  const now = seldom(
    () => ({ wall: at.wall, ran: at.ran }),
    () => {
      at.reads++;
      return at.counted;
    },
  );
  const pass = (ms: number, asleepMs = 0) => {
    at.wall += ms + asleepMs;
    at.ran += ms;
    at.counted += ms + asleepMs;
  };
  return { at, now, pass };
}

test('a clock that counts suspend is read once in ten milliseconds, and is never further behind', () => {
  const { at, now, pass } = clock();
  for (let i = 0; i < 1_000; i++) {
    pass(0.1);
    expect(at.counted - now().counted).toBeLessThanOrEqual(10);
    expect(now().wall).toBe(at.wall);
  }
  expect(at.reads).toBeLessThanOrEqual(11);
});

test('a suspend counts in the moment after it, and so does a clock that is set', () => {
  const { at, now, pass } = clock();
  now();
  pass(1, 3_600_000);
  expect(now().counted).toBe(at.counted);
  pass(1);
  at.wall -= 86_400_000;
  expect(now()).toEqual({ wall: at.wall, counted: at.counted });
});
