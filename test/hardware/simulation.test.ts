/** What ngspice measured and was checked in: it belongs to the parts lists as they are, and is inside the limits of the data sheets. */
import { describe, expect, test } from '@jest/globals';
import type { Measure } from '../../hardware/build/deck.ts';
import { withValues } from '../../hardware/build/parts.ts';
import { BUILDS, readBuild, readText } from '../../hardware/build/read.ts';
import {
  benchOf,
  counterExampleDecks,
  deckOf,
  differing,
  hashOf,
  limitsOf,
  outside,
  parseMeasured,
  parseResults,
} from '../../hardware/build/simulation.ts';
import { SETTINGS } from '../../schemas/settings.ts';

describe.each(BUILDS)('%s', (name) => {
  const build = readBuild(name);
  const results = parseResults(readText(`${name}/results.json`));
  const limits = limitsOf(build.parts);

  test('was measured on the deck that the parts list makes', () => {
    expect(results.deck).toBe(hashOf(deckOf(build)));
    expect(Object.keys(results.measured)).toEqual(benchOf(build).measures.map((m) => m.name));
  });

  test('keeps every limit', () => {
    expect(outside(results.measured, limits)).toEqual([]);
  });

  test('says of every limit where it is from', () => {
    for (const { measure, from } of limits)
      expect(`${measure}: ${from}`).toMatch(/data sheet|chosen|`travel`|half of its/);
  });

  test('each counter-example was measured, and is outside of the limits that it is there for', () => {
    expect(results.counterExamples.map(({ deck }) => deck)).toEqual(counterExampleDecks(build).map(hashOf));
    for (const [i, { why, breaks }] of build.counterExamples.entries()) {
      const broken = outside(results.counterExamples[i]!.measured, limits).map(({ measure }) => measure);
      expect([why, breaks.filter((measure) => !broken.includes(measure))]).toEqual([why, []]);
    }
  });

  test('any value of a part changed in its one place leaves the results behind', () => {
    const decks = new Set([results.deck]);
    const own = build.parts.filter(({ ref, fitted }) => fitted && !/1\d$/.test(ref));
    for (const { ref, values } of own)
      for (const figure of ['resistance', 'capacitance', 'coil', 'hfe', 'threshold'])
        if (values[figure]) {
          const path = `${ref}.${figure}`;
          const parts = withValues(build.parts, { [path]: values[figure].value * 1.5 });
          const deck = hashOf(deckOf({ ...build, parts }));
          expect([path, decks.has(deck)]).toEqual([path, false]);
        }
  });
});

test('the brown-out of 4.3 V opens a relay that a stuck pin holds nearly to the end', () => {
  for (const name of ['relay-supply', 'relay-microphone'] as const) {
    const { measured } = parseResults(readText(`${name}/results.json`));
    expect(measured.opens_at).toBeGreaterThan(4);
    expect(measured.opens_at_stock).toBeLessThan(2.9);
    expect(measured.stuck_high_opens_at).toBeLessThan(1);
  }
});

test('limits that come from the settings follow them', () => {
  for (const name of ['relay-supply', 'relay-microphone'] as const) {
    const { parts } = readBuild(name);
    const relay = parts.find(({ ref }) => ref === 'K1')!;
    expect(relay.limits.find(({ measure }) => measure === 'release_time')!.max).toBe(
      SETTINGS.travel.default['uno-relay'] - relay.values.release!.value * 1000,
    );
  }
  const falls = limitsOf(readBuild('relay-supply').parts).find(({ measure }) => measure === 'sense_falls')!;
  expect(readText('relay-supply/README.md')).toContain(`earlid settings kitchen travel ${falls.max}ms`);
  expect(falls.max).toBeLessThanOrEqual(SETTINGS.travel.max);
});

describe('what ngspice says', () => {
  const measures: Measure[] = [
    { name: 'time', unit: 'ms', meaning: '', spice: '' },
    { name: 'volts', unit: 'V', meaning: '', spice: '' },
  ];

  test('is read in the units of the measures', () => {
    const output = 'time                =  1.736412e-03 targ=  6.1e-02 trig=  6.0e-02\nvolts=  5.2\n';
    expect(parseMeasured(output, measures)).toEqual({ time: 1.736, volts: 5.2 });
  });

  test.each([
    ['a failed measurement', 'time = failed\nvolts = 5'],
    ['one that is missing', 'volts = 5\n.meas tran time trig v(a) val=1 failed!'],
    ['no output', ''],
  ])('%s is told by name, although ngspice returns 0', (_, output) => {
    expect(() => parseMeasured(output, measures)).toThrow(/did not measure time/);
  });

  test('may differ by 2 % from what is checked in', () => {
    expect(differing({ a: 100, b: 0 }, { a: 101.9, b: 0.009 })).toEqual([]);
    expect(differing({ a: 100, b: 1 }, { a: 103, c: 1 })).toEqual(['a', 'b', 'c']);
  });
});
