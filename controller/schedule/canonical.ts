/** A schedule as text in its one form: what `parse.ts` makes of it is the same schedule. Pure. */
import { MONTHS, WEEKDAYS } from './names.ts';
import type { CalendarDay, DayRange, Days, Rule, Schedule, TimePoint, Weekday, Window } from './schedule.ts';

const WHOLE_DAY = '00:00-24:00';

export function canonical({ rules }: Schedule): string {
  return rules.map((rule, i) => (i === 0 ? '' : rule.replaces ? '; ' : ', ') + ruleText(rule)).join('');
}

function ruleText({ days, windows }: Rule): string {
  const times = windows.length === 0 ? 'off' : windows.map(windowText).join(',');
  const text = daysText(days);
  if (text === '' && times === WHOLE_DAY) return '24/7';
  return text === '' ? times : `${text} ${times}`;
}

function daysText({ dates, weekdays, publicHolidays }: Days): string {
  const week = [...weekdayTexts(weekdays ?? []), ...(publicHolidays ? ['PH'] : [])].join(',');
  return [...(dates ? [dates.map(rangeText).join(',')] : []), ...(week === '' ? [] : [week])].join(' ');
}

/** Runs of three and more as ranges. */
function weekdayTexts(days: readonly Weekday[]): string[] {
  const runs: Weekday[][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last && day === last.at(-1)! + 1) last.push(day);
    else runs.push([day]);
  }
  return runs.flatMap((run) =>
    run.length > 2 ? [`${WEEKDAYS[run[0]!]}-${WEEKDAYS[run.at(-1)!]}`] : run.map((day) => WEEKDAYS[day]),
  );
}

function rangeText({ from, to }: DayRange): string {
  const begin = dayText(from);
  const sameDay = from.year === to.year && from.month === to.month && from.day === to.day;
  if (sameDay) return begin;
  if (from.year === to.year && from.month === to.month && from.day < to.day) return `${begin}-${to.day}`;
  return `${begin}-${from.year === to.year ? dayText({ ...to, year: null }) : dayText(to)}`;
}

function dayText({ year, month, day }: CalendarDay): string {
  return `${year === null ? '' : `${year} `}${MONTHS[month - 1]} ${day}`;
}

const windowText = ({ start, end }: Window): string => `${pointText(start)}-${pointText(end)}`;

function pointText(point: TimePoint): string {
  if ('minute' in point) return clock(point.minute);
  const { sun, offsetMinutes } = point;
  if (offsetMinutes === 0) return sun;
  return `(${sun}${offsetMinutes < 0 ? '-' : '+'}${clock(Math.abs(offsetMinutes))})`;
}

function clock(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
