/** One connection to an MQTT broker, from the socket to the last message. */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MqttClient } from 'mqtt';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import { shown } from '../network/shown.ts';
import { troubleText } from '../network/trouble.ts';
import { type Files, NO_FILES, readFiles } from './files.ts';
import type { Skipped } from './packet-limit.ts';
import { refusalIn } from './refusal.ts';
import { openStream, type Packets, wantedAtLeast } from './stream.ts';
import { Transit, type TransitOptions } from './transit.ts';

const ANSWER_MS = 10_000;
/** A broker that has gone without a word is noticed within one and a half of these. */
const KEEPALIVE_S = 15;
/** How long a broker may take to part when we leave. */
const GOODBYE_MS = 1_000;

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  /** Its sender says that it may have come before. */
  readonly repeated: boolean;
  /** It was not under way for longer, in ms; one that was kept says nothing of when it was made. */
  readonly transitMs: number;
}

export interface Publishing {
  /** The broker keeps it for those who come later. */
  readonly retain: boolean;
  /** After so many ms it is worth nothing; with protocol 5 the broker drops it then. */
  readonly lastsMs?: number;
}

/** What can be done while there is a connection; nothing of it throws, and after its end it has no effect. */
export interface Connection {
  publish(topic: string, payload: string | Uint8Array, options: Publishing): void;
  /** Hears nothing from a topic any more. */
  leave(topic: string): void;
  /** Resolves when everything that was published has been handed to the broker, or the connection has ended. */
  flushed(): Promise<void>;
}

