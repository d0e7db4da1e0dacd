/**
 * One reading of what the gate may have done: a model state, and how much of what was seen it has explained so far.
 * A reading that contradicts what was seen throws `Divergence` and is given up.
 */
import type { MessageOf } from '../../schemas/protocol.ts';
import { type Boot, Divergence, mayBeUntold } from './boots.ts';
import {
  type Effect,
  type GuardState,
  type Input,
  nextMoment,
  type Status,
  statusOf,
  step,
} from './guard-model.ts';
import type { TimedEdge } from './timed-log.ts';

/** Accuracy of every moment the gate acts at or reports (design section 3, S2), and what rounding to ms adds. */
const TOLERANCE_MS = 2.5;
/** What was going out when a reset or a loss of power came may be lost: a full ring takes this long on the wire. */
const SWALLOWED_MS = 120;
/** EEPROM: two lock cells, or a settings slot, written and read back. */
const LOCK_WRITE_MS = 60;
const SLOT_WRITE_MS = 250;

export interface Candidate {
  readonly state: GuardState;
  readonly edges: number;
  /** When the actuator should have gone on without an edge that shows it; it must have gone off at once. */
  readonly unseenOn: number | null;
  readonly naks: number;
  readonly values: number;
  readonly states: number;
  /** What `state` would have said and since when, back to the oldest report not yet compared. */
  readonly history: readonly { readonly from: number; readonly status: Status }[];
  readonly lockChangedAt: number;
  readonly settingChangedAt: number;
}

type Draft = { -readonly [K in keyof Candidate]: Candidate[K] };

const near = (a: number, b: number, tolerance = TOLERANCE_MS): boolean => Math.abs(a - b) <= tolerance;
const show = (value: unknown): string => JSON.stringify(value);

export function firstCandidate(state: GuardState): Candidate {
  return {
    state,
    edges: 0,
    unseenOn: null,
    naks: 0,
    values: 0,
    states: 0,
    history: [],
    lockChangedAt: -Infinity,
    settingChangedAt: -Infinity,
  };
}

/** Begins a boot; the counters of what is seen per boot begin anew. */
export function enterBoot(c: Candidate, boot: Boot, edges: readonly TimedEdge[]): Candidate {
  const draft: Draft = {
    ...c,
    naks: 0,
    values: 0,
    states: 0,
    history: [],
    lockChangedAt: -Infinity,
    settingChangedAt: -Infinity,
  };
  take(draft, boot.begin, boot, edges);
  return draft;
}

/** Lets time pass to `uptime`, then applies the input. */
export function advance(
  c: Candidate,
  uptime: number,
  input: Input | null,
  boot: Boot,
  edges: readonly TimedEdge[],
): Candidate {
  const draft: Draft = { ...c };
  if (draft.state.powered) {
    const target = Math.max(draft.state.now, uptime);
    for (let moment = nextMoment(draft.state); moment !== null && moment <= target; ) {
      take(draft, { type: 'until', uptime: moment }, boot, edges);
      moment = nextMoment(draft.state);
    }
    take(draft, { type: 'until', uptime: target }, boot, edges);
  }
  if (input) take(draft, input, boot, edges);
  const { unlockingSince, now } = draft.state;
  const { unseenOn } = draft;
  if (unseenOn !== null && now > unseenOn + TOLERANCE_MS) throw new Divergence(`not on at ${unseenOn}`);
  if (unlockingSince !== null && now > unlockingSince + LOCK_WRITE_MS) throw new Divergence('never unlocked');
  compareStates(draft, boot, draft.state.now - 2 * TOLERANCE_MS);
  return draft;
}

/** Ends a boot: whatever was seen must have been explained. */
export function leaveBoot(c: Candidate, boot: Boot): Candidate {
  const draft: Draft = { ...c };
  compareStates(draft, boot, Infinity);
  if (draft.naks < boot.naks.length) throw new Divergence(`unexpected ${show(boot.naks[draft.naks])}`);
  if (draft.values < boot.values.length)
    throw new Divergence(`unexpected ${show(boot.values[draft.values])}`);
  const beyond = boot.cut ? undefined : boot.events.get(draft.state.newest + 1);
  if (beyond) throw new Divergence(`unexpected ${show(beyond)}`);
  return draft;
}

function take(d: Draft, input: Input, boot: Boot, edges: readonly TimedEdge[]): void {
  const { state, effects } = step(d.state, input);
  if (state.locked !== d.state.locked || state.unlockingSince !== null) d.lockChangedAt = state.now;
  if (state.settings !== d.state.settings) d.settingChangedAt = state.now;
  d.state = state;
  for (const effect of effects) explain(d, effect, boot, edges);
  const status = statusOf(state);
  if (show(status) !== show(d.history.at(-1)?.status))
    d.history = [...d.history, { from: state.now, status }];
}

