/** The zone that a time of a calendar is meant in. Never the zone of this process. Pure. */
import ICAL from 'ical.js';
import { DAY_MS } from '../../schedule/days.ts';
import { type Zone, zoneOf } from '../../schedule/zone.ts';
import { WINDOWS_ZONES } from './windows-zones.ts';

/** Wall clock times are ms as if they were UTC. */
export interface WallZone {
  /** The instant at which the clock shows `wall`: the first of two; in a gap, as much later as the gap is long. */
  toUtc(wall: number): number;
  /** Every instant at which it does: none in a gap. */
  instantsOf(wall: number): readonly number[];
  toWall(utc: number): number;
}

/** jCal of a component, as ical.js parses it. */
export type Jcal = readonly [name: string, properties: readonly JcalProperty[], components: readonly Jcal[]];
export type JcalProperty = readonly [
  name: string,
  parameters: Readonly<Record<string, string | string[]>>,
  type: string,
  ...values: unknown[],
];

export const UTC: WallZone = { toUtc: (wall) => wall, instantsOf: (wall) => [wall], toWall: (utc) => utc };
const NAMES_OF_UTC = ['UTC', 'GMT', 'Z', 'ETC/UTC', 'ETC/GMT', 'TZONE://MICROSOFT/UTC'];
const BY_WINDOWS_NAME = new Map(
  Object.entries(WINDOWS_ZONES).map(([name, zone]) => [name.toLowerCase(), zone]),
);

/** The zones that a calendar names: by their IANA name, else by that of Windows, else as the calendar itself defines them. */
export class WallZones {
  readonly #definitions: ReadonlyMap<string, Jcal>;
  readonly #found = new Map<string, WallZone | null>();

  /** `definitions`: the VTIMEZONE components of the calendar. */
  constructor(definitions: readonly Jcal[]) {
    this.#definitions = new Map(definitions.map((each) => [textOf(each, 'tzid') ?? '', each]));
  }

  /** The same object for the same name; null when nobody knows it. */
  named(tzid: string): WallZone | null {
    const known = this.#found.get(tzid);
    if (known !== undefined) return known;
    const zone = this.#find(tzid);
    this.#found.set(tzid, zone);
    return zone;
  }

  #find(tzid: string): WallZone | null {
    if (NAMES_OF_UTC.includes(tzid.toUpperCase())) return UTC;
    const definition = this.#definitions.get(tzid);
    const named = byName(tzid) ?? byName((definition && textOf(definition, 'x-lic-location')) ?? '');
    if (named) return named;
    return definition ? defined(definition) : null;
  }
}

function byName(name: string): WallZone | null {
  // Some programs put their own name before that of the zone: /mozilla.org/20050126_1/Europe/Berlin
  const ending = /(?:^|\/)([A-Za-z]+\/[A-Za-z_-]+(?:\/[A-Za-z_-]+)?)$/.exec(name)?.[1] ?? '';
  const zone =
    zoneOf(name) ?? zoneOf(BY_WINDOWS_NAME.get(name.toLowerCase()) ?? '') ?? (ending ? zoneOf(ending) : null);
  return zone && wallZone(zone);
}

/** A zone of the zone data of Node. */
export function wallZone(zone: Zone): WallZone {
  return {
    // No zone is a day away from UTC, and none changes twice within a day: a day earlier is before the gap.
    toUtc: (wall) => zone.instantsOf(wall)[0] ?? wall - zone.offsetAt(wall - DAY_MS),
    instantsOf: (wall) => zone.instantsOf(wall),
    toWall: (utc) => utc + zone.offsetAt(utc),
  };
}

/** A zone as a calendar defines it; null when the definition says nothing. */
function defined(definition: Jcal): WallZone | null {
  if (!definition[2].some(([name]) => name === 'standard' || name === 'daylight')) return null;
  const zone = new ICAL.Timezone(new ICAL.Component(definition as unknown as unknown[]));
  const offsetAtWall = (wall: number) =>
    zone.utcOffset(ICAL.Time.fromDateTimeString(new Date(wall).toISOString().slice(0, 19))) * 1000;
  const toUtc = (wall: number) => wall - offsetAtWall(wall);
  return {
    toUtc,
    instantsOf: (wall) => [toUtc(wall)],
    toWall: (utc) => utc + offsetAtWall(utc + offsetAtWall(utc)),
  };
}

/** The first value of a property as text. */
export function textOf([, properties]: Jcal, name: string): string | null {
  const value = properties.find(([each]) => each === name)?.[3];
  return typeof value === 'string' ? value : null;
}
