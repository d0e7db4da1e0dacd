/** Composition root: one state folder, its gates, what was decided about them, and the local API. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, GateConfig } from '../../schemas/config.ts';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { Gate, GateEvent } from '../gate/gate.ts';
import type { GateOptions } from '../gate/options.ts';
import { type EventStore, Journal } from '../ledger/journal.ts';
import type { GateRules } from '../policy/decide.ts';
import { type Decision, endGrant, hold, UNDECIDED } from '../policy/override.ts';
import { asks } from '../policy/rules.ts';
import type { Network } from '../presence/network.ts';
import { Almanac } from './almanac.ts';
import { createApi } from './api.ts';
import { type Clock, machineRun, systemAfter, systemClock } from './clock.ts';
import { type ClockNeeds, ClockWatch, clockNeeds } from './clock-watch.ts';
import { type Compiled, compile } from './compile.ts';
import { configChange } from './config-change.ts';
import { ConfigFollower, type ConfigSource } from './config-follower.ts';
import { controllerId } from './controller-id.ts';
import { type WriteProblem, writeProblem } from './durable-file.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import type { HardwareFactory } from './hardware.ts';
import { Intake } from './intake.ts';
import type { After, Keeper } from './keeper.ts';
import { LocalService } from './local-service.ts';
import type { Log } from './log.ts';
import { Notifier } from './notifier.ts';
import { OverrideStore } from './override-store.ts';
import { socketIsAway } from './places.ts';
import { Presence } from './presence.ts';
import { answers, listenAt, type SocketServer } from './socket.ts';
import { createUnit, followed, leave, PARTS, type Unit } from './unit.ts';
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
  /** In place of the network of this machine, for tests. */
  readonly network?: Network;
  /** The file that the configuration was read from; it is followed as it changes. */
  readonly source?: ConfigSource;
}

/** How long `stop()` waits for a live gate to show that it is muted. */
const STOP_MS = 2_000;

