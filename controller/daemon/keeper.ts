/** Keeps one gate to what was decided about it: joins the gate, its policy and its override. */
import type { Doubt, Gate, GateEvent, GateStatus } from '../gate/gate.ts';
import { decide, type GateRules } from '../policy/decide.ts';
import {
  applyEvent,
  type Decision,
  endGrant,
  endOf,
  expire,
  holdLonger,
  type Override,
  UNDECIDED,
} from '../policy/override.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { iso } from './views.ts';

/** Calls `run` after `ms`; returns the way to prevent it. */
export type After = (ms: number, run: () => void) => () => void;

export interface KeeperOptions {
  readonly gate: Gate;
  readonly rules: GateRules;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  /** Called after every change of the decision; it must end up on disk. */
  readonly onDecision: () => void;
  /** Called after every change of what can be shown. */
  readonly onChange: () => void;
}

/** A timer does not count suspend, and the clock may be set: a grant is looked at again at least this often. */
const RECHECK_MS = 60_000;
/** The two clocks round differently; smaller differences of an end are no news. */
const SAME_MS = 100;

/** What is shown of a gate on the way out; what was decided is kept for the next start. */
const STOPPING: Verdict = {
  listen: false,
  until: null,
  reason: { code: 'stopping', text: 'the daemon stops' },
  buttonMs: 0,
  buttonUntil: null,
};

