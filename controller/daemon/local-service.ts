/** What the local API lets its clients see and do: the running gates, asked and told. */
import type {
  CommandName,
  CommandView,
  ConfigurationAnswer,
  DiagnosisAnswer,
  GateView,
  KeyAnswer,
  PresenceSetAnswer,
  PresencesAnswer,
  SettingsAnswer,
  StatusAnswer,
  ToldEvent,
  WiringAnswer,
} from '../../schemas/api.ts';
import { EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { ForecastAnswer } from '../../schemas/forecast.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import { buttonAloneText } from '../../schemas/setting-values.ts';
import type { SettingName } from '../../schemas/settings.ts';
import type { WhyAnswer } from '../../schemas/why.ts';
import type { WiringGrade } from '../../schemas/wiring.ts';
import type { GateEvent } from '../gate/gate.ts';
import type { EventStore } from '../ledger/journal.ts';
import { instantAhead, instantIn } from '../schedule/instant.ts';
import type { CommandContext } from './answer.ts';
import type { ApiService, CommandBody, KeyChange } from './api.ts';
import { type After, type Clock, ownZone } from './clock.ts';
import { COMMANDS, type CommandCall } from './command-table.ts';
import { type CommandSource, muteAll } from './commands.ts';
import type { ConfigFollower } from './config-follower.ts';
import type { WriteProblem } from './durable-file.ts';
import { asItIs, forecastView } from './forecast.ts';
import type { Hardware } from './hardware.ts';
import type { Intake } from './intake.ts';
import type { Keeper } from './keeper.ts';
import { applyKeyChange, type KeyStore, keyView } from './key-store.ts';
import type { Log } from './log.ts';
import type { Notifier } from './notifier.ts';
import type { Presence } from './presence.ts';
import { readSettings, writeSetting } from './settings.ts';
import { eventView, gateView } from './views.ts';
import { whyView } from './why.ts';
import { recordWiring, wiringView } from './wiring.ts';
import type { WiringStore } from './wiring-store.ts';

export interface ServedGate {
  readonly config: GateConfig;
  readonly keeper: Keeper;
  readonly hardware: Hardware;
}

export interface LocalServiceOptions {
  /** In the order of the configuration. */
  readonly gates: ReadonlyMap<string, ServedGate>;
  /** What is wrong with the daemon itself. */
  readonly problems: ReadonlyMap<string, ErrorView>;
  /** Of one gate, or null: of anything. */
  readonly changes: Notifier<string | null>;
  readonly events: Notifier<GateEvent>;
  readonly journal: EventStore;
  readonly intake: Intake;
  /** Time zone of the site, null where the configuration names none. */
  readonly zone: () => string | null;
  /** Why the time is not known, null when it is. */
  readonly clockDoubt: () => string | null;
  readonly wiring: WiringStore;
  readonly keys: KeyStore;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  readonly home: string;
  readonly defaultGrantMs: () => number;
  /** Null: the daemon was not started with a file. */
  readonly follower: ConfigFollower | null;
  /** Null when every decision is on disk. */
  readonly saved: () => Promise<WriteProblem | null>;
  /** A problem of this name is over. */
  readonly onSolved: (key: string) => void;
}

/** A refused press further back is no news. */
const RECENT_EVENTS = 200;

const viewOf = ({ keeper, hardware }: ServedGate): GateView =>
  gateView({
    status: keeper.gate.status(),
    verdict: keeper.verdict,
    override: keeper.override,
    place: hardware.place,
  });

/** Names of gates are those of `gates()`; `api.ts` has seen to that. */
export class LocalService implements ApiService {
  readonly #options: LocalServiceOptions;

  constructor(options: LocalServiceOptions) {
    this.#options = options;
  }

  gates(): readonly string[] {
    return [...this.#options.gates.keys()];
  }

  status(): StatusAnswer {
    this.#options.intake.checkClock();
    const gates = [...this.#options.gates.values()].map(viewOf);
    const at = new Date(this.#options.clock.now().wall).toISOString();
    return { at, gates, problems: this.problems() };
  }

  /** The gate as `status` shows it. */
  view(gate: string): GateView {
    return viewOf(this.#options.gates.get(gate)!);
  }

  /** What is wrong with the daemon itself, each thing once. */
  problems(): ErrorView[] {
    const problems = [...this.#options.problems.values()];
    return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
  }

  diagnosis(): DiagnosisAnswer {
    const { gates, ...rest } = this.status();
    return {
      ...rest,
      gates: gates.map((view) => {
        const { keeper, hardware } = this.#options.gates.get(view.gate)!;
        const { identity, sense, resetOnOpen, contested, problem } = keeper.gate.status();
        return {
          ...view,
          port: hardware.port,
          via: hardware.via,
          place: hardware.place,
          board: identity,
          wiring: this.wiring(view.gate),
          key: this.key(view.gate),
          sense,
          resetOnOpen,
          contested,
          problem,
        };
      }),
    };
  }

  configuration(): ConfigurationAnswer {
    return this.#options.follower?.view() ?? { file: null, digest: null, readAt: null, problem: null };
  }

  async reload(): Promise<ConfigurationAnswer> {
    await this.#options.follower?.look();
    return this.configuration();
  }

  /** `gate` null: anything may have changed. */
  onChange(listener: (gate: string | null) => void): () => void {
    return this.#options.changes.add(listener);
  }

  async events(query: { readonly gate?: string; readonly limit: number }): Promise<ToldEvent[]> {
    // Gates that were out of reach tell late: what is shown is in the order of happening.
    const events = await this.#options.journal.recent(query);
    return events.sort((a, b) => a.at - b.at).map(eventView);
  }

  async why(gate: string, at?: string): Promise<WhyAnswer> {
    const { gates, zone, clockDoubt } = this.#options;
    const served = gates.get(gate)!;
    const instant = at === undefined ? null : this.#instantOf(at, zone() ?? ownZone());
    return whyView({
      input: served.keeper.input(),
      status: viewOf(served),
      zone: zone(),
      clockDoubt: clockDoubt(),
      events: await this.events({ gate, limit: RECENT_EVENTS }),
      at: instant,
    });
  }

  /** `22:00` is the next one. */
  #instantOf(text: string, zone: string): number {
    const at = instantIn(zone, text) ?? instantAhead(zone, text, this.#options.clock.now().wall);
    if (at === null) throw new EarlidError('bad-instant', { value: text });
    return at;
  }

  forecast(gate: string, from: number, until: number): ForecastAnswer {
    const input = this.#options.gates.get(gate)!.keeper.input();
    return forecastView(gate, input.rules, asItIs(input), { from, until });
  }

  settings(gate: string, name?: SettingName): Promise<SettingsAnswer> {
    return readSettings(this.#options.gates.get(gate)!.keeper.gate, name);
  }

  async changeSetting(gate: string, name: SettingName, value: string): Promise<SettingsAnswer> {
    const { keeper, config, hardware } = this.#options.gates.get(gate)!;
    if (hardware.via === 'mqtt') throw new EarlidError('settings-at-port', { gate });
    const { inputs, buttonAloneMs } = config;
    const isConfigured = (setting: SettingName) =>
      (inputs.length > 0 && setting.startsWith('input')) ||
      (setting === 'button_alone' && buttonAloneMs !== null && value !== buttonAloneText(buttonAloneMs));
    const answer = await writeSetting(keeper.gate, name, value, isConfigured);
    const [{ value: stored, status } = { value, status: '' }] = answer.settings;
    this.#options.log
      .named(gate)
      .info(`setting ${name}: ${stored}${status === 'pending' ? ', waits for a press' : ''}`);
    return answer;
  }

  wiring(gate: string): WiringAnswer {
    const { keeper, config } = this.#options.gates.get(gate)!;
    return wiringView(config, keeper.gate, this.#options.wiring);
  }

  async recordWiring(gate: string, grade: WiringGrade | null): Promise<WiringAnswer> {
    const where = { at: this.#options.clock.now().wall, home: this.#options.home };
    await recordWiring(this.#options.gates.get(gate)!.keeper.gate, this.#options.wiring, grade, where);
    this.#options.onSolved('wiring');
    this.#options.log.named(gate).info(`wiring: ${grade ?? 'not verified'}`);
    return this.wiring(gate);
  }

  key(gate: string): KeyAnswer {
    return keyView(this.#options.keys, gate);
  }

  async changeKey(gate: string, change: KeyChange): Promise<KeyAnswer> {
    const { keys, gates, clock, log } = this.#options;
    await applyKeyChange(keys, gate, change, clock.now().wall);
    log.named(gate).info(`key: ${change.do}`);
    gates.get(gate)!.keeper.gate.keysChanged();
    return this.key(gate);
  }

  presence(): PresencesAnswer {
    const at = new Date(this.#options.clock.now().wall).toISOString();
    return { at, presence: this.#options.presence.list() };
  }

  setPresence(name: string, value: boolean, forMs: number | null): Promise<PresenceSetAnswer> {
    return this.#options.presence.set(name, value, forMs);
  }

  /** What comes over the socket comes from the command line. */
  command<C extends CommandName>(
    gate: string,
    name: C,
    body: CommandBody<C>,
    source: CommandSource = 'cli',
  ): Promise<CommandView> {
    const { keeper, hardware } = this.#options.gates.get(gate)!;
    const context = this.#commandContext;
    const run: (call: CommandCall<C>) => Promise<CommandView> = COMMANDS[name];
    const events = (listener: (event: GateEvent) => void) => this.#options.events.add(listener);
    return run({ context, keeper, hardware, events, body: this.#withLength(body), source });
  }

  muteAll(
    body: CommandBody<'mute'>,
    gates = this.gates(),
    source: CommandSource = 'cli',
  ): Promise<readonly CommandView[]> {
    const keepers = gates.map((gate) => this.#options.gates.get(gate)!.keeper);
    return muteAll(this.#commandContext, keepers, { source, ...this.#withLength(body) });
  }

  get #commandContext(): CommandContext {
    const { clock, after, saved, home, defaultGrantMs } = this.#options;
    return { clock, after, saved, home, defaultGrantMs: defaultGrantMs() };
  }

  /** An end that people name, as the length from now on. */
  #withLength<B extends object>(body: B): B {
    const { until } = body as { readonly until?: string };
    if (until === undefined) return body;
    const now = this.#options.clock.now().wall;
    const at = instantAhead(this.#options.zone() ?? ownZone(), until, now);
    if (at === null) throw new EarlidError('bad-until', { until });
    return { ...body, forMs: at - now };
  }
}
