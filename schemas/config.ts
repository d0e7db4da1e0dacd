/** The form of `earlid.yaml`. The messages of the schema say what was expected; `controller/config/file.ts` adds the place. */
import { z } from 'zod';
import type { Condition } from './conditions.ts';
import { durationText as duration, durationMs } from './duration-text.ts';
import { type GateConfig, gate, gateProblems, LINK_KINDS, link, nameAt, toGate } from './gate-config.ts';
import { type HomeAssistantConfig, homeassistant, toHomeAssistant } from './homeassistant.ts';
import { type MqttConfig, mqtt, toMqtt } from './mqtt.ts';
import { NAME } from './name.ts';
import {
  type CalendarConfig,
  calendars,
  presence,
  type SiteConfig,
  site,
  toCalendar,
  toPresence,
  toSite,
} from './rules.ts';

/** Whoever may make a gate listen through a broker is to be known. */
const KNOWN =
  '`username` and `password_file` beside `mqtt.embedded`: without them every program on this machine could unmute';

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

const BROKER = 'the broker that leads to it beside `gates`: `mqtt: { url: mqtt://192.168.1.2:1883 }`';
const MAX_GRANT_MS = 24 * 3_600_000;

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
          z.string().regex(NAME, {
            error: 'a name of at most 32 small letters, digits, - and _, such as `kitchen`',
          }),
          gate,
          {
            error: 'a mapping of gate names to gates',
          },
        )
        .refine((gates) => Object.keys(gates).length > 0, { error: 'at least one gate' })
        .refine((gates) => Object.keys(gates).length <= 1024, { error: 'at most 1024 gates' })
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
      const { link } = gate;
      if (gate.may_unmute.includes('homeassistant') && mqtt?.embedded && !mqtt.username)
        expect(['gates', name, 'may_unmute'], KNOWN);
      if (durationMs(gate.button) > max)
        expect(['gates', name, 'button'], `at most grants.max (${grants.max})`);
      for (const { path, expected } of gateProblems(gate)) expect(['gates', name, ...path], expected);
      if (link.mqtt !== undefined) {
        if (!mqtt) expect(['gates', name, 'link', 'mqtt'], BROKER);
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
    gates: Object.entries(file.gates).map(([name, gate]) => toGate(name, gate)),
  };
}

/** A configuration written in code; throws when it is not a valid one. */
export const configOf = (file: z.input<typeof configSchema>): Config => toConfig(configSchema.parse(file));

/** JSON Schema of the file as a person writes it, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === (link as unknown))
        jsonSchema.oneOf = LINK_KINDS.map((kind) => ({ required: [kind] }));
    },
  });
  return { title: 'earlid.yaml', ...schema };
}
