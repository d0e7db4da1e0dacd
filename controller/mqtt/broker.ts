/** The broker that a daemon runs itself: on loopback, for programs of the same machine, and in this process for Earlid. */
import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Aedes, AuthenticateError, Client, PublishPacket, Subscription } from 'aedes';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import { keepTrying } from '../network/keep-trying.ts';
import { shown } from '../network/shown.ts';
import { ToldOnce } from '../network/told-once.ts';
import { isSame, type Login, passwordOf } from './login.ts';
import { floodWaits, noPace } from './pace.ts';
import { packetStream } from './packet-stream.ts';
import { fateOf, KeptOfOthers, type KindOf, mayRead } from './rights.ts';
import { MAX_PACKET } from './stream.ts';

export interface BrokerOptions {
  readonly now: () => { readonly counted: number };
  /** Calls `run` after `ms`; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: Record<'info' | 'warn', (text: string) => void>;
  /** A problem by the name of what is wrong, null when it is over. */
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
}

/** How others reach it. */
export interface Door {
  readonly port: number;
  /** Null: whoever is on this machine may connect. */
  readonly login: Login | null;
  readonly kindOf: KindOf;
}

const LOOPBACK = '127.0.0.1';
const MOST_CLIENTS = 16;
/** So many packets of one client are looked at, in the long run and at once. */
const [PER_SECOND, BURST] = [200, 200];
const LIMITS = {
  connectTimeout: 5_000,
  queueLimit: 20,
  maxInflightInbound: 20,
  maxTopicLevels: 32,
  // Deliveries are bounded by what comes in; a queue of its own would let one message wait for others.
  concurrency: 0,
} as const;
/** Where nobody can listen. */
const NOWHERE = '$nowhere';
/** Who guesses passwords has to wait so long for each answer. */
const WRONG_MS = 1_000;
/** One note of a kind within so many ms. */
const QUIET_MS = 60_000;
/** What was said last has reached the sockets after so many turns of the event loop. */
const LAST_TURNS = 10;
/** So long others may take to read it. */
const FAREWELL_MS = 500;
const [PORT, LOGIN] = ['mqtt broker', 'mqtt login'];
const BAD_LOGIN = 4;

