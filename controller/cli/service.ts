import { existsSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StatusAnswer } from '../../schemas/api.ts';
import { EXIT } from '../../schemas/errors.ts';
import { SYSTEM_STATE, stateFolder, userConfigFolder } from '../daemon/places.ts';
import type { ServiceFacts } from '../doctor/facts.ts';
import type { NamedPort } from '../link/ports.ts';
import type { Needs } from '../service/needs.ts';
import type { MachineFacts } from '../service/plan.ts';
import type { ServiceOptions } from '../service/service.ts';
import type { ServiceKind, ServiceRole } from '../service/unit.ts';
import { type CommandContext, JSON_OPTION, print, printJson, type Register, usageError } from './command.ts';
import { CONFIG_OPTION, loadConfig } from './config-check.ts';
import type { Io } from './io.ts';
import { clockTime } from './words.ts';

/** Where programs that are installed for everybody lie. */
const ROOT_PATH = ['/usr/local/bin', '/usr/bin'];

interface Options {
  readonly user?: true;
  readonly system?: true;
  readonly bridge?: true;
  readonly config?: string;
  readonly json?: true;
}

const OPTIONS = [
  ['--user', 'your own service (the default, except for root)'],
  ['--system', 'a service of the machine, under an account of its own'],
  ['--bridge', 'the bridge of this computer in place of the daemon'],
] as const;

/** `earlid service install | remove | status` */
export const registerService: Register = (program, context) => {
  const group = program.command('service').description('run Earlid from boot on, kept by systemd');
  const add = (name: string, description: string, action: (options: Options) => Promise<void>) => {
    const command = group.command(name).description(description);
    for (const [flag, meaning] of OPTIONS) command.option(flag, meaning);
    return command.option(...JSON_OPTION).action(action);
  };
  add('install', 'install it, start it, and start it at every boot', (options) =>
    installService(context, options),
  ).option(...CONFIG_OPTION);
  add('remove', 'stop it, which mutes every gate, and delete what was installed', (options) =>
    removeService(context, options),
  );
  add('status', 'whether it is installed and runs', (options) => tellService(context, options));
};

async function installService(context: CommandContext, options: Options): Promise<void> {
  const { io } = context;
  const kind = kindOf(io, options);
  const role = roleOf(options);
  const { file, ports, needs } = await (role === 'bridge' ? bridgeOf : daemonOf)(io, options.config);
  const service = await serviceOf(context, kind, role, ['install', ...words(options)]);
  const { install, requireSystemd } = await import('../service/service.ts');
  await requireSystemd(service);
  if (kind === 'user') await service.machine.run('loginctl', ['enable-linger']);
  const { portFacts, readGroups } = await import('../service/port-facts.ts');
  const groups = await readGroups();
  const user = userInfo().username;
  const facts: MachineFacts = {
    kind,
    role,
    node: process.execPath,
    script: script(),
    config: realpathSync(file),
    home: homeOf(io, kind),
    user,
    ports: await Promise.all(ports.map(({ gate, path }) => portFacts(gate, path, groups))),
    groups: [...groups.names.values()],
    member: (process.getgroups?.() ?? []).flatMap((id) => groups.names.get(id) ?? []),
    modemManager: await service.machine.exists('/usr/sbin/ModemManager'),
    linger: await lingers(service),
    ...needs,
  };
  const { unit, wrote, state, left, log } = await install(service, facts);
  context.exit(state.running ? EXIT.done : EXIT.unproven);
  if (options.json)
    return printJson(io, { ok: state.running, kind, unit, wrote, ...viewOf(state), left, log });
  for (const path of wrote) print(io, `wrote ${path}`);
  const start = facts.kind === 'system' || facts.linger ? 'at every boot' : `when ${user} logs in`;
  print(io, state.running ? `it runs, and starts ${start}` : 'it does not run; it is tried again and again');
  for (const line of log) print(io, `  ${line}`);
  for (const { text, command } of left)
    print(io, [`! ${text}`, ...(command ? [`    ${command}`] : [])].join('\n'));
  for (const line of faces(kind, role)) print(io, line);
}

interface Asked {
  readonly file: string;
  readonly ports: readonly NamedPort[];
  readonly needs: Needs;
}

