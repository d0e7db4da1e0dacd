/** Instants as people write them. Pure. */
import { Temporal } from 'temporal-polyfill';

const FIRST = Date.UTC(2000, 0, 2);
const LAST = Date.UTC(2090, 0, 1);

/**
 * UTC ms of `2026-11-21T20:00:00Z`, or of the time on the wall of the zone, `2026-11-21T20:00`: the first of two in a
 * repeated hour, as much later as the gap is long in a gap. Null when the text is no instant, or one outside of 2000 to 2090.
 */
export function instantIn(zone: string, text: string): number | null {
  const utc = fromInstant(text) ?? fromWall(zone, text);
  return utc !== null && utc >= FIRST && utc < LAST ? utc : null;
}

/** Like `instantIn`, and `22:00` is the next time that the clock on the wall shows that. Null also for what lies behind `now`. */
export function instantAhead(zone: string, text: string, now: number): number | null {
  const at = /^\d{2}:\d{2}(:\d{2})?$/.test(text) ? nextTime(zone, text, now) : instantIn(zone, text);
  return at !== null && at > now ? at : null;
}

function nextTime(zone: string, text: string, now: number): number | null {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  for (const date of [today, today.add({ days: 1 })]) {
    const at = fromWall(zone, `${date}T${text}`);
    if (at === null || at > now) return at;
  }
  return null;
}

function fromInstant(text: string): number | null {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
}

function fromWall(zone: string, text: string): number | null {
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return null;
  }
}
