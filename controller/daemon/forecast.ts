/** What policy would say over a period, in the words of the local API. Pure. */
import type { ForecastAnswer } from '../../schemas/forecast.ts';
import { timelineOf, valueAt } from '../policy/conditions.ts';
import type { PolicyInput } from '../policy/decide.ts';
import type { Agenda, Agendas } from '../policy/facts.ts';
import { forecast, listeningMs, type Period, ruleStretches } from '../policy/forecast.ts';
import { type Course, type Imagined, imagine } from '../policy/imagined.ts';
import type { Condition, Rules } from '../policy/rules.ts';
import { ruleParts } from '../policy/words.ts';
import { iso } from './views.ts';

/** As long as nobody grants, holds or locks, and with everything else as it is imagined. */
export function forecastView(
  gate: string,
  own: Rules,
  { imagined, agendas }: { readonly imagined: Imagined; readonly agendas: Agendas },
  period: Period,
): ForecastAnswer {
  const { rules, facts } = imagine(own, imagined);
  const world = { facts, agendas, clockKnown: true };
  const { stretches, until } = forecast(rules, world, period);
  const seen = { from: period.from, until };
  const rows = [...rules.listen, ...rules.never].map((rule, i) => ({
    rule: rule.name,
    text: ruleParts([...own.listen, ...own.never][i]!),
    stretches: ruleStretches(rule, world, seen).map((each) => ({
      from: iso(each.from),
      until: iso(each.until),
      value: each.value === true ? (true as const) : null,
    })),
  }));
  return {
    gate,
    from: iso(period.from),
    until: iso(until),
    listeningMs: listeningMs(stretches, seen),
    stretches: stretches.map((each) => ({
      from: iso(each.from),
      until: iso(each.until),
      verdict: each.listen ? 'listen' : 'mute',
      reason: each.reason,
      rules: each.decisive,
    })),
    rules: rows,
  };
}

/** A calendar is believed to go on as it was read for this long. */
const AGENDA_MS = 30 * 86_400_000;

/** As if every source went on saying what it says now. */
export function asItIs({ rules, facts, agendas, now }: PolicyInput): {
  readonly imagined: Imagined;
  readonly agendas: Agendas;
} {
  const course = (condition: Condition): Course => [
    { at: 0, value: valueAt(timelineOf(condition, facts, now.counted, 'ageing'), now.counted).value },
  ];
  const imagined = new Map(factsIn(rules).map((each) => [each.fact, course(each)]));
  const lasting = ([name, agenda]: [string, Agenda]): [string, Agenda] => {
    const { readAt, until } = agenda;
    return [name, now.wall < until && readAt !== null ? { ...agenda, until: readAt + AGENDA_MS } : agenda];
  };
  return { imagined, agendas: new Map([...agendas].map(lasting)) };
}

type FactCondition = Extract<Condition, { readonly kind: 'fact' }>;

/** Of a fact that is asked with several ages the shortest, which comes last. */
function factsIn({ listen, never }: Rules): readonly FactCondition[] {
  const inside = (condition: Condition): readonly FactCondition[] => {
    if (condition.kind === 'fact') return [condition];
    return 'length' in condition.of ? condition.of.flatMap(inside) : inside(condition.of);
  };
  return [...listen, ...never]
    .flatMap(({ condition }) => (condition ? inside(condition) : []))
    .toSorted((a, b) => b.maxAgeMs - a.maxAgeMs);
}
