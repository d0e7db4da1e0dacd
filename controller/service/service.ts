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
  SYSUSERS,
  stepsLeft,
  UDEV_RULES,
  UNIT,
} from './plan.ts';
import { MARKER, type ServiceKind } from './unit.ts';

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
const LOG_LINES = 5;
const UNPRINTABLE = /\p{Cc}/u;
/** npx deletes what it keeps here when it likes. */
const PASSING = /\/_npx\//;

export interface ServiceOptions {
  readonly machine: Machine;
  readonly kind: ServiceKind;
  readonly unit: string;
  readonly uid: number;
  /** This command line again, for hints. */
  readonly again: string;
  /** The process of the daemon that answers on the state folder of the service; null: none does. */
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
  const { machine, kind, unit } = options;
  checkPlaces(facts);
  const files = plannedFiles(facts, unit);
  for (const { path } of files) await checkOurs(machine, path);
  const wrote: string[] = [];
  for (const file of files) if (await writeIfNew(machine, file)) wrote.push(file.path);
  if (kind === 'system') {
    await tool(machine, 'systemd-sysusers', SYSUSERS);
    if (wrote.includes(UDEV_RULES)) await machine.run('udevadm', ['control', '--reload']);
  }
  const manager = new Manager(machine, kind);
  await manager.do('daemon-reload');
  await manager.do('enable', UNIT);
  await manager.do('restart', UNIT);
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
  const { machine, kind, unit } = options;
  const files = [unit, ...(kind === 'system' ? [UDEV_RULES, SYSUSERS] : [])];
  if (!(await machine.exists(unit))) return [];
  await checkOurs(machine, unit);
  const manager = new Manager(machine, kind);
  await manager.do('disable', '--now', UNIT);
  const removed: string[] = [];
  for (const path of files) {
    if (!(await isOurs(machine, path))) continue;
    await machine.remove(path);
    removed.push(path);
  }
  await manager.do('daemon-reload');
  if (removed.includes(UDEV_RULES)) await machine.run('udevadm', ['control', '--reload']);
  return removed;
}

/** Null when there is no unit. */
export async function state({ machine, kind, unit }: ServiceOptions): Promise<ServiceState | null> {
  return (await machine.exists(unit)) ? new Manager(machine, kind).state() : null;
}

function checkPlaces({ kind, node, script, config, home, files }: MachineFacts): void {
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
      remedy: `\`sudo install -D -m 644 ${config} /etc/earlid/earlid.yaml\`, then install with \`--config /etc/earlid/earlid.yaml\`.`,
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
async function settled({ sleep, daemon }: ServiceOptions, manager: Manager): Promise<ServiceState> {
  let now = await manager.state();
  for (let waited = 0; waited < SETTLE_MS; waited += LOOK_MS) {
    // Another daemon may answer, one started by hand, for which this one cannot start.
    const running = now.running && now.pid === (await daemon());
    if (running) return now;
    await sleep(LOOK_MS);
    now = await manager.state();
  }
  return { ...now, running: false, since: null };
}
