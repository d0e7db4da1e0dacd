/** Puts a backup back. Nothing is replaced unless that is asked for, and what is replaced is kept beside it. */
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EarlidError } from '../../schemas/errors.ts';
import { keysFile } from '../../schemas/keys.ts';
import { writeDurably } from '../daemon/durable-file.ts';
import { type Archive, type PartName, unpack } from './archive.ts';

export interface RestoreOptions {
  readonly file: string;
  /** Where the configuration is to be. */
  readonly config: string;
  readonly folder: string;
  /** What is there already is kept under another name instead of refused. */
  readonly replace: boolean;
  /** UTC ms. */
  readonly now: number;
}

export interface Restored {
  readonly name: PartName;
  readonly file: string;
  /** `same`: it was there already. */
  readonly done: 'written' | 'same';
  /** What was there before. */
  readonly kept: string | null;
}

/** Of the owner and nobody else, but for the configuration, which a service of the machine reads under its own account. */
const CONFIG_MODE = 0o644;

/** Throws `backup-…` before anything is touched, `restore-exists` when something would be replaced. */
export async function readBackup(file: string): Promise<Archive> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new EarlidError('backup-unreadable', {
      file,
      detail: (error as NodeJS.ErrnoException).code ?? 'unreadable',
    });
  }
  const archive = unpack(file, bytes);
  const keys = archive.parts.get('keys.json');
  if (keys && !isKeys(keys)) throw new EarlidError('backup-damaged', { file });
  return archive;
}

/** The state folder is the caller's, so that no daemon runs on it. */
export async function restoreBackup(archive: Archive, options: RestoreOptions): Promise<readonly Restored[]> {
  const { folder, config, replace, now } = options;
  const plan = await Promise.all(
    [...archive.parts].map(async ([name, packed]) => {
      const file = name === 'earlid.yaml' ? config : join(folder, name);
      const content = asRestored(name, packed);
      const there = await readFile(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw new EarlidError('restore-failed', { file, detail: error.code ?? 'unreadable' });
      });
      return { name, file, content, there, isSame: there !== null && Buffer.compare(there, content) === 0 };
    }),
  );
  const replaced = plan.filter(({ there, isSame }) => there !== null && !isSame).map(({ file }) => file);
  if (replaced.length > 0 && !replace)
    throw new EarlidError('restore-exists', { files: replaced.join(', ') }, { files: replaced });
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '');
  const restored: Restored[] = [];
  for (const { name, file, content, there, isSame } of plan) {
    const kept = there === null || isSame ? null : `${file}.before-${stamp}`;
    try {
      if (!isSame) await put(file, content, kept, name === 'earlid.yaml');
    } catch (error) {
      throw new EarlidError('restore-failed', {
        file,
        detail: (error as NodeJS.ErrnoException).code ?? String(error),
      });
    }
    restored.push({ name, file, done: isSame ? 'same' : 'written', kept });
  }
  return restored;
}

async function put(file: string, content: Uint8Array, kept: string | null, isConfig: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // At every instant there is one or the other: a folder that lost its holds on the way would let gates listen again.
  if (kept !== null) await copyFile(file, kept, constants.COPYFILE_EXCL);
  await writeDurably(file, content);
  if (isConfig) await chmod(file, CONFIG_MODE);
}

/** What was true of another run of a machine is not of this one: a grant does not come back, time counts as unseen. */
function asRestored(name: PartName, content: Uint8Array): Uint8Array {
  if (name !== 'overrides.json' && name !== 'exposure.json') return content;
  try {
    const state = JSON.parse(Buffer.from(content).toString('utf8'));
    return Buffer.from(`${JSON.stringify({ ...state, machine: null }, null, 1)}\n`);
  } catch {
    // The daemon says what is wrong with it, and holds every gate.
    return content;
  }
}

function isKeys(content: Uint8Array): boolean {
  try {
    keysFile.parse(JSON.parse(Buffer.from(content).toString('utf8')));
    return true;
  } catch {
    return false;
  }
}
