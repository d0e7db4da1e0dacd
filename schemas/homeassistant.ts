/** The form of `homeassistant` in `earlid.yaml`: the Home Assistant that shows the gates, and whose people, calendars and switches conditions name. */
import { z } from 'zod';

const ADDRESS = 'an address such as ws://homeassistant.local:8123 or wss://ha.example.org';
const TOGETHER = '`url` and `token_file` together';
const WORD = 'a word of small letters, digits, - and _, such as `earlid`';
/** A topic that is one, not a pattern for many. */
const TOPIC = /^(?!\$)[^#+\0\s]{1,128}$/;
/** Where Home Assistant answers unless the address says otherwise. */
const API = '/api/websocket';
const file = (what: string) =>
  z.string({ error: `the path of ${what}` }).regex(/^[^\0\n]{1,4096}$/, { error: `the path of ${what}` });

/** The address of the WebSocket API; null when it is none, or says more than where that is. */
function api(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, host, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'ws:' && protocol !== 'wss:') return null;
  if (username || password || search || hash || !/^[\w./~-]*$/.test(pathname)) return null;
  if (!/^[A-Za-z0-9:._-]{1,253}$/.test(hostname.replace(/^\[(.*)\]$/, '$1'))) return null;
  return `${protocol}//${host}${pathname === '/' ? API : pathname}`;
}

export const homeassistant = z
  .strictObject(
    {
      url: z
        .string({ error: ADDRESS })
        .max(512)
        .refine((text) => !/^\w+:\/\/[^/]*@/.test(text), {
          error: 'an address without a name and password: the token stands in `token_file`',
          abort: true,
        })
        .refine((text) => api(text) !== null, { error: ADDRESS })
        .describe(
          'Address of Home Assistant for conditions that name its entities, such as ws://homeassistant.local:8123; `wss` is encrypted.',
        )
        .optional(),
      token_file: file('a file whose first line is a long-lived access token')
        .describe(
          'A file whose first line is a long-lived access token; a relative path counts from this file.',
        )
        .optional(),
      ca: file('a file with certificates (PEM)')
        .describe('Of `wss`: who signed the certificate of Home Assistant, where that is nobody well known.')
        .optional(),
      discovery: z
        .union([z.literal([false, 'off']), z.string().regex(/^[\w-]+(\/[\w-]+){0,3}$/)], {
          error: '`off`, or the prefix that Home Assistant looks for, such as `homeassistant`',
        })
        .describe(
          'Prefix of the topics where Home Assistant looks for devices. Default homeassistant; `off` shows it no gates. Needs `mqtt`.',
        )
        .optional(),
      birth: z
        .string({ error: 'a topic such as `homeassistant/status`' })
        .regex(TOPIC, { error: 'a topic such as `homeassistant/status`' })
        .describe('Topic where Home Assistant says that it has started. Default homeassistant/status.')
        .optional(),
      topic: z
        .string({ error: WORD })
        .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, { error: WORD })
        // Blueprints read topic and gate from the id of a device.
        .refine((text) => !/_gate(_|$)/.test(text), {
          error: 'a word without `_gate_` in it or `_gate` at its end, such as `earlid`',
        })
        .describe(
          'What all topics of this controller begin with. Default earlid; another for each controller at one broker.',
        )
        .optional(),
    },
    { error: 'a mapping such as `{ url: ws://homeassistant.local:8123, token_file: ha-token }`' },
  )
  .superRefine(({ url, token_file, ca }, context) => {
    const expect = (message: string) => context.addIssue({ code: 'custom', message });
    if ((url === undefined) !== (token_file === undefined)) expect(TOGETHER);
    if (ca !== undefined && !url?.startsWith('wss:')) expect('`wss://` beside `ca`');
  })
  .describe(
    'Home Assistant: it shows the gates through the broker `mqtt`, and conditions name its entities.',
  );

/** Where facts of Home Assistant come from. */
export interface HomeAssistantApi {
  /** `ws://` or `wss://` with the path of the API. */
  readonly url: string;
  /** Paths; a relative one counts from the configuration. */
  readonly tokenFile: string;
  readonly ca: string | null;
}

/** How gates are shown in Home Assistant. */
export interface HomeAssistantDevices {
  readonly discovery: string;
  readonly birth: string;
  readonly topic: string;
}

export interface HomeAssistantConfig {
  /** Null: no condition may name an entity. */
  readonly api: HomeAssistantApi | null;
  /** Null: it is shown no gates. Without a broker it is shown none either. */
  readonly devices: HomeAssistantDevices | null;
}

export function toHomeAssistant({
  url,
  token_file,
  ca,
  discovery = 'homeassistant',
  birth = 'homeassistant/status',
  topic = 'earlid',
}: z.output<typeof homeassistant>): HomeAssistantConfig {
  return {
    devices: discovery === false || discovery === 'off' ? null : { discovery, birth, topic },
    api:
      url === undefined || token_file === undefined
        ? null
        : { url: api(url)!, tokenFile: token_file, ca: ca ?? null },
  };
}
