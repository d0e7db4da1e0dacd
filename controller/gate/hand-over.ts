/** Events on their way from the gate to policy and onto the disk, and the word to the gate that they are there. */
import { offer, type Queued } from './backlog.ts';
import type { GateEvent } from './gate.ts';
import { SPACING_MS, sealFrom } from './spacing.ts';
import type { Turn } from './turn.ts';
import { identifiedReport } from './twin-state.ts';
import { instantOf } from './uptime.ts';

/** An event whose uptime fits nothing that is known of the gate happened at any time. */
const NO_IDEA_MS = 86_400_000;

/** Hands policy the events that it has not had, and what could not be written once more. */
export function deliver(turn: Turn): void {
  const { s, at } = turn;
  if (!identifiedReport(s) || s.backlog.queue.some(({ policy }) => policy === 'offered')) return;
  const isWaiting = s.backlog.queue.some(({ policy }) => policy === 'waiting');
  const isRewriteDue = s.rewriteAt !== null && at.now >= s.rewriteAt;
  // Policy that could not take an event is not asked again at once; a failing disk does not keep events from it.
  const isRefused =
    s.rewriteAt !== null &&
    isWaiting &&
    s.backlog.queue.some(({ told, policy }) => told && policy === 'waiting');
  if (!isRewriteDue && (isRefused || !isWaiting)) return;
  const { backlog, ids, events } = offer(s.backlog, s.rewriteAt !== null, (entry) => tell(turn, entry));
  s.backlog = backlog;
  s.rewriteAt = null;
  if (events.length === 0) return;
  for (const { kind, reason, at, repeated } of events) {
    if (!repeated) turn.log('info', `${kind} (${reason}) at ${new Date(at).toISOString()}`);
  }
  turn.effects.push({ type: 'deliver', ids, events });
}

function tell(turn: Turn, { message, gapBefore }: Queued): GateEvent {
  const { s, at } = turn;
  const { boot, seq, kind, reason, detail, uptime } = message;
  const instant = instantOf(s.track, boot, uptime, at) ?? { at: Math.round(at.utc), atErrorMs: NO_IDEA_MS };
  return {
    gate: s.config.name,
    boot,
    seq,
    kind,
    reason,
    detail,
    uptimeMs: uptime,
    ...instant,
    ...(gapBefore && { gapBefore }),
    ...(turn.isForeignMute(message) && { foreign: true }),
    ...(s.gateId && { gateId: s.gateId }),
  };
}

/** When the gate may next be told that its events are on disk. */
export const ackFrom = (turn: Turn): number =>
  Math.max((turn.s.ackedAt ?? Number.NEGATIVE_INFINITY) + SPACING_MS, sealFrom(turn));

/** Tells the gate that its events are on disk. */
export function acknowledge(turn: Turn): void {
  const { s, at } = turn;
  if (!s.ackDue || !s.greeted || !s.connected || at.now < ackFrom(turn)) return;
  s.ackDue = false;
  if (!s.identity || !s.backlog.stored) return;
  turn.send({ type: 'stored', boot: s.identity.boot, event: s.backlog.stored.seq });
  s.ackedAt = at.now;
}
