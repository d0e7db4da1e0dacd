/** The policy of one gate: what was asked for and what stands against it, to a verdict. Pure. */
import { REASONS, type Reason } from '../../schemas/protocol.ts';
import {
  endOf,
  expire,
  type GrantSource,
  type Instant,
  type Override,
  type OverrideSource,
  UNDECIDED,
} from './override.ts';
import type { Verdict } from './verdict.ts';

/** What the configuration says of one gate, as far as policy asks. */
export interface GateRules {
  readonly buttonMs: number;
  readonly mayUnmute: readonly string[];
  readonly maxGrantMs: number;
  /** How long the speaker takes to answer once it has its supply: a grant counts from then. */
  readonly readyAfterMs: number;
}

export interface PolicyInput {
  readonly rules: GateRules;
  readonly override: Override | null;
  /** As the gate reports it; null while it is not heard. The gate itself refuses every lease while locked or faulty. */
  readonly locked: boolean | null;
  readonly fault: Reason | null;
  readonly now: Instant;
}

const HELD_BY: Readonly<Record<OverrideSource, string>> = {
  button: 'held muted by the button',
  cli: 'held muted from the command line',
  homeassistant: 'held muted from Home Assistant',
  daemon: 'held muted because Earlid could not read its own state',
  controller: 'held muted because another board answers here than before',
  'mute-button': 'held muted by the mute button',
};
const GRANTED_BY: Readonly<Record<GrantSource, string>> = {
  button: 'unmuted by the button',
  cli: 'unmuted from the command line',
  homeassistant: 'unmuted from Home Assistant',
  daemon: 'unmuted by Earlid',
  controller: 'unmuted by Earlid',
};

/** Highest first: fault, lock, override, otherwise muted. */
export function decide({ rules, override, locked, fault, now }: PolicyInput): Verdict {
  const mute = (code: string, text: string, until: number | null, buttonMs: number): Verdict => ({
    listen: false,
    until,
    reason: { code, text },
    buttonMs,
    buttonUntil: null,
  });
  if (fault) return mute('fault', REASONS[fault][1], null, 0);
  if (locked) return mute('locked', 'locked; only its button unlocks it', null, 0);
  const byButton = Math.min(rules.buttonMs, rules.maxGrantMs) + rules.readyAfterMs;
  const buttonMs = rules.mayUnmute.includes('button') ? byButton : 0;
  const standing = expire({ ...UNDECIDED, override }, now).override;
  if (!standing) return mute('no-rule', 'no rule lets it listen', null, buttonMs);
  const until = endOf(standing, now);
  if (standing.kind === 'hold') {
    const where = standing.from === undefined ? '' : ` on ${standing.from}`;
    return mute('hold', `${HELD_BY[standing.source]}${where}`, until, buttonMs);
  }
  return {
    listen: true,
    until,
    reason: { code: 'grant', text: GRANTED_BY[standing.source] },
    buttonMs,
    buttonUntil: null,
  };
}

/** Why a grant is refused. `who` is the word of `refusedBy`. */
export type Refusal = {
  readonly code: 'not-permitted' | 'locked' | 'fault' | 'grant-too-long';
  readonly who: 'may_unmute' | 'lock' | 'fault' | 'grants.max';
};

/** What stands against a grant from `source`, or null. */
export function refuseGrant(
  input: Omit<PolicyInput, 'override' | 'now'> & { readonly source: string; readonly lengthMs: number },
): Refusal | null {
  if (!input.rules.mayUnmute.includes(input.source)) return { code: 'not-permitted', who: 'may_unmute' };
  if (input.lengthMs > input.rules.maxGrantMs) return { code: 'grant-too-long', who: 'grants.max' };
  if (input.fault) return { code: 'fault', who: 'fault' };
  if (input.locked) return { code: 'locked', who: 'lock' };
  return null;
}
