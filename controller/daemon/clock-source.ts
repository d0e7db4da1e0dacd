/** Who vouches for the clock of this machine. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';

/** `synchronised`: the kernel says so. `hardware`: it began with a hardware clock. Null: nobody does. */
export type Vouch = 'synchronised' | 'hardware' | null;

const LONGEST_MS = 2_000;

/** What vouches for the clock; `synchronised` says that only this is of use. Starts a program only where files do not tell. */
export async function systemVouch(synchronised: boolean): Promise<Vouch> {
  if (await isMarked()) return 'synchronised';
  const hardware = await beganWithHardwareClock();
  if (hardware && !synchronised) return 'hardware';
  if ((await kernelSays()) === true) return 'synchronised';
  return hardware ? 'hardware' : null;
}

/** Whether the kernel says that the clock is synchronised; null: nothing here can tell. */
export async function isSynchronised(): Promise<boolean | null> {
  return (await isMarked()) || kernelSays();
}

/** systemd-timesyncd touches this file when it has set the clock. One that was touched in the future: the clock was set back since. */
async function isMarked(): Promise<boolean> {
  const mark = await stat('/run/systemd/timesync/synchronized').catch(() => null);
  return mark !== null && mark.mtimeMs <= Date.now() + 1_000;
}

/** Also right with chrony and ntpd. */
async function kernelSays(): Promise<boolean | null> {
  const said = await new Promise<string>((resolve) => {
    execFile(
      'timedatectl',
      ['show', '--property=NTPSynchronized', '--value'],
      { timeout: LONGEST_MS, env: { ...process.env, LC_ALL: 'C' } },
      (_, out) => resolve(out.trim()),
    );
  });
  return said === 'yes' ? true : said === 'no' ? false : null;
}

async function beganWithHardwareClock(): Promise<boolean> {
  if (process.platform === 'darwin') return true;
  const clocks = await readdir('/sys/class/rtc').catch(() => []);
  const set = await Promise.all(
    clocks.map((name) => readFile(`/sys/class/rtc/${name}/hctosys`, 'latin1').catch(() => '')),
  );
  return set.some((text) => text.trim() === '1');
}
