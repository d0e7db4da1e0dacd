/** What the twin owes at an instant, whatever has just happened: mutes first, then the handshake, events, the lease. */
import { LIMITS } from '../../schemas/protocol.ts';
import { listens, permission } from './allow.ts';
import { endRound } from './backlog.ts';
import { unechoedSince } from './challenges.ts';
import { asked, type Exchange } from './exchange.ts';
import { ackFrom, acknowledge, deliver } from './hand-over.ts';
import { complaint, isDone, request } from './inputs.ts';
import { noteLate, patienceMs } from './patience.ts';
import { isTwice, needsProof, strangerInstead } from './proof.ts';
import { mayInheritLease } from './reports.ts';
import { SPACING_MS, sealFrom } from './spacing.ts';
import type { Turn } from './turn.ts';
import { freshReport, identifiedReport, MAX_SEQ, startingUntil } from './twin-state.ts';
import { leastUptime } from './uptime.ts';

/** While the gate has not answered, or owes events. */
const ASK_AGAIN_MS = 500;
const SILENT_HELLO_MS = 1_000;
/** A mute that stays unproven for this long gets a new number: the gate may have taken it for a resend. */
const RENUMBER_MS = 1_000;
const LOCK_RESEND_MS = 500;
/** A mute that is sent to whatever does not prove to be the gate. */
const STRANGER_MUTE_MS = 1_000;

/** Does what is due, and ends with a `wake` for what is due next. */
export function dueDuties(turn: Turn): void {
  noteLate(turn);
  takeStance(turn);
  tellDoubt(turn);
  resendMute(turn);
  sayHello(turn);
  muteWithoutLeave(turn);
  deliver(turn);
  lock(turn);
  acknowledge(turn);
  syncInputs(turn);
  tellInputs(turn);
  exchange(turn);
  renew(turn);
  turn.s.wakeAt = nextWake(turn);
  turn.effects.push({ type: 'wake', at: turn.s.wakeAt });
}

function takeStance(turn: Turn): void {
  const { s, at } = turn;
  const stance = !s.stopping && listens(s.verdict, at.utc) ? 'listen' : 'mute';
  if (s.stance === 'listen' && stance === 'mute' && !s.mute) {
    turn.log(
      'info',
      `mute by policy: ${s.verdict.listen ? 'the permission has ended' : s.verdict.reason.text}`,
    );
    // Telling a gate what it has just told would only add an event to its record.
    if (turn.hasMutedItself) s.commanded = 'mute';
    else turn.beginMute('policy');
  }
  s.stance = stance;
}

function tellDoubt({ s, at, effects }: Turn): void {
  if (!s.doubt || s.doubt.at === null || at.now < s.doubt.at) return;
  effects.push({ type: 'doubt', doubt: s.doubt.what });
  s.doubt = { ...s.doubt, at: null };
}

function resendMute(turn: Turn): void {
  const { s, at } = turn;
  const { mute } = s;
  if (!mute || !s.connected) return;
  if (mute.sentAt === null) {
    turn.sendMute();
    return;
  }
  if (at.now - mute.sentAt < muteResendMs(turn)) return;
  const heardSince = (identifiedReport(s)?.at.now ?? 0) > mute.since;
  if (heardSince && at.now - mute.since >= RENUMBER_MS) turn.beginMute(mute.reason);
  else turn.sendMute();
}

/** Whatever speaks in the place of the gate is not asked ten times a second for what it cannot prove. */
const muteResendMs = (turn: Turn): number => {
  const { s, at } = turn;
  if (!s.greeted && strangerInstead(s, at, LIMITS.silentMs.value)) return STRANGER_MUTE_MS;
  return LIMITS.muteResendMs.value + patienceMs(turn);
};

function helloDue(turn: Turn): number {
  const { s, at } = turn;
  // Nothing is asked of a gate whose language is not spoken; a mute needs no handshake.
  if (s.foreign !== null) return Number.POSITIVE_INFINITY;
  if (s.helloAt === null) return at.now;
  const askAgainMs = ASK_AGAIN_MS + patienceMs(turn);
  const silentMs = SILENT_HELLO_MS + patienceMs(turn);
  if (!s.greeted) return s.helloAt + (s.stranger ? silentMs : askAgainMs);
  if (!freshReport(s, at)) return s.helloAt + silentMs;
  // An event follows the state that announces it: only what does not come is asked for.
  if (s.uncoveredSince !== null) return Math.max(s.helloAt, s.uncoveredSince) + askAgainMs;
  const unechoed = needsProof(s) ? unechoedSince(s.challenges) : null;
  const usual = s.helloAt + LIMITS.helloMs.value;
  // An `allow` that was refused leaves the gate with a challenge that soon counts no more.
  return unechoed === null ? usual : Math.min(usual, Math.max(s.helloAt + silentMs, unechoed + askAgainMs));
}

