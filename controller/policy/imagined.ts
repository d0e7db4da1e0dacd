/** Rules as they would be asked if certain things were so: for looking ahead, and for trying out. Pure. */
import type { Fact, Facts, Truth } from './facts.ts';
import type { Condition, Rule, Rules } from './rules.ts';

/** What something is from an instant on (UTC ms), oldest first; before the first nobody knows. */
export type Course = readonly { readonly at: number; readonly value: Truth }[];

/**
 * By the name of a presence, of a fact, or `calendar NAME`. Each takes the place of what the configuration asks there, and does
 * not age.
 */
export type Imagined = ReadonlyMap<string, Course>;

/** Under which name a calendar is imagined: whether it has an event that its rules ask for. */
export const calendarKey = (name: string): string => `calendar ${name}`;

/** Facts that are not imagined stay unknown. Ask with both clocks at the same UTC ms. */
export function imagine(rules: Rules, imagined: Imagined): { readonly rules: Rules; readonly facts: Facts } {
  const side = (of: readonly Rule[]) => of.map((rule) => imaginedRule(rule, imagined));
  const facts = [...imagined].map(([name, told]): [string, Fact] => [
    factOf(name),
    { told, seen: told.at(-1)?.at ?? 0, detail: '' },
  ]);
  return { rules: { ...rules, listen: side(rules.listen), never: side(rules.never) }, facts: new Map(facts) };
}

/** Names of their own: what is imagined of a presence is not the fact of the same name. */
const factOf = (name: string): string => `imagined ${name}`;

const fact = (key: string, name: string | null): Condition => ({
  kind: 'fact',
  name,
  fact: factOf(key),
  maxAgeMs: Number.POSITIVE_INFINITY,
});

function imaginedRule(rule: Rule, imagined: Imagined): Rule {
  const condition = rule.condition && imaginedCondition(rule.condition, imagined);
  const key = rule.calendar && calendarKey(rule.calendar.name);
  if (key === null || !imagined.has(key)) return { ...rule, condition };
  const event = fact(key, key);
  return {
    ...rule,
    calendar: null,
    condition: condition ? { kind: 'all', name: null, of: [event, condition] } : event,
  };
}

function imaginedCondition(condition: Condition, imagined: Imagined): Condition {
  const { name } = condition;
  if (name !== null && imagined.has(name)) return fact(name, name);
  switch (condition.kind) {
    case 'fact':
      return imagined.has(condition.fact) ? fact(condition.fact, name ?? condition.fact) : condition;
    case 'any':
    case 'all':
      return { ...condition, of: condition.of.map((each) => imaginedCondition(each, imagined)) };
    default:
      return { ...condition, of: imaginedCondition(condition.of, imagined) };
  }
}
