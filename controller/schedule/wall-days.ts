/** Days as a clock on a wall shows them: of 23, 25 or other hours where it is set. Numbered from 1970-01-01. Pure. */
import { DAY_MS } from './days.ts';
import type { Zone } from './zone.ts';

const HOUR_MS = 3_600_000;
/** A clock is put forward by this much at most. */
const LONGEST_GAP_MS = 3 * HOUR_MS;

export interface WallDay {
  readonly number: number;
  /** UTC ms, the end not included. */
  readonly from: number;
  readonly until: number;
}

/** The day that the wall shows at an instant. */
export const dayAt = (zone: Zone, utc: number): number => Math.floor((utc + zone.offsetAt(utc)) / DAY_MS);

/** `count` days from `first` on. A day that a zone has left out has no length. */
export function wallDays(zone: Zone, first: number, count: number): WallDay[] {
  return Array.from({ length: count }, (_, i) => ({
    number: first + i,
    from: startOf(zone, first + i),
    until: startOf(zone, first + i + 1),
  }));
}

/** The first instant of a day, or the end of the gap that midnight lies in. */
function startOf(zone: Zone, day: number): number {
  const wall = day * DAY_MS;
  const [first] = zone.instantsOf(wall);
  if (first !== undefined) return first;
  const before = wall - zone.offsetAt(wall - DAY_MS);
  return zone.nextTransition(before - LONGEST_GAP_MS) ?? before;
}
