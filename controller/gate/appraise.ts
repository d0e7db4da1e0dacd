/** What may be said of a microphone (design section 6). Pure: never more than the gate has proved. */
import { LIMITS, type MessageOf, type Product } from '../../schemas/protocol.ts';
import type { Evidence, MicrophoneState } from './gate.ts';

export interface Appraised {
  readonly state: MicrophoneState;
  readonly evidence: Evidence;
}

export interface Knowledge {
  /** The newest valid `state` of the boot that was identified on the open connection; null when there is none. */
  readonly report: MessageOf<'state'> | null;
  /** How long ago the gate made that report, in ms. */
  readonly ageMs: number;
  /** Null until the gate has identified itself. */
  readonly product: Product | null;
  /** The wiring of this gate has passed `earlid verify`. */
  readonly verified: boolean;
  /** A lease was sent, and the report does not tell yet what became of it. */
  readonly leaseSent: boolean;
  /** Two boards answer: the report is of one of them. */
  readonly isTwice: boolean;
}

const UNKNOWN: Appraised = { state: 'unknown', evidence: 'none' };

/** Whether the speaker hears, and how that is known. `unknown` counts as live in every report (S4). */
export function appraise({ report, ageMs, product, verified, leaseSent, isTwice }: Knowledge): Appraised {
  if (!report || !(ageMs <= LIMITS.silentMs.value)) return UNKNOWN;
  const { phase, fault, flags } = report;
  // What the sense hears counts whatever was commanded, and whoever commands (S6).
  if (flags.sensePresent && flags.senseHears) return { state: 'live', evidence: 'sensed' };
  if (flags.contested || isTwice) return UNKNOWN;
  if (fault !== 'none' && (!flags.sensePresent || flags.attemptsSpent)) return UNKNOWN;
  if (phase === 'live') return { state: 'live', evidence: 'driven' };
  // A servo takes its time to close: it has not closed before its switch or its travel time says so.
  if (phase === 'closing' && product === 'uno-servo' && !flags.sensePresent)
    return { state: 'live', evidence: 'driven' };
  // It was muted; whether it still is depends on what the gate made of the lease.
  if (phase !== 'muted' || leaseSent) return UNKNOWN;
  if (flags.sensePresent) return { state: 'muted', evidence: 'sensed' };
  return product === 'uno-relay' && verified ? { state: 'muted', evidence: 'driven' } : UNKNOWN;
}
