/** The dates of a rule: `Dec 24-26`, `2026 Dec 24-2027 Jan 2`, `Nov-Mar`. Pure. */
import { isMonth, MONTHS } from './names.ts';
import type { Reader } from './reader.ts';
import type { CalendarDay, DayRange } from './schedule.ts';
import { quoted } from './tokens.ts';

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;

/** Reads them, or throws a `ScheduleError`. */
export function readDates(reader: Reader): readonly DayRange[] | null {
  const ranges: DayRange[] = [];
  for (let isMore = startsDate(reader); isMore; isMore = moreDates(reader)) ranges.push(readRange(reader));
  return ranges.length > 0 ? ranges : null;
}

function startsDate(reader: Reader, at = 0): boolean {
  const [token, after] = reader.ahead(2, at);
  if (token?.kind === 'word') return isMonth(token.text);
  return token?.kind === 'number' && token.length === 4 && after?.kind === 'word' && isMonth(after.text);
}

function moreDates(reader: Reader): boolean {
  if (reader.peek()?.text !== ',' || !startsDate(reader, 1)) return false;
  reader.skip(1);
  return true;
}

function readRange(reader: Reader): DayRange {
  const begin = reader.peek()!;
  const year = readYear(reader);
  const month = readMonth(reader);
  const day = readDay(reader, month, year);
  const from = { year, month, day: day ?? 1 };
  if (!reader.is('-')) return { from, to: { year, month, day: day ?? lastDay(month, year) } };
  const yearToken = reader.peek();
  const toYear = yearToken?.length === 4 && startsDate(reader) ? readYear(reader) : year;
  if (year === null && toYear !== null)
    reader.fail(yearToken, 'only the end of these dates has a year', 'write both years, or none');
  const isNamed = reader.peek()?.kind === 'word' || day === null;
  const toMonth = isNamed ? readMonth(reader) : month;
  const toDay = readDay(reader, toMonth, toYear);
  if (day !== null && toDay === null)
    reader.fail(reader.peek(), 'a range of dates ends with a day', 'such as Dec 24-26');
  const to = { year: toYear, month: toMonth, day: toDay ?? lastDay(toMonth, toYear) };
  if ((year !== null || !isNamed) && order(from, to) > 0)
    reader.fail(
      begin,
      'these dates end before they begin',
      year !== null && yearToken?.kind === 'word'
        ? `write the year of the end too, such as ${year} Dec 24-${year + 1} Jan 2`
        : 'write the earlier date first',
    );
  return { from, to };
}

function readYear(reader: Reader): number | null {
  const token = reader.peek();
  if (token?.kind !== 'number') return null;
  const year = Number(token.text);
  if (year < FIRST_YEAR || year > LAST_YEAR)
    reader.fail(token, `${quoted(token.text)} is not a year`, `years from ${FIRST_YEAR} to ${LAST_YEAR}`);
  reader.skip(1);
  return year;
}

function readMonth(reader: Reader): number {
  const token = reader.take();
  const month = MONTHS.indexOf((token?.text ?? '') as (typeof MONTHS)[number]);
  if (month < 0) reader.fail(token, 'a month is expected here', `months are ${MONTHS.join(' ')}`);
  return month + 1;
}

/** Null for the whole month: what follows is no number, or the hour of a time. */
function readDay(reader: Reader, month: number, year: number | null): number | null {
  const [token, after] = reader.ahead(2);
  if (token?.kind !== 'number' || after?.text === ':') return null;
  const day = Number(token.text);
  const last = lastDay(month, year);
  if (day < 1 || day > last)
    reader.fail(token, `${MONTHS[month - 1]} has no day ${quoted(token.text)}`, `days from 1 to ${last}`);
  reader.skip(1);
  return day;
}

function lastDay(month: number, year: number | null): number {
  if (month !== 2 || year === null) return MONTH_DAYS[month - 1]!;
  return year % 4 === 0 ? 29 : 28;
}

function order(a: CalendarDay, b: CalendarDay): number {
  return (a.year ?? 0) - (b.year ?? 0) || a.month - b.month || a.day - b.day;
}
