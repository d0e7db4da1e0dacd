/** What the twin of a gate knows. Plain data: `twin.ts` has the transitions. */
import { LIMITS, type MessageOf, type Reason } from '../../schemas/protocol.ts';
import type { Verdict } from '../policy/verdict.ts';
import { type Backlog, restoreBacklog } from './backlog.ts';
import { type Challenges, NO_CHALLENGES } from './challenges.ts';
import type { Exchange } from './exchange.ts';
import type { Doubt, GateEvent, Wiring } from './gate.ts';
import type { InputSync } from './inputs.ts';
import type { Odd } from './plausible.ts';
import type { KeyringState } from './seal.ts';
import type { MuteReason, Problem, TwinConfig } from './twin-border.ts';
import { type Instant, leastUptime, NO_TRACK, restoreTrack, type UptimeTrack } from './uptime.ts';

/** A mute that the gate has not yet shown. */
export interface PendingMute {
  readonly reason: MuteReason;
  readonly seq: number;
  /** When it was given this number, in monotonic ms. */
  readonly since: number;
  /** When it was last sent; null while there was no connection. */
  readonly sentAt: number | null;
  /** What was known of the gate as it was given this number; a `state` must go beyond it to prove the mute. */
  readonly before: { readonly boot: number; readonly uptime: number; readonly newest: number } | null;
}

export interface Report {
  readonly message: MessageOf<'state'>;
  /** When it arrived. */
  readonly at: Instant;
  /** When the gate made it, at the latest: UTC ms. */
  readonly madeUtc: number;
  /** How long it may have been held back on the way, in ms; 0 on a link that does not do that. */
  readonly delayMs: number;
  readonly connection: number;
}

export interface LastAllow {
  /** Null when it has been refused already. */
  readonly seq: number | null;
  readonly at: number;
  readonly seen: number;
  readonly hasLease: boolean;
  /** It told the gate to show that the speaker is starting. */
  readonly starting: boolean;
}

/** A lease on its way: no report made after it tells what became of it. */
export interface SentLease {
  readonly boot: number;
  readonly seq: number;
  readonly liveUntil: number;
  /** The uptime at which it and every one before it that is not accounted for have ended, or can no more be taken. */
  readonly deadAt: number;
  /** The least that the uptime of the gate was as it was sent. */
  readonly uptime: number;
  /** The newest event that it says was seen. */
  readonly seen: number;
}

/** What speaks in the name of a gate without proving that it is that gate. */
export interface Stranger {
  readonly problem: Problem;
  /** When it was last heard, in monotonic ms. */
  readonly at: number;
  readonly count: number;
}

export interface TwinState {
  readonly config: TwinConfig;
  readonly connected: boolean;
  /** Counts connections. */
  readonly connection: number;
  /** The reset pin of the board was pulled between the last connection and this one; null: not known. */
  readonly resetByLink: boolean | null;
  readonly linkProblem: Problem | null;
  readonly keyring: KeyringState;
  /** How many challenges were sent ever, and those whose echo counts. */
  readonly challengeCount: number;
  readonly challenges: Challenges;
  /** The newest event known that makes the gate refuse an `allow` which has not seen it. */
  readonly advanced: { readonly boot: number; readonly seq: number } | null;
  readonly stranger: Stranger | null;
  /** When two boards with its key were last heard, in monotonic ms. */
  readonly twiceAt: number | null;
  /** When something with an authenticator was last sent, in monotonic ms. */
  readonly sealedAt: number | null;
  /** The protocol version that this connection speaks and the twin does not. */
  readonly foreign: number | null;
  readonly identity: MessageOf<'identity'> | null;
  /** `identity` has come on this connection, and no `state` has contradicted it since. */
  readonly greeted: boolean;
  readonly report: Report | null;
  /** A report that could not be true yet, kept to see whether more like it follow. */
  readonly odd: Odd | null;
  /** When a report first showed the actuator on, null while it is off. */
  readonly onSince: Instant | null;
  /** The wiring that somebody stands for. */
  readonly wiring: Wiring | null;
  readonly track: UptimeTrack;
  readonly backlog: Backlog;
  readonly verdict: Verdict;
  /** What the verdict came to when it was last looked at. */
  readonly stance: 'listen' | 'mute';
  readonly commanded: 'listen' | 'mute' | null;
  readonly mute: PendingMute | null;
  /** Mutes up to this event are the twin's own. */
  readonly mutedTo: { readonly boot: number; readonly seq: number } | null;
  readonly lockWanted: boolean;
  /** The least uptime of the gate as it was first sent this lock. */
  readonly lockSince: { readonly boot: number; readonly uptime: number } | null;
  readonly stopping: boolean;
  /** The last number given to an `allow`, `lock` or `setting`, and to a `mute`. */
  readonly seq: number;
  readonly muteSeq: number;
  /** How far to jump when the gate says that it knows a higher number. */
  readonly jump: number;
  readonly lastAllow: LastAllow | null;
  readonly lease: SentLease | null;
  /** Leases that an earlier run of the controller sent may still be on their way. */
  readonly mayInherit: boolean;
  /** A report has shown a lease since the verdict last changed. */
  readonly leaseShown: boolean;
  /** Policy is to decide anew before there is another lease; `at` is when to tell it, null once it was told. */
  readonly doubt: { readonly what: Doubt; readonly at: number | null } | null;
  /** The id of the board that answered last; null when it is not known or was changed. */
  readonly gateId: string | null;
  /** Numbers of the last `lock` and `setting`, null when refused already. */
  readonly lockSeq: number | null;
  readonly settingSeq: number | null;
  readonly refusal: Reason | null;
  /** When hello was last said on this connection; null asks for one at once. */
  readonly helloAt: number | null;
  readonly renewAt: number;
  readonly lockAt: number;
  readonly uncoveredSince: number | null;
  /** Writing to disk failed and is tried again at this time. */
  readonly rewriteAt: number | null;
  readonly diskFailing: boolean;
  /** The gate keeps events that are on disk. */
  readonly ackDue: boolean;
  readonly ackedAt: number | null;
  readonly sync: InputSync | null;
  readonly exchange: Exchange | null;
  /** When a tick was asked for last, and how late the latest of a while came, both in monotonic ms. */
  readonly wakeAt: number | null;
  readonly late: { readonly ms: number; readonly at: number };
}

