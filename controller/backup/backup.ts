/** What a backup is made of: read while a daemon may be running, whose files are whole at every instant. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EarlidError } from '../../schemas/errors.ts';
import { writeDurably, writeProblem } from '../daemon/durable-file.ts';
import { KeyStore } from '../daemon/key-store.ts';
import { type Archive, type PartName, pack, STATE_FILES } from './archive.ts';

export interface BackupOptions {
  readonly file: string;
  readonly config: string;
  readonly folder: string;
  /** Of this package. */
  readonly version: string;
  /** UTC ms. */
  readonly now: number;
}

/** Writes it (mode 0600); resolves with what is in it. Throws an `EarlidError`, and then there is no new file. */
export async function makeBackup(options: BackupOptions): Promise<Archive> {
  const { file, config, folder, version, now } = options;
  // A backup whose keys are of no use would be found out too late.
  const keys = new KeyStore(folder);
  await keys.load();
  keys.check();
  const parts = new Map<PartName, Uint8Array>([['earlid.yaml', await read(config)]]);
  for (const name of STATE_FILES) {
    const content = await read(join(folder, name), true);
    if (content) parts.set(name, name === 'events.jsonl' ? wholeLines(content) : content);
  }
  const archive = { madeAt: now, version, config, parts };
  try {
    await writeDurably(file, pack(archive));
  } catch (error) {
    throw new EarlidError('backup-unwritable', { file, detail: writeProblem(error).detail });
  }
  return archive;
}

async function read(file: string): Promise<Uint8Array>;
async function read(file: string, optional: true): Promise<Uint8Array | null>;
async function read(file: string, optional = false): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (optional && code === 'ENOENT') return null;
    throw new EarlidError('backup-unreadable', { file, detail: code });
  }
}

/** The daemon may be in the middle of writing the last one. */
const wholeLines = (content: Uint8Array): Uint8Array => content.subarray(0, content.lastIndexOf(0x0a) + 1);
