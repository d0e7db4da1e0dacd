/** Gates in Home Assistant: connected with the broker for ever, everything shown as it changes, commands taken. */
import type { GateView } from '../../schemas/api.ts';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { discoveryTopic, OFFLINE, ONLINE, topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import type { GateEvent } from '../gate/gate.ts';
import { keepTrying } from '../link/keep-trying.ts';
import {
  type BrokerPlace,
  brokerName,
  type Connection,
  type Message,
  useBroker,
} from '../mqtt/connection.ts';
import { Desk } from './desk.ts';
import {
  controllerDeviceId,
  controllerDiscovery,
  gateDiscovery,
  gateId,
  isOurs,
  type Origin,
  type Published,
} from './discovery.ts';
import type { House, HouseGate } from './house.ts';
import { controllerNotice, gateNotices, Kept, withdrawn } from './notices.ts';
import { buttonEvent, decisionEvent, isOnTheWay } from './state.ts';

export interface SessionOptions {
  readonly house: House;
  readonly mqtt: BrokerPlace;
  /** Where Home Assistant says that it has started, such as `homeassistant/status`. */
  readonly birth: string;
  readonly origin: Origin;
  readonly now: () => { readonly wall: number; readonly counted: number };
  /** Calls `run` after `ms`; returns the way to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: Record<'debug' | 'info' | 'warn', (text: string) => void>;
  /** A problem by the name of what is wrong, null when it is over. */
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
  readonly onError: (error: unknown) => void;
}

/** The will of an older connection may come late: so often it is said that we are here. */
const HERE_MS = 45_000;
/** A broker that restarts has lost our will, and may still keep what we said. */
const HERE_LASTS_MS = 4 * HERE_MS;
/** What follows from one cause is told at once. */
const GATHER_MS = 20;
/** Home Assistant needs a moment for each device; all of them are told within the longer time. */
const [DEVICE_MS, DEVICES_MS] = [1_000, 6_000];
/** After the devices are told, Home Assistant needs this long to listen to their states. */
const STATES_MS = 2_000;
/** So long what the broker has kept is looked through for leftovers of our own. */
const LEFTOVERS_MS = 5_000;
/** An event that is older is history, which Home Assistant has no place for. */
const NEWS_MS = 60_000;
/** How long the last words may take. */
const FAREWELL_MS = 1_000;
const CONNECTION = 'mqtt of home assistant';
const TOPICS = 'mqtt topics of home assistant';
const FILES = 'mqtt files of home assistant';
const UNHEARD = 'mqtt writing of home assistant';

export class Session {
  readonly #options: SessionOptions;
  readonly #desk: Desk;
  readonly #stopping = new AbortController();
  readonly #kept = new Kept();
  readonly #views = new Map<string, GateView>();
  readonly #leave: string[];
  #connection: Connection | null = null;
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];
  /** Timers of the connection that there is, by what they are for. */
  readonly #timers = new Map<string, () => void>();
  readonly #reported = new Map<string, string>();
  /** What we tell comes back, or we may not hear whether it does. */
  #isHeard = false;
  #isAnnouncing = false;
  #announceAgain = false;
  /** What is to be taken back; the broker tells of it before the connection counts as made. */
  #taken: Published[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    const { house, origin, now, log, onError } = options;
    this.#leave = [discoveryTopic(origin.discovery, '+')];
    this.#desk = new Desk({
      house,
      base: origin.topic,
      now,
      log,
      onRefused: (gate) => this.#refused(gate),
      onError,
    });
  }

  start(): void {
    const { house } = this.#options;
    for (const { name, view } of house.gates()) this.#views.set(name, view);
    this.#unsubscribe = [
      house.onChange(() => this.#later('changes', GATHER_MS, () => this.#tellChanges())),
      house.onEvent((event) => this.#happened(event)),
    ];
    const { now, after } = this.#options;
    const { signal } = this.#stopping;
    this.#running = keepTrying({ attempt: () => this.#connect(signal), now, after, signal });
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
      this.#guarded(() => this.#tellChanges());
      if (withdraw) this.#withdrawAll();
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

  /** One connection, until it ends. */
  async #connect(signal: AbortSignal): Promise<void> {
    const { mqtt, origin, birth } = this.#options;
    const topics = topicsOf(origin.topic);
    const ending = await useBroker(
      mqtt,
      [topics.commands, topics.muteEverything, birth, ...this.#leave],
      {
        up: (refused, connection) =>
          this.#guarded(() => {
            if (!signal.aborted) this.#up(refused, connection);
          }),
        exposed: (problem) => this.#guarded(() => this.#report(FILES, problem)),
        message: (message) => this.#guarded(() => this.#heard(message)),
        skipped: ({ topic, retained }) =>
          this.#guarded(() => this.#desk.take({ topic, payload: null, retained, repeated: false })),
      },
      signal,
      { topic: topics.status, payload: OFFLINE },
    );
    this.#down();
    if (!signal.aborted) this.#report(CONNECTION, ending);
  }

  /** Said once, and when it is over. */
  #report(what: string, problem: ErrorView | null): void {
    const text = problem ? `${problem.code} ${problem.message}` : '';
    if (text !== (this.#reported.get(what) ?? '')) this.#options.onProblem(what, problem);
    this.#reported.set(what, text);
  }

  #up(refused: readonly string[], connection: Connection): void {
    const { mqtt, log } = this.#options;
    const broker = brokerName(mqtt);
    this.#report(CONNECTION, null);
    this.#report(
      TOPICS,
      refused.length > 0 ? describe('mqtt-topics', { broker, topics: refused.join(', ') }) : null,
    );
    log.info(`connected with ${broker}`);
    this.#connection = connection;
    this.#kept.forget();
    this.#here();
    this.#takeBack();
    this.#isHeard = this.#leave.some((topic) => refused.includes(topic));
    this.#later('leftovers', LEFTOVERS_MS, () => this.#lookedThrough(connection));
    this.#announce();
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
    this.#report(UNHEARD, describe('mqtt-unheard', { broker: brokerName(mqtt), topic, ...place }));
  }

  #down(): void {
    this.#connection = null;
    this.#taken = [];
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#isAnnouncing = false;
    this.#announceAgain = false;
  }

  #here(): void {
    const { status } = topicsOf(this.#options.origin.topic);
    this.#connection?.publish(status, ONLINE, { retain: true, lastsMs: HERE_LASTS_MS });
    this.#later('here', HERE_MS, () => this.#here());
  }

  #heard({ topic, payload, retained, repeated }: Message): void {
    const { birth, origin } = this.#options;
    if (topic === birth) {
      // One that was kept tells nothing new: everything is told at every connection.
      if (!retained && Buffer.from(payload).toString('utf8') === ONLINE) this.#announce();
      return;
    }
    const before = discoveryTopic(origin.discovery, '');
    const [start, end] = [before.slice(0, before.lastIndexOf('/config')), '/config'];
    if (topic.startsWith(start) && topic.endsWith(end))
      this.#device(topic, topic.slice(start.length, -end.length), payload, retained);
    else this.#desk.take({ topic, payload, retained, repeated });
  }

  /** One that we have just told comes back; one of ours that there is no more is taken back. */
  #device(topic: string, id: string, payload: Uint8Array, retained: boolean): void {
    const { origin, house, log } = this.#options;
    if (!retained && id === controllerDeviceId(origin)) {
      this.#isHeard = true;
      this.#report(UNHEARD, null);
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
    if (!this.#connection) return;
    for (const notice of this.#taken.splice(0)) this.#publish(notice);
  }

  /** Tells all devices, spaced, and then their states; states are told at once as well, for everybody who knows the devices. */
  #announce(): void {
    if (this.#isAnnouncing) {
      this.#announceAgain = true;
      return;
    }
    this.#isAnnouncing = true;
    this.#kept.forget();
    this.#tellChanges();
    const { origin } = this.#options;
    const names = [...this.#options.house.names()];
    const space = Math.min(DEVICE_MS, DEVICES_MS / Math.max(1, names.length));
    this.#publish(controllerDiscovery(origin));
    const next = () => {
      const name = names.shift();
      if (name === undefined) {
        this.#later('announce', STATES_MS, () => this.#announced());
        return;
      }
      const gate = this.#options.house.gates().find((each) => each.name === name);
      if (gate) this.#publish(gateDiscovery(origin, gate));
      this.#later('announce', space, next);
    };
    next();
  }

  #announced(): void {
    const { house, origin } = this.#options;
    this.#isAnnouncing = false;
    const again = this.#announceAgain;
    this.#announceAgain = false;
    for (const gate of house.gates())
      for (const notice of gateNotices(origin, gate, this.#desk.refusals(gate.name))) this.#publish(notice);
    this.#publish(controllerNotice(origin, house.problems()));
    if (again) this.#announce();
    else this.#tellChanges();
  }

  /** Everything that is not as it was told last. */
  #tellChanges(): void {
    if (!this.#connection) return;
    const { house, origin } = this.#options;
    const gates = house.gates();
    for (const gate of gates) this.#tellGate(gate);
    this.#publishNews(controllerNotice(origin, house.problems()));
    for (const name of [...this.#views.keys()])
      if (!gates.some((gate) => gate.name === name)) this.#withdraw(name);
  }

  #tellGate(gate: HouseGate): void {
    const { origin, now } = this.#options;
    const before = this.#views.get(gate.name) ?? null;
    const isNew = before === null;
    const event = decisionEvent(before, gate.view, iso(now().wall));
    if (isNew || !isOnTheWay(gate.view)) this.#views.set(gate.name, gate.view);
    for (const notice of gateNotices(origin, gate, this.#desk.refusals(gate.name))) this.#publishNews(notice);
    if (event) this.#tellEvent(topicsOf(origin.topic).gate(gate.name).decision, event);
    if (isNew) this.#announce();
    // Its board may have told what it is. A device that is being told is not told anew meanwhile.
    if (!this.#isAnnouncing) this.#publishNews(gateDiscovery(origin, gate));
  }

  #refused(gate: string): void {
    const { house, origin } = this.#options;
    const shown = house.gates().find(({ name }) => name === gate);
    if (!shown || !this.#connection) return;
    const { last } = this.#desk.refusals(gate);
    // A flood of commands is no flood of messages.
    if (last?.by === 'too-many') {
      this.#later('changes', GATHER_MS, () => this.#tellChanges());
      return;
    }
    this.#tellGate(shown);
    if (last) this.#tellEvent(topicsOf(origin.topic).gate(gate).decision, { event_type: 'refused', ...last });
  }

  #happened(event: GateEvent): void {
    const { origin, now, house } = this.#options;
    const said = buttonEvent(event);
    if (!said || now().wall - event.at > NEWS_MS) return;
    if (house.names().includes(event.gate))
      this.#tellEvent(topicsOf(origin.topic).gate(event.gate).button, said);
  }

  #tellEvent(topic: string, event: object): void {
    this.#connection?.publish(topic, JSON.stringify(event), { retain: false, lastsMs: NEWS_MS });
  }

  #withdraw(name: string): void {
    const { origin } = this.#options;
    this.#views.delete(name);
    this.#publish({ topic: discoveryTopic(origin.discovery, gateId(origin, name)), payload: '' });
    for (const notice of withdrawn(origin, name)) this.#publish(notice);
  }

  #withdrawAll(): void {
    const { origin } = this.#options;
    for (const name of [...this.#views.keys()]) this.#withdraw(name);
    this.#publish({ topic: discoveryTopic(origin.discovery, controllerDeviceId(origin)), payload: '' });
    this.#publish({ topic: topicsOf(origin.topic).problems, payload: '' });
  }

  #publish(published: Published): void {
    this.#kept.isNews(published);
    this.#connection?.publish(published.topic, published.payload, { retain: true });
  }

  #publishNews(published: Published): void {
    if (this.#kept.isNews(published))
      this.#connection?.publish(published.topic, published.payload, { retain: true });
  }

  /** One timer for each purpose; the first one stands, and none outlives its connection. */
  #later(what: string, ms: number, run: () => void): void {
    if (this.#timers.has(what) || !this.#connection) return;
    const cancel = this.#options.after(ms, () => {
      this.#timers.delete(what);
      this.#guarded(run);
    });
    this.#timers.set(what, cancel);
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

const iso = (at: number): string => new Date(at).toISOString();
