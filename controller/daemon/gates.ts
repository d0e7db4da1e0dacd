/** The gates of a daemon: made, started, changed with the configuration, muted and let go of. */

import { describe } from '../../schemas/errors.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { Doubt, GateEvent } from '../gate/gate.ts';
import type { EventStore } from '../ledger/journal.ts';
import type { GateRules } from '../policy/decide.ts';
import { endGrant } from '../policy/override.ts';
import { asks } from '../policy/rules.ts';
import type { Reading } from '../presence/sensor.ts';
import { muteByButton } from './commands.ts';
import type { ConfigChange } from './config-change.ts';
import type { Decisions } from './decisions.ts';
import type { Exposures } from './exposures.ts';
import type { Intake } from './intake.ts';
import type { Keeper } from './keeper.ts';
import type { KeyStore } from './key-store.ts';
import type { Notifier } from './notifier.ts';
import type { Problems } from './problems.ts';
import { createUnit, followed, leave, PARTS, type Unit, type UnitOptions } from './unit.ts';
import type { WiringStore } from './wiring-store.ts';

/** How long a live gate is given to show that it is muted before its link is closed. */
const STOP_MS = 2_000;

type Shared = 'folder' | 'createGate' | 'createHardware' | 'clock' | 'after' | 'log' | 'world';

export interface GatesOptions extends Pick<UnitOptions, Shared> {
  /** Called after every change of what can be shown of this gate. */
  readonly onChange: (gate: string) => void;
  readonly rulesOf: (gate: GateConfig) => GateRules;
  readonly decisions: Decisions;
  readonly problems: Problems;
  readonly journal: EventStore;
  readonly intake: Intake;
  readonly wiring: WiringStore;
  readonly keys: KeyStore;
  readonly events: Notifier<GateEvent>;
  readonly reading: (reading: Reading) => void;
  readonly exposures: Pick<Exposures, 'saw' | 'told' | 'doubted'>;
  /** The wiring of a gate was checked at another board. */
  readonly forgetWiring: (gate: string) => void;
}

export class Gates {
  readonly #options: GatesOptions;
  readonly #units = new Map<string, Unit>();
  #controllerId = 0;
  #isStopping = false;

  constructor(options: GatesOptions) {
    this.#options = options;
  }

  /** In the order of the configuration. */
  get units(): ReadonlyMap<string, Unit> {
    return this.#units;
  }

