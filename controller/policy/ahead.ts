/** What the rules of a gate bring by themselves in times to come, and brought while nobody looked. Pure. */
import type { Reason } from '../../schemas/protocol.ts';
import { either, type Truth } from './facts.ts';
import { type Decision, endGrant, expire } from './override.ts';
import type { Rule, Rules } from './rules.ts';
import { earliest, rulesThat, type World, weigh } from './weigh.ts';

/** More changes ahead than this are not looked through: what comes then is asked again earlier than needed. */
export const MOST_STEPS = 64;

/** UTC ms from which on a never rule may hold, null when none will by itself. None does before `from`. */
export function neverFrom(
  { never }: Rules,
  world: World,
  from: number | null = world.now.wall,
): number | null {
  let at = from;
  for (let steps = 0; at !== null && steps < MOST_STEPS; steps++) {
    const { held, unknown, until } = rulesThat(never, world, at, 'ageing');
    if (held.length + unknown.length > 0) return at;
    at = until;
  }
  return at;
}

/**
 * Whether a never rule with a schedule or a calendar held at some time from `from` (UTC ms) until now; null when it may have:
 * what the facts were then is not known.
 */
function neverSince(rules: Rules, world: World, from: number): Truth {
  if (!world.clockKnown) return false;
  return rules.never
    .filter(({ schedule, calendar }) => schedule ?? calendar)
    .map((rule) => heldSince(rule, world, from))
    .reduce(either, false);
}

function heldSince(rule: Rule, world: World, from: number): Truth {
  let found: Truth = false;
  let at: number | null = from;
  for (let steps = 0; at !== null && at <= world.now.wall; steps++) {
    if (steps === MOST_STEPS) return null;
    const { value, until } = weigh(rule, world, at, 'ageing');
    if (value === true) return true;
    found = either(found, value);
    at = until;
  }
  return found;
}

/** A mute lasts at least this long before a schedule may end it. */
const LEAST_HOLD_MS = 15 * 60_000;

/**
 * UTC ms at which a hold without an end given ends: the first instant, at least 15 min after `from`, at which a schedule of the
 * listen rules begins by the clock (all of them taken together). Null: when somebody resumes or grants.
 */
export function holdEnd({ listen }: Rules, clockKnown: boolean, from: number): number | null {
  const moments = listen.flatMap(({ schedule }) => (schedule ? [schedule.moments] : []));
  if (!clockKnown || moments.length === 0) return null;
  let wasOn = moments.some((each) => each.spanAt(from).value === true);
  let at = earliest(moments.map((each) => each.spanAt(from).until));
  for (let steps = 0; at !== null && steps < MOST_STEPS * MOST_STEPS; steps++) {
    const instant = at;
    const isOn = moments.some((each) => each.spanAt(instant).value === true);
    if (isOn && !wasOn && instant >= from + LEAST_HOLD_MS) return instant;
    wasOn = isOn;
    at = earliest(moments.map((each) => each.spanAt(instant).until));
  }
  return null;
}

export interface SettleInput extends World {
  readonly rules: Rules;
  readonly locked: boolean | null;
  readonly fault: Reason | null;
  /** UTC ms: nobody has looked at the rules since. Null: somebody always did when they could have changed. */
  readonly unseenSince: number | null;
  /** Sources of facts have not had the time to tell anything yet: what is unknown only mutes, and ends nothing. */
  readonly settling: boolean;
}

/** Takes away an override whose end has come, and for good a grant that a fault, a lock or a never rule stood against. */
export function settle(decision: Decision, input: SettleInput): Decision {
  const left = expire(decision, input.now);
  if (left.override?.kind !== 'grant') return left;
  const { rules, locked, fault, unseenSince, settling } = input;
  const { held, unknown } = rulesThat(rules.never, input, input.now.wall, 'ageing');
  const now: Truth = held.length > 0 ? true : unknown.length > 0 ? null : false;
  const before = unseenSince === null ? false : neverSince(rules, input, unseenSince);
  const never = either(now, before);
  const ended = fault || locked || never === true || (never === null && !settling);
  return ended ? endGrant(left) : left;
}
