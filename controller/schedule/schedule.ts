/**
 * A schedule as `parse.ts` makes it from text: which windows a day has. A strict subset of the OpenStreetMap
 * `opening_hours` syntax. What is meant is the clock on a wall at the site: a window holds whatever that clock shows, in
 * gaps and in repeated hours too.
 */

/** Monday is 0. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** A day as a calendar shows it; `year` is null for every year. Months and days count from 1. */
export interface CalendarDay {
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
}
/** From one day to another, both within it; without years it may run past the end of the year. */
export interface DayRange {
  readonly from: CalendarDay;
  readonly to: CalendarDay;
}

export const SUN_EVENTS = ['dawn', 'sunrise', 'sunset', 'dusk'] as const;
export type SunEvent = (typeof SUN_EVENTS)[number];

/** A time of day: minutes since midnight on the wall clock (1440 only as an end), or a sun event and minutes after it. */
export type TimePoint =
  | { readonly minute: number }
  | { readonly sun: SunEvent; readonly offsetMinutes: number };

/** From `start` to before `end`, on the next day where the window passes midnight. */
export interface Window {
  readonly start: TimePoint;
  readonly end: TimePoint;
}

const NOON = 720;
const order = (sun: SunEvent): number => SUN_EVENTS.indexOf(sun);
const isMorning = (sun: SunEvent): boolean => order(sun) < order('sunset');

/**
 * Whether a window ends on the day after the one it begins on. That is a matter of the window and not of the season: a
 * window whose end comes before its start on some day, as `sunrise-08:00` in winter, is empty on that day, not a day long.
 */
export function passesMidnight({ start, end }: Window): boolean {
  if ('minute' in start && 'minute' in end) return end.minute <= start.minute;
  if ('minute' in start) return 'sun' in end && isMorning(end.sun) && start.minute >= NOON;
  if ('minute' in end) return !isMorning(start.sun) && end.minute < NOON;
  if (start.sun === end.sun) return end.offsetMinutes <= start.offsetMinutes;
  return order(end.sun) < order(start.sun);
}

/** The days a rule is about: those on a weekday or holiday named (null: every day), and within the dates named (null: any). */
export interface Days {
  readonly weekdays: readonly Weekday[] | null;
  readonly publicHolidays: boolean;
  readonly dates: readonly DayRange[] | null;
}

/** One rule. `replaces`: joined by `;`, it takes the place of earlier rules on its days; else it adds to them. Off always takes their place. */
export interface Rule {
  readonly days: Days;
  /** Empty: off. */
  readonly windows: readonly Window[];
  readonly replaces: boolean;
  /** Where it stands in the text, in code points. */
  readonly position: number;
  readonly length: number;
}

export interface Schedule {
  readonly rules: readonly Rule[];
}

/** Why a text is no schedule; positions and lengths in code points from 0. */
export interface ScheduleProblem {
  readonly message: string;
  readonly hint: string;
  readonly position: number;
  readonly length: number;
}

/** The first thing that is wrong with a text. */
export class ScheduleError extends Error {
  readonly problem: ScheduleProblem;
  constructor(problem: ScheduleProblem) {
    super(problem.message);
    this.name = 'ScheduleError';
    this.problem = problem;
  }
}
