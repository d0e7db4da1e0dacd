/** Where things lie: the state folder, the configuration, the socket of the local API. Pure, from the environment. */
import { createHash } from 'node:crypto';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly cwd: string;
  readonly uid: number;
  /** True when Earlid is installed as a service of this machine. */
  readonly systemService?: boolean;
}

/** Where the service of the machine keeps its state; the home of its account as well. */
export const SYSTEM_STATE = '/var/lib/earlid';
/** Its unit: there when that service is installed. */
export const SYSTEM_UNIT = '/etc/systemd/system/earlid.service';

const absolute = (path: string | undefined): string | null => (path && isAbsolute(path) ? path : null);

/** `$EARLID_HOME`, else that of the machine's service for those who may use it, else the platform's usual place for state. */
export function stateFolder({ env, platform, home, cwd, uid, systemService }: Surroundings): string {
  if (env.EARLID_HOME) return resolve(cwd, env.EARLID_HOME);
  if (systemService && (uid === 0 || home === SYSTEM_STATE)) return SYSTEM_STATE;
  if (platform === 'darwin') return join(home, 'Library/Application Support/Earlid');
  return join(absolute(env.XDG_STATE_HOME) ?? join(home, '.local/state'), 'earlid');
}

/** The files looked for, in order; the first that exists is read. `--config` and `$EARLID_CONFIG` leave no choice. */
export function configFiles(around: Surroundings, option?: string, name = 'earlid.yaml'): string[] {
  const { env, platform, home, cwd } = around;
  const named = option ?? env.EARLID_CONFIG;
  if (named) return [resolve(cwd, named)];
  const here = join(cwd, name);
  if (env.EARLID_HOME) return [join(stateFolder(around), name), here];
  const user =
    platform === 'darwin'
      ? join(home, 'Library/Application Support/Earlid', name)
      : join(userConfigFolder(around), 'earlid', name);
  return [here, user, join('/etc/earlid', name)];
}

/** The user's folder of configurations on Linux. */
export const userConfigFolder = ({ env, home }: Pick<Surroundings, 'env' | 'home'>): string =>
  absolute(env.XDG_CONFIG_HOME) ?? join(home, '.config');

/** What the kernel takes as the path of a socket, less the final 0. */
const longestSocket = (platform: NodeJS.Platform): number => (platform === 'darwin' ? 103 : 107);

type Machine = Pick<Surroundings, 'platform' | 'uid'>;

/** The socket lies in the state folder, or under /tmp in a folder of this user when that path is too long for a socket. */
export function socketPath(folder: string, machine: Machine): string {
  return shortEnough(folder, 'earlid.sock', '.sock', machine);
}

/** Where a script reaches the free pins of a gate. */
export function firmataSocketPath(folder: string, gate: string, machine: Machine): string {
  return shortEnough(folder, `firmata-${gate}.sock`, `-${gate}.sock`, machine);
}

function shortEnough(folder: string, name: string, ending: string, { platform, uid }: Machine): string {
  const usual = join(folder, name);
  if (Buffer.byteLength(usual) <= longestSocket(platform)) return usual;
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return `/tmp/earlid-${uid}/${hash}${ending}`;
}

/** True when the socket had to leave its state folder. */
export function socketIsAway(socket: string, folder: string): boolean {
  return dirname(socket) !== folder;
}