async function daemonOf(io: Io, option?: string): Promise<Asked> {
  const { file, config } = await loadConfig(io, option);
  const { needsOf } = await import('../service/needs.ts');
  const ports = config.gates.flatMap(({ name, link }) =>
    'serial' in link ? [{ gate: name, path: link.serial }] : [],
  );
  return { file, ports, needs: needsOf(config) };
}

async function bridgeOf(io: Io, option?: string): Promise<Asked> {
  const [{ loadBridge }, { filesOf }] = await Promise.all([
    import('./bridge.ts'),
    import('../service/needs.ts'),
  ]);
  const { file, config } = await loadBridge(io, option);
  const ports = config.gates.map(({ name, serial }) => ({ gate: name, path: serial }));
  return { file, ports, needs: { network: true, files: filesOf(config.mqtt), manyGates: false } };
}

async function removeService(context: CommandContext, options: Options): Promise<void> {
  const { io } = context;
  const kind = await installedKind(context, options);
  const role = roleOf(options);
  const service = await serviceOf(context, kind, role, ['remove', ...words(options)]);
  const { remove, requireSystemd } = await import('../service/service.ts');
  await requireSystemd(service);
  const removed = await remove(service);
  if (options.json) return printJson(io, { ok: true, kind, removed });
  if (removed.length === 0) return print(io, 'no service is installed');
  print(io, 'stopped; every gate was muted first');
  for (const path of removed) print(io, `deleted ${path}`);
  if (role === 'bridge') return print(io, 'left: bridge.yaml');
  print(io, `left: the configuration, and what Earlid recorded in ${homeOf(io, kind)}`);
  if (kind === 'system')
    print(io, '  they and the account go with: sudo deluser earlid; sudo rm -r /var/lib/earlid');
}

async function tellService(context: CommandContext, options: Options): Promise<void> {
  const { io } = context;
  const kind = await installedKind(context, options);
  const role = roleOf(options);
  const service = await serviceOf(context, kind, role, ['status', ...words(options)]);
  const { requireSystemd, state: stateOf } = await import('../service/service.ts');
  await requireSystemd({ ...service, uid: 0 });
  const state = await stateOf(service);
  const boots = state?.enabled === true && (kind === 'system' || (await lingers(service)));
  const next = nextStep(kind, role, state, boots);
  if (options.json)
    return printJson(io, {
      installed: state !== null,
      kind,
      unit: service.unit,
      ...viewOf(state),
      startsAtBoot: boots,
      next: next || null,
    });
  if (!state) return print(io, `no service is installed\n  ${next}`);
  const since =
    state.since === null ? '' : ` since ${clockTime(new Date(state.since).toISOString(), io.now())}`;
  const again = state.restarts > 0 ? `, started anew ${state.restarts} times` : '';
  print(io, `${kind} service ${service.unit}`);
  print(io, `  ${state.running ? `runs${since}${again}` : `does not run (${state.active})${again}`}`);
  print(io, `  ${boots ? 'starts' : 'does not start'} at boot`);
  if (next) print(io, `  ${next}`);
}

