/** The form of a condition in `earlid.yaml`: what `presence` names, and what the `if` of a rule asks. */
import { z } from 'zod';
import { durationMs, durationText } from './duration-text.ts';
import { NAME } from './name.ts';
import { type Comparison, DEFAULT_PORT, NOT_KNOWN, type Source } from './sources.ts';

const MAX_WINDOW_MS = 24 * 3_600_000;
const MAX_AGE_MS = 30 * 24 * 3_600_000;
/** How long what a live source said is believed, unless `max_age` says otherwise. */
const DEFAULT_MAX_AGE_MS = 60_000;

/** A condition with its names in place; times in ms. */
export type Condition =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'any' | 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** `after`: true once it has been so for `ms`. `linger`: true for `ms` longer. */
  | { readonly kind: 'after' | 'linger'; readonly ms: number; readonly of: Condition }
  | { readonly kind: 'fact'; readonly source: Source; readonly maxAgeMs: number };

/** Each kind and the keys that may stand beside it; `after` and `linger` may always. */
const KINDS = {
  any: [],
  all: [],
  not: [],
  input: ['max_age'],
  sensor: ['above', 'below', 'max_age'],
  mqtt: ['path', 'is', 'above', 'below', 'retained', 'max_age'],
  homeassistant: ['attribute', 'is', 'above', 'below', 'max_age'],
  host: ['port', 'max_age'],
  manual: [],
} as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

const CONDITION = `the name of a presence, or a mapping with exactly one of ${KIND_NAMES.map((kind) => `\`${kind}\``).join(', ')}`;
const OF_GATE = /^([a-z0-9][a-z0-9_-]{0,31})\.([a-z0-9][a-z0-9_-]{0,31})$/;
const onOff = z.literal([true, false, 'on', 'off'], { error: '`on` or `off`' });
const number = z.number({ error: 'a number' });

/** A condition as a person writes it, when it is more than a name. */
export interface Entry {
  any?: (string | Entry)[] | undefined;
  all?: (string | Entry)[] | undefined;
  not?: string | Entry | undefined;
  input?: string | undefined;
  sensor?: string | undefined;
  mqtt?: string | undefined;
  homeassistant?: string | undefined;
  attribute?: string | undefined;
  host?: string | undefined;
  manual?: boolean | 'on' | 'off' | undefined;
  path?: string | undefined;
  is?: string | number | boolean | undefined;
  above?: number | undefined;
  below?: number | undefined;
  retained?: boolean | undefined;
  port?: number | undefined;
  after?: string | undefined;
  linger?: string | undefined;
  max_age?: string | undefined;
}

const several = (word: string) =>
  z
    .array(
      z.lazy((): z.ZodType<string | Entry> => conditionSchema),
      { error: 'a list of conditions' },
    )
    .min(1, { error: 'at least one condition' })
    .max(32, { error: 'at most 32 conditions' })
    .describe(`True when ${word} of these is.`);

const entry: z.ZodType<Entry> = z
  .strictObject(
    {
      any: several('any').optional(),
      all: several('every one').optional(),
      not: z
        .lazy((): z.ZodType<string | Entry> => conditionSchema)
        .describe('True when this is false.')
        .optional(),
      input: z
        .string({ error: 'an input such as `basement.motion`' })
        .regex(OF_GATE, { error: 'a gate and one of its inputs, such as `basement.motion`' })
        .describe('A declared input of a gate, as `gate.input`.')
        .optional(),
      sensor: z
        .string({ error: 'a sensor such as `kitchen.light`' })
        .regex(OF_GATE, { error: 'a gate and one of its sensors, such as `kitchen.light`' })
        .describe(
          'A sensor among the accessories of a serial gate, as `gate.sensor`, with `above` or `below` (0 to 1023).',
        )
        .optional(),
      mqtt: z
        .string({ error: 'an MQTT topic' })
        .regex(/^[^\0#+\n]{1,256}$/, { error: 'an MQTT topic without `#` and `+`' })
        .describe('An MQTT topic, with `is`, `above` or `below`.')
        .optional(),
      homeassistant: z
        .string({ error: 'an entity such as `person.anna`' })
        .regex(/^(?=.{3,255}$)[a-z0-9_]+\.[a-z0-9_]+$/, { error: 'an entity such as `person.anna`' })
        .describe('An entity of Home Assistant, with `is`, `above` or `below`.')
        .optional(),
      host: z
        .string({ error: 'a name or an address, such as 192.168.1.20' })
        .regex(/^[A-Za-z0-9:._-]{1,253}$/, { error: 'a name or an address, such as 192.168.1.20' })
        .describe('A phone or computer of this network: true while it answers.')
        .optional(),
      manual: onOff
        .describe('Set by hand with `earlid presence set`; `on` or `off` is what it is until then.')
        .optional(),
      path: z
        .string()
        .regex(/^[^.\0]+(\.[^.\0]+){0,7}$/, { error: 'a path into the JSON such as `battery.level`' })
        .describe('Of `mqtt`: where in a JSON payload the value is, such as `battery.level`.')
        .optional(),
      attribute: z
        .string({ error: 'the name of an attribute such as `battery_level`' })
        .regex(/^[^\0\n]{1,128}$/, { error: 'the name of an attribute such as `battery_level`' })
        .describe('Of `homeassistant`: an attribute of the entity in place of its state.')
        .optional(),
      is: z
        .union([z.string().max(256), z.number(), z.boolean()], {
          error: 'a text, a number, `true` or `false`',
        })
        .describe('True when the value is this.')
        .optional(),
      above: number.describe('True when the value is above this.').optional(),
      below: number.describe('True when the value is below this.').optional(),
      retained: z
        .boolean({ error: '`true` or `false`' })
        .describe(
          'Of `mqtt`: believe what the broker kept, as of when it is received. Default false: nobody knows how old that is.',
        )
        .optional(),
      port: z
        .int({ error: 'a port from 1 to 65535' })
        .min(1)
        .max(65_535)
        .describe(`Of \`host\`: the TCP port that is knocked at. Default ${DEFAULT_PORT}.`)
        .optional(),
      after: durationText(MAX_WINDOW_MS, '24h').describe('True once it has held for this long.').optional(),
      linger: durationText(MAX_WINDOW_MS, '24h').describe('Stays true for this much longer.').optional(),
      max_age: durationText(MAX_AGE_MS, '30d')
        .describe('How long the value is believed after its source last stood behind it. Default 60s.')
        .optional(),
    },
    { error: CONDITION },
  )
  .superRefine((value, context) => {
    const expect = (message: string) => context.addIssue({ code: 'custom', message });
    // A key that is not known is told by itself.
    if (context.issues.length > 0) return;
    const kinds = KIND_NAMES.filter((kind) => value[kind] !== undefined);
    const [kind] = kinds;
    if (kinds.length !== 1 || !kind) return expect(CONDITION);
    const allowed: readonly string[] = [kind, 'after', 'linger', ...KINDS[kind]];
    const other = Object.keys(value).find((key) => !allowed.includes(key));
    if (other) return expect(`no \`${other}\` beside \`${kind}\``);
    const { is, above, below } = value;
    const bounds = above !== undefined || below !== undefined;
    if (kind === 'sensor' && !bounds) return expect('`above` or `below` beside `sensor`');
    if ((kind === 'mqtt' || kind === 'homeassistant') && is === undefined && !bounds)
      return expect(`\`is\`, \`above\` or \`below\` beside \`${kind}\``);
    if (kind === 'homeassistant' && NOT_KNOWN.includes(String(is).toLowerCase()))
      return expect('another `is`: what Home Assistant calls unknown or unavailable is unknown here');
    if (is !== undefined && bounds) return expect('either `is`, or `above` and `below`');
    if (above !== undefined && below !== undefined && above >= below)
      return expect('an `above` that is less than `below`');
  });

