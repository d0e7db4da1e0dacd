/**
 * The gate's uptime in terms of the controller's clocks. Pure.
 *
 * A `state` that arrives says that the gate's uptime is at least the one in it: a message can be late, never early. From
 * this follow a lower bound for leases (S2: nothing reaches further than meant) and instants for events that the gate
 * recorded while nobody listened.
 */
import { LIMITS } from '../../schemas/protocol.ts';

/** One instant on both clocks of the controller, in ms. */
export interface Instant {
  readonly now: number;
  readonly utc: number;
}

/** The gate's uptime at an instant; `now` is null for an instant of an earlier run of the controller. */
interface Anchor {
  readonly boot: number;
  readonly uptime: number;
  readonly now: number | null;
  readonly utc: number;
  readonly errorMs: number;
}

export interface UptimeTrack {
  /** Uptime less `now`, of the sample that travelled fastest, and when that was. */
  readonly offset: { readonly boot: number; readonly value: number; readonly at: number } | null;
  /** In order of uptime since the supply came up: the last before each silence, and the newest. */
  readonly anchors: readonly Anchor[];
}

/** Relative error of a ceramic resonator (0.5 %) with room for temperature and age. */
export const CLOCK_TOLERANCE = 0.01;
/** Beyond this a rate between two anchors is not an oscillator but a mistake. */
const MAX_RATE_ERROR = 0.03;
/** A bootloader and a reset together; the uptime of the gate does not count them. */
const RESET_MS = 2_500;
const TRANSPORT_MS = 50;
const MAX_ANCHORS = 8;

export const NO_TRACK: UptimeTrack = { offset: null, anchors: [] };

/** The track as it is known from an event of an earlier run. */
export function restoreTrack(event: {
  readonly boot: number;
  readonly uptimeMs: number;
  readonly at: number;
  readonly atErrorMs: number;
}): UptimeTrack {
  const { boot, uptimeMs: uptime, at: utc, atErrorMs: errorMs } = event;
  return { offset: null, anchors: [{ boot, uptime, now: null, utc, errorMs }] };
}

/** Takes the uptime of a `state` that arrived `at`. */
export function observe(track: UptimeTrack, boot: number, uptime: number, at: Instant): UptimeTrack {
  const known = track.offset?.boot === boot ? offsetAt(track, at.now) : null;
  const seen = uptime - at.now;
  const offset = known !== null && known >= seen ? track.offset : { boot, value: seen, at: at.now };
  // A sample that is later than the fastest one would have been is taken back by the difference.
  const late = known === null ? 0 : Math.max(0, known - seen);
  const anchor: Anchor = {
    boot,
    uptime,
    now: at.now - late,
    utc: at.utc - late,
    errorMs: TRANSPORT_MS,
  };
  const before = track.anchors.filter((other) => other.boot <= boot && other.uptime <= uptime);
  const last = before.at(-1);
  const silent =
    !last || last.boot !== boot || last.now === null || anchor.now! - last.now > LIMITS.silentMs.value;
  const kept = silent ? before : before.slice(0, -1);
  return { offset, anchors: [...kept, anchor].slice(-MAX_ANCHORS) };
}

/** Forgets what came before a loss of power: uptime has begun anew. */
export function supplyLost(track: UptimeTrack, boot: number): UptimeTrack {
  return {
    offset: track.offset?.boot === boot ? track.offset : null,
    anchors: track.anchors.filter((anchor) => anchor.boot === boot),
  };
}

/** Forgets what was known of one boot: it was not true. */
export function forgetBoot(track: UptimeTrack, boot: number): UptimeTrack {
  return {
    offset: track.offset?.boot === boot ? null : track.offset,
    anchors: track.anchors.filter((anchor) => anchor.boot !== boot),
  };
}

function offsetAt({ offset }: UptimeTrack, now: number): number | null {
  return offset && offset.value - Math.max(0, now - offset.at) * CLOCK_TOLERANCE;
}

/** The least that the gate's uptime can be now; null when nothing is known of this boot. */
export function leastUptime(track: UptimeTrack, boot: number, now: number): number | null {
  const offset = track.offset?.boot === boot ? offsetAt(track, now) : null;
  return offset === null ? null : now + offset;
}

/** When something happened at `uptime` of `boot`, in UTC ms with its half-width; null when nothing is known. */
export function instantOf(
  track: UptimeTrack,
  boot: number,
  uptime: number,
  at: Instant,
): { readonly at: number; readonly atErrorMs: number } | null {
  const nowOf = (anchor: Anchor): number => anchor.now ?? anchor.utc - (at.utc - at.now);
  const before = track.anchors.findLast((a) => a.boot <= boot && a.uptime <= uptime);
  const after = track.anchors.find((a) => a.boot >= boot && a.uptime >= uptime);
  const result = (now: number, errorMs: number) => ({
    // Nothing that has been heard of lies in the future.
    at: Math.round(Math.min(now, at.now) + at.utc - at.now),
    atErrorMs: Math.ceil(errorMs),
  });
  if (before && after && before !== after) {
    const ticks = after.uptime - before.uptime;
    const passed = nowOf(after) - nowOf(before);
    const errorMs = Math.max(before.errorMs, after.errorMs);
    if (before.boot === after.boot && Math.abs(passed / ticks - 1) <= MAX_RATE_ERROR) {
      return result(nowOf(before) + (uptime - before.uptime) * (passed / ticks), errorMs + TRANSPORT_MS);
    }
    if (before.boot !== boot && after.boot !== boot) {
      // Resets on both sides: at the earliest right after the one anchor, at the latest right before the other.
      const first = nowOf(before) + uptime - before.uptime;
      const last = Math.max(first, nowOf(after) - (after.uptime - uptime));
      return result((first + last) / 2, (last - first) / 2 + errorMs + ticks * CLOCK_TOLERANCE);
    }
  }
  const nearest = [before, after]
    .filter((anchor) => anchor !== undefined)
    .sort((a, b) => distance(a, boot, uptime) - distance(b, boot, uptime))[0];
  if (!nearest) return null;
  return result(nowOf(nearest) + uptime - nearest.uptime, nearest.errorMs + distance(nearest, boot, uptime));
}

/** How far off a time that is told from this one anchor may be, in ms. */
function distance(anchor: Anchor, boot: number, uptime: number): number {
  return Math.abs(uptime - anchor.uptime) * CLOCK_TOLERANCE + Math.abs(boot - anchor.boot) * RESET_MS;
}