function sayHello(turn: Turn): void {
  const { s, at } = turn;
  const report = identifiedReport(s);
  if (!report || turn.covered) s.uncoveredSince = null;
  else s.uncoveredSince ??= at.now;
  if (!s.connected || at.now < helloDue(turn)) return;
  const answered = report !== null && s.helloAt !== null && report.at.now >= s.helloAt;
  if (answered && s.uncoveredSince !== null) {
    const { boot, newest, phase, reason } = report.message;
    const { backlog } = s;
    s.backlog = endRound(backlog, boot, newest);
    const isGivenUp = s.backlog.accepted !== backlog.accepted;
    const isMutedByPress = reason === 'press' && phase !== 'live' && phase !== 'opening';
    if (s.backlog.era !== backlog.era && s.backlog.queue.length === backlog.queue.length) {
      turn.log('warn', `its events up to ${newest} are gone: another controller has them`);
      turn.raise('events-lost');
    }
    // S3: whoever keeps that event back must not keep the mute from being one.
    if (isGivenUp && isMutedByPress) turn.raise('press-lost');
    tellDoubt(turn);
  }
  turn.send({ type: 'hello', controller: s.config.controllerId });
  s.helloAt = at.now;
}

/** Live although policy, knowing everything the gate knows, wants it muted; or may yet become so. */
function muteWithoutLeave(turn: Turn): void {
  const { s, at } = turn;
  const phase = freshReport(s, at)?.message.phase;
  if (phase === 'muted' && s.stance === 'mute' && s.commanded === null && mayInheritLease(s)) {
    turn.beginMute('policy');
    return;
  }
  if (s.mute || s.stance === 'listen' || !turn.covered || turn.hasMutedItself) return;
  if (phase === 'live' || phase === 'opening') turn.beginMute('policy');
}

const lockFrom = (turn: Turn): number => Math.max(turn.s.lockAt, sealFrom(turn));

function lock(turn: Turn): void {
  const { s, at } = turn;
  if (!s.lockWanted || !identifiedReport(s) || !s.identity || at.now < lockFrom(turn)) return;
  s.lockAt = at.now + LOCK_RESEND_MS;
  s.lockSeq = turn.nextSeq();
  const { boot } = s.identity;
  if (s.lockSince?.boot !== boot) s.lockSince = { boot, uptime: leastUptime(s.track, boot, at.now) ?? 0 };
  if (s.lockSeq !== null) turn.send({ type: 'lock', boot, seq: s.lockSeq });
}

function maySync(turn: Turn): boolean {
  const { s, at } = turn;
  const report = freshReport(s, at);
  if (!s.sync || isDone(s.sync) || !report || s.foreign !== null) return false;
  return turn.covered && !report.message.flags.locked;
}

function syncInputs(turn: Turn): void {
  const { s, at } = turn;
  const boot = s.identity?.boot;
  if (!s.sync || boot === undefined || at.now < sealFrom(turn) || !maySync(turn)) return;
  const { sync, ask } = request(s.sync, at.now);
  s.sync = sync;
  if (!ask) return;
  s.settingSeq = turn.nextSeq();
  if (s.settingSeq !== null) turn.send({ type: 'setting', boot, seq: s.settingSeq, ...ask });
}

function tellInputs({ s, log }: Turn): void {
  if (!s.sync || !isDone(s.sync) || s.sync.told) return;
  s.sync = { ...s.sync, told: true };
  const text = complaint(s.sync);
  if (text) log('warn', text);
}

/** While the inputs are brought in line, what the gate answers is about them. */
function mayAsk(turn: Turn): boolean {
  const { s, at } = turn;
  const isSyncing = s.sync !== null && !isDone(s.sync) && maySync(turn);
  return !isSyncing && s.foreign === null && turn.covered && freshReport(s, at) !== null;
}

const askFrom = (turn: Turn, { at }: Exchange): number => Math.max(at, sealFrom(turn));

