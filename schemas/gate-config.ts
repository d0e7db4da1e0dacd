/** The form of a gate in `earlid.yaml`. */
import { z } from 'zod';
import { type Accessory, accessories, toAccessory, wiringProblems } from './accessories.ts';
import { durationText as duration, durationMs } from './duration-text.ts';
import { NAME } from './name.ts';
import { FREE_PINS, pinNumber } from './pins.ts';
import { LIMITS } from './protocol.ts';
import { MAX_SCHEDULE, type RuleConfig, rules, toRule } from './rules.ts';
import { serialPath } from './serial-path.ts';

/** Who may be named in `may_unmute`. */
const SOURCES = ['button', 'cli', 'homeassistant'] as const;
type Source = (typeof SOURCES)[number];

/** Products the bench can emulate. */
const BENCH_PRODUCTS = ['uno-relay', 'uno-servo'] as const;

/** Keys of a gate that earlier versions read, and what takes their place. */
export const FORMER_KEYS: Readonly<Record<string, string>> = {
  wiring:
    '`earlid verify <gate>` checks the wiring, `earlid verify <gate> --assume-wired` records your word for it',
};

const MAX_READY_MS = 5 * 60_000;
const LINK = 'exactly one of `serial: PATH`, `mqtt: NAME` and `bench: uno-relay | uno-servo`';
const AT_BROKER =
  'the name of the gate at the broker, of small letters, digits, - and _; or `true` for the same as here';
/** The kinds of links. */
export const LINK_KINDS = ['serial', 'mqtt', 'bench'] as const;

/** How a gate is reached, as a person writes it. */
export const link = z
  .strictObject(
    {
      serial: serialPath.optional(),
      bench: z
        .enum(BENCH_PRODUCTS, { error: '`uno-relay` or `uno-servo`' })
        .describe('An emulated board: the real firmware, no hardware.')
        .optional(),
      mqtt: z
        .union([z.literal(true), z.string().regex(NAME, { error: AT_BROKER })], { error: AT_BROKER })
        .describe(
          'A gate that a bridge or the gate itself offers at the broker of `mqtt`: its name there, or `true` for its name here. It listens only with a key (`earlid pair`).',
        )
        .optional(),
    },
    { error: LINK },
  )
  .refine((value) => LINK_KINDS.filter((kind) => value[kind] !== undefined).length === 1, { error: LINK })
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
    z.string().regex(NAME, { error: 'a name of small letters, digits, - and _' }),
    z.literal(FREE_PINS, { error: PIN }),
    { error: 'a mapping of input names to pins, such as `{ motion: 4 }`' },
  )
  .refine((value) => Object.keys(value).length <= 4, { error: 'at most 4 inputs' })
  .refine((value) => new Set(Object.values(value)).size === Object.keys(value).length, {
    error: 'each pin once',
  })
  .describe('Up to four inputs wired to free pins of the board, name to pin.');

const BUTTON_CEILING = LIMITS.buttonCeilingMs.value;
/** One gate as a person writes it. */
export const gate = z
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

/** What is wrong with a gate that no key of it tells by itself; `path` begins within the gate. */
export function gateProblems(
  written: z.output<typeof gate>,
): { readonly path: (string | number)[]; readonly expected: string }[] {
  const { link, button, speaker, inputs: pins = {}, accessories: list = [], firmata } = written;
  const problems: { path: (string | number)[]; expected: string }[] = [];
  const expect = (path: (string | number)[], expected: string) => problems.push({ path, expected });
  if (durationMs(button) + durationMs(speaker?.ready_after ?? '0s') > BUTTON_CEILING)
    expect(['button'], 'at most 15m together with `ready_after` (the ceiling of the firmware)');
  if (link.bench === 'uno-servo' && Object.values(pins).includes(9))
    expect(['inputs'], 'other pins: D9 drives the servo of this product');
  const wired = new Map(Object.entries(pins).map(([input, pin]) => [pinNumber(pin), input]));
  for (const { path, expected } of wiringProblems(list, wired, link.bench === 'uno-servo'))
    expect(['accessories', ...path], expected);
  if (link.mqtt === undefined) return problems;
  const there = 'nothing here: what is on the free pins does not travel over MQTT';
  if (list.length > 0) expect(['accessories'], there);
  if (firmata) expect(['firmata'], there);
  return problems;
}

/** The name at the broker of a gate that is called `name` here. */
export const nameAt = (written: string | true, name: string): string => (written === true ? name : written);

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
/** A checked gate as the controller uses it: defaults filled in, durations in ms. */
export function toGate(name: string, written: z.output<typeof gate>): GateConfig {
  return {
    name,
    link: toLink(written.link, name),
    speaker: written.speaker?.kind ?? null,
    area: written.area ?? null,
    buttonMs: durationMs(written.button),
    mayUnmute: written.may_unmute,
    inputs: Object.entries(written.inputs ?? {}).map(([input, pin]) => ({
      name: input,
      pin: pinNumber(pin),
    })),
    readyAfterMs: durationMs(written.speaker?.ready_after ?? '0s'),
    accessories: (written.accessories ?? []).map(toAccessory),
    firmata: written.firmata,
    listen: (written.listen ?? []).map(toRule),
    never: (written.never ?? []).map(toRule),
    buttonAloneMs: written.button_alone === undefined ? null : aloneMs(written.button_alone),
    night: written.night ?? null,
  };
}

function toLink({ serial, mqtt, bench }: z.output<typeof link>, name: string): LinkConfig {
  if (serial !== undefined) return { serial };
  return mqtt === undefined ? { bench: bench! } : { mqtt: nameAt(mqtt, name) };
}

const aloneMs = (text: string | false): number => (text === false || text === 'off' ? 0 : durationMs(text));
