/** The machine as an installation sees it: its files, its programs, who runs this. Tests pass their own. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Ran {
  /** Null when the program could not be run at all. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Machine {
  /** Runs a program to its end; never rejects. */
  run(program: string, args: readonly string[]): Promise<Ran>;
  /** The text of a file, null when it cannot be read. */
  read(path: string): Promise<string | null>;
  /** Replaces a file that everybody may read, and makes its folder. */
  write(path: string, text: string): Promise<void>;
  /** Deletes a file, if it is there. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
}

const LONGEST_MS = 60_000;

export const thisMachine: Machine = {
  run: (program, args) =>
    new Promise((resolve) => {
      const env = { ...process.env, LC_ALL: 'C', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' };
      execFile(program, [...args], { env, timeout: LONGEST_MS }, (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, out, err: err || (code === null ? String(error?.message) : '') });
      });
    }),
  read: (path) => readFile(path, 'utf8').catch(() => null),
  async write(path, text) {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(`${path}.next`, text, { mode: 0o644 });
    await rename(`${path}.next`, path);
  },
  async remove(path) {
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  },
  exists: (path) =>
    stat(path).then(
      () => true,
      () => false,
    ),
};
