/** Composition root: one state folder, its gates, what was decided about them, and the local API. */
import { join } from 'node:path';
import type { Config, GateConfig } from '../../schemas/config.ts';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { Gate, GateEvent } from '../gate/gate.ts';
import type { GateOptions } from '../gate/options.ts';
import { type EventStore, Journal } from '../ledger/journal.ts';
import type { GateRules } from '../policy/decide.ts';
import type { Network } from '../presence/network.ts';
import { Almanac } from './almanac.ts';
import { createApi } from './api.ts';
import { OwnBroker } from './broker.ts';
import { type After, type Clock, machineRun, systemAfter, systemClock } from './clock.ts';
import { type ClockNeeds, ClockWatch, clockNeeds } from './clock-watch.ts';
import { type Compiled, compile } from './compile.ts';
import { configChange } from './config-change.ts';
import { ConfigFollower, type ConfigSource } from './config-follower.ts';
import { controllerId } from './controller-id.ts';
import { Decisions } from './decisions.ts';
import { type WriteProblem, writeProblem } from './durable-file.ts';
import { Exposures } from './exposures.ts';
import type { FolderLock } from './folder-lock.ts';
import { Gates } from './gates.ts';
import type { HardwareFactory } from './hardware.ts';
import { HomeAssistant } from './homeassistant.ts';
import { Intake } from './intake.ts';
import { KeyStore } from './key-store.ts';
import { GateLinks } from './links.ts';
import { LocalService } from './local-service.ts';
import type { Log } from './log.ts';
import { Notifier } from './notifier.ts';
import { socketIsAway } from './places.ts';
import { Presence } from './presence.ts';
import { Problems } from './problems.ts';
import { listenAt, type SocketServer } from './socket.ts';
import { takeFolder } from './state-folder.ts';
import type { Unit } from './unit.ts';
import { WiringStore } from './wiring-store.ts';
import { World } from './world.ts';

export interface DaemonOptions {
  readonly config: Config;
  readonly folder: string;
  readonly socket: string;
  readonly log: Log;
  readonly createGate: (options: GateOptions) => Gate;
  readonly createHardware: HardwareFactory;
  readonly clock?: Clock;
  readonly after?: After;
  /** Of this package, for those who ask. */
  readonly version?: string;
  /** In place of the network of this machine, for tests. */
  readonly network?: Network;
  /** The file that the configuration was read from; it is followed as it changes. */
  readonly source?: ConfigSource;
}

