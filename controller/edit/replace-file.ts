/** Replaces a file of somebody else: as it was or as it is to be, at every instant, with its mode, its owner and its links. */
import { constants, type Stats } from 'node:fs';
import { access, open, readdir, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EarlidError } from '../../schemas/errors.ts';
import { processStart } from '../daemon/clock.ts';
import { syncFolder } from '../daemon/durable-file.ts';

/** New text of a file is written beside it, in a file that names the process: what a killed one left is known by that. */
const NEXT = /^\.(.+)\.(\d+)-([0-9a-z]+)\.earlid$/;

/**
 * Resolves when `content` is on disk. `old` is what was read: a file that says something else by now is left as it is.
 * Throws `config-not-written` or `config-changed`; then nothing was changed.
 */
export async function replaceFile(file: string, old: Uint8Array, content: Uint8Array): Promise<void> {
  try {
    const target = await realpath(file);
    const before = await stat(target);
    await checkOwn(target, before);
    await clearLeft(target);
    await replace(file, target, before, { old, content });
  } catch (error) {
    throw error instanceof EarlidError ? error : unwritable(file, detailOf(error));
  }
}

async function replace(
  file: string,
  target: string,
  before: Stats,
  { old, content }: { readonly old: Uint8Array; readonly content: Uint8Array },
): Promise<void> {
  const next = join(dirname(target), nextName(target));
  try {
    const handle = await open(
      next,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      const { uid, gid } = await handle.stat();
      if (uid !== before.uid || gid !== before.gid)
        await handle.chown(before.uid, before.gid).catch(() => {
          throw unwritable(file, 'it belongs to another user or group, and would change its owner');
        });
      await handle.chmod(before.mode & 0o7777);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = await stat(target);
    const isSame = now.ino === before.ino && Buffer.compare(await readFile(target), old) === 0;
    if (!isSame || (await othersAtWork(target))) throw new EarlidError('config-changed', { file }, { file });
    await rename(next, target);
  } catch (error) {
    await unlink(next).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Replacing a file takes no permission to write it; here it does. */
async function checkOwn(target: string, { nlink }: Stats): Promise<void> {
  await access(target, constants.W_OK);
  if (nlink > 1)
    throw unwritable(target, 'it has several names (hard links), of which only one would change');
}

const start = (pid: number): string => (processStart(pid) ?? '0').replace(/[^0-9a-z]/g, '');
const nextName = (target: string): string =>
  `.${basename(target)}.${process.pid}-${start(process.pid)}.earlid`;

/** What others are about to put in the place of `target`, or were when they were killed. */
async function others(target: string): Promise<{ readonly path: string; readonly isAlive: boolean }[]> {
  const names = await readdir(dirname(target));
  return names.flatMap((name) => {
    const [, of, pid, began] = NEXT.exec(name) ?? [];
    if (of !== basename(target) || Number(pid) === process.pid) return [];
    return [{ path: join(dirname(target), name), isAlive: start(Number(pid)) === began }];
  });
}

const othersAtWork = async (target: string): Promise<boolean> =>
  (await others(target)).some(({ isAlive }) => isAlive);

async function clearLeft(target: string): Promise<void> {
  for (const { path, isAlive } of await others(target)) if (!isAlive) await unlink(path).catch(() => {});
}

const unwritable = (file: string, detail: string): EarlidError =>
  new EarlidError('config-not-written', { file, detail }, { file });

function detailOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EROFS') return 'its file system is read-only';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  return code ?? message;
}
