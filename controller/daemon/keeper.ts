/** Keeps one gate to what was decided about it: joins the gate, its policy and its override. */
import type { Doubt, Gate, GateEvent, GateStatus } from '../gate/gate.ts';
import { holdEnd, settle } from '../policy/ahead.ts';
import { decide, type GateRules, type PolicyInput } from '../policy/decide.ts';
import {
  applyEvent,
  type Decision,
  endGrant,
  endOf,
  endRefused,
  expire,
  holdLonger,
  type Override,
  UNDECIDED,
} from '../policy/override.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { World } from '../policy/weigh.ts';
import type { After, Clock } from './clock.ts';
import { LentPort } from './lent-port.ts';
import type { Log } from './log.ts';
import { isNews, isShownAlike, newsIn } from './news.ts';
import { iso } from './views.ts';

export interface KeeperOptions {
  readonly gate: Gate;
  readonly rules: GateRules;
  /** Everything that rules are weighed by, at this moment. */
  readonly world: () => World;
  /** How long sources of facts are still given to tell something; 0: what is unknown now is. */
  readonly settlingMs: () => number;
  readonly clock: Clock;
  readonly after: After;
  readonly log: Log;
  /** Called after every change of the decision; it must end up on disk. */
  readonly onDecision: () => void;
  /** Called after every change of what can be shown. */
  readonly onChange: () => void;
}

/** Later than this after it was due, a look has missed something. */
const LATE_MS = 1_000;

/** What is shown of a gate on the way out; what was decided is kept for the next start. */
const STOPPING: Verdict = {
  listen: false,
  until: null,
  changesAt: null,
  reason: { code: 'stopping', text: 'the daemon stops', until: null },
  decisive: [],
  buttonMs: 0,
  buttonUntil: null,
  night: false,
  lookAt: null,
};

