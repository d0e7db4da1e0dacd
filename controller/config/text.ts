/** The bytes of a configuration file and their text. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { EarlidError } from '../../schemas/errors.ts';

const LIMIT_BYTES = 256 * 1024;

const unreadable = (file: string, detail: string): EarlidError =>
  new EarlidError('config-unreadable', { file, detail }, { file });

/** A configuration file, bounded; throws an `EarlidError` when there is none to be had. */
export function readConfigBytes(file: string): Uint8Array {
  let handle: number;
  try {
    // Something that nobody writes into must not hold it up: a daemon that waits here mutes nothing (S3).
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new EarlidError('config-missing', { places: file }, { places: [file] });
    throw unreadable(file, code === 'EACCES' ? 'permission denied' : String(code));
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile())
      throw unreadable(file, stat.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    const bytes = Buffer.alloc(LIMIT_BYTES + 1);
    let length = 0;
    for (let n = 1; n > 0 && length < bytes.length; length += n)
      n = readSync(handle, bytes, length, bytes.length - length, null);
    if (length > LIMIT_BYTES)
      throw new EarlidError('config-too-large', { file, limit: `${LIMIT_BYTES / 1024} KB` }, { file });
    return bytes.subarray(0, length);
  } finally {
    closeSync(handle);
  }
}

/** Without a byte order mark; throws an `EarlidError` when it is no text. */
export function configText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, 'it is not UTF-8 text');
  }
}

export const readConfigText = (file: string): string => configText(readConfigBytes(file), file);

/** Tells whether two have read the same. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
