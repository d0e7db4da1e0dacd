/** From the text of an ICS file to what rules ask: events that match, and public holidays. Pure. */
import type { CalendarEvent } from '../../policy/facts.ts';
import { DAY_MS } from '../../schedule/days.ts';
import type { Zone } from '../../schedule/zone.ts';
import { type CalendarItem, readCalendar, type UnreadableItem } from './events.ts';
import { matcherOf } from './match.ts';
import { type Occurrence, occurrencesIn } from './occurrences.ts';
import { UnreadableError } from './unreadable.ts';
import { wallZone } from './wall-zones.ts';

/** The events of one `match` in order of their start, or why they are not known. */
export type Expanded =
  | { readonly events: readonly CalendarEvent[]; readonly problem: null }
  | { readonly events: null; readonly problem: string };

/** The events between `from` and `to` (UTC ms), for each of `matches`. Throws an `UnreadableError` when the text is no calendar. */
export function expand(
  text: string,
  zone: Zone,
  matches: readonly (string | null)[],
  { from, to }: { readonly from: number; readonly to: number },
): Expanded[] {
  const site = wallZone(zone);
  const calendar = readCalendar(text, site);
  return matches.map((match) => {
    const matcher = matcherOf(match);
    try {
      const found = occurrencesIn(calendar, { from, to }, site, ({ texts }) => matcher(texts));
      const [unreadable] = found.unreadable;
      if (unreadable) return { events: null, problem: reason(unreadable) };
      const events = found.occurrences.map(({ item: { title }, start, end }) => ({ start, end, title }));
      return { events: events.sort((a, b) => a.start - b.start || a.end - b.end), problem: null };
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      return { events: null, problem: error.message };
    }
  });
}

const reason = ({ title, why }: UnreadableItem): string =>
  `event ${title ? `“${title}”` : 'without a title'}: ${why}`;

/** The days that all-day events name, as numbers such as 20261225, and the years it lists days of. */
export interface ListedDays {
  readonly days: readonly number[];
  readonly years: readonly number[];
}

/** Within `first` and `last` year. Throws an `UnreadableError` when it is no calendar, or one that not all can be read of. */
export function holidaysIn(text: string, zone: Zone, first: number, last: number): ListedDays {
  const site = wallZone(zone);
  const range = { from: site.toUtc(Date.UTC(first, 0, 1)), to: site.toUtc(Date.UTC(last + 1, 0, 1)) };
  const found = occurrencesIn(readCalendar(text, site), range, site, () => true);
  const [unreadable] = found.unreadable;
  if (unreadable) throw new UnreadableError(reason(unreadable));
  const whole = found.occurrences.filter(({ item }) => item.start.isDate);
  if (whole.length === 0) throw new UnreadableError('it has no all-day events');
  // Only what has an end can run out.
  const dated = whole.filter(({ item }) => !isEndless(item));
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const years = dated.length === 0 ? all : dated.flatMap(daysOf).map((day) => Math.floor(day / 10_000));
  return { days: [...new Set(whole.flatMap(daysOf))], years: [...new Set(years)] };
}

const isEndless = ({ repeats }: CalendarItem): boolean =>
  repeats.some(({ count, until }) => count === undefined && until === undefined);

function daysOf({ item, wall }: Occurrence): number[] {
  const { start, end } = item;
  const count = 'days' in end ? end.days : Math.round((end.wall - start.wall) / DAY_MS);
  return Array.from({ length: Math.min(Math.max(1, count), 366) }, (_, i) => {
    const date = new Date(wall + i * DAY_MS);
    return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  });
}
