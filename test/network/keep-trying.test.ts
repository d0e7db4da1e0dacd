import { describe, expect, test } from '@jest/globals';
import { keepTrying } from '../../controller/network/keep-trying.ts';
import { settle, VirtualClock } from '../gate/virtual-clock.ts';

/** Attempts that last as long as they are told to, and the instants at which they began. */
function trying(lastsMs: (attempt: number) => number) {
  const clock = new VirtualClock();
  const stopping = new AbortController();
  const begun: number[] = [];
  const after = (ms: number, run: () => void) => clock.after(ms, run);
  const ended = keepTrying({
    attempt: () => {
      begun.push(clock.now());
      return new Promise((resolve) => void after(lastsMs(begun.length), resolve));
    },
    now: () => ({ counted: clock.now() }),
    after,
    signal: stopping.signal,
  });
  const pauses = () => begun.slice(1).map((at, i) => Math.round(at - begun[i]! - lastsMs(i + 1)));
  return { clock, stopping, ended, pauses };
}

describe('a connection that is made again for ever', () => {
  test('S10 is tried ever less often while none lasts, though each was made', async () => {
    const { clock, pauses } = trying(() => 500);
    await clock.pass(120_000);
    expect(pauses()).toEqual([1_000, 2_000, 5_000, 10_000, 30_000, 30_000, 30_000]);
  });

  test('is tried soon again after one that lasted', async () => {
    const { clock, pauses } = trying((attempt) => (attempt === 4 ? 60_000 : 500));
    await clock.pass(75_000);
    expect(pauses()).toEqual([1_000, 2_000, 5_000, 1_000, 2_000]);
  });

  test('ends in the middle of a pause', async () => {
    const { clock, stopping, ended } = trying(() => 0);
    await clock.pass(500);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    stopping.abort();
    await settle();
    expect(isOver).toBe(true);
  });
});
