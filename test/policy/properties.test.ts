import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { neverFrom } from '../../controller/policy/ahead.ts';
import { decide, type PolicyInput } from '../../controller/policy/decide.ts';
import type { Truth } from '../../controller/policy/facts.ts';
import { expire, hold, UNDECIDED } from '../../controller/policy/override.ts';
import type { Verdict } from '../../controller/policy/verdict.ts';
import { conditionSpan, rulesThat } from '../../controller/policy/weigh.ts';
import { HOUR, heardNow, later, laterStanding, type Made, made, numbered, rule } from './worlds.ts';

/** Enough to find each of the mistakes that were made on purpose; the machine has two cores. */
/** `EARLID_RUNS` of each, two thousand in `.ci/run`. */
const RUNS = Number(process.env.EARLID_RUNS ?? 60);
const listens = (input: PolicyInput): boolean => decide(input).listen;
const without = <K, V>(map: ReadonlyMap<K, V>, key: K): Map<K, V> =>
  new Map([...map].filter(([each]) => each !== key));
/** Where in a stretch of time to look. */
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 5 });
/** Instants in it (ms from now), its last one among them; `null`: it goes on for good. */
const within = (lasts: number | null, at: readonly number[]): number[] => {
  const end = Math.min(lasts ?? 40 * HOUR, 40 * HOUR);
  return [...at.map((place) => Math.floor(place * end)), Math.ceil(end) - 1].filter(
    (ms) => ms >= 0 && ms < end,
  );
};
/** The same world `ms` later, without a grant that met a never rule meanwhile. */
function settledLater(input: Made, ms: number): Made {
  const from = neverFrom(input.rules, input);
  const isMet = from !== null && from <= input.now.wall + ms;
  const override = isMet && input.override?.kind === 'grant' ? null : input.override;
  return { ...later(input, ms), override };
}
const left = (input: PolicyInput, at: number | null): number | null => at && at - input.now.wall;

