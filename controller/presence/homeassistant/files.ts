/** The token and the certificates of Home Assistant, read at every connection, so that new ones need no restart. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { EarlidError } from '../../../schemas/errors.ts';
import type { HomeAssistantApi } from '../../../schemas/homeassistant.ts';

const MAX_FILE = 64 * 1024;

export interface Files {
  readonly token: string;
  /** Others than the owner of its file may read the token. */
  readonly isOpen: boolean;
  readonly ca: string | null;
}

/** Rejects with `homeassistant-file`. */
export async function readFiles({ tokenFile, ca }: HomeAssistantApi): Promise<Files> {
  const { text, mode } = await read(tokenFile);
  const token = text.split(/\r?\n/, 1)[0]!.trim();
  if (!/^[\x21-\x7e]{1,4096}$/.test(token))
    throw new EarlidError('homeassistant-file', { file: tokenFile, detail: 'its first line is no token' });
  return { token, isOpen: (mode & 0o077) !== 0, ca: ca === null ? null : (await read(ca)).text };
}

async function read(file: string): Promise<{ text: string; mode: number }> {
  try {
    // Something that nobody writes into must not hold it up.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode } = await handle.stat();
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_FILE), 0, MAX_FILE, 0);
      return { text: buffer.toString('utf8', 0, bytesRead), mode };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new EarlidError('homeassistant-file', { file, detail });
  }
}
