/** When the events of a calendar take place, with their repetitions and the exceptions from them. Pure. */
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { DAY_MS } from '../../schedule/days.ts';
import {
  type CalendarItem,
  type Moment,
  momentOf,
  type ReadCalendar,
  type Recurrence,
  type UnreadableItem,
} from './events.ts';
import { UnreadableError } from './unreadable.ts';
import type { WallZone } from './wall-zones.ts';

/** In one look ahead; a calendar with more of them is refused. */
const MOST_OCCURRENCES = 10_000;
/** Steps of one repetition, of which only those that are looked at or counted are taken. */
const MOST_STEPS = 20_000;
/** No clock on a wall is further from UTC. */
const MOST_OFFSET_MS = 15 * 3_600_000;

/** One time at which an event takes place. */
export interface Occurrence {
  readonly item: CalendarItem;
  /** On the wall clock of its start. */
  readonly wall: number;
  /** UTC ms, the end not included. */
  readonly start: number;
  readonly end: number;
}

export interface Found {
  readonly occurrences: readonly Occurrence[];
  /** Events that may take place within that time, nobody can say when. */
  readonly unreadable: readonly UnreadableItem[];
}

/** From a day to a day, UTC ms. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Everything that `wanted` says yes to and that takes place between `from` and `to`, in no order. */
export function occurrencesIn(
  calendar: ReadCalendar,
  range: Range,
  site: WallZone,
  wanted: (item: Pick<CalendarItem, 'texts'>) => boolean,
): Found {
  const occurrences: Occurrence[] = [];
  const unreadable = calendar.unreadable.filter(wanted);
  for (const items of series(calendar.items)) {
    const changes = items.filter(({ instead }) => instead !== null);
    for (const item of items) {
      if (item.isCancelled || !wanted(item)) continue;
      try {
        const found = item.instead
          ? single(item, range)
          : repeated(
              item,
              changes.map(({ instead }) => instead!),
              range,
              site,
            );
        if (found.length > 0 && item.strangeZone !== null)
          throw new UnreadableError(`nobody knows its time zone \`${item.strangeZone.slice(0, 60)}\``);
        for (const each of found) occurrences.push(each);
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        if (isElsewhere(item, range)) continue;
        unreadable.push({ title: item.title, texts: item.texts, why: error.message });
      }
      if (occurrences.length > MOST_OCCURRENCES)
        throw new UnreadableError(
          `more than ${MOST_OCCURRENCES} events take place in the time that is looked at`,
        );
    }
  }
  return { occurrences, unreadable };
}

/** Begins once, at another time: whatever is wrong with it does not matter. */
function isElsewhere({ start, repeats, also }: CalendarItem, { from, to }: Range): boolean {
  const far = start.wall < from - 2 * DAY_MS || start.wall > to + 2 * DAY_MS;
  return far && repeats.length + also.length === 0;
}

/** Events that belong together, of each instance only the newest version. */
function series(items: readonly CalendarItem[]): CalendarItem[][] {
  const byUid = new Map<string, CalendarItem[]>();
  const alone: CalendarItem[][] = [];
  for (const item of items) {
    const others = item.uid === null ? undefined : byUid.get(item.uid);
    if (item.uid === null) alone.push([item]);
    else if (others) others.push(item);
    else byUid.set(item.uid, [item]);
  }
  return [...alone, ...[...byUid.values()].map(newest)];
}

function newest(items: readonly CalendarItem[]): CalendarItem[] {
  const of = ({ instead }: CalendarItem) => (instead ? instead.zone.toUtc(instead.wall) : null);
  const highest = new Map<number | null, number>();
  for (const item of items)
    highest.set(of(item), Math.max(item.sequence, highest.get(of(item)) ?? item.sequence));
  return items.filter((item) => item.sequence === highest.get(of(item)));
}

function single(item: CalendarItem, range: Range): Occurrence[] {
  const occurrence = at(item, item.start.wall, item.start.zone.toUtc(item.start.wall));
  return isWithin(occurrence, item, range) ? [occurrence] : [];
}

function repeated(
  item: CalendarItem,
  changed: readonly Moment[],
  range: Range,
  site: WallZone,
): Occurrence[] {
  const { start, repeats, also, except } = item;
  const length = at(item, start.wall, start.zone.toUtc(start.wall));
  const wide = {
    from: range.from - (length.end - length.start) - 2 * DAY_MS,
    to: range.to + 2 * DAY_MS,
  };
  const left = new Left([...except, ...changed], start.isDate);
  const found = new Map<number, Occurrence>();
  const add = (occurrence: Occurrence) => {
    if (isWithin(occurrence, item, range) && !left.out(occurrence)) found.set(occurrence.start, occurrence);
  };
  add(length);
  for (const rule of repeats) {
    const isOften = OFTEN.includes(String(rule.freq));
    for (const wall of wallsOf(rule, start, wide, site))
      for (const utc of isOften ? start.zone.instantsOf(wall) : [start.zone.toUtc(wall)])
        add(at(item, wall, utc));
  }
  for (const { start, ms } of also) {
    const utc = start.zone.toUtc(start.wall);
    add(
      ms === null
        ? at({ ...item, start }, start.wall, utc)
        : { item, wall: start.wall, start: utc, end: utc + ms },
    );
  }
  return [...found.values()];
}

