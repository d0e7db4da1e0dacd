/** The socket under an MQTT connection: TCP or TLS, with packets of a bounded size. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import { shown } from '../network/shown.ts';
import { isOfNetwork, troubleText } from '../network/trouble.ts';
import type { Files } from './files.ts';
import { floodEnds, noPace, type Pace } from './pace.ts';
import { MAX_PAYLOAD, PacketLimit, type Skipped, type Wanted } from './packet-limit.ts';

/** The largest message that is looked at, with its topic, in bytes. */
export const MAX_PACKET = MAX_PAYLOAD + 1024;

export interface BoundedStream {
  readonly stream: Duplex;
  /** Why it failed, as far as the network or TLS is the cause. */
  failure(): ErrorView | null;
  /** The other side has closed it. */
  isLeft(): boolean;
}

/** What a broker that left at once, with TLS but without a word, may have wanted: TLS itself need not have said it. */
export const wantedAtLeast = ({ cert }: MqttConfig): string =>
  cert === null ? 'it may want a certificate of ours' : 'it may not take our certificate';

/** What is let through of what comes. */
export interface Packets {
  /** The largest, in bytes. */
  readonly most: number;
  readonly pace: () => Pace;
  readonly wanted?: Wanted;
}

export interface StreamOptions {
  readonly config: MqttConfig;
  /** In place of a socket of our own. */
  readonly dialled: Duplex | null;
  readonly files: Files;
  readonly broker: string;
  /** Hears of messages that are left out because they are too large. */
  readonly onSkipped: (skipped: Skipped) => void;
  readonly packets?: Packets | undefined;
}

/** Connects, where nobody has done so. Throws for certificates that are none. */
export function openStream(options: StreamOptions): BoundedStream {
  const { config, dialled, files, broker, onSkipped } = options;
  const usual: Packets = { most: MAX_PACKET, pace: dialled ? () => noPace : floodEnds };
  const { most, pace, wanted } = options.packets ?? usual;
  const { tls } = config;
  let failure: ErrorView | null = null;
  let isSecure = !tls;
  let isLeft = false;
  let hasSpoken = false;
  const fail = (error: NodeJS.ErrnoException) => {
    const { code = shown(error.message) } = error;
    // A broker may look at our certificate after we have looked at its own. Its words about it are lost where the end
    // of the connection overtakes them.
    const isBroken = code === 'ECONNRESET' || code === 'EPIPE';
    const isTls =
      tls && (/^ERR_(SSL|TLS)/.test(code) || (isBroken && !hasSpoken) || (!isSecure && !isOfNetwork(code)));
    const wanted = isTls && isSecure && isBroken ? `; ${wantedAtLeast(config)}` : '';
    failure ??= describe(isTls ? 'mqtt-tls' : 'mqtt-unreachable', {
      broker,
      detail: troubleText(code) + wanted,
    });
  };
  const socket =
    dialled ??
    openSocket(config, files, () => {
      isSecure = true;
    });
  const packets = new PacketLimit(most, onSkipped, pace(), wanted);
  const stream = Duplex.from({ readable: packets, writable: socket });
  // A packet is written piece by piece: everything that is said in one turn leaves in one go.
  stream._writev = (parts, done) =>
    stream._write(Buffer.concat(parts.map(({ chunk }) => chunk)), 'binary', done);
  for (const part of [socket, packets, stream]) part.on('error', fail);
  socket.pipe(packets);
  socket.once('data', () => {
    hasSpoken = true;
  });
  socket.on('end', () => {
    isLeft = true;
  });
  socket.on('close', () => stream.destroy());
  packets.on('error', () => stream.destroy());
  stream.on('close', () => socket.destroy());
  return { stream, failure: () => failure, isLeft: () => isLeft };
}

function openSocket({ host, port, tls }: MqttConfig, { ca, cert, key }: Files, onSecure: () => void): Socket {
  const socket = tls
    ? connectTls(
        {
          host,
          port,
          ...(isIP(host) === 0 && { servername: host }),
          ...(ca && { ca }),
          ...(cert && key && { cert, key }),
        },
        onSecure,
      )
    : connectTcp({ host, port });
  return socket.setNoDelay(true);
}
