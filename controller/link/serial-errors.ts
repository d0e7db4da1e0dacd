/** What the operating system says when a port cannot be opened, as codes with a detail a person can act on. */
import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { holdersOf } from './holders.ts';
import { LinkError, type LinkErrorCode } from './link.ts';

/** The binding reports `strerror` texts without a code; a program that sets no locale gets them in English. */
const CODES: readonly (readonly [pattern: RegExp, code: LinkErrorCode])[] = [
  [/ENOENT|ENXIO|ENODEV|No such (file|device)/i, 'port-missing'],
  [/EACCES|EPERM|Permission denied|Operation not permitted/i, 'port-forbidden'],
  [/EBUSY|Cannot lock port|Device or resource busy|temporarily unavailable/i, 'port-busy'],
];

/** The `LinkError` for what opening `path` failed with. Never rejects. */
export async function openError(path: string, error: unknown): Promise<LinkError> {
  const text = error instanceof Error ? error.message : String(error);
  const code = CODES.find(([pattern]) => pattern.test(text))?.[1] ?? 'link-failed';
  if (code === 'port-missing') return new LinkError(code, `${path}: no such device`);
  if (code === 'port-forbidden') return new LinkError(code, await whoMayOpen(path));
  if (code === 'port-busy') return new LinkError(code, await whoHolds(path));
  if (/Inappropriate ioctl/i.test(text)) return new LinkError(code, `${path} is not a serial port`);
  return new LinkError(code, text.replace(/^Error:? */, ''));
}

async function whoMayOpen(path: string): Promise<string> {
  try {
    const { gid, mode } = await stat(path);
    const group = (await groups()).find((entry) => entry.gid === gid);
    const name = group?.name ?? `number ${gid}`;
    if (process.getgroups?.().includes(gid)) {
      return mode & 0o020
        ? `${path} belongs to group ${name}, and this process is in it, but may still not open it`
        : `${path} may not be opened by its group ${name}, which this user is in`;
    }
    return group?.members.includes(userInfo().username)
      ? `${path} belongs to group ${name}; this user is in it, but only from the next login on`
      : `${path} belongs to group ${name}, and this user is not in it`;
  } catch {
    return `${path} may not be opened by this user`;
  }
}

async function groups(): Promise<{ name: string; gid: number; members: string[] }[]> {
  const lines = (await readFile('/etc/group', 'utf8')).split('\n');
  return lines.map((line) => {
    const [name = '', , gid = '', members = ''] = line.split(':');
    return { name, gid: Number(gid), members: members.split(',') };
  });
}

async function whoHolds(path: string): Promise<string> {
  const holders = await holdersOf(path);
  if (holders.length === 0) return `${path} is held by another process`;
  const names = holders.map(({ pid, program }) =>
    pid === process.pid ? 'this process' : `process ${pid} (${program})`,
  );
  return `${path} is held by ${names.join(' and ')}`;
}
