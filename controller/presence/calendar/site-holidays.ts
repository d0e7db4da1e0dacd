/** The public holidays of a site, out of everything that its configuration names. */
import type { SiteConfig } from '../../../schemas/rules.ts';
import type { IsHoliday } from '../../schedule/days.ts';
import { type HolidayList, holidaysOf, listOfDates, UNREADABLE } from '../../schedule/holidays.ts';
import { type Answer, askApartNow, type Question } from './apart.ts';

/** Years around the present one of which the days of a country are asked for. */
const YEARS_BEHIND = 2;
const YEARS_AHEAD = 12;

/** `ics` is what was read of the ICS file, if one is named; until then nobody knows its days. */
export function siteHolidays(
  site: Pick<SiteConfig, 'holidays'> | null,
  ics: HolidayList = UNREADABLE,
): IsHoliday {
  const holidays = site?.holidays;
  if (!holidays) return () => false;
  return holidaysOf({
    dates: holidays.dates.length > 0 ? listOfDates(holidays.dates) : null,
    ics: holidays.ics === null ? null : ics,
    country: holidays.country === null ? null : countryList(holidays.country),
  });
}

function countryList(place: string): HolidayList {
  const answer = ofCountry(place);
  return 'found' in answer ? listOf(answer.found) : UNREADABLE;
}

/** What is wrong with `site.holidays.country`, null when nothing is. Takes a moment the first time. */
export function countryProblem(place: string): string | null {
  const answer = ofCountry(place);
  return 'problem' in answer ? answer.problem : null;
}

export const listOf = ({
  days,
  years,
}: {
  readonly days: readonly number[];
  readonly years: readonly number[];
}): HolidayList => ({ days: new Set(days), years: new Set(years) });

type Countries = Answer<Extract<Question, { ask: 'country' }>>;
const known = new Map<string, Countries>();

function ofCountry(place: string): Countries {
  const before = known.get(place);
  if (before) return before;
  const year = new Date().getUTCFullYear();
  const question = { ask: 'country', place, first: year - YEARS_BEHIND, last: year + YEARS_AHEAD } as const;
  const answer = askApartNow(question);
  // What is missing may be put right while this process runs.
  if ('found' in answer) known.set(place, answer);
  return answer;
}
