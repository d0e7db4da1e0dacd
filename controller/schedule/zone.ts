/** A time zone as a table of its transitions: what the clock on a wall shows at an instant. Built from the zone data of Node. */
import { Temporal } from 'temporal-polyfill';

/** From `at` (UTC ms) on the wall clock is `offsetMs` ahead of UTC. */
interface Stretch {
  readonly at: number;
  readonly offsetMs: number;
}

export interface Zone {
  readonly name: string;
  /** How far the wall clock is ahead of UTC at an instant, in ms. */
  offsetAt(utc: number): number;
  /** The first transition after an instant, null when the table has none. */
  nextTransition(utc: number): number | null;
  /** Every instant at which the wall clock shows `wall` (ms as if it were UTC): none in a gap, two in a repeated hour. */
  instantsOf(wall: number): number[];
}

/** Schedules are asked about this span; outside of it the first and last offset stand. */
const FROM = Date.UTC(2000, 0, 1);
const UNTIL = Date.UTC(2100, 0, 1);
const zones = new Map<string, Zone>();

/** Null when there is no such zone. */
export function zoneOf(name: string): Zone | null {
  const known = zones.get(name);
  if (known) return known;
  if (!isZone(name)) return null;
  const zone = new TableZone(name, stretchesOf(name));
  zones.set(name, zone);
  return zone;
}

/** Names like `Europe/Berlin`; offsets and abbreviations are no places. */
function isZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Za-z]+(?:\/[A-Za-z0-9_+-]+)+$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function stretchesOf(name: string): Stretch[] {
  let at = Temporal.Instant.fromEpochMilliseconds(FROM).toZonedDateTimeISO(name);
  const offset = () => Math.round(at.offsetNanoseconds / 1e6);
  const found = [{ at: Number.NEGATIVE_INFINITY, offsetMs: offset() }];
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (!next || next.epochMilliseconds >= UNTIL) return found;
    at = next;
    found.push({ at: next.epochMilliseconds, offsetMs: offset() });
  }
}

class TableZone implements Zone {
  readonly name: string;
  readonly #stretches: readonly Stretch[];
  /** Where the last instant lay: most lie near the one before. */
  #last = 0;

  constructor(name: string, stretches: readonly Stretch[]) {
    this.name = name;
    this.#stretches = stretches;
  }

  /** Index of the stretch that an instant lies in. */
  #indexAt(utc: number): number {
    const last = this.#last;
    if (this.#stretches[last]!.at <= utc && utc < (this.#stretches[last + 1]?.at ?? Number.POSITIVE_INFINITY))
      return last;
    let [low, high] = [0, this.#stretches.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#stretches[middle]!.at <= utc) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low;
  }

  offsetAt(utc: number): number {
    return this.#stretches[this.#indexAt(utc)]!.offsetMs;
  }

  nextTransition(utc: number): number | null {
    return this.#stretches[this.#indexAt(utc) + 1]?.at ?? null;
  }

  instantsOf(wall: number): number[] {
    // No zone is a day away from UTC, and none changes twice within a day.
    const index = this.#indexAt(wall);
    const found: number[] = [];
    for (let i = Math.max(0, index - 1); i <= Math.min(this.#stretches.length - 1, index + 1); i++) {
      const { at, offsetMs } = this.#stretches[i]!;
      const utc = wall - offsetMs;
      if (utc >= at && utc < (this.#stretches[i + 1]?.at ?? Number.POSITIVE_INFINITY)) found.push(utc);
    }
    return found;
  }
}
