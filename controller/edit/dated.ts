/** Days as people name them on the command line, as a schedule names them. Pure. */
import { EarlidError } from '../../schemas/errors.ts';
import { MONTHS } from '../schedule/names.ts';
import { parseSchedule } from '../schedule/parse.ts';
import { ScheduleError } from '../schedule/schedule.ts';

/** A day on the calendar at the site; months count from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;
const NAMED = /^\s*(?:(today|tomorrow)|(\d{4})-(\d{2})-(\d{2}))(?![\d-])\s*/i;

/**
 * `text` with `today`, `tomorrow` or `2026-12-24` at its beginning written as a schedule names that day, `2026 Dec 24`.
 * `wall` is what the clock at the site shows, in ms as if it were UTC. What begins otherwise stays as it is.
 */
export function withDay(text: string, wall: number): string {
  const found = NAMED.exec(text);
  if (!found) return text;
  const [whole, word, year, month, day] = found;
  const named = word
    ? dayOf(wall + (word.toLowerCase() === 'tomorrow' ? DAY_MS : 0))
    : { year: Number(year), month: Number(month), day: Number(day) };
  const name = MONTHS[named.month - 1];
  if (!name)
    throw new ScheduleError({
      message: `there is no month “${month}”`,
      hint: 'write a day as 2026-12-24: the year, the month, the day',
      position: whole.indexOf(month!),
      length: 2,
    });
  return `${named.year} ${name} ${named.day} ${text.slice(whole.length)}`.trimEnd();
}

/** Throws `schedule-refused` when `text` is not about days with their year and hours, a `ScheduleError` when it is no schedule. */
export function checkDated(text: string): void {
  const isDated = parseSchedule(text).rules.every(
    ({ days, windows }) => windows.length > 0 && days.dates?.every(({ from }) => from.year !== null),
  );
  if (!isDated)
    throw new EarlidError('schedule-refused', {
      detail: `\`${text}\` is not about one day and its hours`,
      hint: "Write it like '2026-12-24 18:00-20:00' or 'tomorrow 18:00-20:00'.",
    });
}

function dayOf(wall: number): Day {
  const date = new Date(wall);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
