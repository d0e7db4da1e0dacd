/** What entities of Home Assistant are, and what a condition makes of it. Pure. */
import { NOT_KNOWN, type Source } from '../../../schemas/sources.ts';
import { shown } from '../../network/shown.ts';
import type { Truth } from '../../policy/facts.ts';
import type { Instant } from '../../policy/override.ts';
import { type Zone, zoneOf } from '../../schedule/zone.ts';
import { holds, type Told } from '../compare.ts';
import type { Asked } from '../source.ts';
import type { EntityNews } from './messages.ts';

type AskedEntity = Extract<Source, { kind: 'homeassistant' }>;

interface Entity {
  readonly state: string;
  /** Only what is asked for; null is what is no single value. */
  readonly attributes: ReadonlyMap<string, Told | null>;
}
/** By entity id; only what is asked for. */
export type Entities = ReadonlyMap<string, Entity>;

/** Home Assistant at one moment of a connection. */
export interface Picture {
  /** Its own state, `RUNNING` once it has started. */
  readonly state: string;
  /** The time zone in which it writes times. */
  readonly zone: string;
  readonly entities: Entities;
}

/** Entities and, of all of them, the attributes that are kept. */
export interface Wanted {
  readonly entities: ReadonlySet<string>;
  readonly attributes: ReadonlySet<string>;
}

const RUNNING = 'RUNNING';
const BEGIN = 'start_time';
const END = 'end_time';
const LONGEST_TEXT = 1024;

export const isReady = ({ state }: Picture): boolean => state === RUNNING;

export function wantedBy(asked: Asked<'homeassistant'>): Wanted {
  return {
    entities: new Set(asked.map(({ source }) => source.entity)),
    attributes: new Set([BEGIN, END, ...asked.flatMap(({ source }) => source.attribute ?? [])]),
  };
}

/** The entities after an event. A change of one that is not there is none. */
export function after(
  entities: Entities,
  news: ReadonlyMap<string, EntityNews>,
  { attributes: names }: Wanted,
): Entities {
  const next = new Map(entities);
  for (const [id, each] of news) {
    const before = next.get(id);
    if ('gone' in each) next.delete(id);
    else if (each.whole || before) {
      const attributes = new Map(each.whole ? [] : before?.attributes);
      for (const name of each.less) attributes.delete(String(name));
      for (const name of names)
        if (Object.hasOwn(each.more, name)) attributes.set(name, single(each.more[name]));
      next.set(id, { state: each.state ?? before?.state ?? '', attributes });
    }
  }
  return next;
}

function single(value: unknown): Told | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' && value.length <= LONGEST_TEXT ? value : null;
}

export interface Answer {
  readonly value: Truth;
  readonly detail: string;
  /** From then on (ms on the clock that counts suspend) nobody knows, until Home Assistant has told what it is; null: not foreseen. */
  readonly until: number | null;
}

/** What a fact is, as far as Home Assistant knows. `now` is for what it says of times to come. */
export function answerOf(source: AskedEntity, picture: Picture, now: Instant): Answer {
  const unknown = (detail: string): Answer => ({ value: null, detail, until: null });
  if (!isReady(picture)) return unknown(`Home Assistant says ${shown(picture.state)}`);
  const entity = picture.entities.get(source.entity);
  if (!entity) return unknown('Home Assistant has no such entity');
  const { state, attributes } = entity;
  if (NOT_KNOWN.includes(state)) return unknown(state);
  if (source.attribute === null) {
    const until = source.entity.startsWith('calendar.') ? turn(entity, picture.zone, now) : null;
    return { value: holds(source.compare, state), detail: shown(state), until };
  }
  const value = attributes.get(source.attribute);
  if (value === undefined) return unknown(`it has no attribute \`${source.attribute}\` now`);
  if (value === null) return unknown(`\`${source.attribute}\` is no single value`);
  if (NOT_KNOWN.includes(String(value))) return unknown(String(value));
  return { value: holds(source.compare, value), detail: shown(String(value)), until: null };
}

/**
 * When the state of a calendar ends (ms on the clock that counts suspend): the end of its event, or the begin of the next one.
 * What it is then only Home Assistant can say; another event may follow at once.
 */
function turn({ state, attributes }: Entity, zoneName: string, now: Instant): number | null {
  const zone = zoneNamed(zoneName);
  const text = attributes.get(state === 'on' ? END : BEGIN);
  const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/.exec(String(text));
  if (!zone || !parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  const wall = Date.UTC(year!, month! - 1, day, hour, minute, second);
  const next = zone.instantsOf(wall).find((utc) => utc > now.wall);
  return next === undefined ? null : now.counted + (next - now.wall);
}

/** By the one name that all its spellings share: each name that is asked for once is kept for good. */
function zoneNamed(name: string): Zone | null {
  try {
    return zoneOf(new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone);
  } catch {
    return null;
  }
}