function exchange(turn: Turn): void {
  const { s, at } = turn;
  const boot = s.identity?.boot;
  if (!s.exchange) return;
  if (at.now >= s.exchange.end) turn.answer({ refused: 'silent' });
  if (!s.exchange || boot === undefined || at.now < askFrom(turn, s.exchange) || !mayAsk(turn)) return;
  const seq = turn.nextSeq();
  s.exchange = asked(s.exchange, seq, at.now);
  if (seq !== null) turn.send({ type: 'setting', boot, seq, ...s.exchange.ask });
}

/** A gate may be sent `allow` only when policy knows everything it has done, and nothing else is owed to it (S4). */
function mayRenew(turn: Turn): boolean {
  const { s, at } = turn;
  if (s.stopping || s.mute || s.lockWanted || s.doubt || s.foreign !== null || !turn.covered) return false;
  if (isTwice(s, at)) return false;
  const phase = freshReport(s, at)?.message.phase;
  return phase !== undefined && phase !== 'starting';
}

/** Whether the gate is to show, whenever it is live, that the speaker does not answer yet. */
const isToShowStarting = ({ s, at }: Turn): boolean =>
  s.config.readyAfterMs > 0 && (s.onSince === null || startingUntil(s, at) !== null);

const renewDue = (turn: Turn): number =>
  Math.max(turn.s.renewAt, (turn.s.lastAllow?.at ?? -SPACING_MS) + SPACING_MS, sealFrom(turn));

function renew(turn: Turn): void {
  const { s, at } = turn;
  const boot = s.identity?.boot;
  const starting = isToShowStarting(turn);
  if (s.lastAllow && s.lastAllow.starting !== starting && s.seq < MAX_SEQ) s.renewAt = at.now;
  if (boot === undefined || !mayRenew(turn) || at.now < renewDue(turn)) return;
  const uptime = leastUptime(s.track, boot, at.now);
  if (uptime === null) return;
  s.renewAt = at.now + LIMITS.renewMs.value;
  const seq = turn.nextSeq();
  if (seq === null) return;
  const { handed } = s.backlog;
  const seen = handed?.boot === boot ? handed.seq : 0;
  const { liveUntil, buttonUntil, buttonMs } = permission(s.verdict, uptime, at.utc);
  const flags = { night: s.verdict.night, starting };
  turn.send({ type: 'allow', boot, seq, seen, liveUntil, buttonUntil, buttonMs, flags });
  const commanded = liveUntil > 0 ? 'listen' : 'mute';
  if (commanded === 'listen' && s.commanded !== 'listen') {
    const { reason } = s.verdict;
    const end = reason.until === null ? 'further notice' : new Date(reason.until).toISOString();
    turn.log('info', `may listen until ${end}: ${reason.text}`);
  }
  s.commanded = commanded;
  s.lastAllow = { seq, at: at.now, seen, hasLease: liveUntil > 0, starting };
  // One without a lease says nothing of an earlier one that may have been taken.
  if (liveUntil > 0) {
    const deadAt = Math.max(liveUntil, s.lease?.boot === boot ? s.lease.deadAt : 0);
    s.lease = { boot, seq, liveUntil, deadAt, uptime: Math.floor(uptime), seen };
  }
  s.refusal = null;
}

function nextWake(turn: Turn): number | null {
  const { s, at } = turn;
  const times: number[] = [];
  if (s.doubt && s.doubt.at !== null) times.push(s.doubt.at);
  if (s.stance === 'listen' && s.verdict.until !== null) times.push(at.now + s.verdict.until - at.utc);
  if (s.connected) {
    times.push(helloDue(turn));
    if (s.mute?.sentAt != null) times.push(s.mute.sentAt + muteResendMs(turn));
    if (mayRenew(turn)) times.push(renewDue(turn));
    if (s.onSince && startingUntil(s, at) !== null) times.push(s.onSince.now + s.config.readyAfterMs);
    if (s.ackDue && s.greeted) times.push(Math.max(ackFrom(turn), at.now + 1));
    const fresh = freshReport(s, at);
    if (fresh) times.push(fresh.at.now + LIMITS.silentMs.value + 1);
    if (identifiedReport(s)) {
      if (s.rewriteAt !== null) times.push(s.rewriteAt);
      if (s.lockWanted) times.push(lockFrom(turn));
    }
    if (s.sync && maySync(turn)) times.push(Math.max(s.sync.at, sealFrom(turn)));
    if (s.exchange && mayAsk(turn)) times.push(askFrom(turn, s.exchange));
  }
  if (s.exchange) times.push(s.exchange.end);
  const next = Math.min(...times);
  return next === Number.POSITIVE_INFINITY ? null : Math.max(next, at.now);
}
