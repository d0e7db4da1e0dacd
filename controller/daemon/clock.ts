/** The clocks that policy is asked at, and what tells one run of the machine from another. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { ErrorView } from '../../schemas/errors.ts';
import type { Instant } from '../policy/override.ts';
import { systemVouch, type Vouch } from './clock-source.ts';

export interface Clock {
  now(): Instant;
  /** Ms that count as timers do, without suspend. Left out: suspend is not noticed. */
  ran?(): number;
  /** What vouches for it; `synchronised` says that only this is of use. Left out: nothing does. */
  vouch?(synchronised: boolean): Promise<Vouch>;
  /** What is wrong with it, null when nothing. */
  problem?(): ErrorView | null;
}

/** Calls `run` after `ms`; returns the way to prevent it. */
export type After = (ms: number, run: () => void) => () => void;

/** Wall clock and, on Linux, the kernel's uptime, which counts suspend; elsewhere the system's own uptime does. */
export const systemClock: Clock = {
  now: seldom(() => ({ wall: Date.now(), ran: performance.now() }), countedMs),
  ran: () => performance.now(),
  vouch: systemVouch,
};

/** The time zone of this machine. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Timers of JavaScript take no more; longer ones would run at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls `run` after `ms`, however long that is. Counts neither suspend nor a clock that is set: `ClockWatch` tells of those. */
export const systemAfter: After = (ms, run) => {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(
      () => (left > MAX_TIMER_MS ? wait(left - MAX_TIMER_MS) : run()),
      Math.min(left, MAX_TIMER_MS),
    );
  };
  wait(ms);
  return () => clearTimeout(timer);
};

/** The kernel tells its uptime no finer. */
const TICK_MS = 10;

/**
 * Asks the kernel once a tick, however often somebody wants to know: a clock that counts suspend is a file to read. A suspend in
 * between is seen by the wall clock, which goes on where `ran` stands still.
 */
export function seldom(
  quick: () => { readonly wall: number; readonly ran: number },
  counted: () => number,
): () => Instant {
  let read = { wall: 0, ran: Number.NEGATIVE_INFINITY, counted: 0 };
  return () => {
    const { wall, ran } = quick();
    const passed = ran - read.ran;
    if (!(passed < TICK_MS && Math.abs(wall - read.wall - passed) < TICK_MS))
      read = { wall, ran, counted: counted() };
    return { wall, counted: read.counted };
  };
}

function countedMs(): number {
  try {
    return Math.round(Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000);
  } catch {
    return Math.round(uptime() * 1000);
  }
}

/** The same as long as the machine runs, null when that cannot be known (grants then end with the daemon). */
export function machineRun(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return ask('sysctl', ['-n', 'kern.bootsessionuuid']);
  }
}

/** When process `pid` started, in whatever form this system tells it; null when there is no such process. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; the start time is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    if (process.platform === 'linux') return null;
    return ask('ps', ['-o', 'lstart=', '-p', String(pid)])?.replaceAll(/\s+/g, '-') ?? null;
  }
}

function ask(command: string, args: string[]): string | null {
  try {
    return (
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null
    );
  } catch {
    return null;
  }
}
