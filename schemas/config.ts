/** The form of `earlid.yaml`. The messages of the schema say what was expected; `controller/daemon/config-file.ts` adds the place. */
import { z } from 'zod';
import { type Accessory, accessories, toAccessory, wiringProblems } from './accessories.ts';
import type { Condition } from './conditions.ts';
import { durationText as duration, durationMs } from './duration-text.ts';
import { type HomeAssistantConfig, homeassistant, toHomeAssistant } from './homeassistant.ts';
import { LINK_NAME } from './link-mqtt.ts';
import { type MqttConfig, mqtt, toMqtt } from './mqtt.ts';
import { FREE_PINS, pinNumber } from './pins.ts';
import { LIMITS } from './protocol.ts';
import {
  type CalendarConfig,
  calendars,
  MAX_SCHEDULE,
  presence,
  type RuleConfig,
  rules,
  type SiteConfig,
  site,
  toCalendar,
  toPresence,
  toRule,
  toSite,
} from './rules.ts';
import { serialPath } from './serial-path.ts';

/** Who may be named in `may_unmute`. */
export const SOURCES = ['button', 'cli', 'homeassistant'] as const;
export type Source = (typeof SOURCES)[number];

/** Whoever may make a gate listen through a broker is to be known. */
const KNOWN =
  '`username` and `password_file` beside `mqtt.embedded`: without them every program on this machine could unmute';

/** Products the bench can emulate. */
export const BENCH_PRODUCTS = ['uno-relay', 'uno-servo'] as const;

/** Keys that later versions read, by the place they belong to. Leaving one out silently could let a speaker hear. */
export const LATER_KEYS: Readonly<
  Record<'top' | 'gate' | 'speaker' | 'link' | 'condition', readonly string[]>
> = {
  top: ['page', 'ledger'],
  condition: [],
  gate: [],
  speaker: [],
  link: [],
};

/** Keys of a gate that earlier versions read, and what takes their place. */
export const FORMER_KEYS: Readonly<Record<string, string>> = {
  wiring:
    '`earlid verify <gate>` checks the wiring, `earlid verify <gate> --assume-wired` records your word for it',
};

export const GATE_NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const BROKER = 'the broker that leads to it beside `gates`: `mqtt: { url: mqtt://192.168.1.2:1883 }`';
const MAX_GRANT_MS = 24 * 3_600_000;
const MAX_READY_MS = 5 * 60_000;

const LINK = 'exactly one of `serial: PATH`, `mqtt: NAME` and `bench: uno-relay | uno-servo`';
const NAME =
  'the name of the gate at the broker, of small letters, digits, - and _; or `true` for the same as here';
/** The kinds of links. */
const LINKS = ['serial', 'mqtt', 'bench'] as const;

const link = z
  .strictObject(
    {
      serial: serialPath.optional(),
      bench: z
        .enum(BENCH_PRODUCTS, { error: '`uno-relay` or `uno-servo`' })
        .describe('An emulated board: the real firmware, no hardware.')
        .optional(),
      mqtt: z
        .union([z.literal(true), z.string().regex(LINK_NAME)], { error: NAME })
        .describe(
          'A gate that a bridge or the gate itself offers at the broker of `mqtt`: its name there, or `true` for its name here. It listens only with a key (`earlid pair`).',
        )
        .optional(),
    },
    { error: LINK },
  )
  .refine((value) => LINKS.filter((kind) => value[kind] !== undefined).length === 1, { error: LINK })
  .describe('How the controller reaches this gate: exactly one of `serial`, `mqtt` and `bench`.');

const speaker = z
  .strictObject(
    {
      kind: z
        .string({ error: 'a kind of speaker such as echo-dot-5' })
        .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, { error: 'a kind of speaker such as echo-dot-5' })
        .describe(
          'What stands behind the gate, such as echo-dot-5. For the reader of the file; nothing depends on it.',
        )
        .optional(),
      ready_after: duration(MAX_READY_MS, '5m')
        .describe(
          'For a gate that switches the supply of its speaker: how long the speaker takes to start. A grant counts from there.',
        )
        .optional(),
    },
    { error: 'a mapping such as `{ kind: echo-dot-5 }`' },
  )
  .describe('The speaker behind this gate.');

const PIN = `a free pin: ${FREE_PINS.join(', ')}`;
const inputs = z
  .record(
    z.string().regex(GATE_NAME, { error: 'a name of small letters, digits, - and _' }),
    z.literal(FREE_PINS, { error: PIN }),
    { error: 'a mapping of input names to pins, such as `{ motion: 4 }`' },
  )
  .refine((value) => Object.keys(value).length <= 4, { error: 'at most 4 inputs' })
  .refine((value) => new Set(Object.values(value)).size === Object.keys(value).length, {
    error: 'each pin once',
  })
  .describe('Up to four inputs wired to free pins of the board, name to pin.');

