/** The folder that a daemon keeps its state in: one daemon on each. */
import { mkdirSync, statSync } from 'node:fs';
import { EarlidError } from '../../schemas/errors.ts';
import { writeProblem } from './durable-file.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import type { Log } from './log.ts';
import { answers } from './socket.ts';

export interface StateFolder {
  readonly folder: string;
  readonly socket: string;
  /** This run of the machine. */
  readonly machine: string | null;
  readonly log: Pick<Log, 'warn'>;
}

/** Takes it for this process; throws an `EarlidError` when another one has it, or when it cannot be written to. */
export async function takeFolder({ folder, socket, machine, log }: StateFolder): Promise<FolderLock> {
  const inUse = (pid: number | string) =>
    new EarlidError('second-daemon', { pid, home: folder }, { pid, home: folder });
  let held: FolderLock;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ((statSync(folder).mode & 0o022) !== 0) log.warn(`others may write to ${folder}: chmod 700 it`);
    const result = lockFolder(folder, machine);
    if ('holder' in result) throw inUse(result.holder.pid);
    held = result.held;
  } catch (error) {
    if (error instanceof EarlidError) throw error;
    throw new EarlidError('state-unwritable', { home: folder, detail: writeProblem(error).detail });
  }
  // A holder in another container is not seen among the processes, but its socket answers.
  if (!(await answers(socket))) return held;
  held.release();
  throw inUse('unknown');
}
