/**
 * What a report of a gate with a key proves about its own age. Pure.
 *
 * Every `hello` and `allow` carries a number that nobody can foresee, and the gate echoes the newest one that it has taken:
 * an authenticated report was made after that number was sent. From there on the uptime in it goes on at the pace of an
 * oscillator, so that a report shows how old it is at most, whoever held it back on the way (S7). It does not show that an
 * `allow` was accepted: a `hello` needs no key, and anybody may put the number of an `allow` into one.
 */
import { CLOCK_TOLERANCE, type Instant } from './uptime.ts';

export interface Position {
  readonly boot: number;
  readonly uptime: number;
}

interface SentChallenge {
  readonly bytes: Uint8Array;
  readonly at: Instant;
  /** What the gate had proved before; it cannot be further back afterwards. */
  readonly floor: Position | null;
  /** The least that a report with its echo has shown. */
  readonly first: Position | null;
}

/** Those of a connection whose echo counts: the newest first, and the last but one. */
export type Challenges = readonly SentChallenge[];

/** An echo of any other is no evidence. */
const OPEN = 2;

export const NO_CHALLENGES: Challenges = [];

/** A challenge is sent; `floor` is the newest position that the gate has proved on this connection. */
export function challenged(
  open: Challenges,
  bytes: Uint8Array,
  at: Instant,
  floor: Position | null,
): Challenges {
  return [{ bytes, at, floor, first: null }, ...open].slice(0, OPEN);
}

/** The newest one has not been echoed by any report yet; when it was sent, in monotonic ms. */
export function unechoedSince([newest]: Challenges): number | null {
  return newest && newest.first === null ? newest.at.now : null;
}

/** Whether these bytes echo one that counts. */
export function isOpen(open: Challenges, bytes: Uint8Array): boolean {
  return open.some((sent) => Buffer.compare(sent.bytes, bytes) === 0);
}

/**
 * What becomes of them with a report that echoes `bytes`; `stale` when that is none whose echo counts, `contradiction` when
 * no single board can have said this.
 */
export function echoed(
  open: Challenges,
  bytes: Uint8Array,
  { boot, uptime }: Position,
): Challenges | 'stale' | 'contradiction' {
  const index = open.findIndex((sent) => Buffer.compare(sent.bytes, bytes) === 0);
  const sent = open[index];
  if (!sent) return 'stale';
  const { floor, first } = sent;
  if (floor && (boot < floor.boot || (boot === floor.boot && uptime < floor.uptime))) return 'contradiction';
  const isFirst = first?.boot !== boot || uptime < first.uptime;
  return isFirst ? open.with(index, { ...sent, first: { boot, uptime } }) : open;
}

/** How long ago at most a report at this position was made, in ms, when it arrives `at`; infinite when nothing tells. */
export function mostAge(open: Challenges, { boot, uptime }: Position, at: Instant): number {
  const ages = open.flatMap(({ at: sentAt, first }) => {
    if (first?.boot !== boot || uptime < first.uptime) return [];
    const passed = Math.max(at.now - sentAt.now, at.utc - sentAt.utc);
    return [Math.max(0, passed - (uptime - first.uptime) / (1 + CLOCK_TOLERANCE))];
  });
  return Math.min(Number.POSITIVE_INFINITY, ...ages);
}
