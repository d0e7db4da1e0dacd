/** Which serial ports there are: what the system has, and what the configuration names. */
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A gate of the configuration and the path it names. */
export interface NamedPort {
  readonly gate: string;
  readonly path: string;
}

export interface ListedPort {
  /** The path to use: by-id where there is one. A port that is only in the configuration has the path named there. */
  readonly path: string;
  /** The device behind it; null: nothing is there. */
  readonly device: string | null;
  /** The gate of the configuration that names it, by whichever path. */
  readonly gate: string | null;
  /** What should be changed in the configuration: the path that it names may be another board tomorrow. */
  readonly advice: string | null;
}

/** A path and the device it leads to; null: nothing is there. */
export interface FoundPath {
  readonly path: string;
  readonly device: string | null;
}

export interface PortPlaces {
  /** Folder looked in: /dev, or `$EARLID_DEV` where boards are emulated. */
  readonly dev: string;
  readonly platform: NodeJS.Platform;
}

/** Where ports are looked for. */
export function portPlaces(around: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}): PortPlaces {
  return { dev: around.env.EARLID_DEV || '/dev', platform: around.platform };
}

const LINUX_NAME = /^tty(ACM|USB)\d+$/;
/** Every Mac has these without a board. */
const MAC_NAME = /^cu\.(?!Bluetooth|debug-console|wlan-debug)/;
/** Names that are given in the order of plugging in. */
const PASSING_NAME = /\/tty(ACM|USB)\d+$/;

/** Looks at the system; opens nothing. Never rejects. */
export async function listPorts(places: PortPlaces, named: readonly NamedPort[]): Promise<ListedPort[]> {
  const found = await findPaths(places);
  const resolved = await Promise.all(
    named.map(async ({ gate, path }) => ({ gate, path, device: await deviceOf(path) })),
  );
  return arrangePorts(found, resolved);
}

/** Joins what was found and what is named: one entry a device, by-id before other paths. Pure. */
export function arrangePorts(
  found: readonly FoundPath[],
  named: readonly (FoundPath & { readonly gate: string })[],
): ListedPort[] {
  const byDevice = new Map<string, ListedPort>();
  for (const { path, device } of found) {
    if (device === null || byDevice.has(device)) continue;
    const owner = named.find((entry) => entry.device === device);
    byDevice.set(device, {
      path,
      device,
      gate: owner?.gate ?? null,
      advice: owner ? adviceOn(owner.path, path, owner.gate) : null,
    });
  }
  const others = named
    .filter(({ device }) => device === null || !byDevice.has(device))
    .map(({ gate, path, device }) => ({ path, device, gate, advice: adviceOn(path, path, gate) }));
  return [...byDevice.values(), ...others].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function adviceOn(named: string, better: string, gate: string): string | null {
  if (!PASSING_NAME.test(named)) return null;
  const why = `\`${gate}\` names ${named}, which may be another board after the next start`;
  return better === named ? `${why}: use a path of /dev/serial/by-id/` : `${why}: name ${better} instead`;
}

async function findPaths({ dev, platform }: PortPlaces): Promise<FoundPath[]> {
  const isPort = (name: string) => (platform === 'darwin' ? MAC_NAME : LINUX_NAME).test(name);
  const byId = join(dev, 'serial/by-id');
  const [stable, passing] = await Promise.all([names(byId), names(dev)]);
  const paths = [
    ...stable.map((name) => join(byId, name)),
    ...passing.filter(isPort).map((name) => join(dev, name)),
  ];
  return Promise.all(paths.map(async (path) => ({ path, device: await deviceOf(path) })));
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

/** The device that `path` leads to, null when there is nothing. */
export async function deviceOf(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}
