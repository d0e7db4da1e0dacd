/** Home Assistant's rules for blueprints, written down from its schemas, and what becomes of one when its inputs are chosen. */
import { z } from 'zod';
import { Input } from './yaml.ts';

const text = z.string().min(1);
const nothing = z.union([z.null(), z.strictObject({})]);
const oneOrMore = z.union([text, z.array(text).nonempty()]);
/** What may stand directly under `entity` and `device` is frozen in Home Assistant: filters stand in `filter`. */
const SELECTORS = {
  entity: z.strictObject({
    multiple: z.boolean().optional(),
    filter: z.array(
      z.strictObject({
        integration: text.optional(),
        domain: oneOrMore.optional(),
        device_class: oneOrMore.optional(),
      }),
    ),
  }),
  device: z.strictObject({
    multiple: z.boolean().optional(),
    filter: z.array(
      z.strictObject({
        integration: text.optional(),
        manufacturer: text.optional(),
        model: text.optional(),
      }),
    ),
  }),
  text: z.union([nothing, z.strictObject({ multiple: z.boolean().optional() })]),
  duration: nothing,
  boolean: nothing,
  trigger: nothing,
  action: nothing,
};
const selector = z.union(
  (Object.keys(SELECTORS) as (keyof typeof SELECTORS)[]).map((key) =>
    z.strictObject({ [key]: SELECTORS[key] }),
  ),
);
const key = z.string().regex(/^[a-z_]+$/);
const input = z.strictObject({
  name: text,
  description: text,
  default: z.unknown().optional(),
  selector,
});
const section = z.strictObject({
  name: text,
  icon: z.string().startsWith('mdi:').optional(),
  description: text.optional(),
  collapsed: z.boolean().optional(),
  input: z.record(key, input),
});
export const blueprint = z.looseObject({
  blueprint: z.strictObject({
    name: text,
    description: text,
    domain: z.literal('automation'),
    author: text.optional(),
    source_url: z.url(),
    homeassistant: z.strictObject({ min_version: z.string().regex(/^\d+\.\d+\.\d+$/) }),
    input: z.record(key, z.union([section, input])),
  }),
});
export type Blueprint = z.infer<typeof blueprint>;
export type BlueprintInput = z.infer<typeof input>;

/** Every input by its name; those of a section whose inputs have no defaults may not be hidden at first. */
export function inputsOf({ blueprint: { input: all } }: Blueprint): Map<string, BlueprintInput> {
  const found = new Map<string, BlueprintInput>();
  const add = (name: string, each: BlueprintInput) => {
    if (found.has(name)) throw new Error(`the input ${name} is there twice`);
    found.set(name, each);
  };
  for (const [name, each] of Object.entries(all)) {
    if (!('input' in each)) {
      add(name, each);
      continue;
    }
    for (const [inner, one] of Object.entries(each.input)) {
      if (each.collapsed && one.default === undefined)
        throw new Error(`${inner} is hidden without a default`);
      add(inner, one);
    }
  }
  return found;
}

/** The automation that Home Assistant makes of it. Throws where an input is missing, is unknown, or is never used. */
export function automationOf(from: Blueprint, chosen: Readonly<Record<string, unknown>>): unknown {
  const inputs = inputsOf(from);
  const used = new Set<string>();
  for (const name of Object.keys(chosen)) if (!inputs.has(name)) throw new Error(`no input ${name}`);
  const fill = (value: unknown): unknown => {
    if (value instanceof Input) {
      const { name } = value;
      const found = chosen[name] ?? inputs.get(name)?.default;
      if (found === undefined) throw new Error(`the input ${name} is missing`);
      used.add(name);
      return found;
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([each, inner]) => [each, fill(inner)]));
  };
  const { blueprint: _, ...rest } = from;
  const filled = fill(rest);
  for (const name of inputs.keys()) if (!used.has(name)) throw new Error(`the input ${name} is never used`);
  return filled;
}
