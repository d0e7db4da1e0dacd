/** Everything about presence in a daemon: its sources, what people set by hand, and what is shown of it. */
import { isDeepStrictEqual } from 'node:util';
import type { FactView, PresenceSetAnswer, PresenceView } from '../../schemas/api.ts';
import { describe, EarlidError, type ErrorView } from '../../schemas/errors.ts';
import type { HomeAssistantApi } from '../../schemas/homeassistant.ts';
import type { Source } from '../../schemas/sources.ts';
import type { Compiled } from '../config/compile.ts';
import { noSuchPresence } from '../config/nearest.ts';
import type { BrokerPlace } from '../mqtt/connection.ts';
import { ToldOnce } from '../network/told-once.ts';
import { type Outlook, timelineOf, valueAt } from '../policy/conditions.ts';
import type { Condition } from '../policy/rules.ts';
import type { World as Known } from '../policy/weigh.ts';
import type { InputGate } from '../presence/input.ts';
import { ManualPresence, type Settings, settingOf } from '../presence/manual.ts';
import type { Network } from '../presence/network.ts';
import type { Reading } from '../presence/sensor.ts';
import type { Asked, FactSource, SourceContext, Tell } from '../presence/source.ts';
import type { After, Clock } from './clock.ts';
import type { WriteProblem } from './durable-file.ts';
import type { Log } from './log.ts';
import { Notifier } from './notifier.ts';
import { PresenceStore } from './presence-store.ts';
import { iso } from './views.ts';

const OUTLOOK: Outlook = 'ageing';

export interface PresenceOptions {
  readonly folder: string;
  readonly tell: Tell;
  readonly known: () => Known;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  readonly onProblem: (key: string, problem: ErrorView | null) => void;
  readonly onUnwritten: (problem: WriteProblem | null) => void;
  /** An instant that Earlid has seen, UTC ms. */
  readonly learn: (at: number) => void;
  readonly onError: (error: unknown) => void;
  readonly network?: Network | undefined;
}

export interface Follows {
  readonly compiled: Pick<Compiled, 'presence' | 'sources'>;
  readonly mqtt: BrokerPlace | null;
  readonly homeassistant: HomeAssistantApi | null;
  readonly gates: ReadonlyMap<string, InputGate>;
}

