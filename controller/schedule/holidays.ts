/** Public holidays, the `PH` of schedules, out of what several sources list. Pure. */
import type { IsHoliday } from './days.ts';

/** What one source lists. Days are numbers such as 20261225; 1225 is that day of every year. */
export interface HolidayList {
  readonly days: ReadonlySet<number>;
  /** The years it lists all days of; null: every year. */
  readonly years: ReadonlySet<number> | null;
}

/** What a site has. Null: there is no such source. */
export interface HolidaySources {
  readonly dates: HolidayList | null;
  readonly ics: HolidayList | null;
  readonly country: HolidayList | null;
}

/** A source that cannot be read: which days it lists nobody knows. */
export const UNREADABLE: HolidayList = { days: new Set(), years: new Set() };

const numberOf = (year: number, month: number, day: number): number => year * 10_000 + month * 100 + day;

/**
 * A holiday is a day that any source lists. A year of which a source lists nothing is unknown: the source is out of date.
 * Explicit dates beside another source only add to it.
 */
export function holidaysOf({ dates, ics, country }: HolidaySources): IsHoliday {
  const lists = [dates, ics, country].filter((list) => list !== null);
  const whole = ics || country ? [ics, country].filter((list) => list !== null) : lists;
  return (year, month, day) => {
    const number = numberOf(year, month, day);
    if (lists.some(({ days }) => days.has(number) || days.has(number % 10_000))) return true;
    return whole.every(({ years }) => years === null || years.has(year)) ? false : null;
  };
}

/** Dates as people write them: `2026-12-25`, or `12-25` for every year. Where years are written at all, only those are known. */
export function listOfDates(dates: readonly string[]): HolidayList {
  const days = new Set<number>();
  const years = new Set<number>();
  for (const date of dates) {
    const [day, month, year = 0] = date.split('-').map(Number).reverse();
    days.add(numberOf(year, month!, day!));
    if (year > 0) years.add(year);
  }
  return { days, years: years.size > 0 ? years : null };
}
