/** From a deck to its results, and from results to what is outside of its limits. Pure; ngspice is run in simulate.ts. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { relayBench } from './bench-relay.ts';
import { servoBench } from './bench-servo.ts';
import { type Bench, deckText, type Measure, SCALE } from './deck.ts';
import { type Limit, type Part, withValues } from './parts.ts';
import type { Build } from './read.ts';

const run = z.strictObject({
  /** SHA-256 of the deck that was run. */
  deck: z.string(),
  measured: z.record(z.string(), z.number()),
});
export type Run = z.infer<typeof run>;

const resultsFile = z.strictObject({
  ngspice: z.string(),
  ...run.shape,
  counterExamples: z.array(run),
});
export type Results = z.infer<typeof resultsFile>;

/** Reads the text of a `results.json`. Throws what zod found wrong. */
export const parseResults = (text: string): Results => resultsFile.parse(JSON.parse(text));

/** What is measured on a build, and the lines it is measured on. */
export const benchOf = (build: Build): Bench =>
  build.name === 'servo-slide' ? servoBench(build) : relayBench(build);

/** The deck of a build. */
export const deckOf = (build: Build): string => deckText(`${build.name}, the driver`, benchOf(build));

/** The decks of its counter-examples, in their order. */
export const counterExampleDecks = (build: Build): readonly string[] =>
  build.counterExamples.map(({ set, why }) => {
    const bad = { ...build, parts: withValues(build.parts, set) };
    return deckText(`${build.name}, a counter-example: ${why}`, benchOf(bad));
  });

export const hashOf = (deck: string): string => createHash('sha256').update(deck).digest('hex');

/** Four digits; what is below a millionth is nothing. */
const rounded = (value: number): number => (Math.abs(value) < 1e-6 ? 0 : Number(value.toPrecision(4)));

/**
 * What ngspice said, in the units of the measures, to four digits. ngspice returns 0 when a measurement fails, so each has to be
 * there and to be a number; throws with the names of those that are not.
 */
export function parseMeasured(output: string, measures: readonly Measure[]): Record<string, number> {
  const found: Record<string, number> = {};
  const missing: string[] = [];
  for (const { name, unit } of measures) {
    const match = new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'im').exec(output);
    const value = match ? Number(match[1]) : Number.NaN;
    if (Number.isFinite(value)) found[name] = rounded(value / SCALE[unit]);
    else missing.push(name);
  }
  if (missing.length) throw new Error(`ngspice did not measure ${missing.join(', ')}`);
  return found;
}

/** All limits of a parts list. */
export const limitsOf = (parts: readonly Part[]): readonly (Limit & { readonly ref: string })[] =>
  parts.flatMap(({ ref, limits }) => limits.map((limit) => ({ ref, ...limit })));

/** Measurements outside of a limit. Throws for a limit of something that is not measured. */
export function outside(
  measured: Readonly<Record<string, number>>,
  limits: readonly Limit[],
): readonly Limit[] {
  return limits.filter(({ measure, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) => {
    const value = measured[measure];
    if (value === undefined) throw new Error(`a limit for ${measure}, which is not measured`);
    return !(value >= min && value <= max);
  });
}

/** Names whose values differ by more than 2 % (or 0.01 of the unit), or are in only one of the two. */
export function differing(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => {
    const [x, y] = [a[name] ?? Number.NaN, b[name] ?? Number.NaN];
    return !(Math.abs(x - y) <= Math.max(0.01, 0.02 * Math.abs(x)));
  });
}