/** The script of the command line, also when this runs from the sources. */
function script(): string {
  const beside = fileURLToPath(new URL('./main.js', import.meta.url));
  return realpathSync(beside.replace(/(?<!\/dist)\/controller\/cli\//, '/dist/controller/cli/'));
}

function kindOf(io: Io, { user, system }: Options): ServiceKind {
  if (user && system) throw usageError('either --user or --system', 'service');
  return system || (!user && io.uid === 0) ? 'system' : 'user';
}

const roleOf = ({ bridge }: Options): ServiceRole => (bridge ? 'bridge' : 'daemon');

/** The kind named, else the one that is installed, else the default. */
async function installedKind(context: CommandContext, options: Options): Promise<ServiceKind> {
  const kind = kindOf(context.io, options);
  if (options.user || options.system) return kind;
  const other = kind === 'system' ? 'user' : 'system';
  const [own, foreign] = await Promise.all(
    [kind, other].map(async (each) => {
      const { machine, unit } = await serviceOf(context, each as ServiceKind, roleOf(options), []);
      return machine.exists(unit);
    }),
  );
  return !own && foreign ? other : kind;
}

const homeOf = (io: Io, kind: ServiceKind): string => (kind === 'system' ? SYSTEM_STATE : stateFolder(io));

async function serviceOf(
  { io }: CommandContext,
  kind: ServiceKind,
  role: ServiceRole,
  args: readonly string[],
): Promise<ServiceOptions> {
  const [{ thisMachine }, { unitPath }, { createClient }, { folderHolder }, { machineRun }] =
    await Promise.all([
      import('../service/machine.ts'),
      import('../service/plan.ts'),
      import('./client.ts'),
      import('../daemon/folder-lock.ts'),
      import('../daemon/clock.ts'),
    ]);
  const home = homeOf(io, kind);
  const client = createClient({ ...io, env: { ...io.env, EARLID_HOME: home } });
  return {
    machine: thisMachine,
    kind,
    role,
    unit: unitPath(kind, role, userConfigFolder(io)),
    uid: io.uid,
    again: ['sudo', ...earlidWords(), 'service', ...args].join(' '),
    daemon: async () => {
      const answered = await client.get<StatusAnswer>('/v1/status').catch(() => null);
      return answered && (folderHolder(home, machineRun())?.pid ?? null);
    },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/** How root calls this command line: by name where that is in root's path, which it is not in a clone. */
function earlidWords(): string[] {
  const isInPath = ROOT_PATH.some((folder) => existsSync(join(folder, 'earlid')));
  return isInPath ? ['earlid'] : [process.execPath, script()];
}

const words = ({ user, system, bridge, config }: Options): string[] => [
  ...(user ? ['--user'] : []),
  ...(system ? ['--system'] : []),
  ...(bridge ? ['--bridge'] : []),
  ...(config === undefined ? [] : ['--config', config]),
];

function viewOf(state: Awaited<ReturnType<typeof import('../service/service.ts').state>>) {
  if (!state) return { enabled: false, running: false, since: null, restarts: 0 };
  const { enabled, running, since, restarts } = state;
  return { enabled, running, since: since === null ? null : new Date(since).toISOString(), restarts };
}

function faces(kind: ServiceKind, role: ServiceRole): string[] {
  const sudo = kind === 'system' ? `sudo ${earlidWords().join(' ')}` : 'earlid';
  const log = `its log:   ${logCommand(kind, role)} -f`;
  return role === 'bridge' ? [log] : [log, `its gates: ${sudo} status`];
}

function nextStep(
  kind: ServiceKind,
  role: ServiceRole,
  state: { readonly enabled: boolean; readonly running: boolean } | null,
  boots: boolean,
): string {
  const sudo = kind === 'system' ? `sudo ${earlidWords().join(' ')}` : 'earlid';
  const install = `${sudo} service install${role === 'bridge' ? ' --bridge' : ''}`;
  if (!state) return `\`${install}\` installs it`;
  if (!state.running) return `why: ${logCommand(kind, role)} -n 50`;
  if (boots) return '';
  return state.enabled
    ? `\`sudo loginctl enable-linger ${userInfo().username}\` lets it start at boot`
    : `\`${install}\` lets it start at boot`;
}

/** Whether the services of this user start at boot. */
const lingers = ({ machine }: ServiceOptions): Promise<boolean> =>
  machine.exists(`/var/lib/systemd/linger/${userInfo().username}`);

function logCommand(kind: ServiceKind, role: ServiceRole): string {
  const unit = role === 'bridge' ? 'earlid-bridge' : 'earlid';
  return kind === 'system' ? `sudo journalctl -u ${unit}` : `journalctl --user-unit ${unit}`;
}

/** The service that is installed, for the doctor: null without systemd. */
export async function serviceFacts(context: CommandContext): Promise<ServiceFacts | 'none' | null> {
  const kind = await installedKind(context, {});
  const service = await serviceOf(context, kind, 'daemon', []);
  if (!(await service.machine.exists('/run/systemd/system'))) return null;
  const { state: stateOf } = await import('../service/service.ts');
  // A user without a systemd of its own (through su) has no service either.
  const state = await stateOf(service).catch(() => null);
  if (!state) return 'none';
  const { running, enabled } = state;
  return { kind, running, enabled: enabled && (kind === 'system' || (await lingers(service))) };
}
