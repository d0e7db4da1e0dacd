/**
 * What Home Assistant sends over its WebSocket API, as far as Earlid reads it. Only what is wanted is looked at, so that a message
 * full of other things costs no more than reading its JSON. Pure.
 */

/** Largest message that is looked at, in bytes. */
export const MAX_MESSAGE = 256 * 1024;

export type Message =
  | { readonly type: 'auth_required' | 'auth_ok' | 'auth_invalid' }
  | { readonly type: 'event'; readonly id: unknown; readonly event: unknown }
  | {
      readonly type: 'result';
      readonly id: unknown;
      readonly success: boolean;
      readonly result: unknown;
      /** What Home Assistant says of a failure. */
      readonly error: string | null;
    }
  /** Of a kind that Earlid does not ask for. */
  | { readonly type: 'other' };

export type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null: nothing that Home Assistant sends. */
export function messageIn(text: string): Message | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isMapping(value)) return null;
  const { type, id, success, result, error, event } = value;
  switch (type) {
    case 'auth_required':
    case 'auth_ok':
    case 'auth_invalid':
      return { type };
    case 'event':
      return { type, id, event };
    case 'result': {
      if (typeof success !== 'boolean') return null;
      const said = isMapping(error) && typeof error.message === 'string' ? error.message : null;
      return { type, id, success, result, error: said };
    }
    default:
      return typeof type === 'string' ? { type: 'other' } : null;
  }
}

/** What `get_config` says: whether Home Assistant has started, and its time zone. Null: it says neither. */
export function configIn(result: unknown): { readonly state: string; readonly zone: string } | null {
  if (!isMapping(result) || typeof result.state !== 'string') return null;
  const { state, time_zone: zone } = result;
  return { state, zone: typeof zone === 'string' ? zone : '' };
}

/** What an event of `subscribe_entities` says of one entity; `state` null: as before. */
export type EntityNews =
  | { readonly gone: true }
  | {
      readonly whole: boolean;
      readonly state: string | null;
      readonly more: Mapping;
      readonly less: readonly unknown[];
    };

/** By entity id, of those that are asked for. Null: nothing that Home Assistant sends. */
export function newsIn(event: unknown, ids: ReadonlySet<string>): ReadonlyMap<string, EntityNews> | null {
  if (!isMapping(event)) return null;
  const { a = {}, c = {}, r = [] } = event;
  if (!isMapping(a) || !isMapping(c) || !Array.isArray(r)) return null;
  const gone = new Set<unknown>(r);
  const found = new Map<string, EntityNews>();
  for (const id of ids) {
    if (gone.has(id)) found.set(id, { gone: true });
    for (const [part, read] of [
      [a, newEntity],
      [c, changedEntity],
    ] as const) {
      if (!Object.hasOwn(part, id)) continue;
      const news = read(part[id]);
      if (!news) return null;
      found.set(id, news);
    }
  }
  return found;
}

function newEntity(value: unknown): EntityNews | null {
  if (!isMapping(value)) return null;
  const { s: state, a: more = {} } = value;
  if (typeof state !== 'string' || !isMapping(more)) return null;
  return { whole: true, state, more, less: [] };
}

function changedEntity(value: unknown): EntityNews | null {
  if (!isMapping(value)) return null;
  const { '+': added = {}, '-': removed = {} } = value;
  if (!isMapping(added) || !isMapping(removed)) return null;
  const { s: state = null, a: more = {} } = added;
  const { a: less = [] } = removed;
  if ((state !== null && typeof state !== 'string') || !isMapping(more) || !Array.isArray(less)) return null;
  return { whole: false, state, more, less };
}
