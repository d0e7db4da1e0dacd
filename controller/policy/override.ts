/**
 * Overrides: at most one per gate, a grant (listen until) or a hold (mute until). Pure functions; the daemon keeps the
 * result on disk.
 */
import type { EventKind, Reason } from '../../schemas/protocol.ts';

/**
 * Who decided. `daemon` holds gates whose state it could not read, `controller` one at which another board answers.
 * Two can only hold: `mute-button`, an accessory on the free pins of a gate, and `elsewhere`, who muted on the wire past us.
 */
export type OverrideSource = GrantSource | (typeof HOLD_ONLY)[number];
export type GrantSource = 'button' | 'cli' | 'homeassistant' | 'daemon' | 'controller';
export const HOLD_ONLY = ['mute-button', 'elsewhere'] as const;

/** An instant on the wall clock and on a clock of this machine that counts suspend. */
export interface Instant {
  /** UTC ms. */
  readonly wall: number;
  /** Ms since the machine started, suspend included. */
  readonly counted: number;
}

export type Override =
  | {
      readonly kind: 'grant';
      readonly source: GrantSource;
      readonly until: number;
      /** The same end on the clock that counts suspend: the earlier of the two ends the grant. */
      readonly countedUntil: number;
    }
  | {
      readonly kind: 'hold';
      readonly source: OverrideSource;
      readonly until: number | null;
      /** The gate whose mute button was pressed. */
      readonly from?: string | undefined;
    };

/** What is kept of one gate. */
export interface Decision {
  readonly override: Override | null;
  /** When the newest decision was made: UTC ms, and (null after the machine started again) on the other clock. */
  readonly at: number;
  readonly countedAt: number | null;
  /** The newest decision came from an event of the gate; the next event is newer, whatever the clocks say. */
  readonly byEvent: boolean;
}

export const UNDECIDED: Decision = { override: null, at: 0, countedAt: null, byEvent: false };

/** What policy needs of an event of a gate. */
export interface PolicyEvent {
  readonly kind: EventKind;
  readonly reason: Reason;
  readonly detail: number;
  readonly at: number;
  readonly atErrorMs: number;
  /** Events before this one are lost: a press that muted may be among them. */
  readonly gapBefore?: true;
  /** A mute that this controller did not send. */
  readonly foreign?: true;
}

const decided = (now: Instant, override: Override | null): Decision => ({
  override,
  at: now.wall,
  countedAt: now.counted,
  byEvent: false,
});

/** Listen for `lengthMs` from now on. */
export function grant(now: Instant, lengthMs: number, source: GrantSource): Decision {
  return decided(now, {
    kind: 'grant',
    source,
    until: now.wall + lengthMs,
    countedUntil: now.counted + lengthMs,
  });
}

/** Mute until `until`, or until somebody resumes or grants. */
export function hold(
  now: Instant,
  until: number | null,
  source: OverrideSource,
  from?: string | undefined,
): Decision {
  return decided(now, { kind: 'hold', source, until, ...(from !== undefined && { from }) });
}

/** A hold by somebody who may not unmute: it does not shorten the one that stands. */
export function holdLonger(
  decision: Decision,
  now: Instant,
  until: number | null,
  source: OverrideSource,
  from?: string,
): Decision {
  const { override } = expire(decision, now);
  const isLonger = override?.kind === 'hold' && isLater(override.until, until);
  return isLonger ? decided(now, override) : hold(now, until, source, from);
}

const isLater = (a: number | null, b: number | null): boolean => b !== null && (a === null || a > b);

/** Back to the rules. */
export function resume(now: Instant): Decision {
  return decided(now, null);
}

/** Takes away an override whose end has come. */
export function expire(decision: Decision, now: Instant): Decision {
  const { override } = decision;
  if (!override || override.until === null) return decision;
  const over =
    now.wall >= override.until || (override.kind === 'grant' && now.counted >= override.countedUntil);
  return over ? { ...decision, override: null } : decision;
}

/** The two clocks are read one after the other and round differently. */
const ROUNDING_MS = 50;

