/**
 * For how long the microphone of one gate was or may have been live on the day that a wall shows. Pure.
 *
 * All time is unknown until it is proven. What proves it are two reports of the same boot that each say muted or live: how much
 * between them was live the gate has counted itself, so the rest was muted. Time is added by a clock that nobody sets; what the
 * wall shows beyond that (the controller was away, its clock was set forward) was not watched. The sum is never less than the
 * day has lasted, so what is not proven muted is never left out.
 */
import type { GateEvent, GateRecord, GateStatus } from '../gate/gate.ts';
import { dayAt, wallDays } from '../schedule/wall-days.ts';
import type { Zone } from '../schedule/zone.ts';

/** One instant: UTC ms, and ms on a clock that counts suspend and is never set. */
interface Instant {
  readonly wall: number;
  readonly counted: number;
}

/** A report that proves what the microphone is, with what the gate counts by itself. */
export interface Proof extends GateRecord {
  readonly state: 'muted' | 'live';
  /** Which board made it. */
  readonly board: string;
}

/** What is seen of a gate at an instant. */
export type Sight =
  | { readonly kind: 'proven'; readonly proof: Proof; readonly ageMs: number }
  /** Heard, on its way from one side to the other. */
  | { readonly kind: 'moving' }
  | { readonly kind: 'unheard' }
  /** Heard, and it proves nothing. */
  | { readonly kind: 'doubtful' };

/** The four times sum up to the day as far as it has passed; none of them but the last ever falls during a day. */
export interface Exposure {
  /** The day on the wall, numbered from 1970-01-01. */
  readonly day: number;
  /** UTC ms: the gate is known since then. What was before does not count. */
  readonly since: number;
  readonly liveMs: number;
  readonly unknownMs: number;
  readonly mutedMs: number;
  /** Not settled yet: the next proof may tell what it was. */
  readonly openMs: number;
  /** The last proof; null when nothing can be told from the next one. */
  readonly proof: Proof | null;
  /** Events of that boot up to this one are known, and leave what the gate counts to be believed. */
  readonly seen: number;
  /** Something since the last proof was not heard. */
  readonly unheard: boolean;
  /** For how long the next proof has been waited for. */
  readonly waitedMs: number;
  /** Time is added up to here, on the counted clock; null: that clock has begun anew since. */
  readonly at: number | null;
}

/** How long open time waits for a proof before it is unknown for good. */
const WAIT_MS = 60_000;
/** Longer between two looks, and nobody waited meanwhile: the machine slept, or the controller was away. */
const AWAKE_MS = 35_000;
/** Clocks that part by less part by chance. */
const SLACK_MS = 500;
/** A report is on its way, and the clock of a gate is good to 1 %. */
const [ON_ITS_WAY_MS, RATE] = [1_000, 1.01];
/** A wall that shows a day before that of the record is believed once the record is longer than any day. */
const LONGEST_DAY_MS = 26 * 3_600_000;
/** `status` calls nothing proven by a report that is older. */
const MAX_AGE_MS = 3_000;
const LOST_COUNT_END = 255;

/** A gate of which nothing is recorded. `since` (UTC ms): it is known since then; 0: as long as one likes. */
export function unrecorded(zone: Zone, wall: number, since: number): Exposure {
  const nothing = { liveMs: 0, unknownMs: 0, mutedMs: 0, openMs: 0, proof: null, seen: 0 };
  return { day: dayAt(zone, wall), since, ...nothing, unheard: true, waitedMs: 0, at: null };
}

/** What of it is to be kept over runs of the controller. */
export type Kept = Omit<Exposure, 'unheard' | 'waitedMs'>;

/** Goes on after a time in which nobody looked. `at` null: how long that was the wall alone tells. */
export const resumed = (kept: Kept): Exposure => ({ ...kept, unheard: true, waitedMs: 0 });

/** What `status` says of a gate at an instant (UTC ms). */
export function sightOf(status: GateStatus, wall: number): Sight {
  const { state, record, identity, link, reported, contested, fault, pending } = status;
  if (link !== 'up' || !record || !identity) return { kind: 'unheard' };
  if (state !== 'unknown') {
    const ageMs = Math.min(MAX_AGE_MS, Math.max(0, wall - (reported?.at ?? wall)));
    return {
      kind: 'proven',
      proof: { ...record, state, board: `${identity.product} ${identity.gateId}` },
      ageMs,
    };
  }
  const isMoving = reported?.state !== 'muted' || pending.lease;
  return { kind: isMoving && !contested && fault === null ? 'moving' : 'doubtful' };
}

/** Adds the time up to `now`, and settles what the sight tells about it. */
export function look(exposure: Exposure, sight: Sight, now: Instant, zone: Zone): Exposure {
  const passed = pass(exposure, now, zone);
  switch (sight.kind) {
    case 'proven':
      return proven(passed, sight.proof, sight.ageMs);
    case 'doubtful':
      return doubted(passed);
    default: {
      if (!passed.proof || passed.waitedMs > WAIT_MS) return doubted(passed);
      return { ...passed, unheard: passed.unheard || sight.kind === 'unheard' };
    }
  }
}

