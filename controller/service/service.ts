/** Installs, removes and describes the service. What is written and said is planned in `plan.ts`. */
import { EarlidError } from '../../schemas/errors.ts';
import type { Machine } from './machine.ts';
import { failed, Manager, type ServiceState } from './manager.ts';
import {
  isHidden,
  type MachineFacts,
  type PlannedFile,
  plannedFiles,
  type Step,
  stepsLeft,
  sysusersPath,
  udevRulesPath,
} from './plan.ts';
import { MARKER, type ServiceKind, type ServiceRole } from './unit.ts';

export interface Installed {
  readonly unit: string;
  /** Files that are new or have changed. */
  readonly wrote: readonly string[];
  readonly state: ServiceState;
  readonly left: readonly Step[];
  /** What it said last, when it does not run. */
  readonly log: readonly string[];
}

/** How long a service that was started may take until it stays. */
const SETTLE_MS = 5_000;
const LOOK_MS = 250;
/** A bridge whose file is wrong ends within this time. */
const STAYS_MS = 1_500;
const LOG_LINES = 5;
const UNPRINTABLE = /\p{Cc}/u;
/** npx deletes what it keeps here when it likes. */
const PASSING = /\/_npx\//;

export interface ServiceOptions {
  readonly machine: Machine;
  readonly kind: ServiceKind;
  readonly role: ServiceRole;
  readonly unit: string;
  readonly uid: number;
  /** This command line again, for hints. */
  readonly again: string;
  /** The process of the daemon that answers on the state folder of the service; null: none does. A bridge answers nobody. */
  readonly daemon: () => Promise<number | null>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Throws `no-systemd` or `service-needs-root` where nothing can be installed or removed. */
export async function requireSystemd({ machine, kind, uid, again }: ServiceOptions): Promise<void> {
  if (!(await machine.exists('/run/systemd/system'))) throw new EarlidError('no-systemd');
  if (kind === 'system' && uid !== 0)
    throw new EarlidError('service-needs-root', { command: again }, { command: again });
}

/** Writes the files, enables and starts the service (anew, if it ran). Throws an `EarlidError` before it changes anything it should not. */
export async function install(options: ServiceOptions, facts: MachineFacts): Promise<Installed> {
  const { machine, kind, role, unit } = options;
  checkPlaces(facts);
  const files = plannedFiles(facts, unit);
  for (const { path } of files) await checkOurs(machine, path);
  const wrote: string[] = [];
  for (const file of files) if (await writeIfNew(machine, file)) wrote.push(file.path);
  if (kind === 'system') {
    await tool(machine, 'systemd-sysusers', sysusersPath(role));
    if (wrote.includes(udevRulesPath(role))) await machine.run('udevadm', ['control', '--reload']);
  }
  const manager = new Manager(machine, kind, role);
  await manager.do('daemon-reload');
  await manager.unit('enable');
  await manager.unit('restart');
  const state = await settled(options, manager);
  return {
    unit,
    wrote,
    state,
    left: stepsLeft(facts),
    log: state.running ? [] : await manager.log(LOG_LINES),
  };
}

/** Stops the service, which mutes, and deletes what `install` wrote. Returns the deleted files; none: nothing was installed. */
export async function remove(options: ServiceOptions): Promise<string[]> {
  const { machine, kind, role, unit } = options;
  const files = [unit, ...(kind === 'system' ? [udevRulesPath(role), sysusersPath(role)] : [])];
  if (!(await machine.exists(unit))) return [];
  await checkOurs(machine, unit);
  const manager = new Manager(machine, kind, role);
  await manager.unit('disable', '--now');
  const removed: string[] = [];
  for (const path of files) {
    if (!(await isOurs(machine, path))) continue;
    await machine.remove(path);
    removed.push(path);
  }
  await manager.do('daemon-reload');
  if (removed.includes(udevRulesPath(role))) await machine.run('udevadm', ['control', '--reload']);
  return removed;
}

/** Null when there is no unit. */
export async function state({ machine, kind, role, unit }: ServiceOptions): Promise<ServiceState | null> {
  return (await machine.exists(unit)) ? new Manager(machine, kind, role).state() : null;
}

function checkPlaces({ kind, role, node, script, config, home, files }: MachineFacts): void {
  const place = role === 'daemon' ? '/etc/earlid/earlid.yaml' : '/etc/earlid/bridge.yaml';
  for (const path of [node, script, config, home])
    if (UNPRINTABLE.test(path))
      throw new EarlidError('service-place', {
        what: JSON.stringify(path),
        detail: 'a path with a line break or another control character would say something else in a unit',
        remedy: 'Give it a plain name.',
      });
  if (PASSING.test(script))
    throw new EarlidError('service-place', {
      what: script,
      detail: 'npx deletes it when it likes',
      remedy: 'Install Earlid for good (`npm install -g earlid`), then run its `earlid service install`.',
    });
  if (kind === 'system' && isHidden(config))
    throw new EarlidError('service-place', {
      what: config,
      detail: 'a system service sees no home folders and no temporary ones',
      remedy: `\`sudo install -D -m 644 ${config} ${place}\`, then install with \`--config ${place}\`.`,
    });
  const hidden = kind === 'system' ? files.find(isHidden) : undefined;
  if (hidden !== undefined)
    throw new EarlidError('service-place', {
      what: hidden,
      detail: 'a system service sees no home folders and no temporary ones',
      remedy:
        'Move it to /etc/earlid, name it so in the configuration, and let the account `earlid` read it.',
    });
}

async function checkOurs(machine: Machine, path: string): Promise<void> {
  const foreign = (await machine.exists(path)) && !(await isOurs(machine, path));
  if (foreign) throw new EarlidError('service-foreign', { path }, { path });
}

const isOurs = async (machine: Machine, path: string): Promise<boolean> =>
  (await machine.read(path))?.startsWith(MARKER) === true;

async function writeIfNew(machine: Machine, { path, content }: PlannedFile): Promise<boolean> {
  if ((await machine.read(path)) === content) return false;
  await machine.write(path, content);
  return true;
}

async function tool(machine: Machine, program: string, ...args: string[]): Promise<void> {
  const ran = await machine.run(program, args);
  if (ran.code !== 0) throw failed([program, ...args].join(' '), ran);
}

/** The state once its daemon answers, or after a while: a service that fails is started again and again. */
async function settled({ sleep, daemon, role }: ServiceOptions, manager: Manager): Promise<ServiceState> {
  let now = await manager.state();
  let stayedMs = 0;
  for (let waited = 0; waited < SETTLE_MS; waited += LOOK_MS) {
    // Another daemon may answer, one started by hand, for which this one cannot start. A bridge answers nobody.
    const running = role === 'bridge' ? stayedMs >= STAYS_MS : now.running && now.pid === (await daemon());
    if (running) return now;
    await sleep(LOOK_MS);
    const { pid } = now;
    now = await manager.state();
    stayedMs = now.running && now.pid === pid ? stayedMs + LOOK_MS : 0;
  }
  return { ...now, running: false, since: null };
}
