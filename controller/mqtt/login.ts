/** Who may connect with the embedded broker. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { EarlidError } from '../../schemas/errors.ts';
import { readSmallFile } from './files.ts';

export interface Login {
  readonly username: string;
  /** Its first line is the password. It is read each time, so that a new one needs no restart. */
  readonly passwordFile: string;
}

const OTHERS = 0o007;

/** The password. Rejects with `mqtt-file`, or `mqtt-password-open` when everybody knows it. */
export async function passwordOf({ passwordFile: file }: Login): Promise<string> {
  const { text, mode } = await readSmallFile(file);
  if ((mode & OTHERS) !== 0) throw new EarlidError('mqtt-password-open', { file });
  const password = text.split(/\r?\n/, 1)[0]!;
  if (password === '') throw new EarlidError('mqtt-file', { file, detail: 'its first line is empty' });
  return password;
}

/** Takes as long for a wrong password as for the right one. */
export function isSame(password: string, given: string | Uint8Array): boolean {
  const [a, b] = [password, given].map((each) => createHash('sha256').update(each).digest());
  return timingSafeEqual(a!, b!);
}
