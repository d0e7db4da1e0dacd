/**
 * What a schedule says in one minute, read off a wall clock: `Intl` shows the day and the time, and the windows of that day
 * and of the day before are looked at. No transition tables, no offsets, nothing of `evaluate.ts`, so that both cannot be
 * wrong in the same way. No sun.
 */
import type { DayRange, Days, Rule, Schedule, Weekday, Window } from '../../controller/schedule/schedule.ts';

export const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: Weekday;
}
export interface Shown extends Day {
  /** Since midnight, as the clock shows it. */
  readonly minute: number;
}
export type IsHoliday = (year: number, month: number, day: number) => boolean;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** What a clock in a zone shows at an instant (UTC ms). */
export function wallClock(zone: string): (utc: number) => Shown {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (utc) => {
    const text = format.format(utc);
    const parts = /^(\w{3}), (\d\d)\/(\d\d)\/(\d{4}), (\d\d):(\d\d)$/.exec(text);
    if (!parts) throw new Error(`unexpected form of a date: ${text}`);
    const [, weekday, month, day, year, hour, minute] = parts;
    return {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      weekday: WEEKDAYS.indexOf(weekday!) as Weekday,
      minute: Number(hour) * 60 + Number(minute),
    };
  };
}

/** Whether a schedule without sun events is on while a clock shows this. */
export function isOn(schedule: Schedule, shown: Shown, isHoliday: IsHoliday): boolean {
  const begunToday = windowsOf(schedule, shown, isHoliday).some((window) => {
    const { start, end } = minutes(window);
    return start <= shown.minute && (shown.minute < end || end <= start);
  });
  return (
    begunToday ||
    windowsOf(schedule, dayBefore(shown), isHoliday).some((window) => {
      const { start, end } = minutes(window);
      return end <= start && shown.minute < end;
    })
  );
}

function minutes({ start, end }: Window): { start: number; end: number } {
  if ('sun' in start || 'sun' in end) throw new Error('there is no sun here');
  return { start: start.minute, end: end.minute };
}

function windowsOf({ rules }: Schedule, day: Day, isHoliday: IsHoliday): readonly Window[] {
  let windows: readonly Window[] = [];
  for (const rule of rules)
    if (isAbout(rule.days, day, isHoliday))
      windows = rule.replaces || isOff(rule) ? rule.windows : [...windows, ...rule.windows];
  return windows;
}

const isOff = ({ windows }: Rule): boolean => windows.length === 0;

function isAbout({ weekdays, publicHolidays, dates }: Days, day: Day, isHoliday: IsHoliday): boolean {
  if (dates && !dates.some((range) => isWithin(range, day))) return false;
  if (weekdays === null || weekdays.includes(day.weekday)) return true;
  return publicHolidays && isHoliday(day.year, day.month, day.day);
}

function isWithin({ from, to }: DayRange, { year, month, day }: Day): boolean {
  const inYear = (d: { month: number; day: number }) => d.month * 100 + d.day;
  const date = month * 100 + day;
  if (from.year === null || to.year === null)
    return inYear(from) <= inYear(to)
      ? inYear(from) <= date && date <= inYear(to)
      : inYear(from) <= date || date <= inYear(to);
  const dated = year * 10_000 + date;
  return from.year * 10_000 + inYear(from) <= dated && dated <= to.year * 10_000 + inYear(to);
}

/** No zone skips a calendar day between 2024 and 2030. */
function dayBefore({ year, month, day, weekday }: Day): Day {
  const before = new Date(Date.UTC(year, month - 1, day - 1));
  return {
    year: before.getUTCFullYear(),
    month: before.getUTCMonth() + 1,
    day: before.getUTCDate(),
    weekday: ((weekday + 6) % 7) as Weekday,
  };
}

/** The instants (UTC ms) from `from` to before `until` at which a zone's clock jumps. No zone jumps twice within a day. */
export function jumps(zone: string, from: number, until: number): number[] {
  const show = wallClock(zone);
  const ahead = (utc: number) => {
    const { year, month, day, minute } = show(utc);
    return Date.UTC(year, month - 1, day, 0, minute) - utc;
  };
  const found: number[] = [];
  let before = ahead(from);
  for (let at = from; at < until; at += DAY_MS) {
    const after = ahead(at + DAY_MS);
    if (after !== before) found.push(jump(ahead, at, at + DAY_MS));
    before = after;
  }
  return found;
}

function jump(ahead: (utc: number) => number, from: number, until: number): number {
  let [low, high] = [from, until];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / MINUTE_MS / 2) * MINUTE_MS;
    if (ahead(middle) === ahead(from)) low = middle;
    else high = middle;
  }
  return high;
}