const BUTTON_CEILING = LIMITS.buttonCeilingMs.value;
const gate = z
  .strictObject(
    {
      link,
      speaker: speaker.optional(),
      area: z
        .string({ error: 'the name of an area, such as `Kitchen`' })
        .min(1)
        .max(64)
        .regex(/^\P{C}*$/u, { error: 'the name of an area, such as `Kitchen`' })
        .describe('The area that Home Assistant proposes for it.')
        .optional(),
      button: duration(BUTTON_CEILING, '15m (the ceiling of the firmware)')
        .describe('How long a press of the button unmutes. Default 90s.')
        .default('90s'),
      may_unmute: z
        .array(z.enum(SOURCES, { error: `one of ${SOURCES.map((s) => `\`${s}\``).join(', ')}` }), {
          error: `a list of ${SOURCES.map((s) => `\`${s}\``).join(', ')}`,
        })
        .refine((list) => new Set(list).size === list.length, { error: 'each source once' })
        .describe('Who may unmute and resume. Default [button, cli]. Anyone may mute.')
        .default(['button', 'cli']),
      listen: rules
        .describe('Rules that let it listen: one that holds is enough, unless a never rule holds.')
        .optional(),
      never: rules.describe('Rules that forbid it to listen, whatever else holds.').optional(),
      button_alone: z
        .union([z.literal([false, 'off']), duration(BUTTON_CEILING, '15m')], {
          error: '`off`, or a duration of at most 15m',
        })
        .describe(
          'How long a press unmutes while no controller is heard; stored on the gate, which asks for a press before it takes it. Left out: what is stored there stays.',
        )
        .optional(),
      night: z
        .string({ error: 'a schedule such as "22:00-07:00"' })
        .max(MAX_SCHEDULE)
        .describe('A schedule during which its LEDs are dim.')
        .optional(),
      inputs: inputs.optional(),
      accessories: accessories.optional(),
      firmata: z
        .boolean({ error: '`true` or `false`' })
        .describe(
          'Offers the free pins that nothing else uses to a johnny-five script of your own, through a socket. Default false.',
        )
        .default(false),
    },
    { error: 'a mapping with at least `link`' },
  )
  .describe('One gate.');

/** Everything `earlid.yaml` may hold in this version. */
export const configSchema = z
  .strictObject(
    {
      grants: z
        .strictObject(
          {
            default: duration(MAX_GRANT_MS, '24h')
              .describe('Length of an unmute for which none was given. Default 15m.')
              .default('15m'),
            max: duration(MAX_GRANT_MS, '24h')
              .describe('Longest unmute anybody may ask for. Default 4h.')
              .default('4h'),
          },
          { error: 'a mapping with `default` and `max`' },
        )
        .describe('How long an unmute lasts.')
        .prefault({}),
      site: site.optional(),
      presence: presence.default({}),
      calendars: calendars.default({}),
      mqtt: mqtt.optional(),
      homeassistant: homeassistant.optional(),
      gates: z
        .record(
          z.string().regex(GATE_NAME, {
            error: 'a name of at most 32 small letters, digits, - and _, such as `kitchen`',
          }),
          gate,
          {
            error: 'a mapping of gate names to gates',
          },
        )
        .refine((gates) => Object.keys(gates).length > 0, { error: 'at least one gate' })
        .refine((gates) => Object.keys(gates).length <= 64, { error: 'at most 64 gates' })
        .describe('The gates, name to gate.'),
    },
    { error: 'a mapping with at least `gates`' },
  )
  .superRefine(({ grants, gates, mqtt, homeassistant }, context) => {
    const expect = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const shownBy = (['discovery', 'birth', 'topic'] as const).find((key) => homeassistant?.[key]);
    if (!mqtt && shownBy && homeassistant?.discovery !== 'off')
      expect(['homeassistant', shownBy], 'the broker beside it: `mqtt: { url: mqtt://192.168.1.2:1883 }`');
    if (!mqtt && homeassistant && Object.keys(homeassistant).length === 0)
      expect(
        ['homeassistant'],
        '`url` and `token_file`, or `mqtt` at the top of the file, which shows it the gates',
      );
    const max = durationMs(grants.max);
    if (durationMs(grants.default) > max) expect(['grants', 'default'], `at most grants.max (${grants.max})`);
    const owner = new Map<string, string>();
    const named = new Map<string, string>();
    for (const [name, gate] of Object.entries(gates)) {
      const { link, button, speaker, inputs: pins = {}, accessories: list = [] } = gate;
      if (gate.may_unmute.includes('homeassistant') && mqtt?.embedded && !mqtt.username)
        expect(['gates', name, 'may_unmute'], KNOWN);
      const buttonMs = durationMs(button);
      if (buttonMs > max) expect(['gates', name, 'button'], `at most grants.max (${grants.max})`);
      if (buttonMs + durationMs(speaker?.ready_after ?? '0s') > BUTTON_CEILING)
        expect(
          ['gates', name, 'button'],
          'at most 15m together with `ready_after` (the ceiling of the firmware)',
        );
      if (link.bench === 'uno-servo' && Object.values(pins).includes(9))
        expect(['gates', name, 'inputs'], 'other pins: D9 drives the servo of this product');
      const wired = new Map(Object.entries(pins).map(([input, pin]) => [pinNumber(pin), input]));
      for (const { path, expected } of wiringProblems(list, wired, link.bench === 'uno-servo'))
        expect(['gates', name, 'accessories', ...path], expected);
      if (link.mqtt !== undefined) {
        if (!mqtt) expect(['gates', name, 'link', 'mqtt'], BROKER);
        for (const key of ['accessories', 'firmata'] as const)
          if (key === 'firmata' ? gate.firmata : list.length > 0)
            expect(['gates', name, key], 'nothing here: what is on the free pins does not travel over MQTT');
        const there = nameAt(link.mqtt, name);
        const same = named.get(there);
        if (same) expect(['gates', name, 'link', 'mqtt'], `a name of its own: \`${same}\` has this one`);
        named.set(there, name);
      }
      if (link.serial === undefined) continue;
      const other = owner.get(link.serial);
      if (other) expect(['gates', name, 'link', 'serial'], `a port of its own: \`${other}\` has this one`);
      owner.set(link.serial, name);
    }
  });

/** The name at the broker of a gate that is called `name` here. */
const nameAt = (written: string | true, name: string): string => (written === true ? name : written);

/** How a gate is reached: a path, a name at the broker, or a product that is emulated. */
export type LinkConfig =
  | { readonly serial: string }
  | { readonly mqtt: string }
  | { readonly bench: (typeof BENCH_PRODUCTS)[number] };

export interface GateConfig {
  readonly name: string;
  readonly link: LinkConfig;
  readonly speaker: string | null;
  /** What Home Assistant proposes as its area. */
  readonly area: string | null;
  readonly buttonMs: number;
  readonly mayUnmute: readonly Source[];
  /** Declared inputs in order; A1 to A5 are pins 15 to 19. */
  readonly inputs: readonly { readonly name: string; readonly pin: number }[];
  /** How long the speaker takes to answer once it has its supply; 0 when the gate does not switch that. */
  readonly readyAfterMs: number;
  readonly accessories: readonly Accessory[];
  /** A script may use the free pins through a socket. */
  readonly firmata: boolean;
  readonly listen: readonly RuleConfig[];
  readonly never: readonly RuleConfig[];
  /** How long a press unmutes while no controller is heard; null: what the gate stores stays. */
  readonly buttonAloneMs: number | null;
  /** A schedule during which its LEDs are dim. */
  readonly night: string | null;
}
export interface Config {
  readonly site: SiteConfig | null;
  readonly presence: ReadonlyMap<string, Condition>;
  readonly calendars: readonly CalendarConfig[];
  readonly mqtt: MqttConfig | null;
  readonly homeassistant: HomeAssistantConfig | null;
  readonly grants: { readonly defaultMs: number; readonly maxMs: number };
  readonly gates: readonly GateConfig[];
}

/** The checked file as the controller uses it: defaults filled in, durations in ms. */
export function toConfig(file: z.output<typeof configSchema>): Config {
  return {
    site: file.site ? toSite(file.site) : null,
    presence: toPresence(file.presence),
    calendars: Object.entries(file.calendars).map(([name, calendar]) => toCalendar(name, calendar)),
    mqtt: file.mqtt ? toMqtt(file.mqtt) : null,
    homeassistant: file.homeassistant ? toHomeAssistant(file.homeassistant) : null,
    grants: { defaultMs: durationMs(file.grants.default), maxMs: durationMs(file.grants.max) },
    gates: Object.entries(file.gates).map(([name, gate]) => ({
      name,
      link: toLink(gate.link, name),
      speaker: gate.speaker?.kind ?? null,
      area: gate.area ?? null,
      buttonMs: durationMs(gate.button),
      mayUnmute: gate.may_unmute,
      inputs: Object.entries(gate.inputs ?? {}).map(([input, pin]) => ({ name: input, pin: pinNumber(pin) })),
      readyAfterMs: durationMs(gate.speaker?.ready_after ?? '0s'),
      accessories: (gate.accessories ?? []).map(toAccessory),
      firmata: gate.firmata,
      listen: (gate.listen ?? []).map(toRule),
      never: (gate.never ?? []).map(toRule),
      buttonAloneMs: gate.button_alone === undefined ? null : aloneMs(gate.button_alone),
      night: gate.night ?? null,
    })),
  };
}

function toLink({ serial, mqtt, bench }: z.output<typeof link>, name: string): LinkConfig {
  if (serial !== undefined) return { serial };
  return mqtt === undefined ? { bench: bench! } : { mqtt: nameAt(mqtt, name) };
}

const aloneMs = (text: string | false): number => (text === false || text === 'off' ? 0 : durationMs(text));

/** A configuration written in code; throws when it is not a valid one. */
export const configOf = (file: z.input<typeof configSchema>): Config => toConfig(configSchema.parse(file));

/** JSON Schema of the file as a person writes it, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === (link as unknown)) jsonSchema.oneOf = LINKS.map((kind) => ({ required: [kind] }));
    },
  });
  return { title: 'earlid.yaml', ...schema };
}
