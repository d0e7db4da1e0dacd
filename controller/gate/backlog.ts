/**
 * The events of one gate on their way to policy and to disk (S9): in order, each once, with what is lost marked. Pure.
 *
 * Events count from 1 since the supply came up; within one supply they go on over resets, while the boot rises. Between
 * boards and after a loss of power the count begins anew: a new *era* of the backlog.
 */
import type { EventKind, MessageOf } from '../../schemas/protocol.ts';
import type { GateEvent } from './gate.ts';

type EventMessage = MessageOf<'event'>;

interface Position {
  readonly boot: number;
  readonly seq: number;
}

/** An accepted event that is not yet known to be on disk. */
export interface Queued {
  /** Counts up over everything ever accepted, also over eras. */
  readonly id: number;
  readonly era: number;
  readonly message: EventMessage;
  readonly gapBefore: boolean;
  /** Offered: being handed to policy. Handed: policy has it. */
  readonly policy: 'waiting' | 'offered' | 'handed';
  /** As it was told to policy; null until then. A repetition tells the same. */
  readonly told: GateEvent | null;
  readonly onDisk: boolean;
}

export interface Backlog {
  readonly era: number;
  readonly nextId: number;
  /** The boot in which the gate forgot all before: what an earlier one recorded cannot come from it any more. */
  readonly sinceBoot: number;
  /** The newest event accepted in order. */
  readonly accepted: Position | null;
  /** What that event was; null when it is not known. */
  readonly acceptedKind: EventKind | null;
  /** The newest event that policy has, with all before it. */
  readonly handed: Position | null;
  /** The newest event of this era on disk, with all before it. */
  readonly stored: Position | null;
  readonly queue: readonly Queued[];
  /** Received beyond a hole, in order; they wait for the hole to be filled. */
  readonly ahead: readonly EventMessage[];
  /** Rounds in which the gate was asked for its events and the hole stayed. */
  readonly stuck: number;
  readonly gapNext: boolean;
  /** What did not come although it was asked for; null once something newer has come. */
  readonly givenUp: { readonly after: Position | null; readonly upTo: Position } | null;
}

/** More than a gate keeps (32): what is older than these the gate has forgotten as well. */
const MAX_QUEUE = 64;
const MAX_AHEAD = 64;
/** After so many rounds without progress a hole is taken for a loss, not for a frame that was lost on the way. */
const ROUNDS = 3;

/** A backlog that goes on after the newest event on disk; null when there is none. */
export function restoreBacklog(newest: (Position & { readonly kind: EventKind }) | null): Backlog {
  const position = newest && { boot: newest.boot, seq: newest.seq };
  return {
    era: 0,
    nextId: 0,
    sinceBoot: 0,
    accepted: position,
    acceptedKind: newest?.kind ?? null,
    handed: position,
    stored: position,
    queue: [],
    ahead: [],
    stuck: 0,
    gapNext: position === null,
    givenUp: null,
  };
}

/** True when policy has every event up to the newest one of the gate. */
export function covers({ handed }: Backlog, boot: number, newest: number): boolean {
  return newest === 0 || (handed !== null && handed.boot === boot && handed.seq >= newest);
}

/** Takes an event as it arrives. */
export function receive(backlog: Backlog, message: EventMessage): Backlog {
  if (isForgotten(backlog, message)) return backlog;
  if (isGivenUp(backlog, message)) return receive(reopened(backlog), message);
  if (isOld(backlog, message)) return backlog;
  if (follows(backlog, message)) return drain(accept(backlog, message, backlog.gapNext));
  // A boot after power loss tells by itself that nothing before it can come any more.
  if (message.kind === 'boot' && message.detail === 1 && message.seq === 1 && backlog.accepted)
    return drain(accept(newEra(backlog), message, true));
  if (backlog.ahead.some((other) => order(other, message) === 0)) return backlog;
  const ahead = [...backlog.ahead, message].sort(order).slice(0, MAX_AHEAD);
  return { ...backlog, ahead };
}

/** It comes after all: it was held back, and the gate still has it (S9). */
function reopened(backlog: Backlog): Backlog {
  const { sinceBoot, givenUp } = backlog;
  const after = givenUp?.after ?? null;
  return { ...newEra(backlog), sinceBoot, accepted: after, handed: after, gapNext: after === null };
}

/** The gate has lost its supply before `boot`: only somebody who kept them on the way can tell events of before (S7). */
export function forgottenBefore(backlog: Backlog, boot: number): Backlog {
  if (boot <= backlog.sinceBoot) return backlog;
  return { ...backlog, sinceBoot: boot, ahead: backlog.ahead.filter((message) => message.boot >= boot) };
}

/** True for an event that needs no second look because it is on disk: the gate may forget it. */
export function isStored(backlog: Backlog, message: EventMessage): boolean {
  return backlog.stored !== null && order(message, backlog.stored) <= 0;
}

/** The supply was lost or the board replaced: what the gate numbers from now on has nothing to do with what came before. */
export function newEra(backlog: Backlog): Backlog {
  return {
    ...backlog,
    era: backlog.era + 1,
    sinceBoot: 0,
    accepted: null,
    acceptedKind: null,
    handed: null,
    stored: null,
    ahead: [],
    stuck: 0,
    gapNext: true,
    givenUp: null,
  };
}

/**
 * The gate has been asked for its events and has answered with a `state` that has `newest`; what is still missing after
 * several such rounds is lost: go on behind the hole.
 */
