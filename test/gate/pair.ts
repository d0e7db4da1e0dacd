/** A twin and a scripted gate on a wire in virtual time, step by step, without a link or promises. */
import type { SettingAnswer } from '../../controller/gate/exchange.ts';
import type { Doubt, GateEvent, GateStatus } from '../../controller/gate/gate.ts';
import type { Proof } from '../../controller/gate/seal.ts';
import { statusOf } from '../../controller/gate/status.ts';
import { step } from '../../controller/gate/twin.ts';
import type { TwinConfig, TwinEffect, TwinInput } from '../../controller/gate/twin-border.ts';
import { initialTwin, type TwinState } from '../../controller/gate/twin-state.ts';
import type { Verdict } from '../../controller/policy/verdict.ts';
import type { GateMessage, HostMessage, MessageOf } from '../../schemas/protocol.ts';
import { ScriptedGate } from './scripted-gate.ts';

export const CONFIG: TwinConfig = {
  name: 'kitchen',
  controllerId: 7,
  readyAfterMs: 0,
  inputs: null,
  needsKey: false,
  challenge: (number) => Uint8Array.from({ length: 8 }, (_, i) => Math.floor(number / 256 ** i) & 0xff),
};
export const UTC = Date.UTC(2026, 10, 21, 12);

export const verdict = (change: Partial<Verdict> = {}): Verdict => ({
  listen: false,
  until: null,
  changesAt: null,
  reason: { code: 'test', text: 'a test', until: null },
  decisive: [],
  buttonMs: 0,
  buttonUntil: null,
  night: false,
  lookAt: null,
  ...change,
});
export const LISTEN = verdict({ listen: true });
export const MUTE = verdict();

type Occurrence = TwinInput extends infer I ? (I extends TwinInput ? Omit<I, 'now' | 'utc'> : never) : never;

export interface PairOptions {
  readonly config?: Partial<TwinConfig>;
  readonly newest?: GateEvent;
  readonly gate?: ScriptedGate;
  readonly utc?: number;
  readonly now?: number;
}

export class Pair {
  now: number;
  utcOffset: number;
  twin: TwinState;
  gate: ScriptedGate;
  /** Messages on their way to the gate or to the twin vanish while true. */
  deaf = false;
  mumbling = false;
  /** How late the twin is woken, in ms. */
  lateMs = 0;
  connected = false;
  /** What authenticators are worth that the gate puts on what it says. */
  proof: Proof = 'none';
  readonly sent: { readonly at: number; readonly message: HostMessage }[] = [];
  readonly delivered: GateEvent[] = [];
  readonly logged: string[] = [];
  /** What the sink does with events: policy may want something else (returned), `throw` refuses them, `fail` cannot write them. */
  onDeliver: (events: readonly GateEvent[]) => Verdict | 'throw' | 'fail' | undefined = () => undefined;
  readonly doubts: Doubt[] = [];
  /** What came of questions about settings. */
  readonly answers: SettingAnswer[] = [];
  /** What policy makes of a doubt: it may want something else (returned), or cannot take it. */
  onDoubt: (doubt: Doubt) => Verdict | 'throw' | undefined = () => undefined;
  /** What lies between the two: what the gate says, and what the twin sends. */
  carryUp: (messages: readonly GateMessage[]) => void = (messages) => this.hear(messages);
  carryDown: (message: HostMessage) => void = (message) => this.carryUp(this.gate.answer(message));
  /** Called after every step. */
  onStep: () => void = () => {};
  readonly #queue: Occurrence[] = [];
  #isRunning = false;
  #wake: number | null = null;

  constructor(options: PairOptions = {}) {
    this.now = options.now ?? 1_000;
    this.utcOffset = (options.utc ?? UTC) - this.now;
    this.twin = initialTwin({ ...CONFIG, ...options.config }, options.newest ?? null, this.at);
    this.gate = options.gate ?? new ScriptedGate(this.now - 60_000);
    this.gate.run(this.now);
  }

  get at(): { now: number; utc: number } {
    return { now: this.now, utc: this.now + this.utcOffset };
  }

  get status(): GateStatus {
    return statusOf(this.twin, this.at);
  }

  /** Messages of one type that the twin sent, oldest first. */
  of<K extends HostMessage['type']>(type: K): MessageOf<K>[] {
    return this.sent
      .map(({ message }) => message)
      .filter((message) => message.type === type) as unknown as MessageOf<K>[];
  }

  /** One step after another, as in the session: what an effect brings about waits its turn. */
  take(occurrence: Occurrence): void {
    this.#queue.push(occurrence);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const { state, effects } = step(this.twin, { ...next, ...this.at } as TwinInput);
      this.twin = state;
      for (const effect of effects) this.#run(effect);
      this.onStep();
    }
    this.#isRunning = false;
  }

  up(): void {
    this.connected = true;
    this.take({ type: 'up' });
  }

  down(code = 'link-failed'): void {
    this.connected = false;
    this.take({ type: 'down', problem: { code, detail: 'unplugged' } });
  }

  want(wanted: Verdict): void {
    this.take({ type: 'verdict', verdict: wanted });
  }

  /** What the gate says reaches the twin. */
  hear(messages: readonly GateMessage[], proof = this.proof): void {
    for (const message of messages) {
      // A refusal carries no authenticator.
      const worth = message.type === 'nak' ? 'none' : proof;
      if (this.connected && !this.mumbling) this.take({ type: 'message', message, proof: worth });
    }
  }

  /** Lets time pass in steps of at most `grain` ms; the twin is woken when it asked for it. */
  pass(ms: number, grain = 10): void {
    const end = this.now + ms;
    while (this.now < end) {
      const wake = (this.#wake ?? Number.POSITIVE_INFINITY) + this.lateMs;
      // A wake that is due again at once is let wait a ms, or time would stand still.
      this.now = Math.min(end, this.now + grain, Math.max(wake, this.now + 1));
      this.carryUp(this.gate.run(this.now));
      if (wake <= this.now) {
        this.#wake = null;
        this.take({ type: 'tick' });
      }
    }
  }

  /** Connected, shaken hands, every event handed over. */
  ready(): this {
    this.up();
    this.pass(100);
    return this;
  }

  #run(effect: TwinEffect): void {
    switch (effect.type) {
      case 'send':
        this.sent.push({ at: this.now, message: effect.message });
        if (this.connected && !this.deaf) this.carryDown(effect.message);
        break;
      case 'deliver':
        this.#deliver(effect.ids, effect.events);
        break;
      case 'doubt': {
        this.doubts.push(effect.doubt);
        const outcome = this.onDoubt(effect.doubt);
        if (typeof outcome === 'object') this.want(outcome);
        this.take({ type: 'doubted', taken: outcome !== 'throw' });
        break;
      }
      case 'answered':
        this.answers.push(effect.answer);
        break;
      case 'log':
        this.logged.push(effect.text);
        break;
      case 'wake':
        this.#wake = effect.at;
        break;
      default:
        effect satisfies never;
    }
  }

  #deliver(ids: readonly number[], events: readonly GateEvent[]): void {
    const outcome = this.onDeliver(events);
    if (outcome === 'throw') {
      this.take({ type: 'handed', taken: false });
      return;
    }
    this.delivered.push(...events);
    if (typeof outcome === 'object') this.want(outcome);
    this.take({ type: 'handed', taken: true });
    this.take({ type: 'written', ids, stored: outcome !== 'fail' });
  }
}
