/** Where the text of a calendar comes from: a file, or an address. */
import { createWriteStream } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { CalendarConfig } from '../../../schemas/rules.ts';
import type { Ask } from './apart.ts';
import type { KeptFacts } from './kept.ts';
import { LIMIT_BYTES, LIMIT_TEXT } from './limit.ts';
import { UnreadableError } from './unreadable.ts';

/** What is known of a version apart from when it was read. */
export type Version = Omit<KeptFacts, 'readAt'>;

/** Fetches what differs from `kept` into `to`; null when nothing does. Throws an `UnreadableError` when it cannot be had. */
export type Origin = (kept: Version | null, to: string) => Promise<Version | null>;

const MOST_ADDRESS = 4_096;

export function originOf(from: CalendarConfig['from'], ask: Ask, warn: (text: string) => void): Origin {
  if ('file' in from) return fileOrigin(from.file);
  if ('url' in from) return (kept, to) => fetched(from.url, kept, to, ask);
  return async (kept, to) => fetched(await addressIn(from.urlFile, warn), kept, to, ask);
}

/** What tells this source from another one. */
export function sourceText(from: CalendarConfig['from']): string {
  return JSON.stringify(from);
}

const fileOrigin =
  (path: string): Origin =>
  async (kept, to) => {
    const handle = await opened(path);
    try {
      const { mtimeMs, size, ino } = await regular(handle);
      if (size > LIMIT_BYTES) throw new UnreadableError(`it is larger than ${LIMIT_TEXT}`);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (kept?.stamp === stamp) return null;
      const copy = createWriteStream(to, { mode: 0o600, flush: true });
      await pipeline(handle.createReadStream({ autoClose: false, start: 0, end: LIMIT_BYTES }), copy);
      return { stamp, etag: null, modified: null };
    } finally {
      await handle.close();
    }
  };

async function fetched(url: string, kept: Version | null, to: string, ask: Ask): Promise<Version | null> {
  const { etag = null, modified = null } = kept ?? {};
  const answer = await ask({ ask: 'download', url, etag, modified, to });
  if ('problem' in answer) throw new UnreadableError(answer.problem);
  if (!answer.found.unchanged)
    return { stamp: null, etag: answer.found.etag, modified: answer.found.modified };
  if (!kept) throw new UnreadableError('the server says that it is as before, but nothing came before');
  return null;
}

/** Read each time: such an address is renewed when it has leaked. */
async function addressIn(path: string, warn: (text: string) => void): Promise<string> {
  const handle = await opened(path);
  try {
    const { mode } = await regular(handle);
    if ((mode & 0o004) !== 0)
      warn(`everybody on this computer may read the address in ${path}: chmod 600 it`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_ADDRESS), 0, MOST_ADDRESS, 0);
    const address = buffer
      .toString('utf8', 0, bytesRead)
      .trim()
      .replace(/^webcal:/i, 'https:');
    if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
      throw new UnreadableError(`in ${path} there is no address that begins with https://`);
    return address;
  } finally {
    await handle.close();
  }
}

/** Something that nobody writes into must not hold it up. */
async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UnreadableError(`there is no file ${path}`);
    throw new UnreadableError(`${path}: ${code === 'EACCES' ? 'permission denied' : code}`);
  }
}

async function regular(handle: FileHandle) {
  const stat = await handle.stat();
  if (!stat.isFile()) throw new UnreadableError('it is not a regular file');
  return stat;
}
