import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fact, Truth } from '../../controller/policy/facts.ts';
import { FactBook } from '../../controller/presence/fact-book.ts';

const HOUR = 3_600_000;
const MAX_AGE = 60_000;

const book = (maxAgeMs = MAX_AGE) => {
  const facts = new FactBook();
  facts.ask(new Map([['door', maxAgeMs]]));
  return facts;
};
const door = (facts: FactBook): Fact => facts.facts().get('door')!;

describe('facts', () => {
  test('have an age that counts from the last time their source stood behind them, not from their last change', () => {
    const facts = book();
    for (const at of [1_000, 2_000, 3_000]) facts.tell('door', true, at, 'open');
    expect(door(facts)).toEqual({ told: [{ at: 1_000, value: true }], seen: 3_000, detail: 'open' });
  });

  test('S4 were unknown while they were too old', () => {
    const facts = book();
    facts.tell('door', true, 0, '');
    facts.tell('door', true, MAX_AGE + 1, '');
    expect(door(facts).told).toEqual([
      { at: 0, value: true },
      { at: MAX_AGE, value: null },
      { at: MAX_AGE + 1, value: true },
    ]);
    facts.tell('door', null, 200_000, '');
    facts.tell('door', null, 900_000, '');
    expect(door(facts).told.slice(2)).toEqual([
      { at: MAX_AGE + 1, value: true },
      { at: 2 * MAX_AGE + 1, value: null },
    ]);
  });

  test('that nobody asks for are not kept, and are forgotten when nobody asks any more', () => {
    const facts = book();
    facts.tell('window', true, 0, '');
    facts.tell('door', true, 0, '');
    expect([...facts.facts().keys()]).toEqual(['door']);
    facts.ask(new Map([['window', MAX_AGE]]));
    expect(facts.facts().size).toBe(0);
  });

  test('were what their source said that they would be by themselves', () => {
    const facts = book(Number.POSITIVE_INFINITY);
    facts.tell('door', true, 0, '', { at: 100, value: false });
    expect(door(facts).then).toEqual({ at: 100, value: false });
    facts.tell('door', true, 150, '');
    expect(door(facts)).toEqual({
      told: [
        { at: 0, value: true },
        { at: 100, value: false },
        { at: 150, value: true },
      ],
      seen: 150,
      detail: '',
    });
  });

  test('of two values at one instant the later one counts', () => {
    const facts = book();
    facts.tell('door', false, 0, '');
    facts.tell('door', true, 5, '');
    facts.tell('door', false, 5, '');
    expect(door(facts).told).toEqual([{ at: 0, value: false }]);
  });
});

const truth = fc.constantFrom<Truth>(true, false, null);
/** What is told when: time goes on, and now and then something comes late. */
const tellings = fc.array(
  fc.record({
    step: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.constant(30 * HOUR)),
    late: fc.nat(5_000),
    value: truth,
  }),
  { minLength: 1, maxLength: 60 },
);

/** What an observer who notes everything would say the value was at `at`. */
function valueAt(notes: readonly { at: number; value: Truth }[], at: number): Truth {
  const last = notes.findLast((note) => note.at <= at);
  return last && at - last.at < MAX_AGE ? last.value : null;
}

test('S4 the history of a fact never claims more than was told, and stays small', () => {
  fc.assert(
    fc.property(tellings, (steps) => {
      const facts = book();
      const notes: { at: number; value: Truth }[] = [];
      let now = 0;
      for (const { step, late, value } of steps) {
        now += step;
        const at = Math.max(now - late, notes.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
        facts.tell('door', value, now - late, '');
        notes.push({ at, value });
      }
      const { told, seen } = door(facts);
      expect(seen).toBe(notes.at(-1)!.at);
      expect(told.length).toBeLessThanOrEqual(512);
      for (const [i, { at, value }] of told.entries()) {
        expect(at).toBeGreaterThan(told[i - 1]?.at ?? Number.NEGATIVE_INFINITY);
        if (i > 0) expect(value).not.toBe(told[i - 1]!.value);
      }
      const from = Math.max(told[0]!.at, seen - 24 * HOUR);
      for (const { at } of [...notes, ...told].filter((each) => each.at >= from))
        expect(told.findLast((each) => each.at <= at)!.value).toBe(valueAt(notes, at));
    }),
  );
});

test('a source that flickers fast is remembered for a shorter time', () => {
  const facts = book();
  for (let at = 0; at < 5_000; at++) facts.tell('door', at % 2 === 0, at, '');
  expect(door(facts).told).toHaveLength(512);
  expect(door(facts).told.at(-1)).toEqual({ at: 4_999, value: false });
});
