/** One connection to an MQTT broker, from the socket to the last message. */
import { randomBytes } from 'node:crypto';
import { constants, open } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { MqttClient } from 'mqtt';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import { MAX_PAYLOAD } from '../presence/payload.ts';
import { shown } from '../presence/source.ts';
import { PacketLimit, type Skipped } from './packet-limit.ts';

/** The largest message that is looked at, with its topic. */
const MAX_PACKET = MAX_PAYLOAD + 1024;
const MAX_FILE = 64 * 1024;
const ANSWER_MS = 10_000;
/** A broker that has gone without a word is noticed within one and a half of these. */
const KEEPALIVE_S = 15;
const OF_NETWORK =
  /^(ENOTFOUND|EAI_\w+|ECONN\w+|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|EPIPE|EMFILE)$/;
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it does not take our client id',
  3: 'it is not available now',
  4: 'wrong user name or password',
  5: 'this user may not connect',
};

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  /** Its sender says that it may have come before. */
  readonly repeated: boolean;
}

/** What can be done while there is a connection; nothing of it throws, and after its end it has no effect. */
export interface Connection {
  publish(topic: string, payload: string, options: { readonly retain: boolean }): void;
  /** Hears nothing from a topic any more. */
  leave(topic: string): void;
  /** Resolves when everything that was published has been handed to the broker, or the connection has ended. */
  flushed(): Promise<void>;
}

export interface ConnectionHandlers {
  /** Connected, and subscribed to all topics but those that were refused. */
  up(refused: readonly string[], connection: Connection): void;
  message(message: Message): void;
  /** A message was too large to be looked at. */
  skipped(skipped: Skipped): void;
}

