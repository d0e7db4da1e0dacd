/** Whether a schedule will ever hold again. Pure. */
import { DAY_MS } from './days.ts';
import type { Evaluator } from './evaluate.ts';
import type { Schedule } from './schedule.ts';

/** `over`: it named days with their year, and they have passed. `never`: it holds at no time, so it is a mistake. */
export type Prospect = 'comes' | 'over' | 'never';

/** What is to come of `schedule` from `now` (UTC ms) on. */
export function prospect({ rules }: Schedule, evaluator: Evaluator, now: number): Prospect {
  const { value, until } = evaluator.spanAt(now);
  if (value !== false || until !== null) return 'comes';
  // Which days are holidays does not stand in the text, and those of next year may not be known yet.
  if (rules.some(({ days, windows }) => days.publicHolidays && windows.length > 0)) return 'comes';
  const years = rules.flatMap(({ days }) => (days.dates ?? []).flatMap(({ from }) => from.year ?? []));
  const begins = years.flatMap((year) => evaluator.nextChange(Date.UTC(year, 0, 1) - 2 * DAY_MS)?.at ?? []);
  if (begins.some((at) => at > now)) return 'comes';
  return begins.length > 0 ? 'over' : 'never';
}
