import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listens, permission } from '../../controller/gate/allow.ts';
import { UTC, verdict } from './pair.ts';

const UPTIME = 100_000;

describe('permission', () => {
  test('a lease of 9 s while the verdict listens, none otherwise', () => {
    expect(permission(verdict({ listen: true }), UPTIME, UTC).liveUntil).toBe(UPTIME + 9_000);
    expect(permission(verdict(), UPTIME, UTC)).toEqual({ liveUntil: 0, buttonUntil: 0, buttonMs: 0 });
  });

  test('a verdict whose time has passed lets nothing', () => {
    const over = verdict({ listen: true, until: UTC, buttonMs: 5_000 });
    expect(listens(over, UTC)).toBe(false);
    expect(permission(over, UTC, UTC)).toEqual({ liveUntil: 0, buttonUntil: 0, buttonMs: 0 });
  });

  test('no lease for a rest that would only move the actuator once more', () => {
    expect(permission(verdict({ listen: true, until: UTC + 200 }), UPTIME, UTC).liveUntil).toBe(0);
  });

  test('the button reaches neither beyond its own bound nor beyond the verdict, nor beyond 15 min', () => {
    const bounds = verdict({ buttonMs: 3_600_000, buttonUntil: UTC + 60_000, until: UTC + 30_000 });
    expect(permission(bounds, UPTIME, UTC)).toMatchObject({
      buttonMs: 900_000,
      buttonUntil: UPTIME + 29_700,
    });
    expect(permission(verdict({ buttonMs: 60_000 }), UPTIME, UTC).buttonUntil).toBe(UPTIME + 899_000);
  });

  test('whatever the verdict: whole numbers, nothing beyond a bound even at a gate whose clock is 1 % slow', () => {
    const instant = fc.option(fc.integer({ min: UTC - 10_000, max: UTC + 2_000_000 }));
    const any = fc.record({
      listen: fc.boolean(),
      until: instant,
      buttonMs: fc.nat(5_000_000),
      buttonUntil: instant,
    });
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 1e9, noNaN: true }), (change, uptime) => {
        const { liveUntil, buttonUntil, buttonMs } = permission(verdict(change), uptime, UTC);
        expect([liveUntil, buttonUntil, buttonMs].every((n) => Number.isInteger(n) && n >= 0)).toBe(true);
        expect(liveUntil).toBeLessThanOrEqual(uptime + 9_000);
        expect(buttonUntil).toBeLessThanOrEqual(uptime + 900_000);
        expect(buttonMs).toBeLessThanOrEqual(900_000);
        for (const bound of [change.until, change.buttonUntil]) {
          if (bound !== null)
            expect(buttonUntil).toBeLessThanOrEqual(Math.max(0, uptime + (bound - UTC) * 0.99));
        }
        if (change.until !== null && liveUntil > 0) {
          expect(liveUntil).toBeLessThanOrEqual(uptime + (change.until - UTC) * 0.99);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