  /** Makes all gates; throws when one cannot be made. */
  async make(gates: readonly GateConfig[], controllerId: number): Promise<void> {
    this.#controllerId = controllerId;
    await Promise.all(gates.map((gate) => this.#add(gate)));
    this.#order(gates);
  }

  start(units: readonly Unit[]): void {
    for (const { hardware, keeper, buttonAlone } of units) {
      hardware.start();
      keeper.start(this.#options.decisions.of(keeper.name));
      buttonAlone.start();
    }
  }

  /** Lets accessories and scripts have the free pins, once facts have a place to go to. */
  async attach(units: readonly Unit[]): Promise<void> {
    if (this.#isStopping) return;
    await Promise.all(units.map(({ keeper, attached }) => attached?.start(keeper.gate)));
  }

  /** Mutes those that are reached otherwise than before or no more, and lets go of their boards. */
  async leave({ gone, anew }: ConfigChange): Promise<void> {
    const { decisions, problems } = this.#options;
    const names = [...gone, ...anew.map(({ name }) => name)];
    const leaving = names.flatMap((name) => this.#units.get(name) ?? []);
    const stopped = Promise.all(leaving.map((unit) => leave(unit, STOP_MS)));
    for (const name of gone) this.#units.delete(name);
    await stopped;
    for (const { name } of leaving.map(({ config }) => config)) {
      // It was meant for the board as it was.
      decisions.set(name, endGrant(decisions.of(name)));
      problems.forget(`gate ${name}`, ...Object.values(PARTS).map((part) => `${part} of ${name}`));
    }
  }

  /** Gates that are reached as before go by their new rules. */
  follow(kept: readonly GateConfig[]): void {
    for (const gate of kept) {
      const unit = this.#units.get(gate.name);
      if (unit) this.#units.set(gate.name, followed(unit, gate, this.#options.rulesOf(gate)));
    }
  }

  /**
   * Makes gates while others run: one that cannot be made is a problem, and all else goes on (S10). Null when all of them
   * are being stopped meanwhile: then nothing is to be started any more.
   */
  async makeAnew(anew: readonly GateConfig[], all: readonly GateConfig[]): Promise<readonly Unit[] | null> {
    if (this.#isStopping) return null;
    await Promise.all(anew.map((gate) => this.#tryToAdd(gate)));
    if (this.#isStopping) return null;
    this.#order(all);
    this.#options.decisions.holdUnknown(
      anew.map(({ name }) => name),
      this.#options.clock.now(),
    );
    return anew.flatMap(({ name }) => this.#units.get(name) ?? []);
  }

  /** Every verdict is judged anew, or only those that a fact bears on. */
  review(fact?: string): void {
    for (const { keeper } of this.#units.values())
      if (fact === undefined || asks(keeper.rules, fact)) keeper.review();
  }

  /** Schedules were compiled anew. */
  refreshRules(): void {
    for (const { config, keeper } of this.#units.values()) keeper.follow(this.#options.rulesOf(config));
  }

  /** Mutes every gate that is or may be live, then lets go of all boards. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#units.values()].map((unit) => leave(unit, STOP_MS)));
  }

  async #tryToAdd(gate: GateConfig): Promise<void> {
    const { name } = gate;
    try {
      await this.#add(gate);
    } catch (error) {
      this.#units.delete(name);
      const detail = (error as Error).message;
      this.#options.problems.tell(`gate ${name}`, describe('gate-not-started', { gate: name, detail }));
    }
  }

  async #add(gate: GateConfig): Promise<void> {
    const { rulesOf, decisions, problems, journal, intake, wiring, keys, reading, log, onChange, ...shared } =
      this.#options;
    const wallNow = () => shared.clock.now().wall;
    const { name } = gate;
    const unit = await createUnit(gate, {
      ...shared,
      log: log.named(name),
      controllerId: this.#controllerId,
      rules: rulesOf(gate),
      wiring: wiring.of(name),
      keys: keys.ringOf(name, wallNow, (error) => problems.tell('the keys of gates', error.view)),
      newest: (of) => journal.newest(of),
      deliver: (keeper, events) => this.#deliver(keeper, events),
      onDoubt: (doubt) => this.#doubt(name, doubt),
      mute: (all) => this.#muteByButton(name, all),
      reading: (sensor, value) => reading({ gate: name, name: sensor, value }),
      onDecision: (decision) => {
        intake.learn(decision.at);
        decisions.set(name, decision);
      },
      onProblem: (part, problem) => problems.tell(`${part} of ${name}`, problem),
      onChange: () => onChange(name),
    });
    unit.keeper.gate.onChange((status) => this.#options.exposures.saw(name, status));
    this.#units.set(name, unit);
  }

  /** In the order of the configuration, whichever board was ready first. */
  #order(gates: readonly GateConfig[]): void {
    for (const { name } of gates) {
      const unit = this.#units.get(name);
      this.#units.delete(name);
      if (unit) this.#units.set(name, unit);
    }
  }

  #deliver(keeper: Keeper, events: readonly GateEvent[]): Promise<void> {
    const { journal, intake } = this.#options;
    // What the journal knows was handed to policy before this daemon started, or is tried again.
    const news = events.filter((event) => !event.repeated && !journal.has(event));
    keeper.events(news);
    for (const event of news) {
      this.#units.get(event.gate)?.buttonAlone.told(event);
      this.#options.exposures.told(event);
      this.#options.events.tell(event);
    }
    return intake.append(events);
  }

  #doubt(name: string, doubt: Doubt): void {
    const { wiring, forgetWiring, exposures } = this.#options;
    exposures.doubted(name);
    if (doubt === 'other-board' && wiring.of(name)) forgetWiring(name);
  }

  /** A mute button on the free pins of a gate. Asks nobody (S3). */
  #muteByButton(from: string, all: boolean): void {
    const keepers = [...this.#units.values()].map(({ keeper }) => keeper);
    muteByButton(all ? keepers : keepers.filter(({ name }) => name === from), from);
  }
}