describe('S4 what is not known never helps to unmute', () => {
  test('a fact that becomes unknown, in its history or by not being heard, never increases listening', () => {
    fc.assert(
      fc.property(made, fc.nat(), fc.nat(), (input, which, when) => {
        const names = [...input.facts.keys()];
        if (names.length === 0) return;
        const name = names[which % names.length]!;
        const known = input.facts.get(name)!;
        const told = known.told.map((each, index) =>
          index === when % known.told.length ? { ...each, value: null } : each,
        );
        const vague = { ...input, facts: new Map(input.facts).set(name, { ...known, told }) };
        const silent = { ...input, facts: without(input.facts, name) };
        const older = {
          ...input,
          facts: new Map(input.facts).set(name, { ...known, seen: known.seen - when }),
        };
        for (const other of [vague, silent, older]) expect(listens(other) && !listens(input)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  test('a calendar that cannot be read, or reaches less far, never increases listening', () => {
    fc.assert(
      fc.property(made, fc.nat(12 * HOUR), (input, less) => {
        for (const [name, known] of input.agendas) {
          const shorter = { ...known, until: Math.max(known.from, known.until - less) };
          for (const agendas of [without(input.agendas, name), new Map(input.agendas).set(name, shorter)])
            expect(listens({ ...input, agendas }) && !listens(input)).toBe(false);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('a clock that is not known never increases listening, now or later', () => {
    fc.assert(
      fc.property(made, fc.nat(6 * HOUR), (input, ms) => {
        const known = { ...input, clockKnown: true };
        const unknown = { ...input, clockKnown: false };
        expect(listens(unknown) && !listens(known)).toBe(false);
        expect(listens(later(unknown, ms)) && !listens(later(known, ms))).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('rules', () => {
  test('S4 one more never rule never increases listening, and lets the button reach no further', () => {
    fc.assert(
      fc.property(
        made.chain((input) => fc.tuple(fc.constant(input), rule('never', input.zone))),
        ([input, more]) => {
          const before = decide(input);
          const rules = { ...input.rules, never: numbered([...input.rules.never, more]) };
          const after = decide({ ...input, rules });
          expect(after.listen && !before.listen).toBe(false);
          expect(after.buttonMs).toBeLessThanOrEqual(before.buttonMs);
          if (after.buttonMs > 0)
            expect(after.buttonUntil ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(
              before.buttonUntil ?? Number.POSITIVE_INFINITY,
            );
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('one more listen rule never decreases listening', () => {
    fc.assert(
      fc.property(
        made.chain((input) => fc.tuple(fc.constant(input), rule('listen', input.zone))),
        ([input, more]) => {
          const rules = { ...input.rules, listen: numbered([...input.rules.listen, more]) };
          expect(listens(input) && !listens({ ...input, rules })).toBe(false);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('those that a verdict names as decisive are: without them it is another one', () => {
    fc.assert(
      fc.property(made, (input) => {
        const verdict = decide(input);
        if (verdict.decisive.length === 0) return;
        const stay = (rules: PolicyInput['rules']['listen']) =>
          rules.filter(({ name }) => !verdict.decisive.includes(name));
        const { listen, never } = input.rules;
        const rules = { ...input.rules, listen: stay(listen), never: stay(never) };
        expect(rules.listen.length + rules.never.length).toBe(
          listen.length + never.length - verdict.decisive.length,
        );
        const other = decide({ ...input, rules });
        if (verdict.listen) expect(other.listen).toBe(false);
        expect(other.reason).not.toEqual(verdict.reason);
        // All that stand against listening are named: what is below them decides then.
        if (verdict.reason.code.startsWith('never')) expect(other.reason.code).not.toBe(verdict.reason.code);
      }),
      { numRuns: RUNS },
    );
  });
});

test('S3 a mute wins at once, whatever is known', () => {
  fc.assert(
    fc.property(made, fc.option(fc.integer({ min: 1, max: HOUR })), (input, ms) => {
      const { override } = hold(input.now, ms === null ? null : input.now.wall + ms, 'cli');
      const verdict = decide({ ...input, override });
      expect(verdict.listen).toBe(false);
      if (ms === null) expect(verdict.until).toBeNull();
      else expect(verdict.until ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(input.now.wall + ms);
    }),
    { numRuns: RUNS },
  );
});

describe('a verdict', () => {
  const same = (a: Verdict, b: Verdict) => expect({ ...b, lookAt: null }).toEqual({ ...a, lookAt: null });

  test('S2 listens or mutes until its `until`, while no source is heard again', () => {
    fc.assert(
      fc.property(made, places, (input, at) => {
        const verdict = decide(input);
        for (const ms of within(left(input, verdict.until), at))
          expect([ms, listens(settledLater(input, ms))]).toEqual([ms, verdict.listen]);
      }),
      { numRuns: RUNS },
    );
  });

  test('really changes at its `until`', () => {
    fc.assert(
      fc.property(made, (input) => {
        const { until, listen } = decide(input);
        if (until === null) return;
        expect(until).toBeGreaterThan(input.now.wall);
        // Rules that contradict each other day by day are not looked through for ever.
        const isFar = until - input.now.wall > 10 * 24 * HOUR;
        expect(isFar || listens(settledLater(input, until - input.now.wall)) !== listen).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('stays as it is in every part until `lookAt`', () => {
    fc.assert(
      fc.property(made, places, (input, at) => {
        const verdict = decide(input);
        if (verdict.lookAt !== null) expect(verdict.lookAt).toBeGreaterThan(input.now.wall);
        for (const ms of within(left(input, verdict.lookAt), at)) same(verdict, decide(later(input, ms)));
      }),
      { numRuns: RUNS },
    );
  });

  test('listens or mutes until the end that it tells people, while every source stands behind what it said', () => {
    fc.assert(
      fc.property(made, places, (given, at) => {
        const input = heardNow(given);
        const { listen, reason, changesAt } = decide(input);
        expect(changesAt ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(reason.until ?? 0);
        for (const ms of within(left(input, changesAt), at))
          expect([ms, listens(settledLater(laterStanding(input, 0), ms))]).toEqual([ms, listen]);
      }),
      { numRuns: RUNS },
    );
  });

  test('does what it says at the first instant at which it is asked, however odd that one is', () => {
    fc.assert(
      fc.property(made, fc.nat(40 * HOUR), (input, ms) => {
        const then = later(input, ms);
        const { override } = expire({ ...UNDECIDED, override: input.override }, then.now);
        same(decide(then), decide({ ...then, override }));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('S4 the button', () => {
  const standsAgainst = (input: PolicyInput): boolean => {
    const { held, unknown } = rulesThat(input.rules.never, input, input.now.wall, 'ageing');
    return held.length + unknown.length > 0;
  };

  test('grants nothing while a never rule, a lock or a fault stands against it, nor when it is not named', () => {
    fc.assert(
      fc.property(made, (input) => {
        const against = standsAgainst(input) || input.fault || input.locked;
        if (against || !input.rules.mayUnmute.includes('button')) expect(decide(input).buttonMs).toBe(0);
        else expect(decide(input).buttonMs).toBe(input.rules.buttonMs);
      }),
      { numRuns: RUNS },
    );
  });

  test('never reaches into a never window', () => {
    fc.assert(
      fc.property(made, places, (input, at) => {
        const { buttonMs, buttonUntil } = decide(input);
        if (buttonMs === 0) return;
        for (const ms of within(left(input, buttonUntil), at))
          expect([ms, standsAgainst(later(input, ms))]).toEqual([ms, false]);
      }),
      { numRuns: RUNS },
    );
  });

  test('is bounded by the first instant at which a never rule may hold, not by an earlier one', () => {
    fc.assert(
      fc.property(made, (input) => {
        const from = neverFrom(input.rules, input);
        if (from !== null && from > input.now.wall)
          expect(standsAgainst(later(input, from - input.now.wall))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

test('the generators reach every side of the policy', () => {
  const seen = new Map<string, number>();
  const truths = new Set<Truth>();
  for (const input of fc.sample(made, { numRuns: 1_500, seed: 1 })) {
    const { code } = decide(input).reason;
    seen.set(code, (seen.get(code) ?? 0) + 1);
    for (const { condition } of [...input.rules.listen, ...input.rules.never])
      if (condition) truths.add(conditionSpan(condition, input, input.now.wall, 'ageing').value);
  }
  for (const code of [
    'fault',
    'locked',
    'never-rule',
    'never-unknown',
    'grant',
    'hold',
    'listen-rule',
    'no-rule',
  ])
    expect([code, seen.get(code) ?? 0]).toEqual([code, expect.any(Number)]);
  expect([...seen.values()].every((count) => count > 20)).toBe(true);
  expect(truths.size).toBe(3);
});
