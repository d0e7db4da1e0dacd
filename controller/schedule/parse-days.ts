/** The days of a rule: dates, then days of the week and holidays. Pure. */
import { isDay, isTimeWord, MONTHS, meantBy, WEEKDAYS } from './names.ts';
import { readDates } from './parse-dates.ts';
import type { Reader } from './reader.ts';
import type { Days, Weekday } from './schedule.ts';
import { quoted, type Token } from './tokens.ts';

/** Reads them, or throws a `ScheduleError`. */
export function readDays(reader: Reader): Days {
  const dates = readDates(reader);
  const weekdays: Weekday[] = [];
  let publicHolidays = false;
  for (let isMore = startsDay(reader); isMore; isMore = moreDays(reader)) {
    const token = reader.take()!;
    if (token.text === 'PH') publicHolidays = true;
    else weekdays.push(...readWeekdays(reader, token));
  }
  const isLimited = weekdays.length > 0 || publicHolidays;
  return {
    dates,
    weekdays: isLimited ? ([...new Set(weekdays)].sort((a, b) => a - b) as Weekday[]) : null,
    publicHolidays,
  };
}

function startsDay(reader: Reader): boolean {
  const token = reader.peek();
  if (token?.kind !== 'word' || isTimeWord(token.text)) return false;
  if (isDay(token.text)) return true;
  failWord(reader, token);
}

/** A word that is none of a schedule: throws a `ScheduleError` that says what was probably meant. */
export function failWord(reader: Reader, token: Token): never {
  const meant = meantBy(token.text);
  reader.fail(
    token,
    `${quoted(token.text)} is not a day, a month or a time`,
    meant ? `write ${meant}` : `days are ${WEEKDAYS.join(' ')} PH, months ${MONTHS[0]} to ${MONTHS[11]}`,
  );
}

/** A comma between days, not one before the next rule. */
function moreDays(reader: Reader): boolean {
  const [comma, next] = reader.ahead(2);
  if (comma?.text !== ',' || next?.kind !== 'word' || !isDay(next.text)) return false;
  reader.skip(1);
  return true;
}

function readWeekdays(reader: Reader, from: Token): Weekday[] {
  const start = WEEKDAYS.indexOf(from.text as (typeof WEEKDAYS)[number]);
  if (!reader.is('-')) return [start as Weekday];
  const to = reader.take();
  const end = WEEKDAYS.indexOf((to?.text ?? '') as (typeof WEEKDAYS)[number]);
  if (end < 0) {
    const meant = WEEKDAYS.find((day) => day === meantBy(to?.text ?? ''));
    reader.fail(to, 'a range of days ends with a day', meant ? `write ${meant}` : 'such as Mo-Fr');
  }
  if (end === start) reader.fail(to, 'this range is a single day', `write ${from.text}`);
  const count = ((end - start + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => ((start + i) % 7) as Weekday);
}
