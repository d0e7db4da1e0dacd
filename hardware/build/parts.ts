/** The parts list of a build: `parts.json` of its folder, and the parts that every gate has from `common/`. */
import { z } from 'zod';

const KINDS = [
  'board',
  'supply',
  'connector',
  'resistor',
  'capacitor',
  'supercapacitor',
  'diode',
  'led',
  'npn',
  'pmos',
  'relay',
  'signal-relay',
  'button',
  'switch',
  'jumper',
] as const;
export type Kind = (typeof KINDS)[number];

/** Legs of the parts whose legs are the same for all of their kind. */
const LEGS: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  resistor: ['1', '2'],
  capacitor: ['+', '-'],
  supercapacitor: ['+', '-'],
  diode: ['anode', 'cathode'],
  led: ['anode', 'cathode'],
  npn: ['C', 'B', 'E'],
  pmos: ['G', 'S', 'D'],
  relay: ['coil+', 'coil-', 'COM', 'NO', 'NC'],
  'signal-relay': ['coil+', 'coil-', 'COM1', 'NO1', 'NC1', 'COM2', 'NO2', 'NC2'],
  button: ['1', '2'],
  switch: ['1', '2'],
  jumper: ['1', '2'],
};

const quantity = z.strictObject({
  value: z.number(),
  unit: z.enum(['Ω', 'F', 'H', 'V', 'A', 's', '°C', '1']),
  min: z.number().optional(),
  max: z.number().optional(),
  /** The data sheet; or `assumed: …` where none says it. */
  from: z.string().min(1),
});
export type Quantity = z.infer<typeof quantity>;

const limit = z
  .strictObject({
    measure: z.string(),
    min: z.number().optional(),
    max: z.number().optional(),
    from: z.string().min(1),
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'a limit needs `min` or `max`');
export type Limit = z.infer<typeof limit>;

const part = z.strictObject({
  ref: z.string().regex(/^[A-Z]+\d+$/),
  kind: z.enum(KINDS),
  part: z.string().min(1),
  /** What the drawing calls it, where it has no value. */
  short: z.string().optional(),
  /** Legs of a board, supply or connector; the other kinds have theirs in LEGS. */
  legs: z.array(z.string()).optional(),
  values: z.record(z.string(), quantity).default({}),
  limits: z.array(limit).default([]),
  alternatives: z.array(z.string()).default([]),
  note: z.string().default(''),
  /** False: only simulated and explained; neither drawn nor wired. */
  fitted: z.boolean().default(true),
});
export type Part = z.infer<typeof part>;

const counterExample = z.strictObject({
  why: z.string(),
  /** `R1.resistance` → the bad value. */
  set: z.record(z.string(), z.number()),
  /** Measurements that must then be outside of their limits. */
  breaks: z.array(z.string()).min(1),
});
export type CounterExample = z.infer<typeof counterExample>;

const partsFile = z.strictObject({
  parts: z.array(part),
  counterExamples: z.array(counterExample).default([]),
});

export interface PartsList {
  readonly parts: readonly Part[];
  readonly counterExamples: readonly CounterExample[];
}

/** Reads the text of a `parts.json`. Throws what zod found wrong. */
export function parseParts(text: string): PartsList {
  return partsFile.parse(JSON.parse(text));
}

/** All legs of a part. */
export function legsOf({ ref, kind, legs }: Part): readonly string[] {
  const known = legs ?? LEGS[kind];
  if (!known) throw new Error(`${ref}: a ${kind} must list its \`legs\``);
  return known;
}

/** A figure of a part by its name, `R1.resistance`. */
export function figure(parts: readonly Part[], path: string): Quantity {
  const [ref, name] = path.split('.') as [string, string];
  const found = parts.find((p) => p.ref === ref)?.values[name];
  if (!found) throw new Error(`no figure ${path} in the parts list`);
  return found;
}

/** The same parts with other values, for corners and counter-examples. */
export function withValues(parts: readonly Part[], set: Readonly<Record<string, number>>): readonly Part[] {
  for (const path of Object.keys(set)) figure(parts, path);
  return parts.map((p) => ({
    ...p,
    values: Object.fromEntries(
      Object.entries(p.values).map(([name, q]) => [
        name,
        { ...q, value: set[`${p.ref}.${name}`] ?? q.value },
      ]),
    ),
  }));
}

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
];

/** `680 Ω`, `4.7 kΩ`, `470 µF`. */
export function formatQuantity({ value, unit }: Pick<Quantity, 'value' | 'unit'>): string {
  if (unit === '1') return String(value);
  if (unit === '°C' || value === 0) return `${value} ${unit}`;
  const [factor, prefix] = PREFIXES.find(([f]) => Math.abs(value) >= f * 0.9999) ?? [1e-9, 'n'];
  return `${Number((value / factor).toPrecision(4))} ${prefix}${unit}`;
}

/** What is printed beside the part in a drawing and first in its row: the value that a shop asks for, else the type. */
export function shortValue({ values, short, part: type }: Part): string {
  const first = values.resistance ?? values.capacitance;
  return first ? formatQuantity(first) : (short ?? type);
}
