import type { BoardView, DiagnosisAnswer, DiagnosisView } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { socketPath, stateFolder } from '../daemon/places.ts';
import type { NamedPort } from '../link/ports.ts';
import type { SurveyedPort } from '../link/survey.ts';
import { type CommandContext, JSON_OPTION, print, printJson, type Register } from './command.ts';
import { CONFIG_OPTION, loadConfig } from './config-check.ts';
import type { KnownGate } from './flash-targets.ts';
import type { Io } from './io.ts';
import { answerWords } from './port-words.ts';

interface Options {
  readonly config?: string | undefined;
  readonly probe: boolean;
  readonly json?: true;
}

/** One port in `ports --json`. */
export interface PortView {
  readonly path: string;
  readonly device: string | null;
  readonly gate: string | null;
  readonly holders: readonly { readonly pid: number; readonly program: string; readonly daemon: boolean }[];
  /** `kind` says what answers; what else there is depends on it. */
  readonly answer: SurveyedPort['answer'] | { readonly kind: 'daemon'; readonly board: BoardView | null };
  readonly advice: string | null;
}

const HELP = `
What answers is found out by opening the port and saying hello, which resets
many boards: a board that is reset mutes its speaker. A port that a program has
open is left alone; \`--no-probe\` leaves all alone.
$EARLID_DEV is the folder looked in instead of /dev, for emulated boards:
  $ earlid bench run --product uno-relay --pty $EARLID_DEV/serial/by-id/usb-uno`;

/** `earlid ports` */
export const registerPorts: Register = (program, context) => {
  program
    .command('ports')
    .description('the boards at this computer, who holds them and what answers there')
    .option('--no-probe', 'open no port')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async ({ config, probe, json }: Options) => {
      const views = await portViews(context, await namedPorts(context.io, config), probe);
      if (json) return printJson(context.io, views);
      if (views.length === 0)
        print(context.io, 'no board found: plug one in, with a cable that carries data');
      for (const view of views) print(context.io, lines(view).join('\n'));
    });
};

/** Every port of this computer, and those that the gates of a configuration name. */
export async function portViews(
  context: CommandContext,
  named: readonly NamedPort[],
  probe: boolean,
): Promise<PortView[]> {
  const { io } = context;
  const folder = stateFolder(io);
  const [{ listPorts, portPlaces }, { surveyPort }, { serialLink }, { systemClock }, { controllerId }] =
    await Promise.all([
      import('../link/ports.ts'),
      import('../link/survey.ts'),
      import('../link/serial.ts'),
      import('../link/clock.ts'),
      import('../daemon/controller-id.ts'),
    ]);
  const ports = await listPorts(portPlaces(io), named);
  const { id } = await controllerId(folder);
  const surveyed = await Promise.all(
    ports.map((port) =>
      surveyPort(port, { ask: probe, clock: systemClock, controllerId: id, linkTo: serialLink }),
    ),
  );
  const daemon = await runningDaemon(context);
  return Promise.all(surveyed.map((port) => viewOf(port, daemon)));
}

/** The serial gates of the configuration; none when there is no configuration. One that is wrong is an error. */
async function namedPorts(io: Io, config?: string): Promise<NamedPort[]> {
  const gates = await configuredGates(io, config);
  return gates.flatMap(({ gate, path }) => (path === null ? [] : [{ gate, path }]));
}

async function configuredGates(
  io: Io,
  config?: string,
): Promise<{ readonly gate: string; readonly path: string | null }[]> {
  try {
    const loaded = await loadConfig(io, config);
    return loaded.config.gates.map(({ name, link }) => ({
      gate: name,
      path: 'serial' in link ? link.serial : null,
    }));
  } catch (error) {
    if (error instanceof EarlidError && error.code === 'config-missing' && config === undefined) return [];
    throw error;
  }
}

/** Every gate that the running daemon or the configuration knows, with what is behind its path. */
export async function knownGates(context: CommandContext, config?: string): Promise<KnownGate[]> {
  const [daemon, { deviceOf }] = await Promise.all([runningDaemon(context), import('../link/ports.ts')]);
  const fromDaemon = (daemon?.gates ?? []).map(({ gate, port, board, link }) => ({
    gate,
    path: port,
    byDaemon: port !== null,
    board: link === 'up' ? board : null,
  }));
  const fromConfig = (await configuredGates(context.io, config))
    .filter(({ gate }) => !fromDaemon.some((known) => known.gate === gate))
    .map((known) => ({ ...known, byDaemon: false, board: null }));
  const known = [...fromDaemon, ...fromConfig];
  return Promise.all(
    known.map(async (gate) => ({ ...gate, device: gate.path === null ? null : await deviceOf(gate.path) })),
  );
}

export interface RunningDaemon {
  readonly pid: number;
  readonly gates: readonly DiagnosisView[];
}

/** The daemon on the state folder of this command, null when none answers. */
export async function runningDaemon({ io, client }: CommandContext): Promise<RunningDaemon | null> {
  const { existsSync } = await import('node:fs');
  const folder = stateFolder(io);
  if (!existsSync(socketPath(folder, io))) return null;
  const [{ folderHolder }, { machineRun }] = await Promise.all([
    import('../daemon/folder-lock.ts'),
    import('../daemon/clock.ts'),
  ]);
  try {
    const { gates } = await (await client()).get<DiagnosisAnswer>('/v1/diagnosis');
    return { pid: folderHolder(folder, machineRun())?.pid ?? 0, gates };
  } catch {
    // A socket that nobody listens at, or the daemon of somebody else: its ports are named as held.
    return null;
  }
}

async function viewOf(port: SurveyedPort, daemon: RunningDaemon | null): Promise<PortView> {
  const { path, device, gate, advice } = port;
  const holders = port.holders.map((holder) => ({ ...holder, daemon: holder.pid === daemon?.pid }));
  const ours = holders.some((holder) => holder.daemon) ? await gateAt(daemon, device) : null;
  return {
    path,
    device,
    gate: ours?.gate ?? gate,
    holders,
    answer: ours ? { kind: 'daemon', board: ours.board } : port.answer,
    advice,
  };
}

async function gateAt(daemon: RunningDaemon | null, device: string | null): Promise<DiagnosisView | null> {
  const { deviceOf } = await import('../link/ports.ts');
  for (const gate of daemon?.gates ?? [])
    if (gate.port !== null && (await deviceOf(gate.port)) === device) return gate;
  return null;
}

function lines(view: PortView): string[] {
  const { path, device, gate, holders, advice } = view;
  const leads = device === null || device === path ? '' : ` -> ${device}`;
  const others = holders
    .filter(({ daemon }) => !daemon)
    .map(({ pid, program }) => `process ${pid} (${program})`);
  return [
    `${path}${leads}`,
    `  ${gate === null ? '' : `gate ${gate}: `}${answerWords(view.answer)}`,
    ...(holders.some(({ daemon }) => daemon) ? ['  held by the Earlid daemon'] : []),
    ...(others.length > 0 ? [`  held by ${others.join(' and ')}, so it was not asked`] : []),
    ...(advice === null ? [] : [`  ${advice}`]),
  ];
}