/** Has no effect until `open` or `dial`. */
export class EmbeddedBroker {
  readonly #options: BrokerOptions;
  readonly #own = new WeakSet<Client>();
  /** What others must know to be let in. */
  readonly #logins = new WeakMap<Client, Login | 'anybody'>();
  readonly #kept = new KeptOfOthers();
  readonly #noted = new Map<string, number>();
  readonly #problems: ToldOnce;
  #core: Promise<Aedes> | null = null;
  #kindOf: KindOf = () => 'told';
  #listening: Listening | null = null;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#problems = new ToldOnce(options.onProblem);
  }

  /** Lets others in from now on, at this door and no other. Resolves when those of another door have gone. Never rejects. */
  async open(door: Door): Promise<void> {
    this.#kindOf = door.kindOf;
    await this.#close();
    this.#problems.clear();
    const { now, after } = this.#options;
    const stopping = new AbortController();
    const { signal } = stopping;
    const guests = new Set<Guest>();
    const attempt = () => this.#listen(door, guests, signal);
    this.#listening = { stopping, guests, ended: keepTrying({ attempt, now, after, signal }) };
    if (door.login) void this.#password(door.login);
  }

  /** A connection for Earlid itself, which may say everything everywhere. Rejects while there is no broker. */
  async dial(): Promise<Duplex> {
    const aedes = await this.#started();
    const [ours, theirs] = duplexPair();
    ours.on('close', () => theirs.destroy());
    theirs.on('close', () => ours.destroy());
    const stream = packetStream(theirs, {
      most: Number.POSITIVE_INFINITY,
      pace: noPace,
      onSkipped: () => {},
    });
    this.#own.add(aedes.handle(stream));
    return ours;
  }

  /** What was said before is heard by everybody who listens; then it is gone. Never rejects. */
  async stop(): Promise<void> {
    await this.#close();
    const core = this.#core;
    this.#core = null;
    const aedes = await core?.catch(() => null);
    if (aedes) await new Promise<void>((resolve) => aedes.close(resolve));
  }

  async #close(): Promise<void> {
    const listening = this.#listening;
    this.#listening = null;
    if (!listening) return;
    for (let turn = 0; turn < LAST_TURNS; turn++) await nextTurn();
    listening.stopping.abort();
    await Promise.all([listening.ended, ...[...listening.guests].map(farewell)]);
  }

  /** Listens until that is over, or cannot begin. */
  async #listen(door: Door, guests: Set<Guest>, signal: AbortSignal): Promise<void> {
    const { port } = door;
    const fail = (detail: string) => this.#problems.tell(PORT, describe('mqtt-embedded', { port, detail }));
    let aedes: Aedes;
    try {
      aedes = await this.#started();
    } catch (error) {
      return fail(shown((error as Error).message));
    }
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const server: Server = createServer((socket) => {
        if (guests.size >= MOST_CLIENTS) socket.destroy();
        else this.#take(aedes, socket, door.login, guests);
      });
      const end = () => {
        signal.removeEventListener('abort', end);
        server.close();
        resolve();
      };
      signal.addEventListener('abort', end);
      server.on('error', ({ code, message }: NodeJS.ErrnoException) => {
        if (code === 'EADDRINUSE') this.#problems.tell(PORT, describe('mqtt-port-busy', { port }));
        else fail(code ?? shown(message));
        end();
      });
      server.listen({ host: LOOPBACK, port }, () => {
        this.#problems.tell(PORT, null);
        this.#options.log.info(`an MQTT broker for this machine listens at ${LOOPBACK}:${port}`);
      });
    });
  }

  #take(aedes: Aedes, socket: Socket, login: Login | null, guests: Set<Guest>): void {
    socket.setNoDelay(true);
    const stream = packetStream(socket, {
      most: MAX_PACKET,
      pace: floodWaits(PER_SECOND, BURST),
      onSkipped: ({ topic }) => {
        if (client.connected) this.#tooLarge(aedes, topic);
        stream.destroy();
      },
    });
    const guest = { socket, stream };
    guests.add(guest);
    stream.on('close', () => guests.delete(guest));
    const client = aedes.handle(stream);
    this.#logins.set(client, login ?? 'anybody');
  }

  #started(): Promise<Aedes> {
    this.#core ??= this.#start().catch((error) => {
      this.#core = null;
      throw error;
    });
    return this.#core;
  }

  async #start(): Promise<Aedes> {
    const { Aedes } = await import('aedes');
    const aedes = await Aedes.createBroker({
      ...LIMITS,
      preConnect: (_client, packet, done) => {
        // Nothing waits for who is away.
        packet.clean = true;
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        const admit = (isKnown: boolean) => (isKnown ? done(null, true) : done(unknownUser(), null));
        if (this.#own.has(client)) admit(true);
        else void this.#knows(this.#logins.get(client), username, password).then(admit);
      },
      authorizePublish: (client, packet, done) => {
        this.#judge(client !== null && this.#own.has(client), packet);
        done(null);
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#own.has(client) || hasRoom(client, subscription) ? subscription : null),
    });
    (aedes as EventEmitter).on('error', (error: Error) =>
      this.#options.log.warn(`mqtt broker: ${shown(error.message)}`),
    );
    return aedes;
  }

  async #knows(
    login: Login | 'anybody' | undefined,
    username: string | undefined,
    given: Uint8Array | undefined,
  ): Promise<boolean> {
    if (login === 'anybody') return true;
    if (!login) return false;
    const password = await this.#password(login);
    if (password !== null && username === login.username && given && isSame(password, given)) return true;
    this.#note('login', 'somebody was not let in at the embedded MQTT broker: wrong user name or password');
    await new Promise<void>((resolve) => this.#options.after(WRONG_MS, resolve));
    return false;
  }

  /** Null, and a problem, when there is none: then nobody is let in. */
  async #password(login: Login): Promise<string | null> {
    try {
      const password = await passwordOf(login);
      this.#problems.tell(LOGIN, null);
      return password;
    } catch (error) {
      const { passwordFile: file } = login;
      const problem =
        error instanceof EarlidError
          ? error.view
          : describe('mqtt-file', { file, detail: (error as Error).message });
      this.#problems.tell(LOGIN, problem);
      return null;
    }
  }

  #judge(isOwn: boolean, packet: PublishPacket): void {
    const { topic, retain } = packet;
    if (isOwn) {
      if (retain) this.#kept.forget(topic);
      return;
    }
    const fate = fateOf({ topic, retain, bytes: packet.payload.length }, this.#kindOf, this.#kept);
    packet.retain = fate === 'keep';
    if (typeof fate === 'string') return;
    // Refusing it would end the connection, and with it everything else that its sender does.
    packet.topic = NOWHERE;
    packet.payload = '';
    this.#note('dropped', `what somebody published on ${shown(topic)} is told to nobody: ${fate.dropped}`);
  }

  /** A mute needs nothing but its topic; it is handed on without what was too large. */
  #tooLarge(aedes: Aedes, topic: string): void {
    this.#note('large', `a message on ${shown(topic)} is too large; its sender was cut off`);
    if (this.#kindOf(topic) !== 'command') return;
    aedes.publish({ cmd: 'publish', qos: 0, dup: false, retain: false, topic, payload: '' }, () => {});
  }

  /** Whoever wants to fill the log has to wait. */
  #note(kind: string, text: string): void {
    const { counted } = this.#options.now();
    if (counted - (this.#noted.get(kind) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#noted.set(kind, counted);
    this.#options.log.warn(text);
  }
}

interface Guest {
  readonly socket: Socket;
  readonly stream: Duplex;
}

interface Listening {
  readonly stopping: AbortController;
  readonly guests: ReadonlySet<Guest>;
  readonly ended: Promise<void>;
}

function hasRoom(client: Client, { topic }: Subscription): boolean {
  const { subscriptions } = client as Client & { readonly subscriptions: object };
  return mayRead(topic, Object.keys(subscriptions).length);
}

const unknownUser = (): AuthenticateError =>
  Object.assign(new Error('unknown user'), { returnCode: BAD_LOGIN });

/** Lets somebody have what was written to him, and ends the connection. */
function farewell({ socket, stream }: Guest): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => stream.destroy(), FAREWELL_MS);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end();
  });
}
