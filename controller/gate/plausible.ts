/**
 * Whether a `state` can be what it claims: within a connection and a boot the uptime goes on, about as fast as the
 * controller's clocks. A single forged or damaged report must neither be believed nor make the true ones unbelievable. Pure.
 */
import { CLOCK_TOLERANCE, type Instant } from './uptime.ts';

/** How much a report may be ahead of the one before beyond the time that has passed: that one may have been late. */
const LATE_MS = 5_000;
/** Reports that agree with each other on a time that disagrees with all before: after so many they are right. */
const ENOUGH = 3;
const APART_MS = 500;
const TRANSPORT_MS = 300;

/** A report that could not be true, and how many have agreed with it. */
export interface Odd {
  readonly boot: number;
  readonly uptime: number;
  readonly now: number;
  readonly count: number;
}

interface Sample {
  readonly uptime: number;
  readonly at: Instant;
}

/** True when `uptime`, arriving `at`, can follow the report before it in the same boot. */
export function isPlausible(before: Sample, uptime: number, at: Instant): boolean {
  const passed = Math.max(0, at.now - before.at.now, at.utc - before.at.utc);
  return uptime >= before.uptime && uptime - before.uptime <= passed * (1 + CLOCK_TOLERANCE) + LATE_MS;
}

/** Counts reports that agree with each other; what comes at once counts once. */
export function countOdd(odd: Odd | null, boot: number, uptime: number, now: number): Odd {
  const passed = odd && now - odd.now;
  const agrees =
    odd !== null &&
    odd.boot === boot &&
    Math.abs(uptime - odd.uptime - passed!) <= passed! * CLOCK_TOLERANCE + TRANSPORT_MS;
  if (!agrees) return { boot, uptime, now, count: 1 };
  return passed! < APART_MS ? odd : { boot, uptime, now, count: odd.count + 1 };
}

export function isConfirmed({ count }: Odd): boolean {
  return count >= ENOUGH;
}
