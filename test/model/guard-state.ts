/**
 * What the reference model knows of one `uno-relay` gate, and the few acts every part of it shares. Written from
 * `design.md` section 6 and `docs/protocol.md` alone, so that a difference from the firmware means something.
 *
 * All times are the gate's own uptime in ms and absolute; a timer is a moment that lies ahead, never a counter.
 */
import { type EventKind, LIMITS, type Phase, type Reason } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';

/** The sense counts as changed after 5 ms of stillness, read every ms: 4 to 5 ms after it did (`docs/protocol.md`, Sense). */
export const SENSE_STILL_MS = 4.5;

export interface GuardEvent {
  readonly seq: number;
  readonly boot: number;
  readonly uptime: number;
  readonly kind: EventKind;
  readonly reason: Reason;
  readonly detail: number;
}

/** A setting that waits for its press. */
export interface Pending {
  readonly setting: number;
  readonly value: number;
  readonly until: number;
}

/** A press from its first falling edge until its release is certain. */
export interface Press {
  readonly from: number;
  readonly beganLive: boolean;
  readonly beganLocked: boolean;
  readonly beganPermitted: boolean;
  /** The setting that waited when it began: the only one it may confirm. */
  readonly began: Pending | null;
  /** A mute, contest or lock came while it lasted. */
  overruled: boolean;
  /** A lock came while it lasted: its release does not unlock. */
  relocked: boolean;
  /** The three seconds have been acted on. */
  held: boolean;
  /** The ten seconds have been acted on. */
  stuck: boolean;
  /** It ended pairing and does nothing else. */
  readonly spent: boolean;
}

export interface GuardState {
  powered: boolean;
  now: number;

  /** In EEPROM: survives everything. Settings by id. */
  boot: number;
  locked: boolean;
  /** In hexadecimal; null: it has none. */
  key: string | null;
  /** Since when the cells are being written that will unlock it; told from outside when they have been read back. */
  unlockingSince: number | null;
  settings: Record<number, number>;

  /** In `.noinit` RAM: survives every reset but power loss. */
  fault: Reason;
  newest: number;
  ring: readonly GuardEvent[];
  lost: number;
  /** Number of the newest event that an `allow` must have seen. */
  mustSee: number;
  /** Until when a key is taken. */
  pairingUntil: number | null;

  /** Everything below begins anew with every boot. */
  resetAt: number;
  /** Powered up with the button down, and it has been so since. */
  mayPair: boolean;
  /** The key that is being written. */
  nextKey: string | null;
  /** When the last frame with a right authenticator changed anything. */
  verifiedAt: number | null;
  /** The boot number has been committed and read back; told from outside, because no text says how long that takes. */
  committed: boolean;
  started: boolean;
  on: boolean;
  commandedAt: number;
  leaseEnd: number | null;
  reason: Reason;
  lastSeq: number;
  lastMute: { readonly seq: number; readonly at: number } | null;
  allowAt: number | null;
  permission: { readonly ms: number; readonly until: number } | null;
  controller: number | null;
  /** The newest one taken in this boot, in hexadecimal. */
  challenge: string;
  frameAt: number | null;
  contestedUntil: number | null;
  pending: Pending | null;

  /** The button as it is: `down` since or up since `edgeAt`; `armed` once it has been up for 20 ms. */
  button: { down: boolean; edgeAt: number; armed: boolean; press: Press | null };
  /** The sense pin as it is since `pinAt`, and what the guard takes it for since `hearsAt`. */
  sense: { high: boolean; pinAt: number; hears: boolean; hearsAt: number };
}

/** What a gate does that can be seen from outside, in order. */
export type Effect =
  | { readonly type: 'actuator'; readonly at: number; readonly on: boolean }
  | { readonly type: 'event'; readonly event: GuardEvent }
  | { readonly type: 'nak'; readonly message: number; readonly seq: number; readonly reason: Reason }
  | { readonly type: 'value'; readonly setting: number; readonly pending: boolean; readonly value: number };

/** A state being changed, with what it has done so far. */
export interface Draft {
  readonly s: GuardState;
  readonly effects: Effect[];
}

/** What a gate echoes before it has taken a challenge. */
export const NO_CHALLENGE = '00'.repeat(LIMITS.challengeBytes.value);

