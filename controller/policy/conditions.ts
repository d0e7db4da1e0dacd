/** What a condition comes to over time. Instants are ms on the clock that counts suspend; unknown is null throughout. Pure. */
import { either, type Fact, type Facts, not, type Truth } from './facts.ts';
import { type Ask, asksOf, type Condition } from './rules.ts';

/** A value from an instant on, until the next one. */
export interface Step {
  readonly at: number;
  readonly value: Truth;
}
/** In order; the first begins at minus infinity. Goes on into the future as far as the future is settled. */
export type Timeline = readonly Step[];

/** `ageing`: as it will be if no source is heard again. `standing`: as it will be if every source goes on saying what it says. */
export type Outlook = 'ageing' | 'standing';

/** What was made of the facts that a condition asks. */
interface Made {
  /** Where they were last found. */
  world: Facts;
  readonly facts: readonly (Fact | undefined)[];
  readonly timeline: Timeline;
  /** When they were all believed, or not, as they were then; `ageing` does not ask. */
  readonly from: number;
  readonly until: number;
}
interface Kept {
  readonly asks: readonly Ask[];
  ageing: Made | null;
  standing: Made | null;
}
/** Neither facts nor the map they stand in are ever changed, only replaced: of the same ones comes the same timeline, and many gates may ask for it. */
const kept = new WeakMap<Condition, Kept>();

function keptOf(condition: Condition): Kept {
  const known = kept.get(condition);
  if (known) return known;
  const made: Kept = { asks: asksOf(condition), ageing: null, standing: null };
  kept.set(condition, made);
  return made;
}

export function timelineOf(condition: Condition, facts: Facts, now: number, outlook: Outlook): Timeline {
  const known = keptOf(condition);
  const made = known[outlook];
  if (made && made.from <= now && now < made.until && isOf(made, known.asks, facts)) return made.timeline;
  const timeline = makeTimeline(condition, facts, now, outlook);
  let [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (outlook === 'standing')
    for (const ask of known.asks) {
      const end = endOf(ask, facts);
      if (end > now) until = Math.min(until, end);
      else from = Math.max(from, end);
    }
  known[outlook] = {
    world: facts,
    facts: known.asks.map(({ fact }) => facts.get(fact)),
    timeline,
    from,
    until,
  };
  return timeline;
}

function isOf(made: Made, asks: readonly Ask[], facts: Facts): boolean {
  if (made.world === facts) return true;
  for (let i = 0; i < asks.length; i++) if (facts.get(asks[i]!.fact) !== made.facts[i]) return false;
  made.world = facts;
  return true;
}

const endOf = ({ fact, maxAgeMs }: Ask, facts: Facts): number =>
  (facts.get(fact)?.seen ?? Number.NEGATIVE_INFINITY) + maxAgeMs;

/** When the first of the facts that a condition asks, and that are believed, gets too old; null: never. */
export function believedUntil(condition: Condition, facts: Facts, now: number): number | null {
  let found = Number.POSITIVE_INFINITY;
  for (const ask of keptOf(condition).asks) {
    const end = endOf(ask, facts);
    if (end > now && end < found) found = end;
  }
  return found === Number.POSITIVE_INFINITY ? null : found;
}

function makeTimeline(condition: Condition, facts: Facts, now: number, outlook: Outlook): Timeline {
  switch (condition.kind) {
    case 'fact':
      return factTimeline(facts.get(condition.fact), condition.maxAgeMs, now, outlook);
    case 'not':
      return negated(timelineOf(condition.of, facts, now, outlook));
    case 'linger':
      return lingering(timelineOf(condition.of, facts, now, outlook), condition.ms);
    case 'after':
      // It has held for so long when the opposite has not lingered.
      return negated(lingering(negated(timelineOf(condition.of, facts, now, outlook)), condition.ms));
    case 'any':
      return anyOf(condition.of.map((each) => timelineOf(each, facts, now, outlook)));
    case 'all':
      return negated(anyOf(condition.of.map((each) => negated(timelineOf(each, facts, now, outlook)))));
  }
}

/** The value at an instant, and when it next becomes another one: null when it does not. */
export function valueAt(
  timeline: Timeline,
  at: number,
): { readonly value: Truth; readonly until: number | null } {
  // Most questions are about now, which is near the end.
  let index = timeline.length - 1;
  while (index > 0 && timeline[index]!.at > at) index--;
  const { value } = timeline[index]!;
  let next = index + 1;
  while (next < timeline.length && timeline[next]!.value === value) next++;
  return { value, until: timeline[next]?.at ?? null };
}

/** Since when the value has been what it is at an instant; null when it was never otherwise. */
export function valueSince(timeline: Timeline, at: number): number | null {
  let index = timeline.findLastIndex((step) => step.at <= at);
  while (index > 0 && timeline[index - 1]!.value === timeline[index]!.value) index--;
  return index <= 0 ? null : timeline[index]!.at;
}

const BEGINNING: Step = { at: Number.NEGATIVE_INFINITY, value: null };

function factTimeline(fact: Fact | undefined, maxAgeMs: number, now: number, outlook: Outlook): Timeline {
  if (!fact) return [BEGINNING];
  const { told, seen, then } = fact;
  const known = [BEGINNING, ...told];
  const end = seen + maxAgeMs;
  const lasts = end === Number.POSITIVE_INFINITY || (outlook === 'standing' && now < end);
  if (then && (lasts || then.at < end)) known.push(then);
  return lasts ? known : [...known, { at: end, value: null }];
}

const negated = (timeline: Timeline): Timeline =>
  timeline.map(({ at, value }) => ({ at, value: not(value) }));

function anyOf(timelines: readonly Timeline[]): Timeline {
  return timelines.reduce((a, b) => {
    const steps: Step[] = [];
    for (let i = 0, j = 0; ; ) {
      steps.push({ at: Math.max(a[i]!.at, b[j]!.at), value: either(a[i]!.value, b[j]!.value) });
      const [next, other] = [
        a[i + 1]?.at ?? Number.POSITIVE_INFINITY,
        b[j + 1]?.at ?? Number.POSITIVE_INFINITY,
      ];
      if (next === Number.POSITIVE_INFINITY && other === Number.POSITIVE_INFINITY) return joined(steps);
      if (next <= other) i++;
      if (other <= next) j++;
    }
  });
}

/** True while it is or was true within the last `ms`; unknown while it may have been. */
function lingering(timeline: Timeline, ms: number): Timeline {
  const ends = timeline.map((_, i) => (timeline[i + 1]?.at ?? Number.POSITIVE_INFINITY) + ms);
  const instants = [...new Set([...timeline.map(({ at }) => at), ...ends])]
    .filter((at) => at < Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);
  // The steps from `first` up to before `next` touch the stretch of `ms` that ends at an instant.
  let [first, next, known, unknown] = [0, 0, 0, 0];
  const count = (step: Step, by: 1 | -1) => {
    if (step.value === true) known += by;
    else if (step.value === null) unknown += by;
  };
  const steps = instants.map((at): Step => {
    for (; next < timeline.length && timeline[next]!.at <= at; next++) count(timeline[next]!, 1);
    for (; first < next && ends[first]! <= at; first++) count(timeline[first]!, -1);
    return { at, value: known > 0 ? true : unknown > 0 ? null : false };
  });
  return joined(steps);
}

const joined = (steps: readonly Step[]): Timeline =>
  steps.filter(({ value }, i) => i === 0 || value !== steps[i - 1]!.value);
