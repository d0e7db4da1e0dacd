/** Gates in Home Assistant as a daemon has them: a session with the broker where the configuration asks for one. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../schemas/config.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { GateEvent } from '../gate/gate.ts';
import type { House } from '../homeassistant/house.ts';
import type { Session } from '../homeassistant/session.ts';
import type { BrokerPlace } from '../mqtt/connection.ts';
import { ToldOnce } from '../network/told-once.ts';
import type { After, Clock } from './clock.ts';
import type { Exposures } from './exposures.ts';
import { InTurn } from './in-turn.ts';
import type { Keeper } from './keeper.ts';
import type { LocalService } from './local-service.ts';
import type { Log } from './log.ts';
import type { Notifier } from './notifier.ts';
import { iso } from './views.ts';

export interface HomeAssistantOptions {
  readonly gates: ReadonlyMap<string, { readonly config: GateConfig; readonly keeper: Keeper }>;
  readonly service: LocalService;
  readonly exposures: Pick<Exposures, 'today'>;
  readonly events: Notifier<GateEvent>;
  readonly version: string;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  readonly onProblem: (what: string, problem: ErrorView | null) => void;
  readonly onError: (error: unknown) => void;
}

/** The gates are shown through this broker. */
interface Shown extends Pick<Config, 'homeassistant'> {
  readonly mqtt: BrokerPlace | null;
}

/** How long a command may take until the gate shows its result. */
const TIMEOUT_MS = 5_000;

/** Has no effect until `follow`. */
export class HomeAssistant {
  readonly #options: HomeAssistantOptions;
  #session: Session | null = null;
  #followed: unknown = null;
  #isStopped = false;
  readonly #troubles: ToldOnce;
  readonly #turns = new InTurn();

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
    this.#troubles = new ToldOnce(options.onProblem);
  }

  /** Shows the gates as this configuration says, from now on. A session that would be the same goes on. Never rejects. */
  follow(config: Shown, controllerId: number): Promise<void> {
    return this.#turns.run(() => this.#follow(config, controllerId)).catch(this.#options.onError);
  }

  /** From now on nothing unmutes any more. */
  close(): void {
    this.#isStopped = true;
    this.#session?.close();
  }

  /** Says that the controller is gone. Never rejects. */
  async stop(): Promise<void> {
    this.close();
    await this.#turns.ended();
    await this.#session?.stop();
  }

  async #follow({ mqtt, homeassistant }: Shown, controllerId: number) {
    const devices = homeassistant?.devices ?? null;
    const asked = mqtt && devices && { mqtt, devices };
    if (this.#isStopped || isDeepStrictEqual(asked, this.#followed)) return;
    this.#followed = asked;
    const before = this.#session;
    this.#session = null;
    await before?.stop({ withdraw: true });
    this.#troubles.clear();
    if (!asked) return;
    const { Session } = await import('../homeassistant/session.ts');
    if (this.#isStopped) return;
    const { version, clock, after, log, onError } = this.#options;
    const { birth, ...place } = asked.devices;
    this.#session = new Session({
      house: this.#house(),
      mqtt: asked.mqtt,
      birth,
      origin: { ...place, version, controllerId },
      now: () => clock.now(),
      after,
      log: log.named('homeassistant'),
      onProblem: (...told) => this.#troubles.tell(...told),
      onError,
    });
    this.#session.start();
  }

  #house(): House {
    const { gates, service, exposures, events } = this.#options;
    return {
      names: () => [...gates.keys()],
      gate: (name) => {
        const shown = gates.get(name);
        if (!shown) return null;
        const { config, keeper } = shown;
        const { speaker, area } = config;
        const { decisive: rules, listen, reason } = keeper.verdict;
        const board = keeper.gate.status().identity;
        const listensUntil = listen ? iso(reason.until) : null;
        const [view, exposure] = [service.view(name), exposures.today(name)];
        return { name, speaker, area, board, view, rules, listensUntil, exposure };
      },
      problems: () => service.problems(),
      onChange: (listener) => service.onChange(listener),
      onEvent: (listener) => events.add(listener),
      mute: (names, forMs) => service.muteAll(bodyOf(forMs), names, 'homeassistant'),
      command: (gate, name, forMs) => service.command(gate, name, bodyOf(forMs), 'homeassistant'),
    };
  }
}

const bodyOf = (forMs: number | null) => ({ timeoutMs: TIMEOUT_MS, ...(forMs !== null && { forMs }) });
