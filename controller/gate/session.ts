/** Runs the twin of one gate on a link, with clocks, timers and the log passed in. */
import { createHmac, randomBytes } from 'node:crypto';
import { LIMITS } from '../../schemas/protocol.ts';
import { type Clock, systemClock } from '../link/clock.ts';
import type { Verdict } from '../policy/verdict.ts';
import { Channel } from './channel.ts';
import type { SettingAnswer, SettingAsk } from './exchange.ts';
import { PinSeam } from './free-pins.ts';
import type { Doubt, Gate, GateEvent, GateStatus, Wiring } from './gate.ts';
import type { GateLog, GateOptions } from './options.ts';
import { needsProof } from './proof.ts';
import { Questions } from './questions.ts';
import { type KeyRing, NO_KEYS } from './seal.ts';
import { isAtRest, statusOf, tellsTheSame } from './status.ts';
import { step } from './twin.ts';
import type { MuteReason, Problem, TwinConfig, TwinEffect, TwinInput } from './twin-border.ts';
import { initialTwin, type TwinState } from './twin-state.ts';

/** A gate on a link. Has no effect until `start()`; after `stop()` it can be started again. */
export function createGate(options: GateOptions): Gate {
  return new Session(options);
}

/** `TwinInput` without its instant. */
type Occurrence = TwinInput extends infer I ? (I extends TwinInput ? Omit<I, 'now' | 'utc'> : never) : never;

/** Timers of JavaScript take no more. */
const MAX_WAIT_MS = 2 ** 31 - 1;

class Session implements Gate {
  readonly name: string;
  readonly #options: GateOptions;
  readonly #config: TwinConfig;
  readonly #clock: Clock;
  readonly #log: GateLog;
  readonly #channel: Channel;
  readonly #pins: PinSeam | null;
  readonly #listeners = new Set<(status: GateStatus) => void>();
  readonly #queue: Occurrence[] = [];
  #twin: TwinState;
  #isRunning = false;
  #isStarted = false;
  #isReleased = false;
  #stopping: Promise<GateStatus> | null = null;
  readonly #keys: KeyRing;
  #cancelWake = () => {};
  #told: GateStatus | null = null;
  readonly #questions = new Questions();

