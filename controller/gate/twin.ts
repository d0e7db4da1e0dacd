/**
 * The twin of one gate: turns a verdict into messages and the gate's messages into what is known. Pure:
 * `(state, input) → {state, effects}`. What the gate is reported to be comes only from the gate.
 */
import type { GateMessage, MessageOf, Reason } from '../../schemas/protocol.ts';
import { MESSAGES } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';
import { isStored, markStored, receive, settleOffer } from './backlog.ts';
import { NO_CHALLENGES } from './challenges.ts';
import { dueDuties } from './duties.ts';
import { answerIn, beginExchange, refusedBy } from './exchange.ts';
import { answered, refused } from './inputs.ts';
import { counts, isFreshValue, needsProof, stranger } from './proof.ts';
import { identity, noteAdvance, report } from './reports.ts';
import type { Proof } from './seal.ts';
import { Turn } from './turn.ts';
import type { TwinEffect, TwinInput } from './twin-border.ts';
import { MAX_SEQ, type TwinState } from './twin-state.ts';

const REWRITE_MS = 1_000;
/** A gate that verifies something else has done so by then. */
const BUSY_MS = 100;
/** On the word of a refusal alone, which needs no key, the numbers of a boot are used up no faster than this. */
const HALF_SEQ = 2 ** 31;
const MAX_JUMP = 2 ** 20;

/** One step. The last effect is always `wake`. */
export function step(
  state: TwinState,
  input: TwinInput,
): { state: TwinState; effects: readonly TwinEffect[] } {
  const turn = new Turn(state, input);
  take(turn, input);
  dueDuties(turn);
  return { state: turn.s, effects: turn.effects };
}

function take(turn: Turn, input: TwinInput): void {
  const { s, at } = turn;
  switch (input.type) {
    case 'up':
      s.connected = true;
      s.connection += 1;
      s.resetByLink = null;
      s.foreign = null;
      s.odd = null;
      turn.lookAgain();
      s.helloAt = null;
      s.sync = null;
      s.challenges = NO_CHALLENGES;
      s.stranger = null;
      // What was known before the connection proves nothing about a mute that is sent now.
      if (s.mute) s.mute = { ...s.mute, sentAt: null, before: null };
      break;
    case 'down':
      if (s.linkProblem?.code !== input.problem.code || s.connected) {
        turn.log('info', `link down: ${input.problem.code}, ${input.problem.detail}`);
      }
      s.connected = false;
      s.greeted = false;
      s.linkProblem = input.problem;
      break;
    case 'message':
      message(turn, input.message, input.proof);
      break;
    case 'keys':
      s.keyring = input.keyring;
      s.stranger = null;
      turn.lookAgain();
      s.helloAt = null;
      break;
    case 'foreign':
      // Anybody could say so of a gate that proves what it says.
      if (needsProof(s)) {
        stranger(turn, { code: 'old-firmware', detail: `it speaks guard protocol version ${input.version}` });
        break;
      }
      if (s.foreign !== input.version) {
        turn.log('warn', `speaks guard protocol version ${input.version}: it is only ever sent mutes`);
      }
      s.foreign = input.version;
      break;
    case 'verdict':
      if (!sameVerdict(s.verdict, input.verdict)) {
        s.renewAt = at.now;
        s.leaseShown = false;
      }
      s.verdict = input.verdict;
      break;
    case 'mute':
      turn.log('info', `mute by ${input.reason}`);
      turn.beginMute(input.reason);
      break;
    case 'lock':
      turn.log('info', 'lock');
      s.lockWanted = true;
      s.lockSince = null;
      s.lockAt = at.now;
      // The lock itself needs the handshake, or is verified first; muting waits for neither.
      if (!s.greeted || needsProof(s)) turn.beginMute('policy');
      break;
    case 'wiring':
      s.wiring = input.wiring;
      break;
    case 'setting':
      s.exchange = beginExchange(input.id, input.ask, at.now);
      break;
    case 'stop':
      s.stopping = true;
      // Also on a muted gate: it takes back what its button may grant.
      if (turn.mayBeLive || (s.connected && s.greeted && s.foreign === null)) turn.beginMute('stop');
      break;
    case 'handed':
      s.backlog = settleOffer(s.backlog, input.taken);
      if (!input.taken) s.rewriteAt = at.now + REWRITE_MS;
      else if (s.lastAllow?.seq === null) s.renewAt = at.now;
      break;
    case 'written':
      written(turn, input.ids, input.stored);
      break;
    case 'doubted':
      if (!s.doubt) break;
      s.doubt = input.taken ? null : { ...s.doubt, at: at.now + REWRITE_MS };
      if (input.taken) s.renewAt = at.now;
      break;
    case 'tick':
      break;
    default:
      input satisfies never;
  }
}

