/** Gates in Home Assistant: connected with the broker for ever, everything shown as it changes, commands taken. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import {
  discoveryTopic,
  HERE_LASTS_MS,
  HERE_MS,
  OFFLINE,
  ONLINE,
  topicsOf,
} from '../../schemas/homeassistant-mqtt.ts';
import { type BrokerPlace, brokerName, type Connection, type Message } from '../mqtt/connection.ts';
import { keepBroker } from '../mqtt/keep-broker.ts';
import { ToldOnce } from '../network/told-once.ts';
import { Desk } from './desk.ts';
import { controllerDeviceId, gateId, isOurs, type Origin, type Published } from './discovery.ts';
import type { House } from './house.ts';
import { withdrawn } from './notices.ts';
import { Teller } from './teller.ts';
import { Timers } from './timers.ts';

export interface SessionOptions {
  readonly house: House;
  readonly mqtt: BrokerPlace;
  /** Where Home Assistant says that it has started, such as `homeassistant/status`. */
  readonly birth: string;
  readonly origin: Origin;
  readonly now: () => { readonly wall: number; readonly counted: number };
  /** Calls `run` after `ms`; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: Record<'info' | 'warn', (text: string) => void>;
  /** A problem by the name of what is wrong, null when it is over. */
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
  readonly onError: (error: unknown) => void;
}

/** So long what the broker has kept is looked through for leftovers of our own. */
const LEFTOVERS_MS = 5_000;
/** How long the last words may take. */
const FAREWELL_MS = 1_000;
const PURPOSE = ' of home assistant';
const UNHEARD = `mqtt writing${PURPOSE}`;

