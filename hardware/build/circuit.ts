/** What is joined to what: `diagram.json` of a build, merged with the one of `common/`, checked against the parts list. */
import { z } from 'zod';
import { legsOf, type Part } from './parts.ts';

const place = z.strictObject({
  at: z.tuple([z.number(), z.number()]),
  /** Degrees clockwise. */
  turn: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]).default(0),
  /** Where name and value are written, from the centre; else where the symbol has them. */
  label: z.tuple([z.number(), z.number(), z.enum(['start', 'middle', 'end'])]).optional(),
  /** Blocks: size, and which leg leaves where (offset along that side). */
  size: z.tuple([z.number(), z.number()]).optional(),
  legs: z
    .strictObject({
      left: z.record(z.string(), z.number()).default({}),
      right: z.record(z.string(), z.number()).default({}),
      top: z.record(z.string(), z.number()).default({}),
      bottom: z.record(z.string(), z.number()).default({}),
    })
    .optional(),
  title: z.array(z.string()).optional(),
});
export type Place = z.infer<typeof place>;

const net = z.strictObject({
  /** In words, for the wiring table. */
  says: z.string().optional(),
  legs: z.array(z.string()),
  /** Paths of the drawing, such as `R1.2 right 3 Q1.B`; the grammar is in drawing.ts. */
  wires: z.array(z.string()).default([]),
});
export type Net = z.infer<typeof net>;

const note = z.strictObject({
  at: z.tuple([z.number(), z.number()]),
  text: z.array(z.string()),
  anchor: z.enum(['start', 'middle', 'end']).default('start'),
});

const circuitFile = z.strictObject({
  title: z.string().optional(),
  size: z.tuple([z.number(), z.number()]).optional(),
  places: z.record(z.string(), place),
  nets: z.record(z.string(), net),
  /** Legs that stay free on purpose. */
  free: z.array(z.string()).default([]),
  notes: z.array(note).default([]),
});
export type Circuit = z.infer<typeof circuitFile>;

/** Reads the text of a `diagram.json`. Throws what zod found wrong. */
export function parseCircuit(text: string): Circuit {
  return circuitFile.parse(JSON.parse(text));
}

/** The circuit of a build on top of what every gate has. */
export function mergeCircuits(common: Circuit, own: Circuit): Circuit {
  const nets: Record<string, Net> = { ...common.nets };
  for (const [name, { says, legs, wires }] of Object.entries(own.nets)) {
    const old = nets[name];
    nets[name] = {
      says: says ?? old?.says,
      legs: [...(old?.legs ?? []), ...legs],
      wires: [...(old?.wires ?? []), ...wires],
    };
  }
  const joined = new Set(Object.values(nets).flatMap(({ legs }) => legs));
  return {
    title: own.title ?? common.title,
    size: own.size ?? common.size,
    places: { ...common.places, ...own.places },
    nets,
    free: [...new Set([...common.free.filter((leg) => !joined.has(leg)), ...own.free])],
    notes: [...common.notes, ...own.notes],
  };
}

/** The net a leg is on, or null where it is free. */
export function netOf({ nets }: Pick<Circuit, 'nets'>, leg: string): string | null {
  return Object.entries(nets).find(([, { legs }]) => legs.includes(leg))?.[0] ?? null;
}

/** What is wrong between nets and parts list: unknown legs, legs on two nets, legs forgotten. Empty when all is well. */
export function circuitMistakes({ nets, free, places }: Circuit, all: readonly Part[]): string[] {
  const parts = all.filter(({ fitted }) => fitted);
  const known = new Set(parts.flatMap((p) => legsOf(p).map((leg) => `${p.ref}.${leg}`)));
  const used = [...Object.values(nets).flatMap(({ legs }) => legs), ...free];
  const twice = used.filter((leg, i) => used.indexOf(leg) !== i);
  return [
    ...used.filter((leg) => !known.has(leg)).map((leg) => `${leg} is no leg of the parts list`),
    ...twice.map((leg) => `${leg} is on two nets`),
    ...[...known]
      .filter((leg) => !used.includes(leg))
      .map((leg) => `${leg} is joined to nothing and not free`),
    ...Object.entries(nets)
      .filter(([, { legs }]) => legs.length < 2)
      .map(([name]) => `net ${name} joins nothing`),
    ...parts.filter(({ ref }) => !places[ref]).map(({ ref }) => `${ref} is not in the drawing`),
    ...Object.keys(places)
      .filter((ref) => !parts.some((p) => p.ref === ref))
      .map((ref) => `${ref} is drawn but not in the parts list`),
  ];
}