function written({ s, at, log }: Turn, ids: readonly number[], stored: boolean): void {
  if (stored) {
    s.backlog = markStored(s.backlog, ids);
    s.ackDue = true;
  } else {
    s.rewriteAt = at.now + REWRITE_MS;
  }
  if (s.diskFailing === !stored) return;
  s.diskFailing = !stored;
  if (stored) log('info', 'events are written to disk again');
  else log('warn', 'events cannot be written to disk; they stay on the gate');
}

function sameVerdict(a: TwinState['verdict'], b: TwinState['verdict']): boolean {
  return (
    a.listen === b.listen &&
    a.until === b.until &&
    a.buttonMs === b.buttonMs &&
    a.buttonUntil === b.buttonUntil &&
    a.night === b.night
  );
}

function message(turn: Turn, received: GateMessage, proof: Proof): void {
  const { s } = turn;
  if (!counts(turn, received, proof)) return;
  // The version is spoken after all: the gate was flashed while it was connected.
  if (s.foreign !== null) turn.lookAgain();
  s.foreign = null;
  if (received.type === 'identity') identity(turn, received);
  else if (received.type === 'state') report(turn, received);
  else if (received.type === 'event') event(turn, received);
  else if (received.type === 'nak') nak(turn, received);
  else value(turn, received);
}

function value(turn: Turn, received: MessageOf<'value'>): void {
  const { s, at } = turn;
  if (!isFreshValue(turn, received)) return;
  const answer = s.exchange && answerIn(s.exchange, received);
  if (answer) turn.answer(answer);
  else if (s.sync) s.sync = answered(s.sync, received, at.now);
}

function event(turn: Turn, received: MessageOf<'event'>): void {
  const { s } = turn;
  // Events of a boot that has not identified itself come again after the handshake.
  if (!s.greeted || !s.identity || received.boot > s.identity.boot) return;
  if (isStored(s.backlog, received)) {
    s.ackDue = true;
    return;
  }
  const { accepted } = s.backlog;
  s.backlog = receive(s.backlog, received);
  const isNew = s.backlog.accepted !== accepted;
  noteAdvance(turn, received);
  // A board that is given another id is still the same.
  if (isNew && received.kind === 'setting' && received.detail === SETTINGS.gate_id.id) {
    s.gateId = null;
    s.helloAt = null;
  }
}

function nak(turn: Turn, received: MessageOf<'nak'>): void {
  const { s, at } = turn;
  const { lastAllow } = s;
  const isOfLease = received.message === MESSAGES.allow.id && received.seq === s.lease?.seq;
  if (isOfLease && !needsProof(s)) s.lease = null;
  const isAllow = received.message === MESSAGES.allow.id && received.seq === lastAllow?.seq;
  const isLock = received.message === MESSAGES.lock.id && received.seq === s.lockSeq;
  const isSetting = received.message === MESSAGES.setting.id && received.seq === s.settingSeq;
  const isExchange = received.message === MESSAGES.setting.id && received.seq === s.exchange?.seq;
  if (!isAllow && !isLock && !isSetting && !isExchange) return;
  turn.log('debug', `refused: ${received.reason}`);
  // Refused once is enough: the same refusal again asks for nothing more.
  if (isAllow) s.lastAllow = { ...lastAllow!, seq: null };
  if (isLock) s.lockSeq = null;
  if (isSetting) s.settingSeq = null;
  if (isSetting && s.sync) s.sync = refused(s.sync, received.reason, at.now);
  if (isExchange) exchangeRefused(turn, received.reason);
  if (received.reason === 'old-sequence') {
    jumpAhead(turn, isAllow);
  } else if (received.reason === 'wrong-boot') {
    turn.lookAgain();
  } else if (isAllow && received.reason === 'unseen') {
    // What it has not seen is on its way, or has been handed over since; otherwise it is asked for.
    if ((s.backlog.handed?.seq ?? 0) > lastAllow!.seen) s.renewAt = at.now;
    else s.helloAt = null;
  } else if (isAllow && received.reason === 'busy') {
    s.renewAt = at.now + BUSY_MS;
  } else if (isAllow) {
    s.refusal = received.reason;
  }
}

function exchangeRefused(turn: Turn, reason: Reason): void {
  const { s, at } = turn;
  const next = refusedBy(s.exchange!, reason, at.now);
  if ('refused' in next || 'status' in next) turn.answer(next);
  else s.exchange = next;
}

/** The gate knows a higher number. One jump a refused message, each twice as far: this ends after a few. */
function jumpAhead({ s, at }: Turn, isAllow: boolean): void {
  const isCareful = needsProof(s) && s.seq >= HALF_SEQ;
  const end = needsProof(s) && !isCareful ? HALF_SEQ : MAX_SEQ;
  s.seq = Math.min(s.seq + (isCareful ? Math.min(s.jump, MAX_JUMP) : s.jump), end);
  s.jump *= 2;
  if (s.seq === MAX_SEQ) s.refusal = 'old-sequence';
  else if (isAllow && !isCareful) s.renewAt = at.now;
}
