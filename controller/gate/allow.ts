/** How far a permission may reach: from a verdict in UTC to bounds in the gate's uptime, never later than meant. Pure. */
import { LIMITS } from '../../schemas/protocol.ts';
import type { Verdict } from '../policy/verdict.ts';
import { CLOCK_TOLERANCE } from './uptime.ts';

/** Keeps a bound clear of the gate's ceiling, whose uptime may be a little behind the estimate. */
const CEILING_MARGIN_MS = 1_000;
/** A rest shorter than this would only make the actuator move once more. */
const LEAST_MS = 250;

export interface Permission {
  readonly liveUntil: number;
  readonly buttonUntil: number;
  readonly buttonMs: number;
}

/** True while the verdict lets the gate be live; a verdict whose time has passed lets nothing. */
export function listens(verdict: Verdict, utc: number): boolean {
  return verdict.listen && (verdict.until === null || utc < verdict.until);
}

/**
 * What `allow` may carry: a lease of 9 s while the verdict listens, and what the button may grant. Nothing reaches beyond
 * the verdict's `until`, nothing granted by the button beyond `buttonUntil` and the ceiling of the gate.
 * `uptime` is the least that the gate's uptime can be now.
 */
export function permission(verdict: Verdict, uptime: number, utc: number): Permission {
  const bounded = (ms: number, ...bounds: readonly (number | null)[]): number =>
    bounds.reduce<number>(
      // A slow clock at the gate reaches a given uptime later: less of it fits before the bound.
      (least, bound) => (bound === null ? least : Math.min(least, (bound - utc) * (1 - CLOCK_TOLERANCE))),
      ms,
    );
  const leaseMs = listens(verdict, utc) ? bounded(LIMITS.leaseMs.value, verdict.until) : 0;
  const ceiling = LIMITS.buttonCeilingMs.value - CEILING_MARGIN_MS;
  const pressMs = verdict.buttonMs > 0 ? bounded(ceiling, verdict.buttonUntil, verdict.until) : 0;
  const until = (ms: number) => (ms < LEAST_MS ? 0 : Math.max(0, Math.floor(uptime + ms)));
  const buttonUntil = until(pressMs);
  return {
    liveUntil: until(leaseMs),
    buttonUntil,
    buttonMs: buttonUntil === 0 ? 0 : Math.floor(Math.min(verdict.buttonMs, LIMITS.buttonCeilingMs.value)),
  };
}
