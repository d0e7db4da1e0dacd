import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instantOf, leastUptime, NO_TRACK, observe, supplyLost } from '../../controller/gate/uptime.ts';

const at = (now: number) => ({ now, utc: now + 1_000_000 });

describe('uptime', () => {
  test('nothing is known without a state of this boot', () => {
    expect(leastUptime(NO_TRACK, 1, 5)).toBeNull();
    expect(leastUptime(observe(NO_TRACK, 1, 100, at(0)), 2, 5)).toBeNull();
    expect(instantOf(NO_TRACK, 1, 5, at(0))).toBeNull();
  });

  test('the estimate is never beyond the true uptime, whatever the delays and the clock', () => {
    const samples = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.nat(3_000)), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(samples, fc.double({ min: 0.99, max: 1.01, noNaN: true }), (steps, rate) => {
        let sentAt = 0;
        let arrivedAt = 0;
        let track = NO_TRACK;
        for (const [pause, delay] of steps) {
          sentAt += pause;
          arrivedAt = Math.max(arrivedAt, sentAt + delay);
          track = observe(track, 1, Math.floor(sentAt * rate), at(arrivedAt));
          expect(leastUptime(track, 1, arrivedAt)).toBeLessThanOrEqual(arrivedAt * rate + 1e-6);
          expect(leastUptime(track, 1, arrivedAt + 5_000)).toBeLessThanOrEqual(
            (arrivedAt + 5_000) * rate + 1e-6,
          );
        }
        expect(track.anchors.length).toBeLessThanOrEqual(8);
      }),
    );
  });

  test('a late state does not put the clock back', () => {
    let track = observe(NO_TRACK, 1, 1_000, at(1_000));
    track = observe(track, 1, 2_000, at(4_000));
    expect(leastUptime(track, 1, 4_000)).toBeGreaterThan(3_900);
    expect(instantOf(track, 1, 2_000, at(4_000))!.at).toBeLessThan(1_000_000 + 2_100);
  });

  test('nothing heard of lies in the future', () => {
    const track = observe(NO_TRACK, 1, 1_000, at(1_000));
    expect(instantOf(track, 1, 9_000, at(1_500))!.at).toBe(1_001_500);
  });

  test('what came before a loss of power is forgotten', () => {
    const track = supplyLost(observe(observe(NO_TRACK, 1, 9_000, at(9_000)), 2, 100, at(20_000)), 2);
    expect(track.anchors.map(({ boot }) => boot)).toEqual([2]);
  });
});
