/** Public holidays of a country, of the optional package `date-holidays`. */

import type { ListedDays } from './expand.ts';
import { UnreadableError } from './unreadable.ts';

/** What is used of the package. */
export interface DateHolidays {
  getCountries(): Readonly<Record<string, string>> | undefined;
  getStates(country: string): Readonly<Record<string, string>> | undefined;
  getRegions(country: string, state: string): Readonly<Record<string, string>> | undefined;
  getHolidays(
    year: number,
  ): readonly { readonly date: string; readonly start: Date; readonly end: Date; readonly type: string }[];
}
export type DateHolidaysClass = new (...place: string[]) => DateHolidays;

const DAY_MS = 86_400_000;

/**
 * The public holidays of `place`, such as `DE-BE`, from the first to the last year. Throws an `UnreadableError` for a place
 * that the package does not know: of that it would list nothing, or the holidays of the country alone.
 */
export function holidaysAt(
  Holidays: DateHolidaysClass,
  place: string,
  first: number,
  last: number,
): ListedDays {
  checkPlace(new Holidays(), place);
  const source = new Holidays(...place.split('-'));
  const days = new Set<number>();
  const years = new Set<number>();
  for (let year = first; year <= last; year++)
    for (const { date, start, end, type } of source.getHolidays(year)) {
      if (type !== 'public') continue;
      years.add(year);
      for (const day of daysFrom(date, end.getTime() - start.getTime())) days.add(day);
    }
  return { days: [...days], years: [...years] };
}

function checkPlace(known: DateHolidays, place: string): void {
  const [country = '', state, region] = place.split('-');
  const among = (names: Readonly<Record<string, string>> | undefined, name: string, what: string) => {
    if (names && Object.hasOwn(names, name)) return;
    const choice = Object.keys(names ?? {});
    throw new UnreadableError(
      `there is no ${what} \`${name}\`${choice.length > 0 ? ` (there are ${choice.join(', ')})` : ''}`,
    );
  };
  among(known.getCountries(), country, 'country');
  if (state !== undefined) among(known.getStates(country), state, `state of ${country}`);
  if (region !== undefined) among(known.getRegions(country, state!), region, `region of ${country}-${state}`);
}

/** `date` is the day there, whatever the instants are; some holidays last for several days. */
function daysFrom(date: string, ms: number): number[] {
  const [year, month, day] = date.slice(0, 10).split('-').map(Number);
  return Array.from({ length: Math.max(1, Math.round(ms / DAY_MS)) }, (_, i) => {
    const each = new Date(Date.UTC(year!, month! - 1, day! + i));
    return each.getUTCFullYear() * 10_000 + (each.getUTCMonth() + 1) * 100 + each.getUTCDate();
  });
}