export class Keeper {
  readonly gate: Gate;
  /** For those who flash or pair its board. */
  readonly port: LentPort;
  readonly #options: KeeperOptions;
  #rules: GateRules;
  #decision: Decision = UNDECIDED;
  /** What policy said last, and what of it the gate was told. */
  #verdict: Verdict | null = null;
  #told: Verdict | null = null;
  /** What the gate told of itself when it was judged last. */
  #judged: Pick<PolicyInput, 'locked' | 'fault'> | null = null;
  /** UTC ms: a never rule may have held unseen since. */
  #unseenSince: number | null = null;
  #cancelTimer = () => {};
  /** The newest event of the muted gate when the grant in force was given: a press with a later one came after the grant. */
  #beforeGrant: { readonly boot: number; readonly newest: number } | null = null;
  #unsubscribe = () => {};
  #shown = '';
  #stopped = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.gate = options.gate;
    this.port = new LentPort(options);
    this.#rules = options.rules;
  }

  get rules(): GateRules {
    return this.#rules;
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
  /** The override in force, with its end by whichever clock comes first, or by the never rule that ends a grant before. */
  get override(): { readonly override: Override; readonly until: number | null } | null {
    const now = this.#options.clock.now();
    const { override } = expire(this.#decision, now);
    const { code, until } = this.verdict.reason;
    return override && { override, until: code === 'grant' ? until : endOf(override, now) };
  }

  /** Starts the gate with what was decided before. */
  start(decision: Decision): void {
    // The configuration may have changed while nothing ran.
    this.#allow(decision);
    // While nothing ran, a never rule may have begun and ended.
    this.#unseenSince = decision.override?.kind === 'grant' ? decision.at : null;
    this.#unsubscribe = this.gate.onChange((status) => this.#heard(status));
    this.#update();
    if (this.#decision !== decision) this.#options.onDecision();
    this.gate.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.port.stop();
    await this.gate.stop(timeoutMs);
    this.#unsubscribe();
  }

  /** Puts a new decision in force at once. */
  decide(decision: Decision): void {
    const { link, reported, record } = this.gate.status();
    const isKnown = decision.override?.kind === 'grant' && link === 'up' && reported?.state === 'muted';
    this.#beforeGrant = isKnown ? record : null;
    this.#decision = decision;
    this.#unseenSince = null;
    this.#update();
    this.#options.onDecision();
  }

  /** Goes by other rules from now on. A grant that they would not give ends. */
  follow(rules: GateRules): void {
    const before = this.#decision;
    this.#rules = rules;
    this.#allow(before);
    this.#update();
    if (this.#decision !== before) this.#options.onDecision();
  }

  /** Takes a decision as far as the rules would still give it. */
  #allow(decision: Decision): void {
    this.#decision = endRefused(decision, this.#rules, this.#options.clock.now());
    if (this.#decision !== decision)
      this.#options.log.info('the grant has ended: the configuration does not allow it any more');
  }

  /** Judges anew: time has passed, or something that counts has changed. */
  review(): void {
    const before = this.#decision;
    this.#update();
    if (this.#decision !== before) this.#options.onDecision();
  }

  /** Everything policy decides by at this moment. */
  input(): PolicyInput {
    const { locked, fault } = this.gate.status();
    return { ...this.#options.world(), rules: this.#rules, override: this.#decision.override, locked, fault };
  }

  /** UTC ms at which a hold without an end given ends that begins at `from`. */
  holdEnd(from: number): number | null {
    return holdEnd(this.#rules, this.#options.world().clockKnown, from);
  }

  /** Holds after a mute by a button on the free pins of gate `from`. Needs no permission (S3). */
  holdByButton(from: string): void {
    this.#options.log.info(`mute by the mute button on ${from}`);
    const now = this.#options.clock.now();
    this.decide(holdLonger(this.#decision, now, this.holdEnd(now.wall), 'mute-button', from));
  }

  /** Events of the gate, in order, each at its own time. */
  events(events: readonly GateEvent[]): void {
    const before = this.#decision;
    const now = this.#options.clock.now();
    const button = {
      mayGrant: this.rules.mayUnmute.includes('button'),
      holdEnd: (from: number) => this.holdEnd(from),
    };
    for (const event of events) {
      const old = this.#decision;
      this.#decision = applyEvent(old, this.#asMeant(event), now, button);
      // It is told late: a never rule may have held since, and what one did before does not concern it.
      if (this.#decision !== old) this.#unseenSince = event.at - event.atErrorMs;
    }
    if (this.#decision === before) return;
    const { override } = this.#decision;
    if (before.override?.kind === 'grant' && !override && events.some(({ gapBefore }) => gapBefore))
      this.#lostEvents();
    this.#update();
    this.#options.onDecision();
  }

  #asMeant(event: GateEvent): GateEvent {
    // What ends a grant ends it, whoever did it.
    if (this.#decision.override?.kind !== 'grant') return this.port.withoutBorrower(event);
    return this.#afterGrant(event);
  }

  /** S3: a press that ended what a grant had opened is newer than the grant, however far off the time is that it is told with. */
  #afterGrant(event: GateEvent): GateEvent {
    const { at } = this.#decision;
    const before = this.#beforeGrant;
    if (!before || event.boot !== before.boot || event.seq <= before.newest) return event;
    return event.kind === 'mute' && event.reason === 'press' && event.at <= at
      ? { ...event, at: at + 1 }
      : event;
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
    if (doubt === 'press-lost') {
      this.#options.log.warn('held muted: a press at it muted it, and the event that tells so is lost');
      this.decide(holdLonger(this.#decision, now, this.holdEnd(now.wall), 'button'));
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
    const { locked, fault } = status;
    // Nothing else that a gate tells of itself is asked by its rules; a clock that was set may be ahead of every timer.
    const isOther = locked !== this.#judged?.locked || fault !== this.#judged.fault;
    const lookAt = this.#verdict?.lookAt ?? Number.POSITIVE_INFINITY;
    if (changed || isOther || this.#options.clock.now().wall >= lookAt) this.#update();
    if (changed) this.#options.onDecision();
    const { state, evidence } = status;
    const shown = `${state}, ${evidence === 'none' ? 'not proven' : evidence}${fault ? `, fault ${fault}` : ''}`;
    if (shown !== this.#shown) this.#options.log[fault ? 'warn' : 'info'](`is ${shown}`);
    this.#shown = shown;
    this.#options.onChange();
  }

  #judge(): Verdict {
    return decide(this.input());
  }

  /** Passes the verdict on when it has changed, and comes back when it changes by itself. */
  #update(): void {
    if (this.#stopped) return;
    const input = this.input();
    this.#judged = { locked: input.locked, fault: input.fault };
    const { wall } = input.now;
    const settlingMs = this.#options.settlingMs();
    const settling = settlingMs > 0;
    const due = this.#verdict?.lookAt ?? null;
    // The machine slept, or its clock was set.
    if (due !== null && wall - due > LATE_MS) this.#unseenSince = Math.min(due, this.#unseenSince ?? due);
    this.#decision = settle(this.#decision, { ...input, unseenSince: this.#unseenSince, settling });
    if (!settling && input.clockKnown) this.#unseenSince = null;
    const fresh = decide({ ...input, override: this.#decision.override });
    const before = this.#verdict;
    const isAlike = before !== null && isShownAlike(before, fresh);
    // What nobody is told of is not shown otherwise either: whoever compares what is shown would see news in every look.
    const verdict = isAlike ? { ...fresh, reason: before.reason } : fresh;
    this.#verdict = verdict;
    if (!this.#told || isNews(this.#told, verdict, wall)) {
      this.#told = verdict;
      this.gate.want(verdict);
    }
    if (!isAlike) {
      // A gate in reach tells of itself what it is told.
      const end = iso(verdict.reason.until);
      if (verdict.listen && !before?.listen && this.gate.status().link !== 'up')
        this.#options.log.info(
          `to be live${end === null ? '' : ` until ${end}`} as soon as it is heard: ${verdict.reason.text}`,
        );
      this.#options.onChange();
    }
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    const later = newsIn(this.#told, verdict, wall);
    const waits = [
      ...(later === null ? [] : [later]),
      ...(verdict.lookAt === null ? [] : [Math.max(1, verdict.lookAt - wall)]),
      ...(settling ? [settlingMs] : []),
    ];
    if (waits.length === 0) return;
    this.#cancelTimer = this.#options.after(Math.min(...waits), () => this.review());
  }
}