/** UTC ms at which the override ends by itself, by whichever clock says so first; null when it does not. */
export function endOf(override: Override | null, now: Instant): number | null {
  if (!override || override.until === null) return null;
  if (override.kind === 'hold') return override.until;
  const counted = now.wall + override.countedUntil - now.counted;
  return counted < override.until - ROUNDING_MS ? counted : override.until;
}

/** A lock, a fault or a loss of events ends a grant for good; a hold stays. */
export function endGrant(decision: Decision): Decision {
  return decision.override?.kind === 'grant' ? { ...decision, override: null } : decision;
}

/** A grant that rules as they are now would not give ends: its source may not unmute, or it lasts too long. */
export function endRefused(
  decision: Decision,
  rules: {
    readonly mayUnmute: readonly string[];
    readonly maxGrantMs: number;
    readonly readyAfterMs: number;
  },
  now: Instant,
): Decision {
  const { override } = decision;
  if (override?.kind !== 'grant') return decision;
  const longest = rules.maxGrantMs + rules.readyAfterMs;
  const isGood = rules.mayUnmute.includes(override.source) && endOf(override, now)! - now.wall <= longest;
  return isGood ? decision : endGrant(decision);
}

export interface ButtonRules {
  /** The configuration names the button among those that may unmute. */
  readonly mayGrant: boolean;
  /** UTC ms at which a hold without an end given ends that began at an instant; null: when somebody resumes or grants. */
  readonly holdEnd: (from: number) => number | null;
}

/**
 * An event of the gate, at its own time. What can end a grant counts as long as it may have happened after the newest decision,
 * what can start one only when it surely did. A person who mutes at the gate holds it muted.
 */
export function applyEvent(
  decision: Decision,
  event: PolicyEvent,
  now: Instant,
  { mayGrant, holdEnd }: ButtonRules,
): Decision {
  const grants = event.kind === 'live' && (event.reason === 'button' || event.reason === 'button-alone');
  const mutes = event.gapBefore || event.kind === 'lock' || event.kind === 'fault' || isMutedByOthers(event);
  if (!(grants && mayGrant) && !mutes) return decision;
  // The age is right even when the clock was set since the decision: both its ends are told by the same clock.
  const age = Math.max(0, now.wall - event.at);
  const at: Instant = { wall: now.wall - age, counted: now.counted - age };
  const isAfter = (certainly: boolean) =>
    decision.byEvent || isNewer(decision, at, now, event.atErrorMs, certainly);
  const byEvent = { at: at.wall, countedAt: at.counted, byEvent: true };
  // What an event hides lies before it: a grant by the event itself is newer.
  if (grants && mayGrant && isAfter(true)) return { ...grant(at, event.detail, 'button'), ...byEvent };
  if (!mutes || !isAfter(false)) return decision;
  // Told again, an event that is older than what it led to holds nothing.
  if (isHold(event) && !(decision.byEvent && !isNewer(decision, at, now, event.atErrorMs, false))) {
    const until = holdEnd(at.wall);
    const source = event.foreign ? 'elsewhere' : 'button';
    const held =
      mayGrant && !event.foreign ? hold(at, until, source) : holdLonger(decision, at, until, source);
    return { ...held, ...byEvent };
  }
  const ended = endGrant(decision);
  return ended === decision ? decision : { ...ended, ...byEvent };
}

/** True when `at` may lie after the newest decision, or when it certainly does. */
function isNewer(
  decision: Decision,
  at: Instant,
  now: Instant,
  errorMs: number,
  certainly: boolean,
): boolean {
  const margin = certainly ? -errorMs : errorMs;
  if (decision.countedAt !== null) return at.counted + margin > decision.countedAt;
  // A decision that lies ahead was made under another clock: nothing is sure.
  if (decision.at > now.wall) return !certainly;
  return at.wall + margin > decision.at;
}

/** A person wants it muted from now on, and not only what was granted taken back. */
const isHold = ({ kind, reason, foreign }: PolicyEvent): boolean =>
  kind === 'mute' && (reason === 'press' || (foreign === true && reason !== 'garbled'));

/** The button muted a live gate, by a press or by the lock it grew into, or somebody else did on the wire. */
function isMutedByOthers({ kind, reason, foreign }: PolicyEvent): boolean {
  return kind === 'mute' && (reason === 'press' || reason === 'lock' || foreign === true);
}
