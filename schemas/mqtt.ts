/** The form of `mqtt` in `earlid.yaml`: the broker whose topics facts come from, that Home Assistant is shown the gates through, and that leads to gates elsewhere. */
import { z } from 'zod';
import { DEFAULT_PREFIX, PREFIX } from './link-mqtt.ts';

const PORTS = { 'mqtt:': 1883, 'mqtts:': 8883 } as const;
const ADDRESS = 'an address such as mqtt://192.168.1.2:1883 or mqtts://broker.home:8883';
const PORT = 'a port from 1 to 65535';
const TOPIC = 'the begin of a topic, such as `earlid` or `home/earlid`';
const ONE = '`url`, the address of a broker, or `embedded: true`';
/** Where the embedded broker listens; nothing else is ever possible. */
const LOOPBACK = '127.0.0.1';
const file = (what: string) =>
  z.string({ error: `the path of ${what}` }).regex(/^[^\0\n]{1,4096}$/, { error: `the path of ${what}` });

/** The parts of an address; null when it is none, or says more than where the broker is. */
function broker(text: string): { host: string; port: number; tls: boolean } | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:') return null;
  if (username || password || search || hash || (pathname !== '' && pathname !== '/')) return null;
  // An IPv6 address stands in brackets.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!/^[A-Za-z0-9:._-]{1,253}$/.test(host)) return null;
  return { host, port: port === '' ? PORTS[protocol] : Number(port), tls: protocol === 'mqtts:' };
}

export const mqtt = z
  .strictObject(
    {
      url: z
        .string({ error: ADDRESS })
        .max(512)
        .refine((text) => !/^mqtts?:\/\/[^/]*@/.test(text), {
          error: 'an address without a name and password: those are `username` and `password_file`',
          abort: true,
        })
        .refine((text) => broker(text) !== null, { error: ADDRESS })
        .describe('Address of the broker, such as mqtt://192.168.1.2:1883; `mqtts` is encrypted.')
        .optional(),
      embedded: z
        .literal(true, { error: '`true`, or nothing' })
        .describe('In place of `url`: Earlid runs a broker of its own, for programs on this machine only.')
        .optional(),
      port: z
        .int({ error: PORT })
        .min(1, { error: PORT })
        .max(65_535, { error: PORT })
        .describe('Of `embedded`: the port on 127.0.0.1. Default 1883.')
        .optional(),
      username: z
        .string({ error: 'a user name' })
        .min(1)
        .max(256)
        .describe('User name at the broker; of `embedded`: the only one that others may connect with.')
        .optional(),
      password_file: file('a file whose first line is the password')
        .describe('A file whose first line is the password; a relative path counts from this file.')
        .optional(),
      ca: file('a file with certificates (PEM)')
        .describe('Of `mqtts`: who signed the certificate of the broker, where that is nobody well known.')
        .optional(),
      cert: file('a certificate (PEM)').describe('Of `mqtts`: our own certificate.').optional(),
      key: file('a private key (PEM)').describe('Of `mqtts`: the key of our own certificate.').optional(),
      protocol: z
        .literal(['3.1.1', '5', 5], { error: 'the version of MQTT: `3.1.1` or `5`' })
        .describe('Version of MQTT, 3.1.1 or 5. Default 3.1.1, which every broker speaks.')
        .optional(),
      prefix: z
        .string({ error: TOPIC })
        .regex(PREFIX, { error: TOPIC })
        .describe('The links of gates have their topics below `<prefix>/links`. Default earlid.')
        .optional(),
    },
    { error: 'a mapping such as `{ url: mqtt://192.168.1.2:1883 }`' },
  )
  .superRefine(({ url, embedded, port, username, password_file, ca, cert, key, protocol }, context) => {
    const expect = (message: string) => context.addIssue({ code: 'custom', message });
    if ((url === undefined) === (embedded === undefined)) expect(ONE);
    if (port !== undefined && !embedded)
      expect('`embedded: true` beside `port`; another port stands in `url`');
    if (embedded && username !== undefined && password_file === undefined)
      expect('`password_file` beside `username`');
    if (embedded && protocol !== undefined && protocol !== '3.1.1')
      expect('no other `protocol` than 3.1.1 beside `embedded`');
    if (password_file !== undefined && username === undefined) expect('`username` beside `password_file`');
    if ((cert === undefined) !== (key === undefined)) expect('`cert` and `key` together');
    if ((ca ?? cert) !== undefined && !url?.startsWith('mqtts:')) expect('`mqtts://` beside `ca` and `cert`');
  })
  .describe(
    'The MQTT broker whose topics conditions name, that shows the gates to Home Assistant, and that leads to gates with `link: { mqtt: … }`.',
  );

export interface MqttConfig {
  /** The daemon runs it. */
  readonly embedded: boolean;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly protocol: '3.1.1' | '5';
  readonly username: string | null;
  /** Paths; a relative one counts from the configuration. */
  readonly passwordFile: string | null;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Of the topics of links. */
  readonly prefix: string;
}

export function toMqtt({
  url,
  port = PORTS['mqtt:'],
  username,
  password_file,
  ca,
  cert,
  key,
  protocol = '3.1.1',
  prefix = DEFAULT_PREFIX,
}: z.output<typeof mqtt>): MqttConfig {
  return {
    embedded: url === undefined,
    ...(url === undefined ? { host: LOOPBACK, port, tls: false } : broker(url)!),
    protocol: protocol === 5 ? '5' : protocol,
    username: username ?? null,
    passwordFile: password_file ?? null,
    ca: ca ?? null,
    cert: cert ?? null,
    key: key ?? null,
    prefix,
  };
}