/** What people write who think of a sentence. */
const MAPPINGS = 'such as `{ not: a }`, `{ any: [a, b] }` or `{ all: [a, b] }`';
const nameOf = z.string({ error: CONDITION }).regex(NAME, {
  error: ({ input }) =>
    /[\s!]/.test(String(input))
      ? `the name of a presence, or a mapping ${MAPPINGS}`
      : 'the name of a presence: small letters, digits, - and _',
});

/** A condition as a person writes it: a name, or a mapping. */
export const conditionSchema: z.ZodType<string | Entry> = z.union([nameOf, entry], {
  error: ({ input }) => (Array.isArray(input) ? `one condition, ${MAPPINGS}` : CONDITION),
});
export type ConditionText = z.output<typeof conditionSchema>;

/** A checked condition as the controller uses it. `name` is the presence it is the value of. */
export function toCondition(text: ConditionText, name: string | null): Condition {
  if (typeof text === 'string') return { kind: 'named', name: text };
  const { after, linger } = text;
  let condition = bare(text, name);
  if (after !== undefined) condition = { kind: 'after', ms: durationMs(after), of: condition };
  if (linger !== undefined) condition = { kind: 'linger', ms: durationMs(linger), of: condition };
  return condition;
}

function bare(text: Entry, name: string | null): Condition {
  if (text.any) return { kind: 'any', of: text.any.map((each) => toCondition(each, null)) };
  if (text.all) return { kind: 'all', of: text.all.map((each) => toCondition(each, null)) };
  if (text.not !== undefined) return { kind: 'not', of: toCondition(text.not, null) };
  const source = sourceOf(text, name);
  const maxAgeMs =
    source.kind === 'manual'
      ? Number.POSITIVE_INFINITY
      : text.max_age === undefined
        ? DEFAULT_MAX_AGE_MS
        : durationMs(text.max_age);
  return { kind: 'fact', source, maxAgeMs };
}

function sourceOf(text: Entry, name: string | null): Source {
  const { is, above, below } = text;
  const compare: Comparison = {
    ...(is !== undefined && { is }),
    ...(above !== undefined && { above }),
    ...(below !== undefined && { below }),
  };
  if (text.input !== undefined) return { kind: 'input', ...ofGate(text.input) };
  if (text.sensor !== undefined) return { kind: 'sensor', ...ofGate(text.sensor), compare };
  if (text.mqtt !== undefined)
    return {
      kind: 'mqtt',
      topic: text.mqtt,
      path: text.path ?? null,
      compare,
      retained: text.retained ?? false,
    };
  if (text.homeassistant !== undefined)
    return { kind: 'homeassistant', entity: text.homeassistant, attribute: text.attribute ?? null, compare };
  if (text.host !== undefined) return { kind: 'host', address: text.host, port: text.port ?? DEFAULT_PORT };
  return { kind: 'manual', name: name ?? '', usually: text.manual === true || text.manual === 'on' };
}

function ofGate(text: string): { gate: string; name: string } {
  const [, gate, name] = OF_GATE.exec(text)!;
  return { gate: gate!, name: name! };
}