export function endRound(backlog: Backlog, boot: number, newest: number): Backlog {
  const missing = backlog.accepted?.boot !== boot || backlog.accepted.seq < newest;
  if (!missing) return { ...backlog, stuck: 0 };
  if (backlog.stuck + 1 < ROUNDS) return { ...backlog, stuck: backlog.stuck + 1 };
  const [first] = backlog.ahead;
  if (first) {
    const restarted = backlog.accepted !== null && first.seq <= backlog.accepted.seq;
    const next = restarted ? { ...newEra(backlog), ahead: backlog.ahead } : backlog;
    return drain(accept(next, first, true));
  }
  // The gate keeps nothing of it: another controller has it, or it was overwritten. Should somebody hold it back, it is not
  // called stored, so that the gate goes on keeping it.
  const { accepted: after, sinceBoot } = backlog;
  const position = { boot, seq: newest };
  const givenUp = { after, upTo: position };
  return { ...newEra(backlog), sinceBoot, accepted: position, handed: position, givenUp };
}

/**
 * Offers what policy has not had; `repeat` adds what policy has had and what is to be written to disk again.
 * `tell` gives an event its instant.
 */
export function offer(
  backlog: Backlog,
  repeat: boolean,
  tell: (entry: Queued) => GateEvent,
): { readonly backlog: Backlog; readonly ids: readonly number[]; readonly events: readonly GateEvent[] } {
  const ids: number[] = [];
  const events: GateEvent[] = [];
  const queue = backlog.queue.map((entry): Queued => {
    const isNew = entry.policy === 'waiting';
    if (!isNew && !(repeat && entry.policy === 'handed' && !entry.onDisk)) return entry;
    const told = entry.told ?? tell(entry);
    ids.push(entry.id);
    events.push(isNew ? told : { ...told, repeated: true });
    return isNew ? { ...entry, policy: 'offered', told } : entry;
  });
  return { backlog: { ...backlog, queue }, ids, events };
}

/** Policy has the offered events (`taken`), or could not take them and is to be offered them again. */
export function settleOffer(backlog: Backlog, taken: boolean): Backlog {
  const policy = taken ? 'handed' : 'waiting';
  const last = backlog.queue.findLast((entry) => entry.policy === 'offered' && entry.era === backlog.era);
  const queue = backlog.queue.map(
    (entry): Queued => (entry.policy === 'offered' ? { ...entry, policy } : entry),
  );
  const handed = taken && last ? { boot: last.message.boot, seq: last.message.seq } : backlog.handed;
  return { ...backlog, queue, handed };
}

/** The events with these ids are on disk; what is on disk without a hole before it leaves the queue. */
export function markStored(backlog: Backlog, ids: readonly number[]): Backlog {
  const written = new Set(ids);
  const marked = backlog.queue.map(
    (entry): Queued => (written.has(entry.id) ? { ...entry, onDisk: true } : entry),
  );
  const open = marked.findIndex((entry) => !entry.onDisk);
  const done = open < 0 ? marked : marked.slice(0, open);
  const last = done.findLast((entry) => entry.era === backlog.era);
  return {
    ...backlog,
    queue: marked.slice(done.length),
    stored: last ? { boot: last.message.boot, seq: last.message.seq } : backlog.stored,
  };
}

/** Negative when `a` comes before `b`. */
export function order(a: Position, b: Position): number {
  return a.boot - b.boot || a.seq - b.seq;
}

const isForgotten = ({ sinceBoot }: Backlog, { boot }: EventMessage): boolean => boot < sinceBoot;

function isGivenUp({ givenUp }: Backlog, message: EventMessage): boolean {
  if (!givenUp || order(message, givenUp.upTo) > 0) return false;
  return givenUp.after === null || order(message, givenUp.after) > 0;
}

function isOld({ accepted }: Backlog, message: EventMessage): boolean {
  return accepted !== null && order(message, accepted) <= 0;
}

function follows({ accepted }: Backlog, message: EventMessage): boolean {
  if (!accepted) return message.seq === 1;
  if (message.seq !== accepted.seq + 1) return false;
  if (message.boot === accepted.boot) return true;
  // Every boot begins with its boot event; any other event after a change of boot has lost something before it.
  return message.boot === accepted.boot + 1 && message.kind === 'boot' && message.detail !== 1;
}

function accept(backlog: Backlog, message: EventMessage, gapBefore: boolean): Backlog {
  const entry: Queued = {
    id: backlog.nextId,
    era: backlog.era,
    message,
    gapBefore,
    policy: 'waiting',
    told: null,
    onDisk: false,
  };
  return {
    ...backlog,
    nextId: backlog.nextId + 1,
    accepted: { boot: message.boot, seq: message.seq },
    acceptedKind: message.kind,
    queue: bounded([...backlog.queue, entry]),
    stuck: 0,
    gapNext: false,
    givenUp: null,
  };
}

/** An event that is not on disk must not vanish unseen: the one after it carries the gap, also when it was told before. */
function bounded(queue: readonly Queued[]): readonly Queued[] {
  if (queue.length <= MAX_QUEUE) return queue;
  const [dropped, next, ...rest] = queue;
  if (dropped!.onDisk && !dropped!.gapBefore) return [next!, ...rest];
  const told = next!.told && { ...next!.told, gapBefore: true as const };
  return [{ ...next!, told, gapBefore: true }, ...rest];
}

function drain(backlog: Backlog): Backlog {
  let current = { ...backlog, ahead: backlog.ahead.filter((message) => !isOld(backlog, message)) };
  while (current.ahead[0] && follows(current, current.ahead[0])) {
    const [first, ...ahead] = current.ahead;
    current = { ...accept(current, first!, false), ahead };
  }
  return current;
}
