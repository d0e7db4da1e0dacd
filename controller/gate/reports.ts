/** What the twin makes of `identity` and `state`: which board answers, what it shows, and what that proves. */
import { type EventKind, LIMITS, type MessageOf } from '../../schemas/protocol.ts';
import { gateIdOf } from '../link/board.ts';
import { forgottenBefore, newEra } from './backlog.ts';
import { startSync } from './inputs.ts';
import { countOdd, isConfirmed, isPlausible } from './plausible.ts';
import { isProven, needsProof, provenDelay } from './proof.ts';
import { obstacle } from './status.ts';
import type { Turn } from './turn.ts';
import {
  ageOf,
  currentReport,
  FIRST_JUMP,
  firstSeq,
  identifiedReport,
  type Report,
  type SentLease,
  type TwinState,
} from './twin-state.ts';
import { forgetBoot, observe, supplyLost } from './uptime.ts';

/** A lease that a report shows ends at the uptime that was asked for, but for rounding. */
const SAME_END_MS = 20;
/** A report made so long after a lease was sent tells what became of it: it has arrived by then, or is lost. */
const ARRIVED_MS = 250;

export function identity(turn: Turn, received: MessageOf<'identity'>): void {
  const { s, at } = turn;
  if (!isProven(turn, received)) return;
  const known = s.identity;
  s.resetByLink ??= wasReset(known?.boot ?? s.backlog.accepted?.boot ?? null, received);
  if (known?.boot !== received.boot || !s.greeted) {
    turn.log('info', `${received.product}, boot ${received.boot} after ${received.reset}`);
    turn.lookAgain();
    if (known?.boot !== received.boot) {
      s.lastAllow = null;
      // The gate counts from 0 again, so that numbers used up in one boot are no harm to the next.
      s.seq = firstSeq(at.utc);
      s.jump = FIRST_JUMP;
    }
    if (s.config.inputs) s.sync = startSync(s.config.inputs, at.now);
  }
  const { accepted } = s.backlog;
  const id = gateIdOf(received);
  // A key proves that it is the same board, whatever it is called.
  if (s.gateId && id !== s.gateId && !needsProof(s)) {
    otherBoard(turn, received.boot, `calls itself “${id}”, no longer “${s.gateId}”`);
  } else if (accepted && received.boot < accepted.boot) {
    otherBoard(turn, received.boot, 'counts its boots from further back');
  } else if (accepted && received.boot > accepted.boot && received.flags.historyLost) {
    startEra(turn, received.boot);
  }
  if (received.flags.historyLost) s.backlog = forgottenBefore(s.backlog, received.boot);
  s.gateId = id;
  s.identity = received;
  s.greeted = true;
}

/**
 * Whether the pin has reset the board since boot `before`, as opening its port does. Null: not known, also where it was reset
 * earlier, because then the line may still be as the last program left it.
 */
function wasReset(before: number | null, { boot, reset, flags }: MessageOf<'identity'>): boolean | null {
  if (reset === 'power-on') return false;
  const byPin = reset === 'external-reset' || reset === 'hidden-reset';
  return byPin && before !== null && boot > before && !flags.historyLost ? true : null;
}

/** Nothing that was decided about one board is meant for another (S4, S7). */
function otherBoard(turn: Turn, boot: number, why: string): void {
  turn.log('warn', `${why}: another board`);
  startEra(turn, boot);
  forgetUptime(turn.s, boot);
  turn.s.lastAllow = null;
  turn.raise('other-board');
}

/** Another boot answers than the one that identified itself. */
function askAnew(turn: Turn, boot: number): void {
  turn.log('info', `was reset: boot ${boot}`);
  turn.lookAgain();
}

/** What was compared with the uptime of this boot has to be compared anew. */
function forgetUptime(s: Turn['s'], boot: number): void {
  s.track = forgetBoot(s.track, boot);
  s.lockSince = null;
  if (s.mute) s.mute = { ...s.mute, before: null };
}

function startEra({ s }: Turn, boot: number): void {
  s.backlog = newEra(s.backlog);
  s.track = supplyLost(s.track, boot);
}

export function report(turn: Turn, received: MessageOf<'state'>): void {
  const { s, at } = turn;
  const delayMs = provenDelay(turn, received);
  if (delayMs === null) {
    // It has been reset, and taken no challenge yet. A boot with a higher number than any before cannot be a recorded one.
    if (s.greeted && received.boot > s.identity!.boot) askAnew(turn, received.boot);
    return;
  }
  const last = before(turn, received);
  if (last === 'odd') return;
  const { accepted } = s.backlog;
  if (s.greeted && accepted?.boot === received.boot && received.newest < accepted.seq) {
    // With its key it is the same board, as it was before that event.
    if (needsProof(s)) return;
    otherBoard(turn, received.boot, 'has fewer events than it told before');
    turn.lookAgain();
    s.helloAt = null;
  }
  s.track = observe(s.track, received.boot, received.uptime, at);
  const isOn = received.phase === 'live' || received.phase === 'opening';
  const wasOn = s.report?.message.boot === received.boot ? s.onSince : null;
  s.onSince = isOn ? (wasOn ?? at) : null;
  const arrived: Report = { message: received, at, madeUtc: at.utc, connection: s.connection, delayMs };
  s.report = { ...arrived, madeUtc: at.utc - ageOf(s, arrived, at) };
  s.linkProblem = null;
  if (s.greeted && received.boot !== s.identity?.boot) askAnew(turn, received.boot);
  if (last && obstacle(last.message) && !obstacle(received)) s.renewAt = at.now;
  if (received.leaseLeftMs > 0) s.refusal = null;
  inherit(turn, received);
  settleLease(turn, received);
  proveLock(turn, received);
  proveMute(turn, received);
}