export class Keeper {
  readonly gate: Gate;
  readonly rules: GateRules;
  readonly #options: KeeperOptions;
  #decision: Decision = UNDECIDED;
  #verdict: Verdict | null = null;
  #cancelTimer = () => {};
  #cancelReturn = () => {};
  #holder: string | null = null;
  #unsubscribe = () => {};
  #shown = '';
  #stopped = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.gate = options.gate;
    this.rules = options.rules;
  }

  get name(): string {
    return this.gate.name;
  }
  get decision(): Decision {
    return this.#decision;
  }
  get verdict(): Verdict {
    return this.#stopped ? STOPPING : (this.#verdict ?? this.#judge());
  }
  /** The override in force, with its end by whichever clock comes first. */
  get override(): { readonly override: Override; readonly until: number | null } | null {
    const { override } = this.#decision;
    return override && { override, until: endOf(override, this.#options.clock.now()) };
  }

  /** Starts the gate with what was decided before. */
  start(decision: Decision): void {
    this.#decision = decision;
    this.#unsubscribe = this.gate.onChange((status) => this.#heard(status));
    this.#update();
    this.gate.start();
  }

  /** Who has the port of this gate to flash its board; null while the gate has it. */
  get holder(): string | null {
    return this.#holder;
  }

  /** Lets go of the port until `reclaim`, at most for `forMs`; asked for again, the time begins anew. */
  async release(options: {
    readonly holder: string;
    readonly timeoutMs: number;
    readonly forMs: number;
  }): Promise<GateStatus> {
    this.#holder = options.holder;
    this.#cancelReturn();
    this.#cancelReturn = this.#options.after(options.forMs, () => {
      this.#options.log.warn('its port was not given back in time, and is taken back');
      void this.reclaim();
    });
    return this.gate.release(options.timeoutMs, 'it is being flashed');
  }

  async reclaim(): Promise<void> {
    this.#holder = null;
    this.#cancelReturn();
    this.#cancelReturn = () => {};
    await this.gate.reclaim();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#cancelReturn();
    await this.gate.stop(timeoutMs);
    this.#unsubscribe();
  }

  /** Puts a new decision in force at once. */
  decide(decision: Decision): void {
    this.#decision = decision;
    this.#update();
    this.#options.onDecision();
  }

  /** Judges anew: time has passed, or something that counts has changed. */
  review(): void {
    const standing = this.#decision.override;
    this.#update();
    if (this.#decision.override !== standing) this.#options.onDecision();
  }

  /** Mutes and holds, as a mute button on the free pins of gate `from` asks for. Needs no permission (S3). */
  muteByButton(from: string): void {
    this.#options.log.info(`mute by the mute button on ${from}`);
    this.gate.mute('policy');
    this.decide(holdLonger(this.#decision, this.#options.clock.now(), null, 'mute-button', from));
  }

  /** Events of the gate, in order, each at its own time. */
  events(events: readonly GateEvent[]): void {
    const before = this.#decision;
    const mayGrant = this.rules.mayUnmute.includes('button');
    const now = this.#options.clock.now();
    for (const event of events) this.#decision = applyEvent(this.#decision, event, now, mayGrant);
    if (this.#decision === before) return;
    const { override } = this.#decision;
    if (before.override?.kind === 'grant' && !override && events.some(({ gapBefore }) => gapBefore))
      this.#lostEvents();
    this.#update();
    this.#options.onDecision();
  }

  /** What was decided was meant for a board whose every event is known. */
  doubt(doubt: Doubt): void {
    const now = this.#options.clock.now();
    if (doubt === 'events-lost') {
      const ended = endGrant(this.#decision);
      if (ended === this.#decision) return;
      this.#lostEvents();
      this.decide({ ...ended, at: now.wall, countedAt: now.counted, byEvent: false });
      return;
    }
    const next = `\`earlid resume ${this.name}\` or \`earlid unmute ${this.name}\` accepts it`;
    this.#options.log.warn(`held muted, because another board answers here than before: ${next}`);
    this.decide(holdLonger(this.#decision, now, null, 'controller'));
  }

  #lostEvents(): void {
    this.#options.log.info('the grant has ended: events are lost, and a press that muted may be among them');
  }

  #heard(status: GateStatus): void {
    // The gate was locked or faulty, whether or not the event that says so has come.
    const ended = status.locked || status.fault ? endGrant(this.#decision) : this.#decision;
    const changed = ended !== this.#decision;
    this.#decision = ended;
    this.#update();
    if (changed) this.#options.onDecision();
    const { state, evidence, fault } = status;
    const shown = `${state}, ${evidence === 'none' ? 'not proven' : evidence}${fault ? `, fault ${fault}` : ''}`;
    if (shown !== this.#shown) this.#options.log[fault ? 'warn' : 'info'](`is ${shown}`);
    this.#shown = shown;
    this.#options.onChange();
  }

  #judge(): Verdict {
    const { locked, fault } = this.gate.status();
    const now = this.#options.clock.now();
    return decide({ rules: this.rules, override: this.#decision.override, locked, fault, now });
  }

  /** Passes the verdict on when it has changed, and comes back when it changes by itself. */
  #update(): void {
    if (this.#stopped) return;
    const before = this.#decision;
    this.#decision = expire(before, this.#options.clock.now());
    const verdict = this.#judge();
    const old = this.#verdict;
    if (!old || !sameVerdict(old, verdict)) {
      this.#verdict = verdict;
      this.gate.want(verdict);
      // A gate in reach tells of itself what it is told.
      if (verdict.listen && this.gate.status().link !== 'up')
        this.#options.log.info(
          `to be live until ${iso(verdict.until)} as soon as it is heard: ${verdict.reason.text}`,
        );
      this.#options.onChange();
    }
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    const end = this.override?.until ?? null;
    if (end === null) return;
    const delay = Math.min(Math.max(1, end - this.#options.clock.now().wall), RECHECK_MS);
    this.#cancelTimer = this.#options.after(delay, () => this.review());
  }
}

function sameVerdict(a: Verdict, b: Verdict): boolean {
  const sameEnd =
    a.until === b.until ||
    (a.until !== null && b.until !== null && Math.abs(a.until - b.until) < SAME_MS && a.until <= b.until);
  return (
    sameEnd &&
    a.listen === b.listen &&
    a.buttonMs === b.buttonMs &&
    a.buttonUntil === b.buttonUntil &&
    a.reason.code === b.reason.code &&
    a.reason.text === b.reason.text
  );
}
