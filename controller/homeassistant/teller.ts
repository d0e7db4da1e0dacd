/** What Home Assistant is told of a house: devices, states as they change, events. */
import type { GateView } from '../../schemas/api.ts';
import { discoveryTopic, topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import type { GateEvent } from '../gate/gate.ts';
import type { Connection } from '../mqtt/connection.ts';
import type { Desk } from './desk.ts';
import {
  controllerDeviceId,
  controllerDiscovery,
  gateDiscovery,
  gateId,
  type Origin,
  type Published,
} from './discovery.ts';
import type { House, HouseGate } from './house.ts';
import { controllerNotice, gateNotices, Kept, withdrawn } from './notices.ts';
import { buttonEvent, decisionEvent, isOnTheWay } from './state.ts';
import type { Timers } from './timers.ts';

export interface TellerOptions {
  readonly house: House;
  readonly origin: Origin;
  readonly now: () => { readonly wall: number };
  readonly timers: Timers;
  readonly refusals: Desk['refusals'];
}

/** What follows from one cause is told at once. */
const GATHER_MS = 20;
/** Home Assistant needs a moment for each device; all of them are told within the longer time. */
const [DEVICE_MS, DEVICES_MS] = [1_000, 6_000];
/** After the devices are told, Home Assistant needs this long to listen to their states; what it knew of one that was told anew has expired. */
const STATES_MS = 2_000;
/** An event that is older is history, which Home Assistant has no place for. */
const NEWS_MS = 60_000;

/** Tells nothing until `up`. */
export class Teller {
  readonly #options: TellerOptions;
  readonly #timers: Timers;
  readonly #kept = new Kept();
  readonly #views = new Map<string, GateView>();
  /** Not told yet. */
  readonly #changed = new Set<string | null>();
  #connection: Connection | null = null;
  #isAnnouncing = false;
  #announceAgain = false;

  constructor(options: TellerOptions) {
    this.#options = options;
    this.#timers = options.timers;
  }

  /** These are there from the beginning: what they become is news, not that they are. */
  begin(): void {
    for (const { name, view } of this.#gates()) this.#views.set(name, view);
  }

  /** A new connection, which has been told nothing. */
  up(connection: Connection): void {
    this.#connection = connection;
    this.#kept.forget();
  }

  /** The timers of the connection end with it. */
  down(): void {
    this.#connection = null;
    this.#isAnnouncing = false;
    this.#announceAgain = false;
  }

  /** A gate has changed, or null: anything. It is told in a moment, together with what else changes. */
  changed(gate: string | null): void {
    if (!this.#connection) return;
    this.#changed.add(gate);
    this.#timers.later('changes', GATHER_MS, () => this.#tellChanged());
  }

  #gates(): HouseGate[] {
    const { house } = this.#options;
    return house.names().flatMap((name) => house.gate(name) ?? []);
  }

  /** Tells all devices, spaced, and then their states; states are told at once as well, for everybody who knows the devices. */
  announce(): void {
    if (this.#isAnnouncing) {
      this.#announceAgain = true;
      return;
    }
    this.#isAnnouncing = true;
    this.#kept.forget();
    this.tellChanges();
    const { origin } = this.#options;
    const names = [...this.#options.house.names()];
    const space = Math.min(DEVICE_MS, DEVICES_MS / Math.max(1, names.length));
    this.#publish(controllerDiscovery(origin));
    const next = () => {
      const name = names.shift();
      if (name === undefined) {
        this.#timers.later('announce', STATES_MS, () => this.#announced());
        return;
      }
      const gate = this.#options.house.gate(name);
      if (gate) this.#publish(gateDiscovery(origin, gate));
      this.#timers.later('announce', space, next);
    };
    next();
  }

  #announced(): void {
    this.#isAnnouncing = false;
    const again = this.#announceAgain;
    this.#announceAgain = false;
    this.tellStates();
    if (again) this.announce();
    else this.tellChanges();
  }

  /** Tells all states, whether or not they were told. */
  tellStates(): void {
    const { house, origin } = this.#options;
    for (const gate of this.#gates())
      for (const notice of gateNotices(origin, gate, this.#options.refusals(gate.name)))
        this.#publish(notice);
    this.#publish(controllerNotice(origin, house.problems()));
  }

  /** Everything that is not as it was told last. */
  tellChanges(): void {
    if (!this.#connection) return;
    const { house, origin } = this.#options;
    this.#changed.clear();
    for (const gate of this.#gates()) this.#tellGate(gate);
    this.#publishNews(controllerNotice(origin, house.problems()));
    const names = new Set(house.names());
    for (const name of [...this.#views.keys()]) if (!names.has(name)) this.#withdraw(name);
  }

  /** Looks at those alone that have changed: of a thousand gates one does every ms. */
  #tellChanged(): void {
    if (this.#changed.has(null)) {
      this.tellChanges();
      return;
    }
    const names = [...this.#changed].flatMap((name) => name ?? []);
    this.#changed.clear();
    for (const name of names) {
      const gate = this.#options.house.gate(name);
      if (gate) this.#tellGate(gate);
      else if (this.#views.has(name)) this.#withdraw(name);
    }
  }

  #tellGate(gate: HouseGate): void {
    const { origin, now } = this.#options;
    const before = this.#views.get(gate.name) ?? null;
    const isNew = before === null;
    const event = decisionEvent(before, gate.view, iso(now().wall));
    if (isNew || !isOnTheWay(gate.view)) this.#views.set(gate.name, gate.view);
    for (const notice of gateNotices(origin, gate, this.#options.refusals(gate.name)))
      this.#publishNews(notice);
    if (event) this.#tellEvent(topicsOf(origin.topic).gate(gate.name).decision, event);
    if (isNew) this.announce();
    // Its board may have told what it is. A device that is being told is not told anew meanwhile.
    if (!this.#isAnnouncing && this.#publishNews(gateDiscovery(origin, gate)))
      this.#timers.later('states', STATES_MS, () => this.tellStates());
  }

  /** An unmute of this gate was refused. */
  refused(gate: string): void {
    const { house, origin } = this.#options;
    const shown = house.gate(gate);
    if (!shown || !this.#connection) return;
    const { last } = this.#options.refusals(gate);
    // A flood of commands is no flood of messages.
    if (last?.by === 'too-many') {
      this.changed(gate);
      return;
    }
    this.#tellGate(shown);
    if (last) this.#tellEvent(topicsOf(origin.topic).gate(gate).decision, { event_type: 'refused', ...last });
  }

  /** Something happened at a gate. */
  happened(event: GateEvent): void {
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

  /** Home Assistant is to forget all our devices. */
  withdrawAll(): void {
    const { origin } = this.#options;
    for (const name of [...this.#views.keys()]) this.#withdraw(name);
    this.#publish({ topic: discoveryTopic(origin.discovery, controllerDeviceId(origin)), payload: '' });
    this.#publish({ topic: topicsOf(origin.topic).problems, payload: '' });
  }

  #publish(published: Published): void {
    this.#kept.isNews(published);
    this.#connection?.publish(published.topic, published.payload, { retain: true });
  }

  /** True when this is news. */
  #publishNews(published: Published): boolean {
    const isNews = this.#kept.isNews(published);
    if (isNews) this.#connection?.publish(published.topic, published.payload, { retain: true });
    return isNews;
  }

  /** Takes back what the broker has kept of ours. */
  takeBack(notices: readonly Published[]): void {
    for (const notice of notices) this.#publish(notice);
  }
}

const iso = (at: number): string => new Date(at).toISOString();
