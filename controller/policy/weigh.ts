/** What a rule comes to at an instant, and how long that stays. Pure. */
import { type Outlook, timelineOf, valueAt } from './conditions.ts';
import { type Agenda, type Agendas, both, type Facts, type Truth } from './facts.ts';
import type { Instant } from './override.ts';
import { asksOf, type Condition, type Rule, type Rules, type Span } from './rules.ts';

/** Everything that rules are weighed by. */
export interface World {
  readonly facts: Facts;
  readonly agendas: Agendas;
  /** False: nobody knows what time it is, so schedules and calendars are unknown. */
  readonly clockKnown: boolean;
  readonly now: Instant;
}

const UNKNOWN: Span = { value: null, until: null };

/** `at` (UTC ms) may lie ahead: then what is known now is asked what it will be. */
export function weigh(rule: Rule, world: World, at: number, outlook: Outlook): RuleSpan {
  const parts: Span[] = [];
  if (rule.schedule) parts.push(world.clockKnown ? rule.schedule.moments.spanAt(at) : UNKNOWN);
  if (rule.calendar)
    parts.push(
      world.clockKnown
        ? agendaSpan(world.agendas.get(rule.calendar.agenda), at, world.now.wall, outlook)
        : UNKNOWN,
    );
  if (rule.condition) parts.push(conditionSpan(rule.condition, world, at, outlook));
  return together(parts);
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
  const spans = rules.map((rule) => weigh(rule, world, at, outlook));
  for (const [i, { value }] of spans.entries())
    if (value !== false) (value === true ? held : unknown).push(rules[i]!);
  return {
    held,
    unknown,
    until: earliest(spans.map(({ until }) => until)),
    heldUntil: latest(spans.filter(({ value }) => value === true).map(({ until }) => until)),
    anyUntil: latest(spans.filter(({ value }) => value !== false).map(({ until }) => until)),
    noneUntil: earliest(spans.map(({ untrueUntil }) => untrueUntil)),
  };
}

interface RuleSpan extends Span {
  /** One that is not true surely stays so: past changes between false and unknown. */
  readonly untrueUntil: number | null;
}

/** All of them: false as long as one is, whatever the others do meanwhile. */
function together(parts: readonly Span[]): RuleSpan {
  const value = parts.reduce<Truth>((sum, part) => both(sum, part.value), true);
  const endsOf = (chosen: readonly Span[]) => chosen.map(({ until }) => until);
  const untrueUntil = latest(endsOf(parts.filter((part) => part.value !== true)));
  if (value !== false) return { value, until: earliest(endsOf(parts)), untrueUntil };
  return { value, until: latest(endsOf(parts.filter((part) => part.value === false))), untrueUntil };
}

/** When something that rules ask gets too old to be believed if it is not heard again; UTC ms, null: never. */
export function ageingAt({ listen, never }: Rules, { facts, agendas, now }: World): number | null {
  const found: number[] = [];
  for (const { calendar, condition } of [...listen, ...never]) {
    for (const { fact, maxAgeMs } of condition ? asksOf(condition) : []) {
      const seen = facts.get(fact)?.seen;
      if (seen !== undefined) found.push(seen + maxAgeMs - now.counted + now.wall);
    }
    const agenda = calendar && agendas.get(calendar.agenda);
    if (agenda) found.push(agenda.from, agenda.until);
  }
  return earliest(found.filter((at) => at > now.wall && at < Number.POSITIVE_INFINITY));
}

/** Null stands for never. */
export function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Null stands for never. */
export function latest(instants: readonly (number | null)[]): number | null {
  return instants.some((at) => at === null) ? null : Math.max(...(instants as number[]));
}

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
  const on = agenda.events.filter(({ start, end }) => start <= at && at < end);
  const end = outlook === 'ageing' ? agenda.until : null;
  if (on.length > 0) return { value: true, until: earliest([coveredUntil(agenda, at), end]) };
  const next = agenda.events.find(({ start, end }) => start > at && end > start);
  return { value: false, until: earliest([next?.start ?? null, end]) };
}

/** The end of the events that overlap or follow one another without a gap from `at` on. */
function coveredUntil({ events }: Agenda, at: number): number {
  let end = at;
  for (const event of events) if (event.start <= end && event.end > end) end = event.end;
  return end;
}
