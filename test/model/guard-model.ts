/**
 * Reference model of the guard of an `uno-relay` gate: `(state, input) → {state, effects}`, pure, with 1 ms resolution.
 *
 * Time passes only by `{ type: 'until', uptime }`; every other input happens at `state.now`. The world is an input too:
 * the levels of the button and of the sense pin, and the moment at which the boot number stands in the EEPROM.
 */
import { type HostMessage, LIMITS, type Phase, type Reason } from '../../schemas/protocol.ts';
import { buttonEdge, buttonMoments, settleButton } from './guard-button.ts';
import { mute, paired, receive } from './guard-messages.ts';
import {
  buttonDown,
  contested,
  type Draft,
  type Effect,
  endLease,
  type GuardState,
  latch,
  NO_CHALLENGE,
  off,
  phaseOf,
  record,
  SENSE_STILL_MS,
  setting,
} from './guard-state.ts';

export { type Effect, type GuardEvent, type GuardState, newGate } from './guard-state.ts';

export type Input =
  | { readonly type: 'until'; readonly uptime: number }
  | { readonly type: 'message'; readonly message: HostMessage; readonly authenticator: Authenticator }
  /** A mute whose content could not be read. */
  | { readonly type: 'garbled-mute' }
  | { readonly type: 'button'; readonly down: boolean }
  | { readonly type: 'sense'; readonly high: boolean }
  | { readonly type: 'power'; readonly on: boolean }
  | { readonly type: 'reset'; readonly cause: Reason }
  /** The boot number is committed and read back. */
  | { readonly type: 'committed' }
  /** The key of the newest `pair` stands in every record. */
  | { readonly type: 'paired' }
  /** Both lock cells say unlocked and have been read back. */
  | { readonly type: 'unlocked' };

/** What a frame carried; a gate without a key finds any wrong. */
export type Authenticator = 'none' | 'right' | 'wrong';

export interface Step {
  readonly state: GuardState;
  readonly effects: readonly Effect[];
}

/** What `state` would say, as far as the texts fix it. */
export interface Status {
  readonly boot: number;
  readonly phase: Phase;
  readonly reason: Reason;
  readonly leaseEnd: number | null;
  readonly locked: boolean;
  readonly contested: boolean;
  readonly sensePresent: boolean;
  readonly senseHears: boolean;
  readonly buttonDown: boolean;
  readonly confirming: boolean;
  readonly fault: Reason;
  readonly newest: number;
  readonly lost: number;
  readonly challenge: string;
}

export function statusOf(s: GuardState): Status {
  return {
    boot: s.boot,
    phase: phaseOf(s),
    reason: s.reason,
    leaseEnd: s.leaseEnd,
    locked: s.locked,
    contested: contested(s),
    sensePresent: setting(s, 'sense') !== 0,
    senseHears: s.sense.hears,
    buttonDown: buttonDown(s),
    confirming: s.pending !== null,
    fault: s.fault,
    newest: s.newest,
    lost: s.lost,
    challenge: s.challenge,
  };
}

export function step(state: GuardState, input: Input): Step {
  const d: Draft = {
    s: {
      ...state,
      button: { ...state.button, press: state.button.press && { ...state.button.press } },
      sense: { ...state.sense },
    },
    effects: [],
  };
  apply(d, input);
  return { state: d.s, effects: d.effects };
}

/** The next moment at which the gate does something by itself; null when nothing is ahead. */
export function nextMoment(s: GuardState): number | null {
  if (!s.powered) return null;
  const travel = setting(s, 'travel');
  const moments = [
    s.leaseEnd,
    s.contestedUntil,
    s.pending?.until ?? null,
    s.pairingUntil,
    s.resetAt + 2 * FIRST_LOOK_MS,
    s.resetAt + LIMITS.pairHoldMs.value,
    s.resetAt + travel,
    s.commandedAt + travel,
    faultAt(s),
    s.sense.pinAt + SENSE_STILL_MS,
    ...buttonMoments(s),
  ].filter((moment): moment is number => moment !== null && moment > s.now);
  return moments.length > 0 ? Math.min(...moments) : null;
}

