/** Which windows a day has, on the clock of a wall at the site. Days are numbered from 1970-01-01 of that wall. Pure. */
import { getTimes } from 'suncalc';
import {
  type CalendarDay,
  type DayRange,
  type Days,
  passesMidnight,
  type Rule,
  type Schedule,
  type TimePoint,
  type Weekday,
  type Window,
} from './schedule.ts';
import type { Zone } from './zone.ts';

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3;

/** Where a schedule is meant. Without a place the sun is unknown. */
export interface Site {
  readonly zone: Zone;
  readonly place: { readonly latitude: number; readonly longitude: number } | null;
  readonly isHoliday: IsHoliday;
}

/** Whether a day is a public holiday; null when nobody knows. */
export type IsHoliday = (year: number, month: number, day: number) => boolean | null;

/**
 * From `start` to before `end` on the wall, in ms as if it were UTC. Not `known`: the sun does not rise or set, nobody knows
 * where, or it depends on a holiday that nobody knows.
 */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly known: boolean;
}

/** Those that are known may overlap with those that are not. */
export function intervalsOf({ rules }: Schedule, site: Site, day: number): readonly Interval[] {
  const date = new Date(day * DAY_MS);
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const asksHolidays = rules.some(({ days }) => days.publicHolidays);
  const isHoliday = asksHolidays && site.isHoliday(year, month, dayOfMonth);
  const either = (holiday: boolean) =>
    windowsOf(rules, day, { year, month, day: dayOfMonth }, holiday).flatMap(
      (window) => intervalOf(window, site, day) ?? [],
    );
  return isHoliday === null ? overlaid(either(true), either(false)) : either(isHoliday);
}

/** What is so either way is known, the rest is not. */
function overlaid(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const inBoth = a.flatMap((one) =>
    b.map((other) => ({
      start: Math.max(one.start, other.start),
      end: Math.min(one.end, other.end),
      known: one.known && other.known,
    })),
  );
  return [
    ...inBoth.filter(({ start, end, known }) => known && start < end),
    ...[...a, ...b].map(({ start, end }) => ({ start, end, known: false })),
  ];
}

function windowsOf(
  rules: readonly Rule[],
  day: number,
  of: CalendarDay,
  isHoliday: boolean,
): readonly Window[] {
  let windows: readonly Window[] = [];
  for (const rule of rules) {
    if (!isAmong(rule.days, day, of, isHoliday)) continue;
    windows = rule.replaces || rule.windows.length === 0 ? rule.windows : [...windows, ...rule.windows];
  }
  return windows;
}

function isAmong(
  { dates, weekdays, publicHolidays }: Days,
  day: number,
  of: CalendarDay,
  isHoliday: boolean,
): boolean {
  if (dates && !dates.some((range) => isWithin(range, of))) return false;
  if (weekdays === null && !publicHolidays) return true;
  if (weekdays?.includes(((((day + FIRST_WEEKDAY) % 7) + 7) % 7) as Weekday)) return true;
  return publicHolidays && isHoliday;
}

function isWithin({ from, to }: DayRange, of: CalendarDay): boolean {
  const number = ({ month, day }: CalendarDay) => month * 32 + day;
  if (from.year !== null) {
    const full = (date: CalendarDay) => (date.year ?? 0) * 500 + number(date);
    return full(from) <= full(of) && full(of) <= full(to);
  }
  const [first, last, day] = [number(from), number(to), number(of)];
  return first <= last ? first <= day && day <= last : day >= first || day <= last;
}

/** Null on a day on which the window ends before it begins, as `sunrise-08:00` does in winter. */
function intervalOf(window: Window, site: Site, day: number): Interval | null {
  const start = wallOf(window.start, site, day);
  const end = wallOf(window.end, site, passesMidnight(window) ? day + 1 : day);
  if (start === null || end === null) return unknownOf(window, site, day);
  return start < end ? { start, end, known: true } : null;
}

/** As long as it can have been: it may have begun the day before, by an offset, and it may end on the next day. */
function unknownOf({ start, end }: Window, site: Site, day: number): Interval {
  const earlier = 'sun' in start ? Math.min(0, start.offsetMinutes) * MINUTE_MS : 0;
  const latest = wallOf(end, site, day + 1) ?? (day + 2) * DAY_MS;
  return { start: day * DAY_MS + earlier, end: latest, known: false };
}

/** Null when the sun does not do that on this day. */
function wallOf(point: TimePoint, { zone, place }: Site, day: number): number | null {
  if ('minute' in point) return day * DAY_MS + point.minute * MINUTE_MS;
  // Asked at civil noon: by longitude alone the solar day is another one in some places.
  const [noon] = zone.instantsOf(day * DAY_MS + DAY_MS / 2);
  if (noon === undefined || !place) return null;
  const event = getTimes(new Date(noon), place.latitude, place.longitude)[point.sun];
  if (!event) return null;
  const minute = Math.floor(event.getTime() / MINUTE_MS) + point.offsetMinutes;
  return minute * MINUTE_MS + zone.offsetAt(minute * MINUTE_MS);
}
