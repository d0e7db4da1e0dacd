/** Links to gates through an MQTT broker: one connection and one subscription for all of them. */
import { SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import {
  LINK_LIMITS,
  type LinkTopic,
  linkFilter,
  linkOfTopic,
  linkPlace,
  linkTopic,
  OFFLINE,
  ONLINE,
} from '../../schemas/link-mqtt.ts';
import {
  type Connection as BrokerConnection,
  type BrokerPlace,
  brokerName,
  type Message,
} from '../mqtt/connection.ts';
import { keepBroker } from '../mqtt/keep-broker.ts';
import { floodDrops, noPace } from '../mqtt/pace.ts';
import { ToldOnce } from '../network/told-once.ts';
import { LinkError, type LinkFactory } from './link.ts';
import { Pipe } from './pipe.ts';

/** A payload with its topic, in bytes; a longer one is left out before anybody keeps it in memory. */
export const MOST_PACKET = LINK_LIMITS.payloadBytes.value + 512;
/** A lost lease is missed at once, so that a broker that returns is not waited for as long as others are. */
export const LONGEST_PAUSE_MS = 5_000;
/** By then the broker has told who is served. */
const TELLING_MS = 300;
/** Payloads of one gate that are looked at: a gate sends a few a second, and all that it has kept at once. */
const [PER_SECOND, BURST] = [100, 200];
/** Words about who serves it. */
const [WORDS_PER_SECOND, WORDS_BURST] = [10, 20];
/** Whoever only says that nobody serves a gate must not keep mutes from it: within this time its frames tell otherwise. */
const LEAVING_MS = 1_500;
/** Names that are remembered as served. */
const MOST_NAMES = 4096;
/** A flood is over when nothing had to be left out for so long. */
const CALM_MS = 10_000;

export interface MqttLinksOptions {
  readonly broker: BrokerPlace;
  readonly prefix: string;
  readonly now: () => { readonly counted: number };
  /** Calls `run` after `ms`; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: Record<'info' | 'warn', (text: string) => void>;
  /** A problem by the name of what is wrong, null when it is over. */
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
}

interface Served {
  readonly mayCome: () => boolean;
  readonly maySay: () => boolean;
  pipe: Pipe | null;
  /** When something had to be left out last; null: not for a while. */
  floodedAt: number | null;
  /** No longer waits for the flood to be over. */
  cancel: () => void;
  /** Somebody says that nobody serves it; its next frame tells otherwise. */
  isLeaving: boolean;
  stay: () => void;
}

const flood = (name: string): string => `flood at ${name}`;

/** Anything else was cut, or is none of a link. */
const isWholeFrames = (payload: Uint8Array): boolean =>
  payload.length <= LINK_LIMITS.payloadBytes.value &&
  payload[0] === SYSEX_START &&
  payload.at(-1) === SYSEX_END;

/** Has no effect until `start`. */
export class MqttLinks {
  readonly #options: MqttLinksOptions;
  readonly #stopping = new AbortController();
  readonly #gates = new Map<string, Served>();
  readonly #online = new Set<string>();
  /** Of all gates that are not ours. */
  readonly #mayOthers = floodDrops(PER_SECOND, BURST);
  readonly #problems: ToldOnce;
  #connection: BrokerConnection | null = null;
  #why = 'not connected yet';
  /** Resolves when it is known whether there is a connection, and who is served. */
  #known!: Promise<void>;
  #know = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: MqttLinksOptions) {
    this.#options = options;
    this.#problems = new ToldOnce(options.onProblem);
    this.#wonder();
  }

  start(): void {
    const { broker, prefix, now, after } = this.#options;
    this.#running = keepBroker({
      broker,
      topics: (['up', 'online'] satisfies LinkTopic[]).map((topic) => linkFilter(prefix, topic)),
      // A flood at the topic of one gate must not end the connection of all: it is left out gate by gate.
      wishes: {
        packets: { most: MOST_PACKET, pace: () => noPace, wanted: (topic) => this.#isWanted(topic) },
      },
      up: (connection) => this.#up(connection),
      down: ({ message }) => this.#down(message),
      message: (message) => this.#take(message),
      // Whoever serves a gate sends nothing that is so large.
      skipped: () => {},
      problems: this.#problems,
      purpose: ' of links',
      now,
      after,
      signal: this.#stopping.signal,
      longestMs: LONGEST_PAUSE_MS,
    });
  }

  /** Ends every link, with everything said before. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    for (const { cancel } of this.#gates.values()) cancel();
    this.#problems.clear();
  }

  /** The link to the gate with this name at the broker. Opening rejects with `broker-away` or `gate-not-served`. */
  link(name: string): LinkFactory {
    const gate = this.#gateOf(name);
    return async ({ baud } = {}) => {
      if (baud !== undefined) throw new LinkError('link-failed', 'only guard frames travel over MQTT');
      if (!this.#online.has(name)) await this.#known;
      const connection = this.#connection;
      if (!connection) throw new LinkError('broker-away', this.#why);
      if (!this.#online.has(name)) throw new LinkError('gate-not-served', 'no bridge says that it does');
      if (gate.pipe) throw new LinkError('link-failed', `the link to ${name} is open already`);
      const topic = linkTopic(this.#options.prefix, name, 'down');
      const options = { retain: false, lastsMs: LINK_LIMITS.expiryMs.value };
      const pipe = new Pipe(
        (bytes) => connection.publish(topic, bytes, options),
        () => {
          gate.pipe = null;
          this.#stays(gate);
        },
      );
      gate.pipe = pipe;
      return pipe;
    };
  }

  #up(connection: BrokerConnection): void {
    const { broker, after, log } = this.#options;
    log.info(`connected with ${brokerName(broker)}`);
    this.#connection = connection;
    this.#wonder();
    after(TELLING_MS, () => {
      if (this.#connection === connection) this.#know();
    });
  }

  #wonder(): void {
    const before = this.#know;
    this.#known = new Promise((resolve) => {
      this.#know = () => {
        this.#know = () => {};
        before();
        resolve();
      };
    });
  }

  #down(why: string): void {
    this.#connection = null;
    this.#why = why;
    this.#online.clear();
    for (const { pipe } of this.#gates.values()) pipe?.end(new LinkError('broker-away', why));
    this.#know();
  }

  /** Asked for every message, before anything else is done with it. */
  #isWanted(topic: string): boolean {
    const of = linkOfTopic(this.#options.prefix, topic);
    if (!of) return false;
    const gate = this.#gates.get(of.gate);
    if (!gate) return this.#mayOthers();
    if (of.topic === 'online') return gate.maySay();
    if (gate.mayCome()) return true;
    this.#flooded(of.gate, gate);
    return false;
  }

  #take({ topic, payload, retained }: Message): void {
    const of = linkOfTopic(this.#options.prefix, topic);
    if (!of) return;
    if (of.topic === 'online') this.#told(of.gate, payload);
    // What a broker kept is of the past.
    else if (of.topic === 'up' && !retained) this.#frames(of.gate, payload);
  }

  #told(name: string, payload: Uint8Array): void {
    if (payload.length !== 1) return;
    const said = String.fromCharCode(payload[0]!);
    if (said === ONLINE) this.#isServed(name);
    if (said !== OFFLINE) return;
    this.#online.delete(name);
    const gate = this.#gates.get(name);
    if (!gate?.pipe || gate.isLeaving) return;
    gate.isLeaving = true;
    const { pipe } = gate;
    gate.stay = this.#options.after(LEAVING_MS, () =>
      pipe.end(new LinkError('gate-not-served', 'it has left, or has lost the gate')),
    );
  }

  #frames(name: string, payload: Uint8Array): void {
    if (!isWholeFrames(payload)) return;
    this.#isServed(name);
    this.#gates.get(name)?.pipe?.deliver(payload);
  }

  #stays(gate: Served): void {
    gate.stay();
    gate.isLeaving = false;
  }

  #isServed(name: string): void {
    const gate = this.#gates.get(name);
    if (gate?.isLeaving) this.#stays(gate);
    if (gate || this.#online.size < MOST_NAMES) this.#online.add(name);
  }

  #flooded(name: string, gate: Served): void {
    const { prefix, now } = this.#options;
    const isNews = gate.floodedAt === null;
    gate.floodedAt = now().counted;
    if (!isNews) return;
    this.#problems.tell(flood(name), describe('gate-flooded', { path: linkPlace(prefix, name) }));
    this.#whenCalm(name, gate, CALM_MS);
  }

  #whenCalm(name: string, gate: Served, ms: number): void {
    const { now, after } = this.#options;
    gate.cancel = after(ms, () => {
      const left = gate.floodedAt! + CALM_MS - now().counted;
      if (left > 0) return this.#whenCalm(name, gate, left);
      gate.floodedAt = null;
      this.#problems.tell(flood(name), null);
    });
  }

  #gateOf(name: string): Served {
    const known = this.#gates.get(name);
    if (known) return known;
    const nothing = () => {};
    const gate: Served = {
      mayCome: floodDrops(PER_SECOND, BURST),
      maySay: floodDrops(WORDS_PER_SECOND, WORDS_BURST),
      pipe: null,
      floodedAt: null,
      cancel: nothing,
      isLeaving: false,
      stay: nothing,
    };
    this.#gates.set(name, gate);
    return gate;
  }

  /** Said once, and when it is over. */
}
