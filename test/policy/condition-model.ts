/** What a condition comes to, second by second, straight from the words of the design; slow and obvious. Facts change on whole seconds. */
import type { Facts, Truth } from '../../controller/policy/facts.ts';
import type { Condition } from '../../controller/policy/rules.ts';

const SECOND = 1_000;

/** At the second that begins at `at` (ms). A fact is believed until it is `maxAgeMs` old. */
export function conditionAt(condition: Condition, facts: Facts, at: number): Truth {
  switch (condition.kind) {
    case 'fact': {
      const known = facts.get(condition.fact);
      if (!known || at >= known.seen + condition.maxAgeMs) return null;
      let value: Truth = null;
      for (const told of known.told) if (told.at <= at) value = told.value;
      return value;
    }
    case 'not': {
      const value = conditionAt(condition.of, facts, at);
      return value === null ? null : !value;
    }
    case 'all': {
      const values = condition.of.map((each) => conditionAt(each, facts, at));
      return values.includes(false) ? false : values.includes(null) ? null : true;
    }
    case 'any': {
      const values = condition.of.map((each) => conditionAt(each, facts, at));
      return values.includes(true) ? true : values.includes(null) ? null : false;
    }
    case 'after': {
      // Has held: in every second of these, and still.
      const values = window(condition.of, facts, at, condition.ms);
      return values.includes(false) ? false : values.includes(null) ? null : true;
    }
    case 'linger': {
      const values = window(condition.of, facts, at, condition.ms);
      return values.includes(true) ? true : values.includes(null) ? null : false;
    }
  }
}

/** In each second from `ms` ago until now. */
function window(condition: Condition, facts: Facts, at: number, ms: number): Truth[] {
  const values: Truth[] = [];
  for (let each = at - ms; each <= at; each += SECOND) values.push(conditionAt(condition, facts, each));
  return values;
}
