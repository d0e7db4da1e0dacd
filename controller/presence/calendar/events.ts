/** The events that an ICS text holds, as they are written there: times still on their own wall clocks. Pure. */
import ICAL from 'ical.js';
import { DAY_MS } from '../../schedule/days.ts';
import { UnreadableError } from './unreadable.ts';
import { type Jcal, type JcalProperty, textOf, UTC, type WallZone, WallZones } from './wall-zones.ts';

/** A calendar with more of them is refused. */
const MOST_EVENTS = 20_000;

/** A time as it is written. */
export interface Moment {
  /** What the clock shows, in ms as if it were UTC; midnight of a date. */
  readonly wall: number;
  readonly isDate: boolean;
  readonly zone: WallZone;
}

/** How a repetition is written, as ical.js reads it. */
export type Recurrence = Readonly<Record<string, string | number | (string | number)[]>>;

export interface CalendarItem {
  readonly uid: string | null;
  readonly sequence: number;
  readonly title: string;
  /** What `match` looks at: summary, categories, location. */
  readonly texts: readonly string[];
  readonly isCancelled: boolean;
  /** The instance of a repeated event that this takes the place of. */
  readonly instead: Moment | null;
  readonly start: Moment;
  /** Its length: up to a moment, or days by the clock and then ms. */
  readonly end: Moment | { readonly days: number; readonly ms: number };
  readonly repeats: readonly Recurrence[];
  readonly also: readonly { readonly start: Moment; readonly ms: number | null }[];
  readonly except: readonly Moment[];
  /** The zone of its start is one that nobody knows; its times are read as UTC. */
  readonly strangeZone: string | null;
}

/** An event of which not all can be read. */
export interface UnreadableItem {
  readonly title: string;
  readonly texts: readonly string[];
  readonly why: string;
}

export interface ReadCalendar {
  readonly items: readonly CalendarItem[];
  readonly unreadable: readonly UnreadableItem[];
}

/** Throws an `UnreadableError` when the text is no calendar. Dates, and times without a zone, are meant in `site`. */
export function readCalendar(text: string, site: WallZone): ReadCalendar {
  const components = calendarsOf(text).flatMap(([, , inner]) => inner);
  const named = (name: string) => components.filter((each) => each[0] === name);
  const events = named('vevent');
  if (events.length > MOST_EVENTS) throw new UnreadableError(`it has more than ${MOST_EVENTS} events`);
  const zones = new WallZones(named('vtimezone'));
  const items: CalendarItem[] = [];
  const unreadable: UnreadableItem[] = [];
  for (const event of events) {
    try {
      items.push(itemOf(event, zones, site));
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      unreadable.push({ ...wordsOf(event), why: error.message });
    }
  }
  return { items, unreadable };
}

function calendarsOf(text: string): Jcal[] {
  let parsed: unknown;
  try {
    parsed = ICAL.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableError('it is nested too deeply');
    // What ical.js says may hold a whole line of the text.
    throw new UnreadableError(`it is no calendar (${plain((error as Error).message).slice(0, 100)})`);
  }
  const all = (typeof (parsed as Jcal)[0] === 'string' ? [parsed] : parsed) as Jcal[];
  const calendars = all.filter(([name]) => name === 'vcalendar');
  if (calendars.length === 0) throw new UnreadableError('there is no calendar in it');
  return calendars;
}

const MOST_TITLE = 200;
/** A title comes from a stranger and is shown in terminals. */
const plain = (text: string): string => text.replace(/\p{C}+/gu, ' ').trim();

function wordsOf(event: Jcal): Pick<CalendarItem, 'title' | 'texts'> {
  const texts = event[1]
    .filter(([name]) => name === 'summary' || name === 'categories' || name === 'location')
    .flatMap(([, , , ...values]) => values)
    .filter((value) => typeof value === 'string');
  return { title: plain(textOf(event, 'summary') ?? '').slice(0, MOST_TITLE), texts };
}

