/** What a rule comes to at an instant, and how long that stays. Pure. */
import { believedUntil, type Outlook, timelineOf, valueAt } from './conditions.ts';
import { type Agenda, type Agendas, both, type Facts } from './facts.ts';
import type { Instant } from './override.ts';
import type { Condition, Rule, Rules, Span } from './rules.ts';

/** Everything that rules are weighed by. */
export interface World {
  readonly facts: Facts;
  readonly agendas: Agendas;
  /** False: nobody knows what time it is, so schedules and calendars are unknown. */
  readonly clockKnown: boolean;
  readonly now: Instant;
}

const UNKNOWN: Span = { value: null, until: null };

/** What a rule comes to at an instant, and until when that surely stays. */
interface RuleSpan extends Span {
  /** One that is not true surely stays so: past changes between false and unknown. */
  readonly untrueUntil: number | null;
}
const NOTHING_ASKED: RuleSpan = { value: true, until: null, untrueUntil: Number.NEGATIVE_INFINITY };

/** `at` (UTC ms) may lie ahead: then what is known now is asked what it will be. */
export function weigh(rule: Rule, world: World, at: number, outlook: Outlook): RuleSpan {
  const { schedule, calendar, condition } = rule;
  const { clockKnown, agendas, now } = world;
  let sum = NOTHING_ASKED;
  if (schedule) sum = together(sum, clockKnown ? schedule.moments.spanAt(at) : UNKNOWN);
  if (calendar) {
    const agenda = clockKnown ? agendas.get(calendar.agenda) : undefined;
    sum = together(sum, agendaSpan(agenda, at, now.wall, outlook));
  }
  return condition ? together(sum, conditionSpan(condition, world, at, outlook)) : sum;
}

/** Both: false as long as one is, whatever the other does meanwhile. */
function together(a: RuleSpan, b: Span): RuleSpan {
  const value = both(a.value, b.value);
  const until =
    value !== false || a.value === b.value
      ? (value === false ? later : sooner)(a.until, b.until)
      : (a.value === false ? a : b).until;
  return { value, until, untrueUntil: b.value === true ? a.untrueUntil : later(a.untrueUntil, b.until) };
}

/** What rules come to together. Instants in UTC ms, null: for good. */
export interface Weighed {
  readonly held: readonly Rule[];
  readonly unknown: readonly Rule[];
  /** No rule changes its value before. */
  readonly until: number | null;
  /** As long as any of those that hold surely goes on to. */
  readonly heldUntil: number | null;
  /** As long as any of those that hold, or may hold, surely goes on to. */
  readonly anyUntil: number | null;
  /** As long as surely none becomes true that is not now. */
  readonly noneUntil: number | null;
}

export function rulesThat(rules: readonly Rule[], world: World, at: number, outlook: Outlook): Weighed {
  const held: Rule[] = [];
  const unknown: Rule[] = [];
  let until: number | null = null;
  let noneUntil: number | null = null;
  let heldUntil: number | null = Number.NEGATIVE_INFINITY;
  let anyUntil: number | null = Number.NEGATIVE_INFINITY;
  for (const rule of rules) {
    const span = weigh(rule, world, at, outlook);
    until = sooner(until, span.until);
    noneUntil = sooner(noneUntil, span.untrueUntil);
    if (span.value === false) continue;
    anyUntil = later(anyUntil, span.until);
    if (span.value === null) unknown.push(rule);
    else {
      held.push(rule);
      heldUntil = later(heldUntil, span.until);
    }
  }
  return { held, unknown, until, heldUntil, anyUntil, noneUntil };
}

/** When something that rules ask gets too old to be believed if it is not heard again; UTC ms, null: never. */
export function ageingAt({ listen, never }: Rules, world: World): number | null {
  return sooner(sideAgeingAt(listen, world), sideAgeingAt(never, world));
}

function sideAgeingAt(rules: readonly Rule[], { facts, agendas, now }: World): number | null {
  let found: number | null = null;
  const add = (at: number) => {
    if (at > now.wall && at < Number.POSITIVE_INFINITY) found = sooner(found, at);
  };
  for (const { calendar, condition } of rules) {
    const end = condition ? believedUntil(condition, facts, now.counted) : null;
    if (end !== null) add(end - now.counted + now.wall);
    const agenda = calendar && agendas.get(calendar.agenda);
    if (!agenda) continue;
    add(agenda.from);
    add(agenda.until);
  }
  return found;
}

/** Null stands for never. */
export const sooner = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null || a < b ? a : b;
export const later = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a > b ? a : b;

export const earliest = (instants: readonly (number | null)[]): number | null =>
  instants.reduce(sooner, null);

export function conditionSpan(condition: Condition, world: World, at: number, outlook: Outlook): Span {
  const { wall, counted } = world.now;
  const timeline = timelineOf(condition, world.facts, counted, outlook);
  const { value, until } = valueAt(timeline, at - wall + counted);
  return { value, until: until === null ? null : until - counted + wall };
}

export function agendaSpan(agenda: Agenda | undefined, at: number, now: number, outlook: Outlook): Span {
  if (!agenda || now >= agenda.until || now < agenda.from || at < agenda.from) return UNKNOWN;
  const isBeyond = at >= agenda.until;
  if (isBeyond && outlook === 'ageing') return UNKNOWN;
  const end = outlook === 'ageing' ? agenda.until : null;
  // The end of the events that overlap or follow one another without a gap from `at` on.
  let covered = at;
  for (const event of agenda.events) {
    if (event.start > covered) {
      if (covered === at && event.end > event.start) return { value: false, until: sooner(event.start, end) };
    } else if (event.end > covered) covered = event.end;
  }
  return covered > at ? { value: true, until: sooner(covered, end) } : { value: false, until: end };
}
