/**
 * One daemon per state folder. A lock is a symbolic link `daemon.lock.N` whose target names the holder: made in one step
 * with its content, and without needing room on a full disk. The highest number counts. A stale one is never removed to
 * be made again, which would race; it is superseded by the next number.
 */
import { readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from './clock.ts';

const NAME = /^daemon\.lock\.(\d{1,12})$/;
const ATTEMPTS = 100;

export interface LockHolder {
  readonly pid: number;
  readonly start: string;
  /** Which run of the machine: a process id means nothing after a reboot. */
  readonly machine: string;
}

export type LockResult = { readonly held: FolderLock } | { readonly holder: LockHolder };

export interface FolderLock {
  /** Lets another daemon in at once; without it the end of this process does the same. */
  release(): void;
}

export interface LockOptions {
  readonly self?: LockHolder;
  readonly isAlive?: (holder: LockHolder) => boolean;
}

/** Takes the lock of `folder`, or says who holds it. Throws what the file system throws. */
export function lockFolder(folder: string, machine: string | null, options: LockOptions = {}): LockResult {
  const self = options.self ?? {
    pid: process.pid,
    start: processStart(process.pid) ?? 'unknown',
    machine: runOf(machine),
  };
  const isAlive = options.isAlive ?? ((holder) => aliveHere(holder, self.machine));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const newest = numbers(folder).at(-1) ?? 0;
    const holder = newest > 0 ? readHolder(folder, newest) : null;
    if (holder && isAlive(holder)) return { holder };
    const mine = newest + 1;
    try {
      symlinkSync(JSON.stringify([self.pid, self.start, self.machine]), lockPath(folder, mine));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    // Whoever looked long ago may have made a number that others have passed meanwhile.
    const all = numbers(folder);
    if (all.at(-1) === mine) {
      for (const number of all) if (number < mine) remove(folder, number);
      return { held: { release: () => supersede(folder, mine) } };
    }
    remove(folder, mine);
  }
  throw new Error('the lock changes hands all the time');
}

/** The living holder of `folder`, null when nobody holds it. Takes nothing. */
export function folderHolder(folder: string, machine: string | null): LockHolder | null {
  try {
    const holder = readHolder(folder, numbers(folder).at(-1) ?? 0);
    return holder && aliveHere(holder, runOf(machine)) ? holder : null;
  } catch {
    return null;
  }
}

/** Short, so that the link fits into its inode. */
const runOf = (machine: string | null): string => machine?.slice(0, 13) ?? 'unknown';

const lockPath = (folder: string, number: number): string => join(folder, `daemon.lock.${number}`);

function numbers(folder: string): number[] {
  return readdirSync(folder)
    .map((name) => Number(NAME.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0)
    .sort((a, b) => a - b);
}

function readHolder(folder: string, number: number): LockHolder | null {
  try {
    const [pid, start, machine] = JSON.parse(readlinkSync(lockPath(folder, number)));
    return { pid: Number(pid), start: String(start), machine: String(machine) };
  } catch {
    return null;
  }
}

function remove(folder: string, number: number): void {
  try {
    unlinkSync(lockPath(folder, number));
  } catch {
    // Somebody else tidied up.
  }
}

/** The highest number must stay, or a slow rival could make it again: it is left with a holder that is nobody. */
function supersede(folder: string, mine: number): void {
  try {
    symlinkSync('[]', lockPath(folder, mine + 1));
  } catch {
    // A full folder: the end of the process makes the lock stale as well.
    return;
  }
  remove(folder, mine);
}

function aliveHere(holder: LockHolder, machine: string): boolean {
  if (!Number.isInteger(holder.pid) || holder.pid <= 0 || holder.machine !== machine) return false;
  return processStart(holder.pid) === holder.start;
}
