/** An exception written into a schedule, in an order in which it counts. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { EarlidError } from '../../schemas/errors.ts';
import { conflicts } from '../schedule/conflicts.ts';
import { parseSchedule } from '../schedule/parse.ts';
import type { Rule } from '../schedule/schedule.ts';

const isOff = ({ windows }: Rule): boolean => windows.length === 0;

/** True when a schedule is about nothing but days with their year: it needs no exception, it is one. */
export const isDated = (text: string): boolean =>
  parseSchedule(text).rules.every(({ days }) => days.dates?.every(({ from }) => from.year !== null) ?? false);

/**
 * `text` with `exception` (`Dec 24-26 off`): at its end, or before what is off, which stands last. One for the same days
 * is replaced. Throws `schedule-refused` when the exception would not count, or a `ScheduleError`.
 */
export function withException(text: string, exception: string): string {
  const points = [...text.trim()];
  const { rules } = parseSchedule(points.join(''));
  const [added, ...more] = parseSchedule(exception).rules;
  if (!added || more.length > 0)
    throw refused(`\`${exception}\` is more than one exception`, 'Add one after the other.');
  const kept = rules.filter(({ days }, i) => i === 0 || !isDeepStrictEqual(days, added.days));
  const at = isOff(added) ? kept.length : kept.findLastIndex((rule) => !isOff(rule)) + 1;
  const after = kept.slice(at);
  const written = (rule: Rule) => points.slice(rule.position, rule.position + rule.length).join('');
  // A public holiday that is off stays so, whatever day it falls on.
  const hiding = after.find((rule) => !rule.days.publicHolidays && isOverruled(rule, added));
  if (hiding)
    throw refused(
      `the schedule \`${points.join('')}\` is off on some of these days, and would stay so`,
      `Change \`${written(hiding)}\` in it by hand.`,
    );
  const joined = [
    ...kept.slice(0, at).map((rule) => ({ text: written(rule), by: rule.replaces ? '; ' : ', ' })),
    { text: exception, by: '; ' },
    ...after.map((rule) => ({ text: written(rule), by: rule.replaces ? '; ' : ', ' })),
  ];
  const changed = joined.map((each, i) => (i === 0 ? '' : each.by) + each.text).join('');
  parseSchedule(changed);
  return changed;
}

const refused = (detail: string, hint: string): EarlidError =>
  new EarlidError('schedule-refused', { detail, hint });

function isOverruled(off: Rule, later: Rule): boolean {
  try {
    conflicts([off, later]);
    return false;
  } catch {
    return true;
  }
}