/** A controller that has said nothing yet wants every gate muted. */
const NO_VERDICT: Verdict = {
  listen: false,
  until: null,
  changesAt: null,
  reason: { code: 'starting', text: 'the controller has not decided yet', until: null },
  decisive: [],
  buttonMs: 0,
  buttonUntil: null,
  night: false,
  lookAt: null,
};

const U32 = 2 ** 32;
/** The last sequence number that may be used. */
export const MAX_SEQ = U32 - 1;
export const FIRST_JUMP = 1024;

/**
 * Where the sequence numbers of a boot start: at the seconds of UTC. They rise by far less than one a second, so that a
 * controller which is started again during the same boot of the gate is above its predecessor without having kept
 * anything. Should its clock have been set back, the gate says `old-sequence` and the twin jumps ahead, each time twice
 * as far.
 */
export function firstSeq(utc: number): number {
  const seconds = Math.floor(utc / 1000);
  return seconds > 0 && seconds < U32 / 2 ? seconds : 0;
}

/** A twin before its first input. `newest` is the newest event of this gate on disk. */
export function initialTwin(config: TwinConfig, newest: GateEvent | null, at: Instant): TwinState {
  return {
    config,
    connected: false,
    connection: 0,
    resetByLink: null,
    linkProblem: null,
    keyring: 'none',
    challengeCount: 0,
    challenges: NO_CHALLENGES,
    advanced: null,
    stranger: null,
    twiceAt: null,
    sealedAt: null,
    foreign: null,
    identity: null,
    greeted: false,
    report: null,
    odd: null,
    onSince: null,
    wiring: null,
    track: newest ? restoreTrack(newest) : NO_TRACK,
    backlog: restoreBacklog(newest),
    verdict: NO_VERDICT,
    stance: 'mute',
    commanded: null,
    mute: null,
    mutedTo: null,
    lockWanted: false,
    lockSince: null,
    stopping: false,
    seq: firstSeq(at.utc),
    muteSeq: Math.abs(Math.floor(at.utc)) % U32 || 0,
    jump: FIRST_JUMP,
    lastAllow: null,
    lease: null,
    mayInherit: true,
    leaseShown: false,
    doubt: null,
    gateId: newest?.gateId ?? null,
    lockSeq: null,
    settingSeq: null,
    refusal: null,
    helloAt: null,
    renewAt: at.now,
    lockAt: at.now,
    uncoveredSince: null,
    rewriteAt: null,
    diskFailing: false,
    ackDue: false,
    ackedAt: null,
    sync: null,
    exchange: null,
    wakeAt: null,
    late: { ms: 0, at: at.now },
  };
}

/** The newest `state` of the open connection, whatever its age. */
export function currentReport(s: TwinState): Report | null {
  return s.connected && s.report?.connection === s.connection ? s.report : null;
}

/** The same, but only of the boot that has identified itself. */
export function identifiedReport(s: TwinState): Report | null {
  const report = currentReport(s);
  return report && s.greeted && report.message.boot === s.identity?.boot ? report : null;
}

/**
 * How long ago the gate made a report, in ms: by its arrival on both clocks (one of them stands still while the computer
 * sleeps), and by the uptime in it (it may have waited in a buffer).
 */
export function ageOf(s: TwinState, report: Report, at: Instant): number {
  const { boot, uptime } = report.message;
  const least = leastUptime(s.track, boot, at.now);
  const arrived = Math.max(at.now - report.at.now, at.utc - report.at.utc);
  return Math.max(arrived + report.delayMs, least === null ? 0 : least - uptime);
}

/** The report of the identified boot if it is younger than 3 s. */
export function freshReport(s: TwinState, at: Instant): Report | null {
  const report = identifiedReport(s);
  return report && ageOf(s, report, at) <= LIMITS.silentMs.value ? report : null;
}

/** Live, but the speaker does not answer yet; until when, in UTC ms. */
export function startingUntil({ config, onSince }: TwinState, at: Instant): number | null {
  if (!onSince || at.now - onSince.now >= config.readyAfterMs) return null;
  return Math.round(onSince.utc + config.readyAfterMs);
}