/** Has no effect until `load`, tells nothing until `follow`. */
export class Presence {
  readonly #options: PresenceOptions;
  #store: PresenceStore | null = null;
  readonly #readings: Notifier<Reading>;
  #manual: ManualPresence;
  #compiled: Follows['compiled'] = { presence: new Map(), sources: new Map() };
  #sources: FactSource | null = null;
  #followed: Follows | null = null;
  #saved: Promise<WriteProblem | null> = Promise.resolve(null);
  #isStopped = false;
  /** What is wrong with sources. */
  readonly #troubles: ToldOnce;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#troubles = new ToldOnce(options.onProblem);
    this.#readings = new Notifier(options.onError);
    this.#manual = this.#manualOf(new Map());
  }

  /** Reads what was set before. What cannot be read is unknown until it is set again. `machine` identifies this run of it. */
  load(machine: string | null, { sources }: Pick<Compiled, 'sources'>): void {
    const { folder, onUnwritten } = this.#options;
    this.#store = new PresenceStore({ folder, machine, onProblem: onUnwritten });
    const loaded = this.#store.load();
    if ('settings' in loaded) {
      this.#manual = this.#manualOf(loaded.settings);
      for (const { at } of loaded.settings.values()) this.#options.learn(at);
      return;
    }
    const { unreadable: detail, kept } = loaded;
    const names = manualOnes(sources).map(({ source }) => source.name);
    const lost = { value: null, at: this.#options.clock.now().wall, until: null, countedUntil: null };
    this.#manual = this.#manualOf(new Map(names.map((name) => [name, lost])));
    const shown = names.length === 0 ? 'nothing that the configuration names' : names.join(', ');
    this.#options.onProblem('presence', describe('presence-unreadable', { detail, kept, names: shown }));
    this.#save();
  }

  /** Something that was set ends by the wall clock alone. */
  get needsClock(): boolean {
    return [...this.#manual.settings.values()].some(
      ({ until, countedUntil }) => until !== null && countedUntil === null,
    );
  }

  /** Follows this configuration from now on, in place of the one before. Sources that stay the same go on. */
  async follow(follows: Follows): Promise<void> {
    const { compiled, mqtt, homeassistant, gates } = follows;
    const before = this.#followed;
    this.#followed = follows;
    this.#compiled = compiled;
    if (before && isSame(before, follows)) return;
    await this.#sources?.stop();
    this.#troubles.clear();
    const { presenceSources } = await import('../presence/sources.ts');
    if (this.#isStopped) return;
    const { network } = this.#options;
    this.#sources = presenceSources({
      ...this.#context,
      sources: compiled.sources,
      gates,
      mqtt,
      homeassistant,
      onReading: (listener) => this.#readings.add(listener),
      ...(network && { network }),
    });
    this.#manual.ask(manualOnes(compiled.sources));
    this.#manual.start();
    this.#sources.start();
  }

  /** A reading of an analog sensor has arrived. */
  reading(reading: Reading): void {
    this.#readings.tell(reading);
  }

  /** The clock was set or became known, or the machine woke. */
  clockChanged(): void {
    this.#manual.look();
  }

  list(): PresenceView[] {
    return [...this.#compiled.presence].map(([name, condition]) => this.#view(name, condition));
  }

  /** Sets what is set by hand; resolves when it is on disk, or with a warning that it is not. */
  async set(name: string, value: boolean, forMs: number | null): Promise<PresenceSetAnswer> {
    const condition = this.#compiled.presence.get(name);
    if (!condition) throw noSuchPresence(name, [...this.#compiled.presence.keys()]);
    if (!manualOnes(this.#compiled.sources).some(({ source }) => source.name === name)) {
      const facts = factsOf(condition).join(', ');
      throw new EarlidError('presence-not-manual', { presence: name, facts }, { presence: name });
    }
    const setting = settingOf(value, this.#options.clock.now(), forMs);
    this.#options.learn(setting.at);
    const end = setting.until === null ? 'it is set again' : iso(setting.until);
    this.#options.log.info(`presence ${name}: ${value ? 'on' : 'off'} until ${end}, from the command line`);
    this.#manual.set(name, setting);
    if (![...this.#manual.settings.values()].some((each) => each.value === null))
      this.#options.onProblem('presence', null);
    this.#save();
    const problem = await this.#saved;
    const view = this.#view(name, condition);
    return problem ? { ...view, warning: this.#unsaved(name, problem) } : view;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#manual.stop();
    await this.#sources?.stop();
    await this.#store?.stop();
  }

  get #context(): SourceContext {
    const { clock, after, log, onError } = this.#options;
    const onProblem: SourceContext['onProblem'] = (...told) => this.#troubles.tell(...told);
    const tell: Tell = (...told) => {
      try {
        this.#options.tell(...told);
      } catch (error) {
        onError(error);
      }
    };
    return { tell, now: () => clock.now(), after, log, onProblem };
  }

  #manualOf(settings: Settings): ManualPresence {
    const { known, log } = this.#options;
    return new ManualPresence(
      {
        ...this.#context,
        clockKnown: () => known().clockKnown,
        onEnd: (name) => {
          log.info(`presence ${name}: what was set has ended`);
          this.#save();
        },
      },
      settings,
    );
  }

  #save(): void {
    if (this.#store) this.#saved = this.#store.save(this.#manual.settings);
  }

  #unsaved(name: string, { code, detail }: WriteProblem): ErrorView {
    const why = describe(code, { home: this.#options.folder, detail });
    return { ...why, message: `${name} is set, but this will not survive a restart: ${why.message}` };
  }

  #view(name: string, condition: Condition): PresenceView {
    const { sources } = this.#compiled;
    const { facts, now } = this.#options.known();
    const at = now.counted;
    const believed = (asked: Condition) => valueAt(timelineOf(asked, facts, at, OUTLOOK), at).value;
    const manual = manualOnes(sources).some(({ source }) => source.name === name);
    return {
      presence: name,
      value: believed(condition),
      manual,
      until: manual ? iso(this.#manual.settings.get(name)?.until ?? null) : null,
      facts: factsOf(condition).map((fact): FactView => {
        const told = facts.get(fact);
        const { maxAgeMs } = sources.get(fact)!;
        return {
          fact,
          value: believed({ kind: 'fact', name: null, fact, maxAgeMs }),
          detail: told?.detail ?? null,
          ageMs: told ? Math.max(0, at - told.seen) : null,
          maxAgeMs: Number.isFinite(maxAgeMs) ? maxAgeMs : null,
        };
      }),
    };
  }
}

function isSame(a: Follows, b: Follows): boolean {
  const told = ({ compiled, mqtt, homeassistant }: Follows) => [[...compiled.sources], mqtt, homeassistant];
  return (
    isDeepStrictEqual(told(a), told(b)) &&
    a.gates.size === b.gates.size &&
    [...a.gates].every(([name, gate]) => b.gates.get(name) === gate)
  );
}

function manualOnes(sources: Compiled['sources']): Asked<'manual'> {
  const isManual = (source: Source) => source.kind === 'manual';
  return [...sources].flatMap(([fact, { source }]) =>
    isManual(source) ? [{ fact, source: source as Extract<Source, { kind: 'manual' }> }] : [],
  );
}

/** Names of the facts behind a condition, each once. */
function factsOf(condition: Condition): string[] {
  switch (condition.kind) {
    case 'fact':
      return [condition.fact];
    case 'any':
    case 'all':
      return [...new Set(condition.of.flatMap(factsOf))];
    default:
      return factsOf(condition.of);
  }
}
