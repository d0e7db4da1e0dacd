/** The button in the reference model: `docs/protocol.md`, Button. */
import { LIMITS, REASONS, type Reason } from '../../schemas/protocol.ts';
import {
  contested,
  type Draft,
  endLease,
  type GuardState,
  latch,
  listen,
  lock,
  type Pending,
  type Press,
  record,
  setting,
} from './guard-state.ts';

const { debounceMs, pressMinMs, holdMs, stuckMs, aloneAfterMs, senseAgreeMs } = LIMITS;

/** How long since a valid `allow`; for ever when none has come since the reset. */
const sinceAllow = (s: GuardState): number => (s.allowAt === null ? Infinity : s.now - s.allowAt);

/** What a press would grant now, and for how long: null when it is not permitted. */
export function permission(s: GuardState): { reason: Reason; ms: number } | null {
  if (sinceAllow(s) <= aloneAfterMs.value) {
    if (!s.permission || s.permission.until <= s.now) return null;
    return { reason: 'button', ms: Math.min(s.permission.ms, s.permission.until - s.now) };
  }
  const alone = setting(s, 'button_alone');
  if (alone === 0 || s.now - s.resetAt <= aloneAfterMs.value) return null;
  return { reason: 'button-alone', ms: alone * 1000 };
}

/** The pin changes; a press begins at the first falling edge after the button has been up for 20 ms. */
export function buttonEdge(d: Draft, down: boolean): void {
  const { s } = d;
  if (s.button.down === down) return;
  s.button.down = down;
  s.button.edgeAt = s.now;
  if (!s.powered || !down || !s.button.armed || s.button.press) return;
  s.button.press = {
    from: s.now,
    beganLive: s.on,
    beganLocked: s.locked,
    beganPermitted: permission(s) !== null,
    began: s.pending,
    overruled: false,
    relocked: false,
    held: false,
    stuck: false,
    spent: s.pairingUntil !== null,
  };
  s.pairingUntil = null;
  endLease(d, 'press');
}

/** The moments at which the button acts by itself. */
export function buttonMoments(s: GuardState): number[] {
  const { down, edgeAt, armed, press } = s.button;
  const moments = [];
  if (!down && (press || !armed)) moments.push(edgeAt + debounceMs.value);
  if (down && press && !press.held) moments.push(press.from + holdMs.value);
  if (down && press && !press.stuck) moments.push(press.from + stuckMs.value);
  return moments;
}

/** Acts on the time that has come. */
export function settleButton(d: Draft): void {
  const { s } = d;
  const { down, edgeAt, press } = s.button;
  if (!down && s.now >= edgeAt + debounceMs.value) {
    s.button.armed = true;
    s.button.press = null;
    if (press) release(d, press, edgeAt - press.from);
  }
  if (!down || !press) return;
  if (!press.held && s.now >= press.from + holdMs.value) {
    press.held = true;
    if (!press.beganLive && !press.spent && !s.locked) lock(d, 'press');
  }
  if (!press.stuck && s.now >= press.from + stuckMs.value) {
    press.stuck = true;
    latch(d, 'button-stuck');
  }
}

function release(d: Draft, press: Press, length: number): void {
  const { s } = d;
  if (press.beganLive || press.spent || press.stuck || length < pressMinMs.value) return;
  if (!press.held) {
    shortPress(d, press, length);
  } else if (press.beganLocked && !press.relocked) {
    s.unlockingSince = s.now;
  }
}

function shortPress(d: Draft, press: Press, length: number): void {
  const { s } = d;
  const granted = press.beganPermitted ? permission(s) : null;
  const refused = whyRefused(s, press) ?? (granted ? null : 'not-permitted');
  if (s.pending && s.pending === press.began && !press.overruled) {
    confirm(d, s.pending);
  } else if (s.fault !== 'none' && agreesWithMuted(s)) {
    record(d, 'cleared', 'press', REASONS[s.fault][0]);
    s.fault = 'none';
  } else if (refused) {
    record(d, 'press', refused, Math.round(length));
  } else if (granted) {
    listen(d, s.now + granted.ms, granted.reason);
  }
}

/** What stands against a grant before permission is asked for; the first that applies. */
function whyRefused(s: GuardState, press: Press): Reason | null {
  if (s.fault !== 'none') return 'faulty';
  if (s.locked) return 'locked';
  if (!s.started) return 'starting';
  if (contested(s)) return 'contested';
  return press.overruled ? 'overruled' : null;
}

/** Muted for a second, by the sense where there is one. */
function agreesWithMuted(s: GuardState): boolean {
  const since = (at: number): boolean => s.now - at >= senseAgreeMs.value;
  if (s.on || !since(s.commandedAt)) return false;
  return setting(s, 'sense') === 0 || (!s.sense.hears && since(s.sense.hearsAt));
}

/** The waiting setting comes into force: the actuator goes through its travel time again, and the sense is read anew. */
function confirm(d: Draft, { setting: id, value }: Pending): void {
  const { s } = d;
  s.pending = null;
  s.settings = { ...s.settings, [id]: value };
  s.commandedAt = s.now;
  s.sense.pinAt = s.now;
  s.reason = 'setting';
  record(d, 'setting', 'setting', id);
  d.effects.push({ type: 'value', setting: id, pending: false, value });
}
