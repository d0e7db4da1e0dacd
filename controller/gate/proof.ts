/** Whose word counts: what a gate with a key says counts only with its authenticator, and as fresh as it proves to be. */
import type { GateMessage, MessageOf } from '../../schemas/protocol.ts';
import { type Challenges, echoed, isOpen, mostAge, type Position } from './challenges.ts';
import type { Proof } from './seal.ts';
import type { Turn } from './turn.ts';
import type { Problem } from './twin-border.ts';
import type { TwinState } from './twin-state.ts';
import type { Instant } from './uptime.ts';

/** A second board, or somebody on the way, is told of for this long after it was last heard. */
const STRANGER_MS = 10_000;
/** What is heard so often beside the gate itself is no accident. */
const STRANGE = 3;

/** Whether only an authenticator makes what this gate says count. */
export function needsProof({ keyring, config }: Pick<TwinState, 'keyring' | 'config'>): boolean {
  return keyring !== 'none' || config.needsKey;
}

/** Whether a message counts at all. One that does not is remembered as a stranger's. */
export function counts(turn: Turn, received: GateMessage, proof: Proof): boolean {
  const { s } = turn;
  const isKeyed = proof === 'wrong' || (received.type === 'identity' && received.flags.keyed);
  if (needsProof(s)) {
    if (proof === 'right') return true;
    if (proof === 'early') return false;
    // A refusal carries no authenticator; nothing that opens a gate follows from one.
    if (received.type === 'nak') return proof === 'none' && s.greeted;
    stranger(turn, strangeness(s, isKeyed));
    return false;
  }
  if (!isKeyed) return true;
  if (s.greeted) turn.lookAgain();
  stranger(turn, strangeness(s, true));
  return false;
}

function strangeness({ keyring }: TwinState, isKeyed: boolean): Problem {
  switch (keyring) {
    case 'unusable':
      return { code: 'keys-unusable', detail: 'they are damaged, or others may read them' };
    case 'held':
      return isKeyed
        ? { code: 'gate-unauthenticated', detail: 'its authenticator is wrong' }
        : { code: 'gate-unpaired', detail: 'it answers without a key' };
    default:
      return isKeyed
        ? { code: 'gate-keyed', detail: 'it answers with a key' }
        : { code: 'gate-needs-key', detail: 'it is reached over MQTT' };
  }
}

/** Something speaks without proof. */
export function stranger({ s, at, log }: Turn, problem: Problem): void {
  const before = s.stranger && at.now - s.stranger.at <= STRANGER_MS ? s.stranger : null;
  if (before?.problem.code !== problem.code) log('warn', `${problem.code}: ${problem.detail}`);
  s.stranger = { problem, at: at.now, count: (before?.count ?? 0) + 1 };
}

/** How long ago at most this report was made, in ms; null when it is no evidence. */
export function provenDelay(turn: Turn, received: MessageOf<'state'>): number | null {
  const { s, at } = turn;
  if (!needsProof(s)) return 0;
  const challenges = afterEcho(turn, received.challenge, received);
  if (!challenges || (s.greeted && received.boot < s.identity!.boot)) return null;
  s.challenges = challenges;
  return mostAge(challenges, received, at);
}

/** Whether an identity was made after one of the newest challenges was sent, and by the boot known or a later one. */
export function isProven(turn: Turn, { boot, challenge }: MessageOf<'identity'>): boolean {
  const { s } = turn;
  if (!needsProof(s)) return true;
  const isEchoed = afterEcho(turn, challenge, { boot, uptime: Number.POSITIVE_INFINITY }) !== null;
  return isEchoed && !(s.greeted && boot < s.identity!.boot);
}

/** Whether the answer to a question about a setting is no recorded one. */
export function isFreshValue({ s }: Turn, { challenge }: MessageOf<'value'>): boolean {
  return !needsProof(s) || isOpen(s.challenges, challenge);
}

function afterEcho(turn: Turn, bytes: Uint8Array, position: Position): Challenges | null {
  const { s, at } = turn;
  const after = echoed(s.challenges, bytes, position);
  if (after === 'contradiction') {
    if (!isTwice(s, at)) turn.log('warn', 'two boards answer, and both have its key');
    s.twiceAt = at.now;
  }
  return typeof after === 'string' ? null : after;
}

/** Two boards with its key answer: what one of them says proves nothing of the other. */
export function isTwice({ twiceAt }: TwinState, at: Instant): boolean {
  return twiceAt !== null && at.now - twiceAt <= STRANGER_MS;
}

/** What speaks in its place, where nothing proves to be the gate. */
export function strangerInstead({ stranger }: TwinState, at: Instant, withinMs: number): Problem | null {
  return stranger && at.now - stranger.at <= withinMs ? stranger.problem : null;
}

/** What speaks beside the gate itself; null when nothing does. */
export function strangerBeside({ stranger }: TwinState, at: Instant): Problem | null {
  const isStrange = stranger && stranger.count >= STRANGE && at.now - stranger.at <= STRANGER_MS;
  return isStrange ? { code: 'gate-twice', detail: 'one of them without its key' } : null;
}
