/** Rules that stand in each other's way. OpenStreetMap lets the later one win silently; here it is told. Pure. */
import { type CalendarDay, type DayRange, type Days, type Rule, ScheduleError } from './schedule.ts';

/** Throws a `ScheduleError` at the rule that would silently take something away, or be taken away. */
export function conflicts(rules: readonly Rule[]): void {
  for (const [index, later] of rules.entries()) {
    if (isOff(later)) continue;
    for (const earlier of rules.slice(0, index)) {
      if (!isOff(earlier) && (!later.replaces || isException(later.days, earlier.days))) continue;
      if (!meet(earlier.days, later.days)) continue;
      throw isOff(earlier) ? overruled(earlier) : twice(later);
    }
  }
}

const isOff = ({ windows }: Rule): boolean => windows.length === 0;

function overruled({ position, length, days }: Rule): ScheduleError {
  const what = days.publicHolidays ? '`PH off`' : 'this `off`';
  return new ScheduleError({
    message: `${what} would be overruled by a later rule`,
    hint: `write ${what} last`,
    position,
    length,
  });
}

function twice({ position, length }: Rule): ScheduleError {
  return new ScheduleError({
    message: 'an earlier rule has some of these days already, and `;` would take its hours away',
    hint: 'to add hours write a comma instead of `;`',
    position,
    length,
  });
}

/** Dates among all days, and holidays among weekdays, are exceptions: they are meant to take the place of the rule. */
function isException(later: Days, earlier: Days): boolean {
  if (later.dates && !earlier.dates) return true;
  return onlyHolidays(later) && !earlier.publicHolidays;
}

const onlyHolidays = ({ weekdays, publicHolidays }: Days): boolean =>
  publicHolidays && weekdays?.length === 0;

/** There may be a day that both are about. */
function meet(a: Days, b: Days): boolean {
  return weekdaysMeet(a, b) && datesMeet(a.dates, b.dates);
}

function weekdaysMeet(a: Days, b: Days): boolean {
  // A holiday falls on any weekday.
  if (a.weekdays === null || b.weekdays === null || a.publicHolidays || b.publicHolidays) return true;
  return a.weekdays.some((day) => b.weekdays!.includes(day));
}

function datesMeet(a: readonly DayRange[] | null, b: readonly DayRange[] | null): boolean {
  if (a === null || b === null) return true;
  return a.some((one) => b.some((other) => rangesMeet(one, other)));
}

function rangesMeet(a: DayRange, b: DayRange): boolean {
  if (a.from.year !== null && b.from.year !== null) {
    const number = ({ year, month, day }: CalendarDay) => (year ?? 0) * 500 + month * 32 + day;
    return number(a.from) <= number(b.to) && number(b.from) <= number(a.to);
  }
  return stretches(a).some((one) => stretches(b).some((other) => one[0] <= other[1] && other[0] <= one[1]));
}

const DAYS_A_YEAR = 12 * 31;

/** First and last days in a year of 31-day months: two stretches for dates past its end. */
function stretches({ from, to }: DayRange): readonly (readonly [number, number])[] {
  const number = ({ month, day }: CalendarDay) => (month - 1) * 31 + day - 1;
  const [first, last] = [number(from), number(to)];
  const years = (to.year ?? 0) - (from.year ?? 0);
  if (years > 1 || (years === 1 && last >= first)) return [[0, DAYS_A_YEAR]];
  if (first <= last) return [[first, last]];
  return [
    [0, last],
    [first, DAYS_A_YEAR],
  ];
}