/** What the broker says to all others when this connection ends without a word; it keeps it. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
}

/** The broker as people write it; no secrets. */
export const brokerName = ({ host, port, tls }: MqttConfig): string =>
  `${tls ? 'mqtts' : 'mqtt'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/** Connects, subscribes and stays until the connection ends or `signal` ends it; resolves with why it ended. Never rejects. */
export async function useBroker(
  config: MqttConfig,
  topics: readonly string[],
  handlers: ConnectionHandlers,
  signal: AbortSignal,
  will: Will | null = null,
): Promise<ErrorView> {
  try {
    const files = await readFiles(config);
    const { MqttClient } = (await import('mqtt')).default;
    if (signal.aborted) throw new Error('stopped');
    return await use(MqttClient, { config, files, topics, handlers, signal, will });
  } catch (error) {
    if (error instanceof EarlidError) return error.view;
    // Such as a certificate that is none.
    const { code, message } = error as NodeJS.ErrnoException;
    const detail = code ?? shown(message);
    return describe(config.tls ? 'mqtt-tls' : 'mqtt-unreachable', { broker: brokerName(config), detail });
  }
}

interface Using {
  readonly config: MqttConfig;
  readonly files: Files;
  readonly topics: readonly string[];
  readonly handlers: ConnectionHandlers;
  readonly signal: AbortSignal;
  readonly will: Will | null;
}

function use(
  Client: typeof MqttClient,
  { config, files, topics, handlers, signal, will }: Using,
): Promise<ErrorView> {
  const broker = brokerName(config);
  return new Promise((resolve) => {
    let ending: ErrorView | null = null;
    let isOver = false;
    const { stream, failure } = openStream(config, files, handlers.skipped);
    const client = new Client(() => stream, {
      clientId: `earlid-${randomBytes(6).toString('hex')}`,
      clean: true,
      protocolVersion: 4,
      keepalive: KEEPALIVE_S,
      connectTimeout: ANSWER_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Its own would show the password where somebody debugs.
      log: () => {},
      ...(will && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
      ...(config.username !== null && { username: config.username }),
      ...(files.password !== null && { password: files.password }),
    });
    const end = () => {
      isOver = true;
      signal.removeEventListener('abort', end);
      client.end(true);
      stream.destroy();
      resolve(
        ending ?? failure() ?? describe('mqtt-unreachable', { broker, detail: 'it closed the connection' }),
      );
    };
    signal.addEventListener('abort', end);
    client.on('close', end);
    client.on('error', (error) => {
      // Other codes are those of a broker that says something it must not.
      const refusal = REFUSALS[(error as { code?: number }).code ?? 0];
      if (refusal) ending ??= describe('mqtt-refused', { broker, detail: refusal });
      else if (!failure()) ending ??= describe('mqtt-unreachable', { broker, detail: shown(error.message) });
      end();
    });
    client.on('message', (topic, payload, { retain, dup }) =>
      handlers.message({ topic, payload, retained: retain, repeated: dup }),
    );
    client.on('connect', async () => {
      const refused = await subscribe(client, topics);
      if (!isOver)
        handlers.up(
          refused,
          connectionOf(client, () => isOver),
        );
    });
  });
}

function connectionOf(client: MqttClient, isOver: () => boolean): Connection {
  let last: Promise<unknown> = Promise.resolve();
  const send = (run: () => Promise<unknown>) => {
    if (!isOver()) last = run().catch(() => {});
  };
  return {
    publish: (topic, payload, { retain }) =>
      send(() => client.publishAsync(topic, payload, { qos: 0, retain })),
    leave: (topic) => send(() => client.unsubscribeAsync(topic)),
    flushed: async () => void (await last),
  };
}

/** Resolves with the topics that the broker refused. */
async function subscribe(client: MqttClient, topics: readonly string[]): Promise<string[]> {
  const answers = await Promise.allSettled(topics.map((topic) => client.subscribeAsync(topic, { qos: 0 })));
  return topics.filter((_, i) => answers[i]!.status === 'rejected');
}

/** The connection as MQTT packets of a bounded size, and why it failed, as far as the network or TLS is the cause. */
function openStream(
  config: MqttConfig,
  { ca, cert, key }: Files,
  onSkipped: (skipped: Skipped) => void,
): { stream: Duplex; failure: () => ErrorView | null } {
  const broker = brokerName(config);
  const { host, port, tls } = config;
  let failure: ErrorView | null = null;
  let isSecure = !tls;
  const fail = (error: NodeJS.ErrnoException) => {
    const { code = shown(error.message) } = error;
    const isTls = !isSecure && (code === 'ECONNRESET' || !OF_NETWORK.test(code));
    failure ??= describe(isTls ? 'mqtt-tls' : 'mqtt-unreachable', { broker, detail: code });
  };
  const socket: Socket = tls
    ? connectTls(
        {
          host,
          port,
          ...(isIP(host) === 0 && { servername: host }),
          ...(ca && { ca }),
          ...(cert && key && { cert, key }),
        },
        () => {
          isSecure = true;
        },
      )
    : connectTcp({ host, port });
  socket.setNoDelay(true);
  const packets = new PacketLimit(MAX_PACKET, onSkipped);
  const stream = Duplex.from({ readable: packets, writable: socket });
  for (const part of [socket, packets, stream]) part.on('error', fail);
  socket.pipe(packets);
  socket.on('close', () => stream.destroy());
  packets.on('error', () => stream.destroy());
  stream.on('close', () => socket.destroy());
  return { stream, failure: () => failure };
}

interface Files {
  readonly password: string | null;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** Read at every connection, so that a new password or certificate needs no restart. */
async function readFiles({ passwordFile, ca, cert, key }: MqttConfig): Promise<Files> {
  const password = await textOf(passwordFile);
  return {
    password: password?.split(/\r?\n/, 1)[0] ?? null,
    ca: await textOf(ca),
    cert: await textOf(cert),
    key: await textOf(key),
  };
}

async function textOf(file: string | null): Promise<string | null> {
  if (file === null) return null;
  try {
    // Something that nobody writes into must not hold it up.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile())
        throw new EarlidError('mqtt-file', { file, detail: 'not a regular file' });
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_FILE), 0, MAX_FILE, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof EarlidError) throw error;
    throw new EarlidError('mqtt-file', {
      file,
      detail: (error as NodeJS.ErrnoException).code ?? 'unreadable',
    });
  }
}
