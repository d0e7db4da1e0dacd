import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Outlook, timelineOf, valueAt, valueSince } from '../../controller/policy/conditions.ts';
import type { Fact, Facts, Truth } from '../../controller/policy/facts.ts';
import type { Condition } from '../../controller/policy/rules.ts';
import { FactBook } from '../../controller/presence/fact-book.ts';
import { conditionAt } from './condition-model.ts';
import { conditions, truth } from './worlds.ts';

/** `EARLID_RUNS` of each, two thousand in `.ci/run`. */
const RUNS = Number(process.env.EARLID_RUNS ?? 40);

const SECOND = 1_000;
const NOW = 1_000 * SECOND;
const DOOR = { kind: 'fact', name: null, fact: 'door', maxAgeMs: 60 * SECOND } as const;

describe('conditions against a model that goes second by second', () => {
  const seconds = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * SECOND);
  const fact = fc.record({
    kind: fc.constant('fact' as const),
    name: fc.constant(null),
    fact: fc.constantFrom('door', 'phone'),
    maxAgeMs: seconds(1, 12),
  });
  const condition = conditions(fact, seconds(1, 8));
  /** As a fact book would keep it. */
  const history = fc
    .tuple(
      fc.array(fc.tuple(seconds(1, 6), truth), { minLength: 1, maxLength: 6 }),
      seconds(0, 8),
      seconds(0, 15),
    )
    .map(([changes, stood, silent]): Fact => {
      const told: { at: number; value: Truth }[] = [];
      let at = NOW - 40 * SECOND;
      for (const [gap, value] of changes) {
        at += gap;
        if (told.at(-1)?.value !== value) told.push({ at, value });
      }
      return { told, seen: Math.min(NOW - silent, Math.max(at, at + stood)), detail: '' };
    })
    .map((known) => ({ ...known, seen: Math.max(known.seen, known.told.at(-1)!.at) }));
  const facts = fc
    .record({ door: fc.option(history, { freq: 8 }), phone: fc.option(history, { freq: 8 }) })
    .map(
      (each): Facts =>
        new Map(Object.entries(each).filter((pair): pair is [string, Fact] => pair[1] !== null)),
    );
  const seenAt = (known: Facts, seen: number): Facts =>
    new Map([...known].map(([name, each]) => [name, { ...each, seen }]));
  const compare = (asked: Condition, given: Facts, outlook: Outlook, known: Facts) => {
    const timeline = timelineOf(asked, given, NOW, outlook);
    for (let at = NOW - 45 * SECOND; at <= NOW + 45 * SECOND; at += SECOND)
      expect([at, valueAt(timeline, at).value]).toEqual([at, conditionAt(asked, known, at)]);
  };

  test('as it will be if no source is heard again', () => {
    fc.assert(
      fc.property(condition, facts, (asked, given) => compare(asked, given, 'ageing', given)),
      { numRuns: RUNS },
    );
  });

  test('as it will be if every source goes on saying what it says', () => {
    fc.assert(
      fc.property(condition, facts, (asked, given) =>
        compare(asked, seenAt(given, NOW), 'standing', seenAt(given, NOW + 1_000 * SECOND)),
      ),
      { numRuns: RUNS },
    );
  });

  test('a value stays until its end, has been so since its beginning, and is another one beyond', () => {
    fc.assert(
      fc.property(condition, facts, (asked, given) => {
        const timeline = timelineOf(asked, given, NOW, 'ageing');
        const { value, until } = valueAt(timeline, NOW);
        const since = valueSince(timeline, NOW);
        if (until !== null) expect(conditionAt(asked, given, until)).not.toBe(value);
        if (since !== null) expect(conditionAt(asked, given, since - SECOND)).not.toBe(value);
        const last = Math.min(until ?? NOW + 60 * SECOND, NOW + 60 * SECOND);
        for (let at = since ?? NOW - 60 * SECOND; at < last; at += SECOND)
          expect(conditionAt(asked, given, at)).toBe(value);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the words of the design', () => {
  const told = (...changes: [number, Truth][]): Facts =>
    new Map([
      [
        'door',
        {
          told: changes.map(([second, value]) => ({ at: second * SECOND, value })),
          seen: changes.at(-1)![0] * SECOND,
          detail: '',
        },
      ],
    ]);
  const at = (condition: Condition, facts: Facts, second: number): Truth =>
    valueAt(timelineOf(condition, facts, second * SECOND, 'standing'), second * SECOND).value;
  const after: Condition = { kind: 'after', name: null, ms: 120 * SECOND, of: { ...DOOR, maxAgeMs: 1e9 } };
  const linger: Condition = { ...after, kind: 'linger' };

  test('"`after: 2m` = has held for two minutes": not a moment earlier, and anew after every break', () => {
    const facts = told([0, false], [100, true], [200, false], [201, true]);
    expect([100, 200, 219, 220, 320, 321].map((second) => at(after, facts, second))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test('S4 "`after: 2m`" of something that was unknown within the two minutes is unknown, not true', () => {
    const facts = told([0, true], [130, null], [131, true]);
    expect([120, 129, 131, 250, 251].map((second) => at(after, facts, second))).toEqual([
      true,
      true,
      null,
      null,
      true,
    ]);
    expect(at(after, told([0, true]), 119)).toBeNull();
  });

  test('"`linger: 2m` = stays true two minutes longer", and a flicker begins them anew', () => {
    const facts = told([0, false], [100, true], [110, false], [150, true], [151, false]);
    expect([99, 100, 229, 230, 270, 271].map((second) => at(linger, facts, second))).toEqual([
      null,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test('"A fact\'s age is the time since its source last stood behind the value, not since it changed"', () => {
    const book = new FactBook();
    book.ask(new Map([['door', DOOR.maxAgeMs]]));
    // A door that has been open for an hour, and said so every half minute.
    for (let second = 0; second <= 3_600; second += 30) book.tell('door', true, second * SECOND, 'open');
    const value = (second: number) =>
      valueAt(timelineOf(DOOR, book.facts(), second * SECOND, 'ageing'), second * SECOND);
    expect(value(3_600)).toEqual({ value: true, until: 3_660 * SECOND });
    expect(value(3_659).value).toBe(true);
    // Silence for a minute, and nobody knows; the last value is not kept for ever.
    expect(value(3_660).value).toBeNull();
  });

  test('a fact that was too old meanwhile has not held for all that time', () => {
    const book = new FactBook();
    book.ask(new Map([['door', DOOR.maxAgeMs]]));
    for (const second of [0, 30, 200, 230, 260, 290, 319, 320])
      book.tell('door', true, second * SECOND, 'open');
    const held: Condition = { ...after, of: DOOR };
    const value = (second: number) =>
      valueAt(timelineOf(held, book.facts(), second * SECOND, 'ageing'), second * SECOND).value;
    expect([200, 319, 320].map(value)).toEqual([null, null, true]);
  });
});
