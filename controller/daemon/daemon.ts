/** Composition root: one state folder, its gates, what was decided about them, and the local API. */
import { join } from 'node:path';
import type { Config } from '../../schemas/config.ts';
import { describe, type ErrorView } from '../../schemas/errors.ts';
import type { Gate, GateEvent } from '../gate/gate.ts';
import type { GateOptions } from '../gate/options.ts';
import { type EventStore, Journal } from '../ledger/journal.ts';
import type { Network } from '../presence/network.ts';
import { Almanac } from './almanac.ts';
import { createApi } from './api.ts';
import { OwnBroker } from './broker.ts';
import { type After, type Clock, machineRun, systemAfter, systemClock } from './clock.ts';
import { type ClockNeeds, ClockWatch, clockNeeds } from './clock-watch.ts';
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
import { InForce } from './in-force.ts';
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
  readonly #gates: Gates;
  readonly #decisions: Decisions;
  readonly #problems: Problems;
  /** Of one gate, or null: of anything. */
  readonly #changes: Notifier<string | null>;
  readonly #journal: EventStore;
  readonly #intake: Intake;
  readonly #watch: ClockWatch;
  readonly #wiring: WiringStore;
  readonly #keys: KeyStore;
  readonly #world: World;
  readonly #presence: Presence;
  readonly #exposures: Exposures;
  readonly #almanac: Almanac;
  readonly #inForce: InForce;
  readonly #follower: ConfigFollower | null;
  readonly #broker: OwnBroker;
  readonly #links: GateLinks;
  readonly #homeassistant: HomeAssistant;
  #controllerId = 0;
  #lock: FolderLock | null = null;
  #server: SocketServer | null = null;

  constructor(options: DaemonOptions) {
    const { folder, log, clock = systemClock, after = systemAfter } = options;
    this.#options = options;
    this.#log = log;
    this.#clock = clock;
    const onError = (error: unknown) => this.#unexpected(error);
    const onChange = (gate: string | null = null) => this.#changes.tell(gate);
    const onProblem = (key: string, problem: ErrorView | null) => this.#problems.tell(key, problem);
    const onUnwritten = (what: string) => (problem: WriteProblem | null) =>
      this.#problems.writing(what, problem);
    const common = { folder, clock, now: () => clock.now(), after, log, onProblem, onError };
    this.#changes = new Notifier(onError);
    const events = new Notifier<GateEvent>(onError);
    this.#problems = new Problems({ home: folder, log, onChange: () => onChange() });
    this.#decisions = new Decisions(folder, onUnwritten('overrides'));
    this.#wiring = new WiringStore(folder);
    this.#keys = new KeyStore(folder);
    this.#world = new World(
      clock,
      () => this.#watch.doubt() === null,
      () => this.#almanac.agendas(),
    );
    this.#almanac = new Almanac({
      ...common,
      onAgendas: () => this.#gates.review(),
      onHolidays: () => {
        this.#inForce.holidaysChanged();
        this.#gates.refreshRules();
      },
    });
    this.#inForce = new InForce(options.config, this.#almanac);
    const journal = join(folder, 'events.jsonl');
    this.#journal = new Journal({
      file: journal,
      onProblem: (error) => onUnwritten('events')(error === null ? null : writeProblem(error)),
      onDamage: (count) => onProblem('damage', describe('ledger-damaged', { count, file: journal })),
    });
    this.#intake = new Intake({
      ...common,
      journal: this.#journal,
      isSynchronised: () => this.#watch.isSynchronised(),
    });
    this.#watch = new ClockWatch({ ...common, newest: () => this.#intake.newest() });
    this.#watch.onChange(() => this.#clockChanged());
    this.#presence = new Presence({
      ...common,
      tell: (...told) => this.#world.facts.tell(...told),
      known: () => this.#world.known(),
      onUnwritten: onUnwritten('presence'),
      learn: (at) => this.#intake.learn(at),
      network: options.network,
    });
    this.#exposures = new Exposures({
      ...common,
      status: (gate) => this.#gates.units.get(gate)?.keeper.gate.status() ?? null,
      isRecorded: (gate) => this.#journal.newest(gate) !== null,
      onUnwritten: onUnwritten('exposure'),
      onChange,
    });
    const shared = {
      ...common,
      problems: this.#problems,
      journal: this.#journal,
      intake: this.#intake,
      wiring: this.#wiring,
      keys: this.#keys,
      events,
    };
    this.#gates = new Gates({
      ...shared,
      createGate: options.createGate,
      createHardware: async (gate, folder) => {
        const { link } = gate;
        return 'mqtt' in link
          ? this.#links.hardware(link.mqtt, this.#inForce.config.mqtt!.prefix)
          : options.createHardware({ ...gate, link }, folder);
      },
      world: this.#world,
      rulesOf: (gate) => this.#inForce.rulesOf(gate),
      decisions: this.#decisions,
      reading: (reading) => this.#presence.reading(reading),
      exposures: this.#exposures,
      forgetWiring: (gate) => void this.service.recordWiring(gate, null).catch(onError),
      onChange,
    });
    this.#follower = options.source
      ? new ConfigFollower({
          ...common,
          source: options.source,
          apply: (config) => this.#reconfigure(config),
          onProblem: (problem) => onProblem('the configuration', problem),
          now: () => clock.now().wall,
        })
      : null;
    this.service = new LocalService({
      ...shared,
      gates: this.#gates.units,
      problems: this.#problems.views,
      changes: this.#changes,
      zone: () => this.#inForce.compiled.site?.zone.name ?? null,
      clockDoubt: () => this.#watch.why(),
      presence: this.#presence,
      home: folder,
      defaultGrantMs: () => this.#inForce.config.grants.defaultMs,
      follower: this.#follower,
      saved: () => this.#decisions.saved(),
      onSolved: (key) => onProblem(key, null),
    });
    this.#broker = new OwnBroker(common);
    this.#links = new GateLinks({ ...common, log: log.named('links') });
    this.#homeassistant = new HomeAssistant({
      ...common,
      gates: this.#gates.units,
      service: this.service,
      exposures: this.#exposures,
      events,
      version: options.version ?? 'unknown',
    });
  }

  /** Throws an `EarlidError` when this state folder cannot be had; afterwards no single failure ends the daemon. */
  async start(): Promise<void> {
    const { folder, socket } = this.#options;
    const { config, compiled, names } = this.#inForce;
    const machine = machineRun();
    this.#lock = await takeFolder({ folder, socket, machine, log: this.#log });
    try {
      const { id, problem } = await controllerId(folder);
      if (problem) this.#problems.writing('id', problem);
      this.#controllerId = id;
      const unreadable = this.#decisions.load(machine, names, this.#clock.now());
      if (unreadable) this.#problems.tell('state', unreadable);
      const why = this.#wiring.load();
      if (why) this.#problems.tell('wiring', describe('wiring-unreadable', { detail: why }));
      this.#problems.tell('the keys of gates', await this.#keys.load());
      await this.#journal.start();
      this.#intake.learn(this.#decisions.newest());
      this.#presence.load(machine, compiled);
      this.#exposures.load(machine);
      await this.#watch.start(this.#clockNeeds());
      this.#clockChanged();
      this.#world.ask(compiled);
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
    const { config, compiled, names } = this.#inForce;
    this.#exposures.follow(names, compiled.site?.zone ?? null);
    const mqtt = this.#broker.follow(config);
    const links = this.#links.follow(config.gates.some(({ link }) => 'mqtt' in link) ? mqtt : null);
    this.#gates.start(units);
    // Nobody waits for what strangers wrote.
    void this.#almanac.follow(config, compiled).catch((error) => this.#unexpected(error));
    await this.#presence.follow({
      compiled,
      mqtt,
      homeassistant: config.homeassistant?.api ?? null,
      gates: new Map([...this.#gates.units].map(([name, { inputs }]) => [name, inputs])),
    });
    // Nobody waits for a broker.
    const shown = this.#homeassistant.follow({ ...config, mqtt }, this.#controllerId);
    void Promise.all([shown, links]).then(() => this.#broker.leave());
    await this.#gates.attach(units);
  }

  /** Goes by another configuration: gates that are reached as before stay connected, all others are muted first. */
  async #reconfigure(config: Config): Promise<void> {
    const change = configChange(this.#inForce.config, config);
    const before = this.#clockNeeds();
    this.#inForce.replace(config);
    const left = this.#gates.leave(change);
    // Whether the time is known was of no interest so far: without it a gate would be muted for a moment.
    const asked = this.#watch.follow(this.#clockNeeds());
    if (!before.needed) await asked;
    this.#world.ask(this.#inForce.compiled);
    this.#gates.follow(change.kept);
    await Promise.all([left, asked]);
    const units = await this.#gates.makeAnew(change.anew, config.gates);
    if (!units) return;
    await this.#startUnits(units);
    this.#clockChanged();
    this.#changes.tell(null);
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
    const { needed, trusted } = clockNeeds(this.#inForce.config);
    return { needed: needed || this.#presence.needsClock, trusted };
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