/** Takes an event of the gate; they come in order. */
export function told(
  exposure: Exposure,
  event: Pick<GateEvent, 'boot' | 'seq' | 'kind' | 'reason' | 'gapBefore'>,
): Exposure {
  const { proof, seen, unheard } = exposure;
  if (!proof || event.boot !== proof.boot || event.seq <= seen) return exposure;
  if (event.seq === seen + 1 && !event.gapBefore && isHarmless(event))
    return { ...exposure, seen: event.seq };
  return unheard ? doubted(exposure) : exposure;
}

/** Nothing can be told from the next proof about what was before it: another board may answer, or events are lost. */
export const doubted = (exposure: Exposure): Exposure => ({
  ...exposure,
  unknownMs: exposure.unknownMs + exposure.openMs,
  openMs: 0,
  proof: null,
  waitedMs: 0,
});

/** Whole seconds, never less than it was. */
export const secondsOf = ({
  liveMs,
  unknownMs,
}: Exposure): { readonly live: number; readonly unknown: number } => ({
  live: Math.ceil(liveMs / 1_000),
  unknown: Math.ceil(unknownMs / 1_000),
});

function pass(exposure: Exposure, { wall, counted }: Instant, zone: Zone): Exposure {
  const { day, at, mutedMs } = exposure;
  const passedMs = at === null ? 0 : Math.max(0, counted - at);
  const openMs = exposure.openMs + passedMs;
  const waitedMs = exposure.waitedMs + (passedMs > AWAKE_MS ? 0 : passedMs);
  const sumMs = exposure.liveMs + exposure.unknownMs + mutedMs + openMs;
  const shown = dayAt(zone, wall);
  if (shown < day && sumMs <= LONGEST_DAY_MS) return { ...exposure, openMs, waitedMs, at: counted };
  const from = wallDays(zone, shown, 1)[0]!.from;
  if (shown !== day) {
    const since = shown > day ? exposure.since : 0;
    const times = { liveMs: 0, unknownMs: 0, mutedMs: 0, openMs: Math.max(0, wall - Math.max(from, since)) };
    return { ...exposure, ...times, day: shown, since, waitedMs, at: counted };
  }
  const elapsedMs = Math.max(0, wall - Math.max(from, exposure.since));
  const missingMs = elapsedMs - sumMs;
  return {
    ...exposure,
    // What was proven while the wall showed another time may have been on another day.
    mutedMs: Math.min(mutedMs, elapsedMs + SLACK_MS),
    openMs: openMs + (missingMs > SLACK_MS ? missingMs : 0),
    waitedMs,
    at: counted,
  };
}

function proven(exposure: Exposure, proof: Proof, ageMs: number): Exposure {
  const { proof: before, unheard, seen } = exposure;
  // What was after the report, the next one tells.
  const openMs = Math.min(exposure.openMs, ageMs);
  const settledMs = exposure.openMs - openMs;
  const settled = { openMs, proof, seen: Math.max(seen, proof.newest), unheard: false, waitedMs: 0 };
  const unknown = { ...exposure, ...settled, seen: proof.newest, unknownMs: exposure.unknownMs + settledMs };
  if (!before || !goesOn(before, proof)) return unknown;
  if (unheard && proof.newest > before.newest) {
    if (proof.lost !== before.lost || proof.lost === LOST_COUNT_END || exposure.waitedMs > WAIT_MS)
      return unknown;
    // Its events are still to come.
    if (proof.newest > seen) return exposure;
  }
  const coveredMs = Math.min(
    settledMs,
    Math.floor((proof.uptimeMs - before.uptimeMs) * RATE) + ON_ITS_WAY_MS,
  );
  const liveMs = liveBetween(before, proof, coveredMs);
  return {
    ...exposure,
    ...settled,
    liveMs: exposure.liveMs + liveMs,
    mutedMs: exposure.mutedMs + coveredMs - liveMs,
    unknownMs: exposure.unknownMs + settledMs - coveredMs,
  };
}

const goesOn = (before: Proof, { board, boot, uptimeMs, newest, liveMs }: Proof): boolean =>
  board === before.board &&
  boot === before.boot &&
  uptimeMs >= before.uptimeMs &&
  newest >= before.newest &&
  liveMs >= before.liveMs;

function liveBetween(before: Proof, { state, newest, liveMs }: Proof, coveredMs: number): number {
  if (before.state === 'live' && state === 'live' && newest === before.newest) return coveredMs;
  return Math.min(coveredMs, Math.ceil((liveMs - before.liveMs) * RATE));
}

/** Beside these, what a gate counts as muted may not have been. */
function isHarmless({ kind, reason }: Pick<GateEvent, 'kind' | 'reason'>): boolean {
  return (
    kind === 'live' ||
    kind === 'press' ||
    kind === 'lock' ||
    kind === 'unlock' ||
    (kind === 'mute' && reason !== 'contested')
  );
}
