/** What this machine knows of the ports of the configuration, without opening them. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PortFacts } from './plan.ts';

/** Groups of this machine: name by id, members by name. */
export interface Groups {
  readonly names: ReadonlyMap<number, string>;
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/** Reads /etc/group; empty when it cannot be read. */
export async function readGroups(): Promise<Groups> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  const rows = text.split('\n').map((line) => line.split(':'));
  return {
    names: new Map(rows.flatMap(([name, , id]) => (name && id ? [[Number(id), name]] : []))),
    members: new Map(rows.flatMap(([name, , , users]) => (name && users ? [[name, users.split(',')]] : []))),
  };
}

/** Never rejects. */
export async function portFacts(gate: string, path: string, groups: Groups): Promise<PortFacts> {
  try {
    const device = await realpath(path);
    const { gid, mode, rdev } = await stat(device);
    const mayOpen = gid !== 0 && (mode & 0o060) === 0o060;
    return {
      gate,
      path,
      present: true,
      group: mayOpen ? (groups.names.get(gid) ?? null) : null,
      device: await driverOf(rdev),
      usb: await usbOf(basename(device)),
    };
  } catch {
    return { gate, path, present: false, group: null, device: null, usb: null };
  }
}

/** The class of /proc/devices with the major number of a device. */
async function driverOf(rdev: number): Promise<string | null> {
  const major = (rdev >> 8) & 0xfff;
  const text = await readFile('/proc/devices', 'utf8');
  const [characters = ''] = text.split('Block devices:');
  const row = characters
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([number]) => Number(number) === major);
  return row?.[1]?.replace(/[^\w-].*$/, '') ?? null;
}

/** Walks up from the tty to the USB device that has it. */
async function usbOf(name: string): Promise<PortFacts['usb']> {
  let folder = await realpath(join('/sys/class/tty', name, 'device')).catch(() => '/');
  for (; folder.startsWith('/sys/devices'); folder = dirname(folder)) {
    const [vendor, product] = await Promise.all(
      ['idVendor', 'idProduct'].map((file) => readFile(join(folder, file), 'latin1').catch(() => '')),
    );
    const ids = { vendor: vendor!.trim(), product: product!.trim() };
    if (/^[0-9a-f]{4}$/.test(ids.vendor) && /^[0-9a-f]{4}$/.test(ids.product)) return ids;
  }
  return null;
}
