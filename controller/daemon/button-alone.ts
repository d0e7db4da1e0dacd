/** Sees to it that a gate stores what the configuration says of `button_alone`; the gate asks for a press before it takes it. */
import { describe, type ErrorView } from '../../schemas/errors.ts';
import { formatSetting, parseSetting } from '../../schemas/setting-values.ts';
import { SETTINGS } from '../../schemas/settings.ts';
import type { SettingAnswer } from '../gate/exchange.ts';
import type { Gate, GateEvent, GateStatus } from '../gate/gate.ts';
import type { After } from './clock.ts';

const { id: SETTING } = SETTINGS.button_alone;
/** The gate waits 30 s for the press. */
const PRESS_MS = 31_000;
const NOTHING = new Uint8Array(8);

export interface ButtonAloneOptions {
  readonly gate: Gate;
  /** As people write it; null: what the gate stores stays. */
  readonly wanted: string | null;
  /** The gate can be asked to store it; otherwise it is only looked at. */
  readonly mayAsk: boolean;
  readonly after: After;
  readonly log: { readonly info: (text: string) => void };
  /** The gate stores something else; null: no longer. */
  readonly onProblem: (problem: ErrorView | null) => void;
}

export class ButtonAlone {
  readonly #options: ButtonAloneOptions;
  #wanted: string | null;
  /** The boot for which it was looked at; null: look as soon as the gate can be asked. */
  #lookedAt: number | null = null;
  /** The boot for which the gate was asked to store it: a press is not waited for again and again. */
  #askedAt: number | null = null;
  #isAsking = false;
  #stopped = true;
  #unsubscribe = () => {};
  #cancel = () => {};

  constructor(options: ButtonAloneOptions) {
    this.#options = options;
    this.#wanted = options.wanted;
  }

  start(): void {
    this.#stopped = false;
    this.#unsubscribe = this.#options.gate.onChange((status) => this.#look(status));
    this.#look(this.#options.gate.status());
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel();
  }

  /** The configuration says something else. */
  follow(wanted: string | null): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#askedAt = null;
    this.#again();
    if (wanted === null) this.#options.onProblem(null);
  }

  /** Something was stored on the gate: perhaps this. */
  told({ kind, detail }: GateEvent): void {
    if (kind === 'setting' && detail === SETTING) this.#again();
  }

  #again(): void {
    this.#lookedAt = null;
    if (!this.#stopped) this.#look(this.#options.gate.status());
  }

  #look({ identity, link, locked, reported }: GateStatus): void {
    const boot = identity?.boot;
    const canAsk = link === 'up' && boot !== undefined && locked === false && reported?.state === 'muted';
    if (this.#stopped || this.#wanted === null || this.#isAsking || !canAsk || this.#lookedAt === boot)
      return;
    this.#lookedAt = boot;
    this.#isAsking = true;
    void this.#ask(boot, this.#wanted).finally(() => {
      this.#isAsking = false;
    });
  }

  async #ask(boot: number, wanted: string): Promise<void> {
    const { gate, mayAsk, after, log, onProblem } = this.#options;
    const stored = storedIn(await gate.exchange({ op: 'read', setting: SETTING, value: NOTHING }));
    if (stored === null || this.#stopped) return;
    if (stored === wanted) return onProblem(null);
    onProblem(describe('button-alone-differs', { gate: gate.name, stored, wanted }));
    if (this.#askedAt === boot || !mayAsk) return;
    this.#askedAt = boot;
    const answer = await gate.exchange({
      op: 'write',
      setting: SETTING,
      value: parseSetting('button_alone', wanted)!,
    });
    if (!('value' in answer) || this.#stopped) return;
    log.info(`button_alone is to become ${wanted}: a press at the gate within 30 s confirms it`);
    this.#cancel();
    this.#cancel = after(PRESS_MS, () => this.#again());
  }
}

/** Null when the gate did not say. What waits for a press is not stored. */
function storedIn(answer: SettingAnswer): string | null {
  return 'value' in answer && answer.status !== 'pending'
    ? formatSetting('button_alone', answer.value)
    : null;
}