function apply(d: Draft, input: Input): void {
  const { s } = d;
  switch (input.type) {
    case 'until':
      pass(d, input.uptime);
      return;
    case 'power':
      power(d, input.on);
      break;
    case 'button':
      buttonEdge(d, input.down);
      break;
    case 'sense':
      if (s.sense.high !== input.high) Object.assign(s.sense, { high: input.high, pinAt: s.now });
      break;
    case 'reset':
      if (s.powered) boot(d, input.cause);
      break;
    case 'committed':
      s.committed = true;
      break;
    case 'paired':
      paired(d);
      break;
    case 'unlocked':
      if (s.unlockingSince !== null) {
        s.unlockingSince = null;
        s.locked = false;
        record(d, 'unlock', 'press');
      }
      break;
    case 'message':
      if (s.powered) receive(d, input.message, input.authenticator);
      break;
    case 'garbled-mute':
      if (s.powered) mute(d, 'garbled', null);
      break;
  }
  if (s.powered) settle(d);
}

function pass(d: Draft, uptime: number): void {
  const { s } = d;
  for (let moment = nextMoment(s); moment !== null && moment <= uptime; moment = nextMoment(s)) {
    s.now = moment;
    settle(d);
  }
  s.now = Math.max(s.now, uptime);
}

function power(d: Draft, on: boolean): void {
  const { s } = d;
  if (on === s.powered) return;
  s.powered = on;
  if (on) {
    Object.assign(s, { now: 0, fault: 'none', newest: 0, ring: [], lost: 0, mustSee: 0, pairingUntil: null });
    boot(d, 'power-on');
  } else {
    off(d);
  }
}

/** Everything but EEPROM and `.noinit` RAM begins anew; a button that is down now counts only after it has been up. */
function boot(d: Draft, cause: Reason): void {
  const { s } = d;
  off(d);
  s.boot += 1;
  Object.assign(s, {
    reason: cause,
    unlockingSince: null,
    resetAt: s.now,
    mayPair: cause === 'power-on',
    nextKey: null,
    verifiedAt: null,
    commandedAt: s.now,
    committed: false,
    started: false,
    lastSeq: 0,
    lastMute: null,
    allowAt: null,
    permission: null,
    controller: null,
    challenge: NO_CHALLENGE,
    frameAt: null,
    contestedUntil: null,
    pending: null,
  });
  Object.assign(s.button, { edgeAt: s.now, armed: false, press: null });
  Object.assign(s.sense, { pinAt: s.now, hears: false, hearsAt: s.now });
  record(d, 'boot', cause, cause === 'power-on' ? 1 : 0);
}

/** When sense and command will have contradicted each other for longer than the travel time; never, when they agree. */
function faultAt(s: GuardState): number {
  if (setting(s, 'sense') === 0 || s.sense.hears === s.on) return Infinity;
  return Math.max(s.commandedAt, s.sense.hearsAt) + setting(s, 'travel') + 1;
}

/** The gate looks at the button for the first time so long after its clock began. */
const FIRST_LOOK_MS = 1;

/** A button that is down from power-up on begins it; a locked gate is not paired. */
function settlePairing(s: GuardState): void {
  if ((!s.button.down && s.now > s.resetAt + FIRST_LOOK_MS) || s.locked) s.mayPair = false;
  if (s.mayPair && s.now >= s.resetAt + LIMITS.pairHoldMs.value) {
    s.mayPair = false;
    s.pairingUntil = s.now + LIMITS.pairingMs.value;
  }
  // A key that is being written is written.
  if (s.pairingUntil !== null && s.nextKey === null && s.now >= s.pairingUntil) s.pairingUntil = null;
}

/** Acts on every condition that has come true; doing it twice changes nothing. */
function settle(d: Draft): void {
  const { s } = d;
  const travel = setting(s, 'travel');
  if (s.committed && s.now >= s.resetAt + travel) s.started = true;
  const kind = setting(s, 'sense');
  const hears = kind !== 0 && s.sense.high === (kind === 1);
  if (s.sense.hears !== hears && s.now >= s.sense.pinAt + SENSE_STILL_MS)
    Object.assign(s.sense, { hears, hearsAt: s.now });
  if (s.leaseEnd !== null && s.now >= s.leaseEnd) endLease(d, 'lease-end');
  if (s.now >= faultAt(s)) latch(d, s.on ? 'sense-deaf' : 'sense-live');
  settlePairing(s);
  settleButton(d);
  if (s.contestedUntil !== null && s.now >= s.contestedUntil) s.contestedUntil = null;
  if (s.pending && s.now >= s.pending.until) s.pending = null;
}