function itemOf(event: Jcal, zones: WallZones, site: WallZone): CalendarItem {
  const all = (name: string) => event[1].filter(([each]) => each === name);
  let strangeZone: string | null = null;
  const moment = (value: unknown, [, parameters]: JcalProperty, without = site): Moment => {
    const tzid = typeof parameters.tzid === 'string' && parameters.tzid !== '' ? parameters.tzid : null;
    const named = tzid === null ? without : zones.named(tzid);
    const found = momentOf(value, named ?? UTC, site);
    if (!named && found.zone === UTC && !String(value).endsWith('Z')) strangeZone = plain(tzid!);
    return found;
  };
  const [startText] = all('dtstart');
  if (!startText) throw new UnreadableError('it has no start');
  const start = moment(startText[3], startText);
  const [instead] = all('recurrence-id');
  if (instead?.[1].range) throw new UnreadableError('it changes all later instances (RANGE)');
  if (all('exrule').length > 0) throw new UnreadableError('it has an EXRULE, which is long out of use');
  const [end] = all('dtend');
  const [duration] = all('duration');
  return {
    ...wordsOf(event),
    uid: textOf(event, 'uid'),
    sequence: Number(all('sequence')[0]?.[3] ?? 0) || 0,
    isCancelled: textOf(event, 'status')?.toUpperCase() === 'CANCELLED',
    // Some programs name the zone only at the start.
    instead: instead ? moment(instead[3], instead, start.zone) : null,
    start,
    end: end ? moment(end[3], end) : duration ? lengthOf(duration[3]) : { days: start.isDate ? 1 : 0, ms: 0 },
    repeats: all('rrule').map(([, , , value]) => value as Recurrence),
    also: all('rdate').flatMap((property) =>
      property.slice(3).map((value) => {
        if (!Array.isArray(value)) return { start: moment(value, property, start.zone), ms: null };
        const from = moment(value[0], property, start.zone);
        return { start: from, ms: periodMs(from, value[1], (text) => moment(text, property, start.zone)) };
      }),
    ),
    except: all('exdate').flatMap((property) =>
      property.slice(3).map((value) => moment(value, property, start.zone)),
    ),
    strangeZone,
  };
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(Z)?)?$/;

/** A time as jCal writes it; dates are meant in `site`. */
export function momentOf(value: unknown, zone: WallZone, site: WallZone): Moment {
  const [, year, month, day, hour, minute, second, utc] = TIME.exec(String(value)) ?? [];
  // A leap second is told as the second before it.
  const seconds = Math.min(59, Number(second ?? 0));
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    seconds,
  );
  const isReal =
    Number(second ?? 0) <= 60 &&
    !Number.isNaN(wall) &&
    new Date(wall).toISOString().startsWith(`${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}`);
  if (!isReal) throw new UnreadableError(`\`${plain(String(value)).slice(0, 40)}\` is no time`);
  const isDate = hour === undefined;
  return { wall, isDate, zone: isDate ? site : utc ? UTC : zone };
}

function lengthOf(value: unknown): { days: number; ms: number } {
  const [whole, weeks, days, hours, minutes, seconds] =
    /^\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(String(value)) ?? [];
  if (!whole) throw new UnreadableError(`\`${plain(String(value)).slice(0, 40)}\` is no length`);
  const number = (text: string | undefined) => Number(text ?? 0);
  return {
    days: number(weeks) * 7 + number(days),
    ms: ((number(hours) * 60 + number(minutes)) * 60 + number(seconds)) * 1000,
  };
}

function periodMs(from: Moment, until: unknown, moment: (text: unknown) => Moment): number {
  if (String(until).startsWith('P')) {
    const { days, ms } = lengthOf(until);
    return days * DAY_MS + ms;
  }
  const to = moment(until);
  return to.zone.toUtc(to.wall) - from.zone.toUtc(from.wall);
}