export class Daemon {
  /** What the local API and this process itself may ask of it. */
  readonly service: LocalService;
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #after: After;
  readonly #gates: Gates;
  readonly #decisions: Decisions;
  readonly #problems: Problems;
  readonly #changes: Notifier<void>;
  readonly #events: Notifier<GateEvent>;
  readonly #journal: EventStore;
  readonly #intake: Intake;
  readonly #watch: ClockWatch;
  readonly #wiring: WiringStore;
  readonly #keys: KeyStore;
  readonly #world: World;
  readonly #presence: Presence;
  readonly #exposures: Exposures;
  readonly #almanac: Almanac;
  readonly #follower: ConfigFollower | null;
  readonly #broker: OwnBroker;
  readonly #links: GateLinks;
  readonly #homeassistant: HomeAssistant;
  #controllerId = 0;
  #config: Config;
  #compiled: Compiled;
  #lock: FolderLock | null = null;
  #server: SocketServer | null = null;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    this.#after = options.after ?? systemAfter;
    this.#changes = new Notifier((error) => this.#unexpected(error));
    this.#events = new Notifier((error) => this.#unexpected(error));
    this.#problems = new Problems({
      home: options.folder,
      log: this.#log,
      onChange: () => this.#changes.tell(),
    });
    const onProblem = (key: string, problem: ErrorView | null) => this.#problems.tell(key, problem);
    const onUnwritten = (what: string) => (problem: WriteProblem | null) =>
      this.#problems.writing(what, problem);
    this.#decisions = new Decisions(options.folder, onUnwritten('overrides'));
    this.#wiring = new WiringStore(options.folder);
    this.#keys = new KeyStore(options.folder);
    this.#world = new World(
      this.#clock,
      () => this.#watch.doubt() === null,
      () => this.#almanac.agendas(),
    );
    this.#almanac = new Almanac({
      folder: options.folder,
      clock: this.#clock,
      after: this.#after,
      log: this.#log,
      onAgendas: () => this.#gates.review(),
      onHolidays: () => this.#holidaysChanged(),
      onProblem,
    });
    this.#config = options.config;
    this.#compiled = this.#compile(options.config);
    this.#journal = new Journal({
      file: join(options.folder, 'events.jsonl'),
      onProblem: (error) => onUnwritten('events')(error === null ? null : writeProblem(error)),
      onDamage: (count) =>
        onProblem(
          'damage',
          describe('ledger-damaged', { count, file: join(options.folder, 'events.jsonl') }),
        ),
    });
    this.#intake = new Intake({
      journal: this.#journal,
      clock: this.#clock,
      isSynchronised: () => this.#watch.isSynchronised(),
      onProblem,
    });
    this.#watch = new ClockWatch({
      clock: this.#clock,
      after: this.#after,
      newest: () => this.#intake.newest(),
      log: this.#log,
      onError: (error) => this.#unexpected(error),
    });
    this.#watch.onChange(() => this.#clockChanged());
    this.#presence = new Presence({
      folder: options.folder,
      tell: (...told) => this.#world.facts.tell(...told),
      known: () => this.#world.known(),
      clock: this.#clock,
      after: this.#after,
      log: this.#log,
      onProblem,
      onUnwritten: onUnwritten('presence'),
      learn: (at) => this.#intake.learn(at),
      onError: (error) => this.#unexpected(error),
      network: options.network,
    });
    this.#exposures = new Exposures({
      folder: options.folder,
      clock: this.#clock,
      after: this.#after,
      status: (gate) => this.#gates.units.get(gate)?.keeper.gate.status() ?? null,
      isRecorded: (gate) => this.#journal.newest(gate) !== null,
      onProblem,
      onUnwritten: onUnwritten('exposure'),
      onChange: () => this.#changes.tell(),
    });
    this.#gates = new Gates({
      folder: options.folder,
      createGate: options.createGate,
      createHardware: async (gate, folder) => {
        const { link } = gate;
        return 'mqtt' in link
          ? this.#links.hardware(link.mqtt, this.#config.mqtt!.prefix)
          : options.createHardware({ ...gate, link }, folder);
      },
      clock: this.#clock,
      after: this.#after,
      log: this.#log,
      world: this.#world,
      rulesOf: (gate) => this.#rulesOf(gate),
      decisions: this.#decisions,
      problems: this.#problems,
      journal: this.#journal,
      intake: this.#intake,
      wiring: this.#wiring,
      keys: this.#keys,
      events: this.#events,
      reading: (reading) => this.#presence.reading(reading),
      exposures: this.#exposures,
      forgetWiring: (gate) =>
        void this.service.recordWiring(gate, null).catch((error) => this.#unexpected(error)),
      onChange: () => this.#changes.tell(),
    });
    this.#follower = options.source
      ? new ConfigFollower({
          source: options.source,
          apply: (config) => this.#reconfigure(config),
          onProblem: (problem) => onProblem('the configuration', problem),
          after: this.#after,
          now: () => this.#clock.now().wall,
          log: this.#log,
        })
      : null;
    this.service = new LocalService({
      gates: this.#gates.units,
      problems: this.#problems.views,
      changes: this.#changes,
      events: this.#events,
      journal: this.#journal,
      intake: this.#intake,
      zone: () => this.#compiled.site?.zone.name ?? null,
      clockDoubt: () => this.#watch.why(),
      wiring: this.#wiring,
      keys: this.#keys,
      presence: this.#presence,
      clock: this.#clock,
      after: this.#after,
      log: this.#log,
      home: options.folder,
      defaultGrantMs: () => this.#config.grants.defaultMs,
      follower: this.#follower,
      saved: () => this.#decisions.saved(),
      onSolved: (key) => onProblem(key, null),
    });
    this.#broker = new OwnBroker({
      now: () => this.#clock.now(),
      after: this.#after,
      log: this.#log,
      onProblem,
      onError: (error) => this.#unexpected(error),
    });
    this.#links = new GateLinks({
      now: () => this.#clock.now(),
      after: this.#after,
      log: this.#log.named('links'),
      onProblem,
      onError: (error) => this.#unexpected(error),
    });
    this.#homeassistant = new HomeAssistant({
      gates: this.#gates.units,
      service: this.service,
      exposures: this.#exposures,
      events: this.#events,
      version: options.version ?? 'unknown',
      clock: this.#clock,
      after: this.#after,
      log: this.#log,
      onProblem,
      onError: (error) => this.#unexpected(error),
    });
  }

  /** Throws an `EarlidError` when this state folder cannot be had; afterwards no single failure ends the daemon. */
  async start(): Promise<void> {
    const { folder, socket } = this.#options;
    const config = this.#config;
    const machine = machineRun();
    this.#lock = await takeFolder({ folder, socket, machine, log: this.#log });
    try {
      const { id, problem } = await controllerId(folder);
      if (problem) this.#problems.writing('id', problem);
      this.#controllerId = id;
      const names = config.gates.map(({ name }) => name);
      const unreadable = this.#decisions.load(machine, names, this.#clock.now());
      if (unreadable) this.#problems.tell('state', unreadable);
      const why = this.#wiring.load();
      if (why) this.#problems.tell('wiring', describe('wiring-unreadable', { detail: why }));
      this.#problems.tell('the keys of gates', await this.#keys.load());
      await this.#journal.start();
      this.#intake.learn(this.#decisions.newest());
      this.#presence.load(machine, this.#compiled);
      this.#exposures.load(machine);
      await this.#watch.start(this.#clockNeeds());
      this.#clockChanged();
      this.#world.ask(this.#compiled);
      this.#world.facts.onTold((fact) => this.#gates.review(fact));
      await this.#gates.make(config.gates, id);
      const api = createApi(this.service, (error) => this.#unexpected(error));
      this.#server = await listenAt(socket, socketIsAway(socket, folder), api);
      this.#log.info(`runs on ${folder} with ${names.join(', ')}`);
      await this.#startUnits([...this.#gates.units.values()]);
      this.#follower?.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Starts these, and then what tells facts about them and all others. */
  async #startUnits(units: readonly Unit[]): Promise<void> {
    const names = this.#config.gates.map(({ name }) => name);
    this.#exposures.follow(names, this.#compiled.site?.zone ?? null);
    const config = this.#config;
    const mqtt = this.#broker.follow(config);
    const links = this.#links.follow(config.gates.some(({ link }) => 'mqtt' in link) ? mqtt : null);
    this.#gates.start(units);
    // Nobody waits for what strangers wrote.
    void this.#almanac.follow(this.#config, this.#compiled).catch((error) => this.#unexpected(error));
    await this.#presence.follow({
      compiled: this.#compiled,
      mqtt,
      homeassistant: this.#config.homeassistant?.api ?? null,
      gates: new Map([...this.#gates.units].map(([name, { inputs }]) => [name, inputs])),
    });
    // Nobody waits for a broker.
    const shown = this.#homeassistant.follow({ ...config, mqtt }, this.#controllerId);
    void Promise.all([shown, links]).then(() => this.#broker.leave());
    await this.#gates.attach(units);
  }

  #rulesOf({ name, buttonMs, mayUnmute, readyAfterMs }: GateConfig): GateRules {
    const maxGrantMs = this.#config.grants.maxMs;
    return { ...this.#compiled.rules.get(name)!, buttonMs, mayUnmute, maxGrantMs, readyAfterMs };
  }

  /** Goes by another configuration: gates that are reached as before stay connected, all others are muted first. */
  async #reconfigure(config: Config): Promise<void> {
    const change = configChange(this.#config, config);
    const before = this.#clockNeeds();
    this.#config = config;
    this.#compiled = this.#compile(config);
    const left = this.#gates.leave(change);
    // Whether the time is known was of no interest so far: without it a gate would be muted for a moment.
    const asked = this.#watch.follow(this.#clockNeeds());
    if (!before.needed) await asked;
    this.#world.ask(this.#compiled);
    this.#gates.follow(change.kept);
    await Promise.all([left, asked]);
    const units = await this.#gates.makeAnew(change.anew, config.gates);
    if (!units) return;
    await this.#startUnits(units);
    this.#clockChanged();
    this.#changes.tell();
  }

  /** It became known or unknown, it was set, or the machine woke: every verdict is judged anew. */
  #clockChanged(): void {
    this.#intake.checkClock();
    const unset = this.#clockNeeds().needed && this.#watch.doubt() === 'unset';
    const problems = [
      ['the time', unset ? describe('clock-unknown') : null],
      ['the test clock', this.#clock.problem?.() ?? null],
    ] as const;
    for (const [key, problem] of problems)
      if (problem?.message !== this.#problems.views.get(key)?.message) this.#problems.tell(key, problem);
    this.#presence.clockChanged();
    this.#almanac.look();
    this.#exposures.look();
    this.#gates.review();
  }

  #clockNeeds(): ClockNeeds {
    const { needed, trusted } = clockNeeds(this.#config);
    return { needed: needed || this.#presence.needsClock, trusted };
  }

  #compile(config: Config): Compiled {
    this.#almanac.expect(config);
    return compile(config, { isHoliday: this.#almanac.isHoliday, now: null });
  }

  /** Schedules remember their days. */
  #holidaysChanged(): void {
    this.#compiled = this.#compile(this.#config);
    this.#gates.refreshRules();
  }

  #unexpected(error: unknown): void {
    this.#log.error(String((error as Error).stack ?? error));
  }

  /** Mutes every gate that is or may be live, then lets go of everything. Never throws. */
  async stop(): Promise<void> {
    this.#watch.stop();
    this.#homeassistant.close();
    const presence = this.#presence.stop();
    const stopped = this.#gates.stop();
    await Promise.allSettled([stopped, this.#almanac.stop(), this.#server?.stop(), this.#follower?.stop()]);
    await this.#homeassistant.stop();
    await Promise.allSettled([
      presence,
      this.#links.stop(),
      this.#journal.stop(),
      this.#decisions.stop(),
      this.#exposures.stop(),
    ]);
    await this.#broker.stop();
    this.#lock?.release();
    this.#lock = null;
    this.#log.info('stopped');
  }
}