export class Daemon {
  /** What the local API and this process itself may ask of it. */
  readonly service: LocalService;
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #after: After;
  readonly #units = new Map<string, Unit>();
  readonly #decisions = new Map<string, Decision>();
  readonly #problems = new Map<string, ErrorView>();
  readonly #changes: Notifier<void>;
  readonly #events: Notifier<GateEvent>;
  readonly #journal: EventStore;
  readonly #intake: Intake;
  readonly #watch: ClockWatch;
  readonly #wiring: WiringStore;
  readonly #world: World;
  readonly #presence: Presence;
  readonly #almanac: Almanac;
  readonly #follower: ConfigFollower | null;
  #config: Config;
  #compiled: Compiled;
  #controller = 0;
  #isStopping = false;
  #store: OverrideStore | null = null;
  #saved: Promise<WriteProblem | null> = Promise.resolve(null);
  #lock: FolderLock | null = null;
  #server: SocketServer | null = null;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    this.#after = options.after ?? systemAfter;
    this.#wiring = new WiringStore(options.folder);
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
      onAgendas: () => this.#reviewAll(),
      onHolidays: () => this.#holidaysChanged(),
      onProblem: (key, problem) => this.#problem(key, problem),
    });
    this.#config = options.config;
    this.#compiled = this.#compile(options.config);
    this.#changes = new Notifier((error) => this.#unexpected(error));
    this.#events = new Notifier((error) => this.#unexpected(error));
    this.#journal = new Journal({
      file: join(options.folder, 'events.jsonl'),
      onProblem: (error) => this.#writing('events', error === null ? null : writeProblem(error)),
      onDamage: (count) =>
        this.#problem(
          'damage',
          describe('ledger-damaged', { count, file: join(options.folder, 'events.jsonl') }),
        ),
    });
    this.#intake = new Intake({
      journal: this.#journal,
      clock: this.#clock,
      isSynchronised: () => this.#watch.isSynchronised(),
      onProblem: (key, problem) => this.#problem(key, problem),
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
      onProblem: (key, problem) => this.#problem(key, problem),
      onUnwritten: (problem) => this.#writing('presence', problem),
      learn: (at) => this.#intake.learn(at),
      onError: (error) => this.#unexpected(error),
      network: options.network,
    });
    this.#follower = options.source
      ? new ConfigFollower({
          source: options.source,
          apply: (config) => this.#reconfigure(config),
          onProblem: (problem) => this.#problem('the configuration', problem),
          after: this.#after,
          now: () => this.#clock.now().wall,
          log: this.#log,
        })
      : null;
    this.service = new LocalService({
      gates: this.#units,
      problems: this.#problems,
      changes: this.#changes,
      events: this.#events,
      journal: this.#journal,
      intake: this.#intake,
      zone: () => this.#compiled.site?.zone.name ?? null,
      clockDoubt: () => this.#watch.why(),
      wiring: this.#wiring,
      presence: this.#presence,
      clock: this.#clock,
      after: this.#after,
      log: this.#log,
      home: options.folder,
      defaultGrantMs: () => this.#config.grants.defaultMs,
      follower: this.#follower,
      saved: () => this.#saved,
      onSolved: (key) => this.#problem(key, null),
    });
  }

  /** Throws an `EarlidError` when this state folder cannot be had; afterwards no single failure ends the daemon. */
  async start(): Promise<void> {
    const { folder, socket } = this.#options;
    const config = this.#config;
    const machine = machineRun();
    await this.#takeFolder(machine);
    try {
      const { id, problem } = await controllerId(folder);
      if (problem) this.#writing('id', problem);
      this.#controller = id;
      this.#store = new OverrideStore({
        folder,
        machine,
        onProblem: (problem) => this.#writing('overrides', problem),
      });
      this.#load(this.#store);
      this.#loadWiring();
      await this.#journal.start();
      for (const { at } of this.#decisions.values()) this.#intake.learn(at);
      this.#presence.load(machine, this.#compiled);
      await this.#watch.start(this.#clockNeeds());
      this.#clockChanged();
      this.#world.ask(this.#compiled);
      this.#world.facts.onTold((name) => this.#factTold(name));
      await Promise.all(config.gates.map((gate) => this.#addGate(gate)));
      this.#order();
      const api = createApi(this.service, (error) => this.#unexpected(error));
      this.#server = await listenAt(socket, socketIsAway(socket, folder), api);
      await this.#startUnits([...this.#units.values()]);
      this.#follower?.start();
      this.#log.info(`runs on ${folder} with ${config.gates.map(({ name }) => name).join(', ')}`);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #takeFolder(machine: string | null): Promise<void> {
    const { folder, socket } = this.#options;
    const inUse = (pid: number | string) =>
      new EarlidError('second-daemon', { pid, home: folder }, { pid, home: folder });
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if ((statSync(folder).mode & 0o022) !== 0)
        this.#log.warn(`others may write to ${folder}: chmod 700 it`);
      const result = lockFolder(folder, machine);
      if ('holder' in result) throw inUse(result.holder.pid);
      this.#lock = result.held;
    } catch (error) {
      if (error instanceof EarlidError) throw error;
      throw new EarlidError('state-unwritable', { home: folder, detail: writeProblem(error).detail });
    }
    // A holder in another container is not seen among the processes, but its socket answers.
    if (!(await answers(socket))) return;
    this.#lock.release();
    throw inUse('unknown');
  }

  #load(store: OverrideStore): void {
    const loaded = store.load();
    if ('decisions' in loaded) {
      for (const [gate, decision] of loaded.decisions) this.#decisions.set(gate, decision);
      return;
    }
    const { unreadable, kept } = loaded;
    this.#problem('state', describe('state-unreadable', { detail: unreadable, kept }));
    this.#holdAll();
  }

  /** What was decided is not known: every gate about which nothing has been decided since is held. */
  #holdAll(): void {
    const held = hold(this.#clock.now(), null, 'daemon');
    for (const { name } of this.#config.gates)
      if (!this.#decisions.has(name)) this.#decisions.set(name, held);
    this.#save();
  }

  #loadWiring(): void {
    const why = this.#wiring.load();
    if (why) this.#problem('wiring', describe('wiring-unreadable', { detail: why }));
  }

  /** Starts these, and then what tells facts about them and all others. */
  async #startUnits(units: readonly Unit[]): Promise<void> {
    for (const { keeper, hardware, buttonAlone } of units) {
      hardware.start();
      keeper.start(this.#decisions.get(keeper.name) ?? UNDECIDED);
      buttonAlone.start();
    }
    // Nobody waits for what strangers wrote.
    void this.#almanac.follow(this.#config, this.#compiled).catch((error) => this.#unexpected(error));
    await this.#presence.follow({
      compiled: this.#compiled,
      mqtt: this.#config.mqtt,
      gates: new Map([...this.#units].map(([name, { inputs }]) => [name, inputs])),
    });
    if (this.#isStopping) return;
    await Promise.all(units.map(({ keeper, attached }) => attached?.start(keeper.gate)));
  }

  /** In the order of the configuration, whichever board was ready first. */
  #order(): void {
    for (const { name } of this.#config.gates) {
      const unit = this.#units.get(name);
      this.#units.delete(name);
      if (unit) this.#units.set(name, unit);
    }
  }

  #rulesOf({ name, buttonMs, mayUnmute, readyAfterMs }: GateConfig): GateRules {
    const maxGrantMs = this.#config.grants.maxMs;
    return { ...this.#compiled.rules.get(name)!, buttonMs, mayUnmute, maxGrantMs, readyAfterMs };
  }

  /** Goes by another configuration: gates that are reached as before stay connected, all others are muted first. */
  async #reconfigure(config: Config): Promise<void> {
    const { kept, anew, gone } = configChange(this.#config, config);
    const before = this.#clockNeeds();
    this.#config = config;
    this.#compiled = this.#compile(config);
    const leaving = [...gone, ...anew.map(({ name }) => name)].flatMap((name) => this.#units.get(name) ?? []);
    const left = Promise.all(leaving.map((unit) => this.#leave(unit)));
    for (const name of gone) this.#units.delete(name);
    // Whether the time is known was of no interest so far: without it a gate would be muted for a moment.
    const asked = this.#watch.follow(this.#clockNeeds());
    if (!before.needed) await asked;
    this.#world.ask(this.#compiled);
    for (const gate of kept) {
      const unit = this.#units.get(gate.name);
      if (!unit) continue;
      this.#units.set(gate.name, followed(unit, gate, this.#rulesOf(gate)));
    }
    await Promise.all([left, asked]);
    if (this.#isStopping) return;
    await Promise.all(anew.map((gate) => this.#addAnew(gate)));
    if (this.#isStopping) return;
    this.#order();
    if (this.#problems.has('state')) this.#holdAll();
    await this.#startUnits(anew.flatMap(({ name }) => this.#units.get(name) ?? []));
    this.#clockChanged();
    this.#changes.tell();
  }

  /** Mutes a gate and lets go of its board. A grant was meant for the board as it was. */
  async #leave(unit: Unit): Promise<void> {
    const { name } = unit.keeper;
    await leave(unit, STOP_MS);
    this.#decisions.set(name, endGrant(this.#decisions.get(name) ?? UNDECIDED));
    this.#save();
    for (const part of Object.values(PARTS))
      if (this.#problems.has(`${part} of ${name}`)) this.#problem(`${part} of ${name}`, null);
  }

  async #addAnew(gate: GateConfig): Promise<void> {
    try {
      await this.#addGate(gate);
    } catch (error) {
      this.#units.delete(gate.name);
      const detail = (error as Error).message;
      this.#problem(`gate ${gate.name}`, describe('gate-not-started', { gate: gate.name, detail }));
    }
  }

  async #addGate(gate: GateConfig): Promise<void> {
    const { folder, createGate, createHardware } = this.#options;
    const { name } = gate;
    const unit = await createUnit(gate, {
      folder,
      createGate,
      createHardware,
      controllerId: this.#controller,
      rules: this.#rulesOf(gate),
      world: this.#world,
      clock: this.#clock,
      after: this.#after,
      log: this.#log.named(name),
      wiring: this.#wiring.of(name),
      newest: (of) => this.#journal.newest(of),
      deliver: (keeper, events) => this.#deliver(keeper, events),
      onDoubt: (doubt) => {
        if (doubt === 'other-board' && this.#wiring.of(name))
          this.service.recordWiring(name, null).catch((error) => this.#unexpected(error));
      },
      onDecision: (decision) => {
        this.#decisions.set(name, decision);
        this.#intake.learn(decision.at);
        this.#save();
      },
      onChange: () => this.#changes.tell(),
      onProblem: (what, problem) => this.#problem(`${what} of ${name}`, problem),
      mute: (all) => this.#muteByButton(name, all),
      reading: (sensor, value) => this.#presence.reading({ gate: name, name: sensor, value }),
    });
    this.#units.set(name, unit);
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
      if (problem?.message !== this.#problems.get(key)?.message) this.#problem(key, problem);
    this.#presence.clockChanged();
    this.#almanac.look();
    this.#reviewAll();
  }

  #clockNeeds(): ClockNeeds {
    const { needed, trusted } = clockNeeds(this.#config);
    return { needed: needed || this.#presence.needsClock, trusted };
  }

  #reviewAll(): void {
    for (const { keeper } of this.#units.values()) keeper.review();
  }

  #compile(config: Config): Compiled {
    this.#almanac.expect(config.site);
    return compile(config, { isHoliday: this.#almanac.isHoliday, now: null });
  }

  /** Schedules remember their days. */
  #holidaysChanged(): void {
    this.#compiled = this.#compile(this.#config);
    for (const { config, keeper } of this.#units.values()) keeper.follow(this.#rulesOf(config));
  }

  #factTold(name: string): void {
    for (const { keeper } of this.#units.values()) if (asks(keeper.rules, name)) keeper.review();
  }

  /** A mute button on the free pins of a gate. Asks nobody (S3). */
  #muteByButton(from: string, all: boolean): void {
    for (const { keeper } of this.#units.values()) if (all || keeper.name === from) keeper.muteByButton(from);
  }

  #deliver(keeper: Keeper, events: readonly GateEvent[]): Promise<void> {
    // What the journal knows was handed to policy before this daemon started, or is tried again.
    const news = events.filter((event) => !event.repeated && !this.#journal.has(event));
    keeper.events(news);
    for (const event of news) {
      this.#units.get(event.gate)?.buttonAlone.told(event);
      this.#events.tell(event);
    }
    return this.#intake.append(events);
  }

  #save(): void {
    if (this.#store) this.#saved = this.#store.save(new Map(this.#decisions));
  }

  /** Notes that a part of the state cannot be written, or can be again. Said once. */
  #writing(what: string, problem: WriteProblem | null): void {
    const home = this.#options.folder;
    this.#problem(`writing ${what}`, problem && describe(problem.code, { home, detail: problem.detail }));
  }

  #problem(key: string, view: ErrorView | null): void {
    if (view) {
      this.#problems.set(key, view);
      this.#log.error(`${view.message}. ${view.hint}`);
    } else if (this.#problems.delete(key)) this.#log.info(`${key} works again`);
    this.#changes.tell();
  }

  #unexpected(error: unknown): void {
    this.#log.error(String((error as Error).stack ?? error));
  }

  /** Mutes every gate that is or may be live, then lets go of everything. Never throws. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#watch.stop();
    const presence = this.#presence.stop();
    const left = [...this.#units.values()].map((unit) => leave(unit, STOP_MS));
    await Promise.allSettled([...left, this.#almanac.stop(), this.#server?.stop(), this.#follower?.stop()]);
    await Promise.allSettled([presence, this.#journal.stop(), this.#store?.stop()]);
    this.#lock?.release();
    this.#lock = null;
    this.#log.info('stopped');
  }
}
