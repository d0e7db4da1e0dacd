/** Small files that survive a crash: the old content or the new one, never half of it. */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A code of `schemas/errors.ts` for a failed write, and what the operating system said. */
export interface WriteProblem {
  readonly code: 'disk-full' | 'state-unwritable';
  readonly detail: string;
}

export function writeProblem(error: unknown): WriteProblem {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return { code: code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'state-unwritable', detail: code };
}

/** Makes a rename, a new file or a removal in `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Through no link, and into nothing that somebody else has open: root writes into folders of others as well. */
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Replaces `file` (mode 0600, owned by the owner of its folder where root writes it); resolves when it is on disk. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const next = `${file}.next`;
  // What a crash has left, or somebody has laid there.
  await unlink(next).catch(() => {});
  try {
    const handle = await open(next, FRESH, 0o600);
    try {
      await handle.chmod(0o600);
      await giveTo(dirname(file), handle);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (error) {
    await unlink(next).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(file));
}

/** What root writes into the folder of the service's account is for that account. */
async function giveTo(folder: string, handle: FileHandle): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const [{ uid, gid }, own] = await Promise.all([stat(folder), handle.stat()]);
  // A second name of it may be anywhere.
  if (own.nlink === 1 && (own.uid !== uid || own.gid !== gid)) await handle.chown(uid, gid);
}
