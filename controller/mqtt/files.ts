/** Password and certificates of a broker, read at every connection, so that new ones need no restart. */
import { constants, open } from 'node:fs/promises';
import { EarlidError } from '../../schemas/errors.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';

const MAX_FILE = 64 * 1024;
/** Others than the owner may read it. */
const OPEN = 0o077;

export interface Files {
  readonly password: string | null;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Paths of secrets that others than their owner may read. */
  readonly exposed: readonly string[];
}

export const NO_FILES: Files = { password: null, ca: null, cert: null, key: null, exposed: [] };

/** Rejects with `mqtt-file`. */
export async function readFiles({ passwordFile, ca, cert, key }: MqttConfig): Promise<Files> {
  const password = await read(passwordFile);
  const ownKey = await read(key);
  return {
    password: password?.text.split(/\r?\n/, 1)[0] ?? null,
    ca: (await read(ca))?.text ?? null,
    cert: (await read(cert))?.text ?? null,
    key: ownKey?.text ?? null,
    exposed: [
      ...(password && (password.mode & OPEN) !== 0 ? [passwordFile!] : []),
      ...(ownKey && (ownKey.mode & OPEN) !== 0 ? [key!] : []),
    ],
  };
}

const read = async (file: string | null) => (file === null ? null : readSmallFile(file));

/** The begin of a file, and its mode. Rejects with `mqtt-file`. */
export async function readSmallFile(file: string): Promise<{ readonly text: string; readonly mode: number }> {
  try {
    // Something that nobody writes into must not hold it up.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new EarlidError('mqtt-file', { file, detail: 'not a regular file' });
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_FILE), 0, MAX_FILE, 0);
      return { text: buffer.toString('utf8', 0, bytesRead), mode: found.mode };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof EarlidError) throw error;
    throw new EarlidError('mqtt-file', {
      file,
      detail: (error as NodeJS.ErrnoException).code ?? 'unreadable',
    });
  }
}
