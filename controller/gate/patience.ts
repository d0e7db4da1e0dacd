/**
 * How patiently the gate is asked again. A tick that comes late tells that this computer is behind with everything, also with
 * reading what the gate has answered: asking again at the usual pace would only bring more answers that wait unread. Pure.
 */
import type { Turn } from './turn.ts';

/** A tick that comes so late is no sign of anything. */
const LATE_MS = 20;
/** For so long it counts how late one came. */
const COUNTS_MS = 1_000;
/** So many times as long as ticks are late, answers are waited for longer, within the bound. */
const [TIMES, MOST_MS] = [4, 1_000];

/** Notes how late the tick comes that was asked for last, before anything is decided by it. */
export function noteLate({ s, at }: Turn): void {
  const ms = Math.max(0, at.now - (s.wakeAt ?? at.now) - LATE_MS);
  if (ms >= s.late.ms || at.now - s.late.at > COUNTS_MS) s.late = { ms, at: at.now };
}

/** How much longer than usual an answer is waited for, in ms; 0 on a computer that keeps up. */
export const patienceMs = ({ s }: Turn): number => Math.min(TIMES * s.late.ms, MOST_MS);
