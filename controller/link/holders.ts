/** Which processes have a device open, as far as this user may see. */
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

export interface Holder {
  readonly pid: number;
  /** Name of the program, such as `node` or `minicom`. */
  readonly program: string;
}

/** Reads /proc; elsewhere, and of processes of other users, nothing is found. Never rejects. */
export async function holdersOf(path: string): Promise<readonly Holder[]> {
  try {
    const target = await realpath(path);
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const holders = await Promise.all(processes.map((pid) => holderIf(pid, target)));
    return holders.filter((holder) => holder !== null);
  } catch {
    return [];
  }
}

async function holderIf(pid: string, target: string): Promise<Holder | null> {
  try {
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => null)) !== target) continue;
      const program = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
      // A process names itself, and a terminal obeys what it is shown.
      return { pid: Number(pid), program: program.replaceAll(/\p{Cc}/gu, '?') };
    }
  } catch {
    // Processes of other users may not be looked into, and processes end meanwhile.
  }
  return null;
}