export class Session {
  readonly #options: SessionOptions;
  readonly #desk: Desk;
  readonly #stopping = new AbortController();
  readonly #timers: Timers;
  readonly #teller: Teller;
  readonly #leave: string[];
  #connection: Connection | null = null;
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];
  readonly #problems: ToldOnce;
  /** What we tell comes back, or we may not hear whether it does. */
  #isHeard = false;
  /** What is to be taken back; the broker tells of it before the connection counts as made. */
  #taken: Published[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    const { house, origin, now, log, onError } = options;
    this.#problems = new ToldOnce((...told) => this.#guarded(() => options.onProblem(...told)));
    this.#leave = [discoveryTopic(origin.discovery, '+')];
    this.#desk = new Desk({
      house,
      base: origin.topic,
      now,
      log,
      onRefused: (gate) => this.#teller.refused(gate),
      onError,
    });
    this.#timers = new Timers(options.after, (run) => this.#guarded(run));
    const refusals = (gate: string) => this.#desk.refusals(gate);
    this.#teller = new Teller({ house, origin, now, timers: this.#timers, refusals });
  }

  start(): void {
    const { house } = this.#options;
    this.#teller.begin();
    this.#unsubscribe = [
      house.onChange((gate) => this.#teller.changed(gate)),
      house.onEvent((event) => this.#teller.happened(event)),
    ];
    const { mqtt, origin, birth, now, after } = this.#options;
    const { commands, muteEverything, status } = topicsOf(origin.topic);
    this.#running = keepBroker({
      broker: mqtt,
      topics: [commands, muteEverything, birth, ...this.#leave],
      wishes: { will: { topic: status, payload: OFFLINE } },
      up: (...up) => this.#guarded(() => this.#up(...up)),
      down: () => this.#down(),
      message: (message) => this.#guarded(() => this.#heard(message)),
      skipped: ({ topic, retained }) =>
        // It can only mute, however old it is.
        this.#guarded(() =>
          this.#desk.take({ topic, payload: null, retained, repeated: false, transitMs: 0 }),
        ),
      problems: this.#problems,
      purpose: PURPOSE,
      now,
      after,
      signal: this.#stopping.signal,
    });
  }

  /** From now on nothing unmutes any more; mutes still act. */
  close(): void {
    this.#desk.close();
  }

  /** Says that we are gone, and ends the connection. `withdraw`: Home Assistant is to forget our devices. Never rejects. */
  async stop({ withdraw = false }: { readonly withdraw?: boolean } = {}): Promise<void> {
    this.close();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const connection = this.#connection;
    if (connection) {
      this.#guarded(() => this.#teller.tellChanges());
      if (withdraw) this.#teller.withdrawAll();
      const { status } = topicsOf(this.#options.origin.topic);
      connection.publish(status, OFFLINE, { retain: true });
      let cancel = () => {};
      const enough = new Promise<void>((resolve) => {
        cancel = this.#options.after(FAREWELL_MS, resolve);
      });
      await Promise.race([connection.flushed(), enough]);
      cancel();
    }
    this.#stopping.abort();
    this.#down();
    await this.#running;
  }

  #up(connection: Connection, refused: readonly string[]): void {
    const { mqtt, log } = this.#options;
    log.info(`connected with ${brokerName(mqtt)}`);
    this.#connection = connection;
    this.#teller.up(connection);
    this.#here();
    this.#takeBack();
    this.#isHeard = this.#leave.some((topic) => refused.includes(topic));
    this.#timers.later('leftovers', LEFTOVERS_MS, () => this.#lookedThrough(connection));
    this.#teller.announce();
  }

  /** All that the broker had kept has come, and what was told meanwhile has come back, where we may write. */
  #lookedThrough(connection: Connection): void {
    if (this.#isHeard) {
      for (const topic of this.#leave) connection.leave(topic);
      return;
    }
    const { mqtt, origin } = this.#options;
    const topic = discoveryTopic(origin.discovery, controllerDeviceId(origin));
    const place = { base: origin.topic, discovery: origin.discovery };
    this.#problems.tell(UNHEARD, describe('mqtt-unheard', { broker: brokerName(mqtt), topic, ...place }));
  }

  #down(): void {
    this.#connection = null;
    this.#taken = [];
    this.#timers.clear();
    this.#teller.down();
  }

  /** The will of an older connection may come late, and what is not said again is believed no longer. */
  #here(): void {
    const { status } = topicsOf(this.#options.origin.topic);
    this.#connection?.publish(status, ONLINE, { retain: true, lastsMs: HERE_LASTS_MS });
    this.#timers.later('here', HERE_MS, () => {
      this.#here();
      this.#teller.tellStates();
    });
  }

  #heard(message: Message): void {
    const { topic, payload, retained } = message;
    const { birth, origin } = this.#options;
    if (topic === birth) {
      // One that was kept tells nothing new: everything is told at every connection.
      if (!retained && Buffer.from(payload).toString('utf8') === ONLINE) this.#teller.announce();
      return;
    }
    const before = discoveryTopic(origin.discovery, '');
    const [start, end] = [before.slice(0, before.lastIndexOf('/config')), '/config'];
    if (topic.startsWith(start) && topic.endsWith(end))
      this.#device(topic, topic.slice(start.length, -end.length), payload, retained);
    else this.#desk.take(message);
  }

  /** One that we have just told comes back; one of ours that there is no more is taken back. */
  #device(topic: string, id: string, payload: Uint8Array, retained: boolean): void {
    const { origin, house, log } = this.#options;
    if (!retained && id === controllerDeviceId(origin)) {
      this.#isHeard = true;
      this.#problems.tell(UNHEARD, null);
    }
    if (payload.length === 0 || !isOurs(origin, id, payload)) return;
    const gates = house.names();
    if (id === controllerDeviceId(origin) || gates.some((name) => gateId(origin, name) === id)) return;
    log.info(`${id} is taken back from Home Assistant: there is no such gate any more`);
    const first = gateId(origin, '');
    this.#taken.push({ topic, payload: '' });
    if (id.startsWith(first)) this.#taken.push(...withdrawn(origin, id.slice(first.length)));
    this.#takeBack();
  }

  #takeBack(): void {
    if (this.#connection) this.#teller.takeBack(this.#taken.splice(0));
  }

  /** What goes wrong here stays here (S10). */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