/** What exceptions leave out: instants, and whole days where either side has no time. */
class Left {
  readonly #instants = new Set<number>();
  readonly #days = new Set<number>();

  constructor(moments: readonly Moment[], byDay: boolean) {
    for (const { wall, isDate, zone } of moments)
      if (byDay || isDate) this.#days.add(Math.floor(wall / DAY_MS));
      else this.#instants.add(zone.toUtc(wall));
  }

  out({ wall, start }: Occurrence): boolean {
    return this.#instants.has(start) || this.#days.has(Math.floor(wall / DAY_MS));
  }
}

/** An end of the same kind and zone as the start is meant by the clock on the wall, on every day of a repetition. */
function at(item: CalendarItem, wall: number, start: number): Occurrence {
  const { start: first, end } = item;
  const { zone } = first;
  const until = (endWall: number, ms: number) => {
    const byClock = zone.toUtc(endWall) + ms;
    return { item, wall, start, end: byClock > start ? byClock : start + (endWall - wall) + ms };
  };
  if ('days' in end) return until(wall + end.days * DAY_MS, end.ms);
  if (end.isDate !== first.isDate || end.zone !== zone) {
    const ms = end.zone.toUtc(end.wall) - zone.toUtc(first.wall);
    if (ms < 0) throw new UnreadableError('it ends before it begins');
    return { item, wall, start, end: start + ms };
  }
  const length = end.wall - first.wall;
  if (length < 0) throw new UnreadableError('it ends before it begins');
  // Some programs give the same day as the end of a day.
  return until(wall + (first.isDate && length === 0 ? DAY_MS : length), 0);
}

function isWithin({ start, end }: Occurrence, { strangeZone }: CalendarItem, { from, to }: Range): boolean {
  const slack = strangeZone === null ? 0 : MOST_OFFSET_MS;
  return start < end && end > from - slack && start < to + slack;
}

const OFTEN = ['HOURLY', 'MINUTELY', 'SECONDLY'];
type RepetitionOptions = Extract<
  ConstructorParameters<typeof RRuleTemporal<Temporal.ZonedDateTime>>[0],
  { freq: string }
>;
/** Parts of a rule that are lists of numbers, as ical.js and as rrule-temporal name them. */
const NUMBERS = [
  ['bymonth', 'byMonth'],
  ['bymonthday', 'byMonthDay'],
  ['byyearday', 'byYearDay'],
  ['byweekno', 'byWeekNo'],
  ['bysetpos', 'bySetPos'],
  ['byhour', 'byHour'],
  ['byminute', 'byMinute'],
  ['bysecond', 'bySecond'],
] as const;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** What the wall clock shows when a repetition takes place; that of its start is one of them. */
function wallsOf(rule: Recurrence, start: Moment, { from, to }: Range, site: WallZone): number[] {
  const parts: Partial<RepetitionOptions> = {
    ...(rule.count !== undefined && { count: Number(rule.count) }),
    ...(rule.until !== undefined && { until: zoned(lastWall(rule.until, start, site)) }),
    ...(rule.byday !== undefined && { byDay: [rule.byday].flat().map(String) }),
    ...(rule.wkst !== undefined && { wkst: WEEKDAYS[Number(rule.wkst) - 1]! }),
  };
  for (const [key, name] of NUMBERS) {
    const value = rule[key];
    if (value !== undefined) parts[name] = [value].flat().map(Number);
  }
  const options: RepetitionOptions = {
    tzid: 'UTC',
    dtstart: zoned(start.wall),
    includeDtstart: true,
    cache: false,
    maxIterations: MOST_STEPS,
    freq: String(rule.freq) as RepetitionOptions['freq'],
    interval: Number(rule.interval ?? 1),
    ...parts,
  };
  try {
    return new RRuleTemporal(options)
      .between(new Date(from), new Date(to), true)
      .map(({ epochMilliseconds }) => epochMilliseconds);
  } catch (error) {
    const isEndless = /^Maximum/.test((error as Error).message);
    throw new UnreadableError(isEndless ? 'it repeats too often' : 'nobody can tell how it repeats');
  }
}

/** The last wall clock time at which it may repeat. */
function lastWall(until: Recurrence[string], start: Moment, site: WallZone): number {
  const { wall, isDate, zone } = momentOf(until, start.zone, site);
  if (start.isDate) return Math.floor(wall / DAY_MS) * DAY_MS;
  if (isDate) return wall + DAY_MS - 1000;
  return zone === start.zone ? wall : start.zone.toWall(zone.toUtc(wall));
}

const zoned = (wall: number) => Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC');
