/** ICS texts as tests write them. */
import { expand } from '../../../controller/presence/calendar/expand.ts';
import { zoneOf } from '../../../controller/schedule/zone.ts';

/** A calendar out of events, each written as its lines; anything that begins with BEGIN stands as it is. */
export const ics = (...components: string[]): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Earlid//test//EN',
    ...components.map((each) =>
      each.trim().startsWith('BEGIN:') ? lines(each) : `BEGIN:VEVENT\r\n${lines(each)}\r\nEND:VEVENT`,
    ),
    'END:VCALENDAR',
    '',
  ].join('\r\n');

const lines = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trimStart())
    .join('\r\n');

/** The events between two days, as `title start/end` with instants in UTC; or why they are not known. */
export function eventsOf(
  text: string,
  zone: string,
  from: string,
  to: string,
  match: string | null = null,
): string[] | string {
  const range = { from: Date.parse(`${from}T00:00Z`), to: Date.parse(`${to}T00:00Z`) };
  const [found] = expand(text, zoneOf(zone)!, [match], range);
  if (!found!.events) return found!.problem!;
  const at = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return found!.events.map(({ title, start, end }) => `${title} ${at(start)}/${at(end)}`);
}
