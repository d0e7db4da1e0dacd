/** A small MQTT broker in this process, at a free port of this machine. */
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import type { MqttConfig } from '../../schemas/mqtt.ts';

const certificate = (name: string) => new URL(`certificates/${name}`, import.meta.url);
/** Made for tests, for `localhost` and 127.0.0.1; trusted by nobody. */
export const CERTIFICATE = certificate('broker.pem');
/** With the key of the other one: not valid since 2002, and valid for another name. */
export const EXPIRED = certificate('expired.pem');
export const ELSEWHERE = certificate('elsewhere.pem');
export const KEY = certificate('broker.key');
/** Of somebody who connects; signed by itself. */
export const CLIENT = { cert: certificate('client.pem'), key: certificate('client.key') };

export interface BrokerOptions {
  /** Encrypted, with this certificate. */
  readonly tls?: URL;
  /** Who connects shows the certificate `CLIENT`. */
  readonly asksCertificate?: true;
  /** The only user that may connect. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Topics that nobody may read. */
  readonly closed?: readonly string[];
  /** What is published on topics that begin so is handed to nobody. */
  readonly kept?: string;
  /** A port that was free before, else any. */
  readonly port?: number;
}

/** Where a broker of this machine is that knows nobody, as the configuration says it. */
export const brokerAt = (port: number, change: Partial<MqttConfig> = {}): MqttConfig => ({
  embedded: false,
  host: '127.0.0.1',
  port,
  tls: false,
  protocol: '3.1.1',
  username: null,
  passwordFile: null,
  ca: null,
  cert: null,
  key: null,
  prefix: 'earlid',
  ...change,
});

export class Broker {
  readonly aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  connections = 0;

  private constructor(aedes: Aedes, { tls, asksCertificate, user, closed = [], kept }: BrokerOptions) {
    this.aedes = aedes;
    aedes.authenticate = (_client: Client, name, password, done) => {
      const isKnown = !user || (name === user.name && password?.toString() === user.password);
      if (isKnown) done(null, true);
      else done(Object.assign(new Error('unknown user'), { returnCode: 4 }), false);
    };
    aedes.authorizeSubscribe = (_client, subscription, done) =>
      done(null, closed.includes(subscription.topic) ? null : subscription);
    aedes.authorizeForward = (_client, packet) =>
      kept !== undefined && packet.topic.startsWith(kept) ? null : packet;
    const take = (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
      aedes.handle(socket);
    };
    this.#server = tls
      ? createTlsServer(
          {
            cert: readFileSync(tls),
            key: readFileSync(KEY),
            ...(asksCertificate && { requestCert: true, ca: readFileSync(CLIENT.cert) }),
          },
          take,
        )
      : createServer(take);
    this.#server.on('tlsClientError', () => {});
  }

  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = new Broker(await Aedes.createBroker(), options);
    await new Promise<void>((resolve) => broker.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    broker.#port = (broker.#server.address() as { port: number }).port;
    return broker;
  }

  get port(): number {
    return this.#port;
  }

  config(change: Partial<MqttConfig> = {}): MqttConfig {
    return brokerAt(this.#port, change);
  }

  publish(topic: string, payload: string | Buffer, retain = false): Promise<void> {
    return new Promise((resolve, reject) =>
      this.aedes.publish({ cmd: 'publish', qos: 0, dup: false, retain, topic, payload }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  }

  /** Cuts every connection; clients may come again. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
    await new Promise<void>((resolve) => this.aedes.close(resolve));
  }
}
