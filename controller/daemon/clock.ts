/** The clocks that policy is asked at, and what tells one run of the machine from another. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Instant } from '../policy/override.ts';

export interface Clock {
  now(): Instant;
  /** True when the system surely knows what time it is; anything else says nothing. */
  isSynchronised?(): boolean;
}

/** Wall clock and, on Linux, the kernel's uptime, which counts suspend; elsewhere the system's own uptime does. */
export const systemClock: Clock = {
  now() {
    return { wall: Date.now(), counted: countedMs() };
  },
  // Made by systemd when it has set the clock since the machine started.
  isSynchronised: () => existsSync('/run/systemd/timesync/synchronized'),
};

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