const KINDS_TO_SEE: ReadonlySet<EventKind> = new Set(['boot', 'mute', 'press', 'lock', 'fault', 'paired']);

const defaultSettings = (): Record<number, number> =>
  Object.fromEntries(Object.values(SETTINGS).map(({ id, default: value }) => [id, value['uno-relay']]));

export const setting = (s: GuardState, name: keyof typeof SETTINGS): number => s.settings[SETTINGS[name].id]!;

/** A new board: its chip wholly erased, no supply. */
export function newGate(): GuardState {
  return {
    powered: false,
    now: 0,
    boot: 0,
    locked: false,
    key: null,
    unlockingSince: null,
    settings: defaultSettings(),
    fault: 'none',
    newest: 0,
    ring: [],
    lost: 0,
    mustSee: 0,
    pairingUntil: null,
    resetAt: 0,
    mayPair: false,
    nextKey: null,
    verifiedAt: null,
    committed: false,
    started: false,
    on: false,
    commandedAt: 0,
    leaseEnd: null,
    reason: 'none',
    lastSeq: 0,
    lastMute: null,
    allowAt: null,
    permission: null,
    controller: null,
    challenge: NO_CHALLENGE,
    frameAt: null,
    contestedUntil: null,
    pending: null,
    button: { down: false, edgeAt: 0, armed: false, press: null },
    sense: { high: false, pinAt: 0, hears: false, hearsAt: 0 },
  };
}

export function phaseOf(s: GuardState): Phase {
  if (!s.started) return 'starting';
  const travelling = s.now < s.commandedAt + setting(s, 'travel');
  if (s.on) return travelling ? 'opening' : 'live';
  return travelling ? 'closing' : 'muted';
}

export const contested = (s: GuardState): boolean => s.contestedUntil !== null;

/** Down until the release is certain, and after a reset until it has been up for 20 ms. */
export const buttonDown = (s: GuardState): boolean => s.button.press !== null || !s.button.armed;

export function record(d: Draft, kind: EventKind, reason: Reason, detail = 0): number {
  const { s } = d;
  s.newest += 1;
  const event = { seq: s.newest, boot: s.boot, uptime: s.now, kind, reason, detail };
  if (s.ring.length === LIMITS.eventRing.value) s.lost = Math.min(255, s.lost + 1);
  s.ring = [...s.ring, event].slice(-LIMITS.eventRing.value);
  if (KINDS_TO_SEE.has(kind)) s.mustSee = s.newest;
  d.effects.push({ type: 'event', event });
  return s.newest;
}

/** Drives the actuator off; nothing is recorded. */
export function off(d: Draft): void {
  const { s } = d;
  s.leaseEnd = null;
  if (!s.on) return;
  s.on = false;
  s.commandedAt = s.now;
  d.effects.push({ type: 'actuator', at: s.now, on: false });
}

/** Whatever ends a running lease goes through here. Nothing happens when none runs. */
export function endLease(d: Draft, reason: Reason): void {
  const { s } = d;
  if (!s.on) return;
  off(d);
  s.reason = reason;
  record(d, 'mute', reason);
}

/** Begins, replaces, lengthens or shortens the lease; only its beginning is an event and a reason. No setting waits any longer. */
export function listen(d: Draft, until: number, reason: Reason): void {
  const { s } = d;
  s.leaseEnd = until;
  s.pending = null;
  if (s.on) return;
  s.on = true;
  s.reason = reason;
  s.commandedAt = s.now;
  d.effects.push({ type: 'actuator', at: s.now, on: true });
  const seq = record(d, 'live', reason, until - s.now);
  if (reason !== 'allow') s.mustSee = seq;
}

export function latch(d: Draft, fault: Reason): void {
  const { s } = d;
  if (s.fault !== 'none') return;
  endLease(d, 'fault');
  s.fault = fault;
  s.permission = null;
  s.pending = null;
  s.reason = 'fault';
  record(d, 'fault', fault);
}

export function lock(d: Draft, by: 'press' | 'lock'): void {
  const { s } = d;
  endLease(d, 'lock');
  s.locked = true;
  s.permission = null;
  s.pending = null;
  s.pairingUntil = null;
  s.reason = 'lock';
  record(d, 'lock', by);
}
