/** The form of `homeassistant` in `earlid.yaml`: the Home Assistant whose people, calendars and switches conditions name. */
import { z } from 'zod';

const ADDRESS = 'an address such as ws://homeassistant.local:8123 or wss://ha.example.org';
const TOGETHER = '`url` and `token_file` together';
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
    },
    { error: 'a mapping such as `{ url: ws://homeassistant.local:8123, token_file: ha-token }`' },
  )
  .superRefine(({ url, token_file, ca }, context) => {
    const expect = (message: string) => context.addIssue({ code: 'custom', message });
    if ((url === undefined) !== (token_file === undefined)) expect(TOGETHER);
    if (ca !== undefined && !url?.startsWith('wss:')) expect('`wss://` beside `ca`');
  })
  .describe('Home Assistant, whose entities conditions name.');

/** Where facts of Home Assistant come from. */
export interface HomeAssistantApi {
  /** `ws://` or `wss://` with the path of the API. */
  readonly url: string;
  /** Paths; a relative one counts from the configuration. */
  readonly tokenFile: string;
  readonly ca: string | null;
}

export interface HomeAssistantConfig {
  /** Null: no condition may name an entity. */
  readonly api: HomeAssistantApi | null;
}

export function toHomeAssistant({
  url,
  token_file,
  ca,
}: z.output<typeof homeassistant>): HomeAssistantConfig {
  return {
    api:
      url === undefined || token_file === undefined
        ? null
        : { url: api(url)!, tokenFile: token_file, ca: ca ?? null },
  };
}