export interface ConnectionHandlers {
  /** Others on this computer may read a secret that the configuration names; null: nobody may. Before every connection. */
  exposed(problem: ErrorView | null): void;
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

export type Time = Pick<TransitOptions, 'now' | 'after'>;

/** Where a broker is. `dial`: the way into one that is reached otherwise than over the network. */
export interface BrokerPlace extends MqttConfig {
  readonly dial?: () => Promise<Duplex>;
}

/** Who wants what of a connection. */
export interface Wishes {
  readonly will?: Will;
  /** How much may come; else what a house sends. */
  readonly packets?: Packets;
}

/** The broker as people write it; no secrets. */
export const brokerName = ({ host, port, tls }: MqttConfig): string =>
  `${tls ? 'mqtts' : 'mqtt'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/**
 * Connects, subscribes and stays until the connection ends or `signal` ends it; resolves with why it ended. Never rejects. Whoever
 * ends it by `signal` says goodbye: the broker does not publish the will then.
 */
export async function useBroker(
  config: BrokerPlace,
  topics: readonly string[],
  handlers: ConnectionHandlers,
  time: Time,
  signal: AbortSignal,
  wishes: Wishes = {},
): Promise<ErrorView> {
  const broker = brokerName(config);
  try {
    const { dial } = config;
    const files = dial ? NO_FILES : await readFiles(config);
    if (signal.aborted) throw new Error('stopped');
    handlers.exposed(
      files.exposed.length > 0 ? describe('mqtt-file-open', { file: files.exposed.join(', ') }) : null,
    );
    const { MqttClient } = (await import('mqtt')).default;
    const dialled = (await dial?.()) ?? null;
    if (signal.aborted) {
      dialled?.destroy();
      throw new Error('stopped');
    }
    return await use(MqttClient, {
      config,
      dialled,
      broker,
      files,
      topics,
      handlers,
      time,
      signal,
      ...wishes,
    });
  } catch (error) {
    if (error instanceof EarlidError) return error.view;
    // Such as a certificate that is none.
    const { code, message } = error as NodeJS.ErrnoException;
    const detail = code === undefined ? shown(message) : troubleText(code);
    return describe(config.tls ? 'mqtt-tls' : 'mqtt-unreachable', { broker, detail });
  }
}

interface Using extends Wishes {
  readonly config: MqttConfig;
  readonly dialled: Duplex | null;
  readonly broker: string;
  readonly files: Files;
  readonly topics: readonly string[];
  readonly handlers: ConnectionHandlers;
  readonly time: Time;
  readonly signal: AbortSignal;
}

function use(
  Client: typeof MqttClient,
  { config, dialled, broker, files, topics, handlers, time, signal, will, packets }: Using,
): Promise<ErrorView> {
  const { username, protocol } = config;
  return new Promise((resolve) => {
    let ending: ErrorView | null = null;
    let isOver = false;
    let isGreeted = false;
    const { stream, failure, isLeft } = openStream({
      config,
      dialled,
      files,
      broker,
      onSkipped: handlers.skipped,
      packets,
    });
    const client = new Client(() => stream, {
      clientId: `earlid-${randomBytes(6).toString('hex')}`,
      clean: true,
      protocolVersion: protocol === '5' ? 5 : 4,
      ...(protocol === '5' && { properties: { sessionExpiryInterval: 0 } }),
      keepalive: KEEPALIVE_S,
      connectTimeout: ANSWER_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Its own would show the password where somebody debugs.
      log: () => {},
      ...(will && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
      ...(username !== null && { username }),
      ...(files.password !== null && { password: files.password }),
    });
    const transit = new Transit({ ...time, ask: () => client.sendPing() });
    const unanswered = () => {
      const detail = isLeft() ? 'it closed the connection' : 'it does not answer';
      // That is how a broker parts that wants a certificate, where TLS itself has no word for it.
      if (!isGreeted && config.tls && isLeft())
        return describe('mqtt-tls', { broker, detail: `${detail}; ${wantedAtLeast(config)}` });
      return describe('mqtt-unreachable', { broker, detail });
    };
    let goodbye: NodeJS.Timeout | undefined;
    const end = () => {
      isOver = true;
      clearTimeout(goodbye);
      transit.stop();
      signal.removeEventListener('abort', leave);
      client.end(true);
      stream.destroy();
      resolve(ending ?? failure() ?? unanswered());
    };
    const leave = () => {
      if (!isGreeted) return end();
      isOver = true;
      goodbye = setTimeout(end, GOODBYE_MS);
      client.end(false);
    };
    signal.addEventListener('abort', leave);
    client.on('close', end);
    client.on('error', (error) => {
      if (!failure()) ending ??= describe('mqtt-unreachable', { broker, detail: shown(error.message) });
      end();
    });
    client.on('packetreceive', (packet) => {
      ending ??= refusalIn(packet, protocol, broker);
      if (packet.cmd === 'pingresp') transit.answered();
    });
    client.on('packetsend', ({ cmd }) => {
      if (cmd === 'pingreq') transit.asked();
    });
    client.on('message', (topic, payload, { retain, dup }) => {
      const transitMs = transit.mostMs();
      if (!isOver) handlers.message({ topic, payload, retained: retain, repeated: dup, transitMs });
    });
    client.on('connect', async () => {
      isGreeted = true;
      transit.start();
      const refused = await subscribe(client, topics);
      if (!isOver)
        handlers.up(
          refused,
          connectionOf(client, protocol, () => isOver),
        );
    });
  });
}

function connectionOf(
  client: MqttClient,
  protocol: MqttConfig['protocol'],
  isOver: () => boolean,
): Connection {
  let last: Promise<unknown> = Promise.resolve();
  const send = (run: () => Promise<unknown>) => {
    if (!isOver()) last = run().catch(() => {});
  };
  return {
    publish: (topic, payload, { retain, lastsMs }) => {
      const expiry = protocol === '5' && lastsMs !== undefined;
      const properties = expiry && { properties: { messageExpiryInterval: Math.ceil(lastsMs / 1000) } };
      send(() => client.publishAsync(topic, bufferOf(payload), { qos: 0, retain, ...properties }));
    },
    leave: (topic) => send(() => client.unsubscribeAsync(topic)),
    flushed: async () => void (await last),
  };
}

const bufferOf = (payload: string | Uint8Array): string | Buffer =>
  typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);

/** Resolves with the topics that the broker refused. */
async function subscribe(client: MqttClient, topics: readonly string[]): Promise<string[]> {
  // With protocol 5 the flag of what is sent just now could be kept as its sender set it (`rap`): then a mute that somebody
  // retains could not be told from one of the past, and would not act.
  const answers = await Promise.allSettled(topics.map((topic) => client.subscribeAsync(topic, { qos: 0 })));
  return topics.filter((_, i) => answers[i]!.status === 'rejected');
}
