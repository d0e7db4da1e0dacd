/** Under /tmp anybody may have been there first. */
import { lstatSync } from 'node:fs';

/** Whether it is a folder of this user that nobody else may look into. Throws what the operating system says. */
export function isOwnFolder(folder: string): boolean {
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}