  constructor(options: GateOptions) {
    this.name = options.name;
    this.#options = options;
    this.#config = {
      name: options.name,
      controllerId: options.controllerId >>> 0,
      readyAfterMs: options.readyAfterMs ?? 0,
      inputs: options.inputs?.map(({ pin }) => pin) ?? null,
      needsKey: options.needsKey ?? false,
      challenge: challenges(),
    };
    this.#keys = options.keys ?? NO_KEYS;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? { info: () => {}, warn: () => {} };
    this.#twin = initialTwin(this.#config, null, this.#at());
    this.#channel = new Channel({
      link: options.link,
      clock: this.#clock,
      keys: this.#keys,
      log: this.#log,
      needsProof: () => needsProof(this.#twin),
      up: () => this.#take({ type: 'up' }),
      down: (problem) => this.#take({ type: 'down', problem }),
      foreign: (version) => this.#take({ type: 'foreign', version }),
      message: (message, proof) => this.#take({ type: 'message', message, proof }),
      firmata: (bytes) => this.#pins?.received(bytes),
    });
    this.#pins =
      options.pins === undefined
        ? null
        : new PinSeam(
            options.pins,
            (bytes) => this.#channel.sendBytes(bytes),
            (run) => this.#guarded(run),
          );
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { verdict, mute, lockWanted, wiring } = this.#twin;
    const fresh = initialTwin(this.#config, this.#options.sink.newest(this.name), this.#at());
    // What was asked for before the start still counts.
    const keyring = this.#keys.state();
    this.#twin = { ...fresh, verdict, mute, lockWanted, wiring, keyring, commanded: mute ? 'mute' : null };
    this.#channel.start();
    this.#take({ type: 'tick' });
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#isReleased = false;
    if (!this.#isStarted) return;
    this.#stopping ??= this.#stop(timeoutMs, { code: 'link-failed', detail: 'the controller has stopped' });
    await this.#stopping;
  }

  async release(timeoutMs: number, detail: string): Promise<GateStatus> {
    if (!this.#isStarted) return this.status();
    this.#isReleased = true;
    this.#stopping ??= this.#stop(timeoutMs, { code: 'released', detail });
    return this.#stopping;
  }

  async reclaim(): Promise<void> {
    await this.#stopping;
    if (!this.#isReleased) return;
    this.#isReleased = false;
    this.start();
  }

  async #stop(timeoutMs: number, problem: Problem): Promise<GateStatus> {
    this.#take({ type: 'stop' });
    await this.#atRest(timeoutMs);
    const last = this.status();
    // A lamp that says that the speaker may hear stays lit over one that is not known to be muted.
    if (last.state === 'muted') this.#pins?.closing();
    await this.#channel.stop();
    this.#take({ type: 'down', problem });
    this.#cancelWake();
    this.#isStarted = false;
    this.#stopping = null;
    this.#questions.end();
    return last;
  }

  want(verdict: Verdict): void {
    this.#take({ type: 'verdict', verdict });
  }

  mute(reason: MuteReason): void {
    this.#take({ type: 'mute', reason });
  }

  lock(): void {
    this.#take({ type: 'lock' });
  }

  exchange(ask: SettingAsk): Promise<SettingAnswer> {
    return this.#questions.ask((id) => {
      if (this.#isStarted) this.#take({ type: 'setting', id, ask });
      return this.#isStarted;
    });
  }

  keysChanged(): void {
    this.#channel.keysChanged();
    this.#take({ type: 'keys', keyring: this.#keys.state() });
  }

  trustWiring(wiring: Wiring | null): void {
    this.#take({ type: 'wiring', wiring });
  }

  status(): GateStatus {
    return statusOf(this.#twin, this.#at());
  }

  onChange(listener: (status: GateStatus) => void): () => void {
    // Wrapped, so that a listener added twice is also told twice and removed one by one.
    const entry = (status: GateStatus) => listener(status);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Resolves when the gate is known to be muted, or after the time. */
  async #atRest(timeoutMs: number): Promise<void> {
    if (isAtRest(this.#twin, this.#at())) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        remove();
        resolve();
      };
      const cancel = this.#clock.after(Math.min(timeoutMs, MAX_WAIT_MS), () => {
        this.#log.warn('stopped without proof that it is muted; the lease ends by itself');
        done();
      });
      const remove = this.onChange(() => {
        if (isAtRest(this.#twin, this.#at())) done();
      });
    });
  }

  #at(): { now: number; utc: number } {
    return { now: this.#clock.now(), utc: this.#clock.utc() };
  }

  /** One step after another: what an effect brings about (policy answering an event) waits its turn. */
  #take(occurrence: Occurrence): void {
    this.#queue.push(occurrence);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const input = { ...next, ...this.#at() } as TwinInput;
        this.#guarded(() => this.#step(input));
      }
    } finally {
      this.#isRunning = false;
    }
    this.#pins?.follow(this.#twin);
    this.#tellListeners();
  }

  #step(input: TwinInput): void {
    const { state, effects } = step(this.#twin, input);
    this.#twin = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: TwinEffect): void {
    switch (effect.type) {
      case 'send':
        this.#guarded(() => this.#channel.send(effect.message));
        break;
      case 'deliver':
        this.#deliver(effect.ids, effect.events);
        break;
      case 'doubt':
        this.#doubt(effect.doubt);
        break;
      case 'answered':
        this.#questions.answered(effect.id, effect.answer);
        break;
      case 'log':
        this.#log[effect.level]?.(effect.text);
        break;
      case 'wake':
        this.#cancelWake();
        if (effect.at !== null && this.#isStarted) this.#wakeAt(effect.at);
        break;
      default:
        effect satisfies never;
    }
  }

  #wakeAt(at: number): void {
    const wait = Math.min(Math.max(0, at - this.#clock.now()), MAX_WAIT_MS);
    this.#cancelWake = this.#clock.after(wait, () => this.#take({ type: 'tick' }));
  }

  #deliver(ids: readonly number[], events: readonly GateEvent[]): void {
    let writing: Promise<void>;
    try {
      writing = Promise.resolve(this.#options.sink.deliver(events));
    } catch (error) {
      this.#log.warn(`events could not be handed over: ${String(error)}`);
      this.#take({ type: 'handed', taken: false });
      return;
    }
    this.#take({ type: 'handed', taken: true });
    writing.then(
      () => this.#take({ type: 'written', ids, stored: true }),
      (error) => {
        this.#log.debug?.(`events not written: ${String(error)}`);
        this.#take({ type: 'written', ids, stored: false });
      },
    );
  }

  #doubt(doubt: Doubt): void {
    let taken = true;
    try {
      this.#options.sink.doubt?.(doubt);
    } catch (error) {
      taken = false;
      this.#log.warn(`nothing could be decided anew: ${String(error)}`);
    }
    this.#take({ type: 'doubted', taken });
  }

  #tellListeners(): void {
    const status = this.status();
    if (this.#told && tellsTheSame(this.#told, status)) return;
    this.#told = status;
    for (const listener of [...this.#listeners]) this.#guarded(() => listener(status));
  }

  /** What others do with what they are told must not stop the gate (S10). */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#log.warn(`unexpected: ${String(error)}`);
    }
  }
}

/** Challenges that nobody can foresee, one for each number. */
function challenges(): (number: number) => Uint8Array {
  const seed = randomBytes(LIMITS.keyBytes.value);
  return (number) =>
    Uint8Array.from(
      createHmac('sha256', seed).update(String(number)).digest().subarray(0, LIMITS.challengeBytes.value),
    );
}
