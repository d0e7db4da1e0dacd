/** What of a new verdict is worth passing on. Pure. */
import type { Verdict } from '../policy/verdict.ts';

/** The two clocks round differently; smaller differences of an end are no news. */
const SAME_MS = 100;
/** An end that moves away as facts are heard again is passed on in steps of this length … */
const STEP_MS = 5_000;
/** … but not while the one that was passed on is so near that a lease would feel it. */
const NEAR_MS = 12_000;

/** The gate is to know it. */
export function isNews(
  told: Verdict,
  { listen, until, reason, buttonMs, buttonUntil, night }: Verdict,
  now: number,
): boolean {
  return (
    listen !== told.listen ||
    buttonMs !== told.buttonMs ||
    night !== told.night ||
    reason.text !== told.reason.text ||
    isMoved(told.until, until, now) ||
    isMoved(told.buttonUntil, buttonUntil, now)
  );
}

function isMoved(told: number | null, end: number | null, now: number): boolean {
  if (told === null || end === null) return told !== end;
  return end < told || end - told >= (told - now < NEAR_MS ? SAME_MS : STEP_MS);
}

/** In how many ms an end that was not worth passing on becomes news, because the one that was passed on is near; null: never. */
export function newsIn(told: Verdict, verdict: Verdict, now: number): number | null {
  const ends = (['until', 'buttonUntil'] as const).flatMap((which) => {
    const [before, end] = [told[which], verdict[which]];
    return before !== null && end !== null && end - before >= SAME_MS ? [before - NEAR_MS + 1] : [];
  });
  return ends.length === 0 ? null : Math.max(1, Math.min(...ends) - now);
}

/** People would see no difference. */
export function isShownAlike(a: Verdict, b: Verdict): boolean {
  const [end, other] = [a.reason.until, b.reason.until];
  const sameEnd = end === other || (end !== null && other !== null && Math.abs(end - other) < SAME_MS);
  return (
    sameEnd && a.listen === b.listen && a.reason.code === b.reason.code && a.reason.text === b.reason.text
  );
}