function explain(d: Draft, effect: Effect, boot: Boot, edges: readonly TimedEdge[]): void {
  const swallowed = boot.cut && d.state.now * 1000 + boot.clockUs > boot.endUs - SWALLOWED_MS * 1000;
  switch (effect.type) {
    case 'actuator':
      explainEdge(d, effect, boot, edges);
      return;
    case 'event': {
      const seen = boot.events.get(effect.event.seq);
      if (seen ? sameEvent(effect.event, seen) : mayBeUntold(boot, effect.event)) return;
      throw new Divergence(`expected ${show(effect.event)}, saw ${show(seen)}`);
    }
    case 'nak': {
      const seen = boot.naks[d.naks];
      if (!seen && swallowed) return;
      d.naks++;
      if (seen?.message === effect.message && seen.seq === effect.seq && seen.reason === effect.reason)
        return;
      throw new Divergence(`expected ${show(effect)}, saw ${show(seen)}`);
    }
    case 'value': {
      const seen = boot.values[d.values];
      if (!seen && swallowed) return;
      d.values++;
      const value = seen && seen.value[0]! + 256 * seen.value[1]!;
      if (
        seen?.setting === effect.setting &&
        value === effect.value &&
        (seen.status === 'pending') === effect.pending
      )
        return;
      // It is told as it is when it is written: a lock or a fault may have dropped what waited by then.
      const isDropped = [...boot.events.values()].some(({ kind }) => kind === 'lock' || kind === 'fault');
      if (effect.pending && isDropped && seen?.setting === effect.setting && seen.status === 'current')
        return;
      throw new Divergence(`expected ${show(effect)}, saw ${show(seen)}`);
    }
  }
}

/** What is ended within a moment of its beginning, such as a lease in the millisecond of a press, may show no edge. */
function explainEdge(
  d: Draft,
  effect: Extract<Effect, { type: 'actuator' }>,
  boot: Boot,
  edges: readonly TimedEdge[],
): void {
  const { unseenOn } = d;
  d.unseenOn = null;
  if (!effect.on && unseenOn !== null && near(unseenOn, effect.at)) return;
  const edge = edges[d.edges];
  const at = edge && (edge.atUs - boot.clockUs) / 1000;
  // A reset or a loss of power has no time by the gate's own clock.
  const cutOff = edge && edge.atUs >= boot.startUs && edge.atUs <= boot.startUs + boot.lostUs;
  if (unseenOn === null && edge?.high === effect.on && (near(at!, effect.at) || cutOff)) {
    d.edges++;
  } else if (effect.on) {
    d.unseenOn = effect.at;
  } else {
    throw new Divergence(`expected ${show(effect)}, saw ${show(edge && { at, on: edge.high })}`);
  }
}

type Event = Omit<MessageOf<'event'>, 'type'>;

function sameEvent(expected: Event, seen: Event): boolean {
  return (
    expected.kind === seen.kind &&
    expected.reason === seen.reason &&
    expected.boot === seen.boot &&
    near(expected.uptime, seen.uptime) &&
    near(expected.detail, seen.detail)
  );
}

function compareStates(d: Draft, boot: Boot, upTo: number): void {
  for (let seen = boot.states[d.states]; seen && seen.uptime <= upTo; seen = boot.states[d.states]) {
    const at = seen.uptime;
    const held = d.history.filter(({ from }, i) => {
      const until = d.history[i + 1]?.from ?? Infinity;
      return from <= at + TOLERANCE_MS && until >= at - TOLERANCE_MS;
    });
    const wrong = difference(
      d,
      held.map(({ status }) => status),
      seen,
    );
    if (wrong) throw new Divergence(`state at ${at}: ${wrong} in ${show(seen)}`);
    d.states++;
  }
  const oldest = Math.min(upTo, boot.states[d.states]?.uptime ?? Infinity) - 2 * TOLERANCE_MS;
  const keep = d.history.findLastIndex(({ from }) => from <= oldest);
  if (keep > 0) d.history = d.history.slice(keep);
}

/**
 * What a report says otherwise than the model within the tolerance, null when nothing. Field by field: where two things
 * happen within it, such as a release and a mute, their order is not known.
 */
function difference(d: Draft, held: readonly Status[], seen: MessageOf<'state'>): string | null {
  const at = seen.uptime;
  const differs = (name: string, fits: (status: Status) => boolean): string | null =>
    held.some(fits) ? null : `${name} should not be so`;
  for (const key of ['boot', 'phase', 'reason', 'fault', 'newest', 'lost'] as const) {
    const wrong = differs(key, (status) => status[key] === seen[key]);
    if (wrong) return wrong;
  }
  for (const flag of ['sensePresent', 'senseHears', 'contested', 'buttonDown', 'confirming'] as const) {
    const wrong = differs(flag, (status) => status[flag] === seen.flags[flag]);
    if (wrong) return wrong;
  }
  const challenge = Buffer.from(seen.challenge).toString('hex');
  const echo = differs('challenge', (status) => status.challenge === challenge);
  if (echo) return echo;
  const writing = at - d.lockChangedAt < LOCK_WRITE_MS;
  const sinceReset = at - d.state.resetAt;
  const storing = writing || Math.min(at - d.settingChangedAt, sinceReset) < SLOT_WRITE_MS;
  if (seen.flags.verifying && !storing) return 'verifying for too long';
  const locked = writing ? null : differs('locked', (status) => status.locked === seen.flags.locked);
  return locked ?? differs('leaseLeftMs', (status) => near(leaseLeft(status, at), seen.leaseLeftMs));
}

const leaseLeft = ({ leaseEnd }: Status, at: number): number =>
  leaseEnd === null ? 0 : Math.max(0, leaseEnd - at);