/** With the first report: what an earlier run of this controller may have sent has seen no more, and ends no later. */
function inherit({ s }: Turn, { boot, uptime, newest }: MessageOf<'state'>): void {
  if (!s.mayInherit || !s.greeted || !needsProof(s)) return;
  s.mayInherit = false;
  const deadAt = uptime + LIMITS.leaseMs.value;
  s.lease ??= { boot, seq: INHERITED, liveUntil: deadAt, deadAt, uptime, seen: newest };
}

/** Sent by an earlier run, whatever its number was. */
const INHERITED = 0;

/** The gate is muted, and a lease of an earlier run may still make it live; a mute puts an end to that. */
export function mayInheritLease({ lease }: TwinState): boolean {
  return lease?.seq === INHERITED;
}

/**
 * The report before this one, null when there is none of this boot. One that does not fit is not taken, unless it is
 * confirmed by others: then what was known of the boot was wrong.
 */
function before({ s, at, log }: Turn, received: MessageOf<'state'>): Report | null | 'odd' {
  const last = currentReport(s);
  if (last?.message.boot !== received.boot) return last;
  const { boot, uptime, newest } = received;
  // Nothing that was recorded earlier replaces what was proved since, however often it is told. Within one ms the events tell.
  if (needsProof(s) && (uptime < last.message.uptime || newest < last.message.newest)) return 'odd';
  if (isPlausible({ uptime: last.message.uptime, at: last.at }, uptime, at)) {
    s.odd = null;
    return last;
  }
  s.odd = countOdd(s.odd, boot, uptime, at.now);
  log('debug', `a state with uptime ${uptime} after one with ${last.message.uptime} (number ${s.odd.count})`);
  if (!isConfirmed(s.odd)) return 'odd';
  s.odd = null;
  forgetUptime(s, boot);
  return last;
}

/** Sees whether this report tells what became of the leases that were sent and are not accounted for. */
function settleLease({ s }: Turn, received: MessageOf<'state'>): void {
  const { lease } = s;
  const { boot, uptime, leaseLeftMs, newest } = received;
  if (!lease) return;
  const isShown =
    lease.boot === boot &&
    lease.seq !== INHERITED &&
    leaseLeftMs > 0 &&
    Math.abs(uptime + leaseLeftMs - lease.liveUntil) <= SAME_END_MS &&
    (newest >= lease.seen || !needsProof(s));
  if (isShown) {
    s.leaseShown = true;
    s.jump = FIRST_JUMP;
  }
  const hasArrived = uptime >= lease.uptime + ARRIVED_MS;
  if (isShown || lease.boot !== boot || (needsProof(s) ? isDead(s, lease, received) : hasArrived))
    s.lease = null;
}

/**
 * No lease sent so far can make the gate live any more, wherever it is held back (S7): its time is over by the gate's own
 * clock, or the gate has recorded something that the `allow` has not seen.
 */
function isDead(s: TwinState, { deadAt, seen }: SentLease, report: MessageOf<'state'>): boolean {
  return report.uptime >= deadAt || advancedIn(s, report) > seen;
}

/** The newest event known that an `allow` must have seen, when this report was made after it; else 0. */
function advancedIn({ advanced }: TwinState, { boot, newest }: MessageOf<'state'>): number {
  return advanced?.boot === boot && newest >= advanced.seq ? advanced.seq : 0;
}

/** Kinds of events that an `allow` must have seen. */
const ADVANCING: ReadonlySet<EventKind> = new Set(['boot', 'mute', 'press', 'lock', 'fault', 'paired']);

/** An event tells that an `allow` which has not seen it is refused from then on. */
export function noteAdvance(turn: Turn, { boot, seq, kind, reason }: MessageOf<'event'>): void {
  const { s } = turn;
  const byButton = kind === 'live' && (reason === 'button' || reason === 'button-alone');
  if (!byButton && !ADVANCING.has(kind)) return;
  const { advanced } = s;
  if (advanced && (advanced.boot > boot || (advanced.boot === boot && advanced.seq >= seq))) return;
  s.advanced = { boot, seq };
  const report = identifiedReport(s);
  if (!needsProof(s) || !report) return;
  // The report that goes with it may have come first.
  settleLease(turn, report.message);
  proveMute(turn, report.message);
}

function proveLock({ s }: Turn, { boot, uptime, flags, fault }: MessageOf<'state'>): void {
  const isLater = s.lockSince?.boot === boot && uptime >= s.lockSince.uptime;
  // A gate whose EEPROM keeps neither cell cannot lock; its fault keeps it muted, and asking on would only wear it out.
  const isInVain = fault === 'memory' && !flags.verifying;
  if (isLater && (flags.locked || isInVain)) s.lockWanted = false;
}

/** Ends a pending mute when this report shows it; one that could not be compared yet is given a number anew. */
function proveMute(turn: Turn, received: MessageOf<'state'>): void {
  const { s } = turn;
  const { mute } = s;
  if (!mute || mute.sentAt === null || !s.greeted) return;
  const { boot, newest } = received;
  if (mute.before?.boot !== boot) {
    turn.beginMute(mute.reason);
    return;
  }
  const isOff = received.phase !== 'live' && received.phase !== 'opening' && received.leaseLeftMs === 0;
  // Only what makes a lease on its way worthless proves that there will be none.
  const shown = needsProof(s) ? advancedIn(s, received) : newest;
  const isLater = received.uptime >= mute.before.uptime && shown > mute.before.newest;
  if (!isOff || !isLater) return;
  turn.log('debug', `the mute by ${mute.reason} is shown`);
  s.mute = null;
  s.mutedTo = { boot, seq: newest };
  s.renewAt = turn.at.now;
}
