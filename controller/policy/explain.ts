/** The trace of a verdict: every rule, its value, and the facts behind it with source and age. Pure. */
import type {
  CalendarPart,
  ConditionPart,
  FactPart,
  RulePart,
  SchedulePart,
  WhyAnswer,
} from '../../schemas/why.ts';
import { timelineOf, valueAt, valueSince } from './conditions.ts';
import { decide, type PolicyInput } from './decide.ts';
import type { Facts, Truth } from './facts.ts';
import { type Condition, factsOf, type Rule } from './rules.ts';
import type { Verdict } from './verdict.ts';
import { agendaSpan, weigh } from './weigh.ts';

export type Trace = Pick<WhyAnswer, 'rules' | 'wouldChange' | 'button'>;

const iso = (at: number | null): string | null =>
  at === null || !Number.isFinite(at) ? null : new Date(at).toISOString();

/** `verdict` is what `decide` says of the same input. */
export function explain(input: PolicyInput, verdict: Verdict): Trace {
  const parts = (rules: readonly Rule[]) => rules.map((rule) => rulePart(rule, input, verdict));
  return {
    rules: [...parts(input.rules.never), ...parts(input.rules.listen)],
    button: {
      ms: verdict.buttonMs,
      until: iso(verdict.buttonUntil),
      refusal: buttonRefusal(input, verdict),
    },
    wouldChange: wouldChange(input, verdict),
  };
}

function rulePart(rule: Rule, input: PolicyInput, verdict: Verdict): RulePart {
  return {
    rule: rule.name,
    value: weigh(rule, input, input.now.wall, 'ageing').value,
    decisive: verdict.decisive.includes(rule.name),
    schedule: rule.schedule && schedulePart(rule.schedule, input),
    calendar: rule.calendar && calendarPart(rule.calendar, input),
    condition: rule.condition && conditionPart(rule.condition, input),
  };
}

function schedulePart(
  { text, moments }: NonNullable<Rule['schedule']>,
  { clockKnown, now }: PolicyInput,
): SchedulePart {
  if (!clockKnown) return { text, value: null, since: null, until: null, problem: null };
  const { value, until } = moments.spanAt(now.wall);
  const problem = value === null ? unknownDay(text) : null;
  return { text, value, since: iso(moments.since(now.wall)), until: iso(until), problem };
}

/** What a schedule asks that may have no answer on some day. */
function unknownDay(text: string): string {
  const asked = [
    ...(/\bPH\b/.test(text) ? ['nobody knows whether this day is a public holiday'] : []),
    ...(/dawn|sunrise|sunset|dusk/i.test(text) ? ['the sun does not rise or set there on this day'] : []),
  ];
  return asked.join(', or ');
}

function calendarPart(
  { name, match, agenda: key }: NonNullable<Rule['calendar']>,
  { agendas, clockKnown, now }: PolicyInput,
): CalendarPart {
  const agenda = agendas.get(key);
  const span = clockKnown ? agendaSpan(agenda, now.wall, now.wall, 'standing') : { value: null, until: null };
  const event =
    span.value === null ? undefined : agenda?.events.find(({ end, start }) => end > now.wall && end > start);
  return {
    name,
    match,
    value: span.value,
    since: span.value === true && event ? iso(event.start) : null,
    until: iso(span.until),
    event: event ? { title: event.title, start: iso(event.start)!, end: iso(event.end)! } : null,
    readAt: iso(agenda?.readAt ?? null),
    problem: agenda?.problem ?? null,
  };
}

function conditionPart(condition: Condition, input: PolicyInput): ConditionPart {
  const { counted, wall } = input.now;
  const timeline = timelineOf(condition, input.facts, counted, 'ageing');
  const { value, until } = valueAt(timeline, counted);
  const onWall = (at: number | null) => iso(at === null ? null : at - counted + wall);
  const { kind, name } = condition;
  const of = kind === 'fact' ? [] : 'length' in condition.of ? condition.of : [condition.of];
  return {
    kind,
    name,
    value,
    since: onWall(valueSince(timeline, counted)),
    until: onWall(until),
    ms: kind === 'after' || kind === 'linger' ? condition.ms : null,
    fact: kind === 'fact' ? factPart(condition, input) : null,
    of: of.map((each) => conditionPart(each, input)),
  };
}

function factPart(
  { fact: name, maxAgeMs }: Extract<Condition, { readonly kind: 'fact' }>,
  { facts, now }: PolicyInput,
): FactPart {
  const fact = facts.get(name);
  return {
    name,
    detail: fact?.detail ?? '',
    ageMs: fact ? Math.max(0, Math.round(now.counted - fact.seen)) : null,
    maxAgeMs: Number.isFinite(maxAgeMs) ? maxAgeMs : null,
  };
}

function buttonRefusal({ rules }: PolicyInput, { buttonMs, reason }: Verdict): string | null {
  if (buttonMs > 0) return null;
  if (!rules.mayUnmute.includes('button')) return 'may_unmute does not name the button';
  return reason.text;
}

/** One fact at a time, as if it had been so for long. */
function wouldChange(input: PolicyInput, { listen }: Verdict): WhyAnswer['wouldChange'] {
  const names = [...input.rules.never, ...input.rules.listen].flatMap(({ condition }) =>
    condition ? factsOf(condition) : [],
  );
  return [...new Set(names)].flatMap((fact) =>
    ([true, false, null] as const).flatMap((value) => {
      const then = decide({ ...input, facts: withFact(input.facts, fact, value, input.now.counted) }).listen;
      return then === listen ? [] : [{ fact, value, listen: then }];
    }),
  );
}

function withFact(facts: Facts, name: string, value: Truth, now: number): Facts {
  const told = [{ at: Number.MIN_SAFE_INTEGER, value }];
  return new Map([...facts, [name, { told, seen: now, detail: '' }]]);
}
