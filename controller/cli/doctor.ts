import { userInfo } from 'node:os';
import type { DiagnosisAnswer, DiagnosisView } from '../../schemas/api.ts';
import type { Config } from '../../schemas/config.ts';
import { type ErrorView, EXIT } from '../../schemas/errors.ts';
import { gateNamed } from '../config/nearest.ts';
import { SYSTEM_STATE, stateFolder } from '../daemon/places.ts';
import type { Facts, GateFacts } from '../doctor/facts.ts';
import { type CommandContext, JSON_OPTION, print, printJson, type Register, viewOf } from './command.ts';
import { CONFIG_OPTION, loadConfig } from './config-check.ts';
import { useColour } from './io.ts';
import { serviceFacts } from './service.ts';

interface Options {
  readonly config?: string;
  readonly json?: true;
}

const HELP = `
With a daemon running it is asked, and no port is touched. Without one the
ports of the configuration are opened to say hello, unless somebody else has
them open; that resets many boards, which mutes their speakers, and a silent
one takes 8 s. The broker and Home Assistant are visited in either case: no
command is taken there, and nothing is written that acts.

Exit codes: 0 nothing is wrong, 1 something is.`;

/** Something is wrong. */
const EXIT_WRONG = 1;

/** `earlid doctor [gate]` */
export const registerDoctor: Register = (program, context) => {
  program
    .command('doctor')
    .description('find out what is wrong, with the next step for each thing')
    .argument('[gate]')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (gate: string | undefined, { config, json }: Options) => {
      const { io } = context;
      const facts = await collect(context, gate, config);
      const [{ judge }, { page }] = await Promise.all([
        import('../doctor/judge.ts'),
        import('../doctor/page.ts'),
      ]);
      const checks = judge(facts);
      const ok = checks.every(({ status }) => status !== 'bad');
      context.exit(ok ? EXIT.done : EXIT_WRONG);
      if (json) return printJson(io, { ok, checks });
      // A file or another program gets whole lines.
      const width = io.out.isTTY ? io.out.columns : Number.POSITIVE_INFINITY;
      for (const line of page(checks, width, useColour(io))) print(io, line);
    });
};

async function collect(context: CommandContext, only?: string, option?: string): Promise<Facts> {
  const { io } = context;
  const folder = stateFolder(io);
  const [found, { isSynchronised }] = await Promise.all([
    import('../doctor/collect.ts'),
    import('../daemon/clock-source.ts'),
  ]);
  const [config, running, state, freeBytes, clockSynchronised, avrdude, service] = await Promise.all([
    configFacts(context, option),
    runningDaemon(context, folder),
    found.stateFacts(folder, io.uid),
    found.freeBytes(folder),
    isSynchronised(),
    found.avrdudeVersion(),
    serviceFacts(context),
  ]);
  const user = folder === SYSTEM_STATE ? 'earlid' : userInfo().username;
  const [network, gates] = await Promise.all([
    networkFacts(running, config.config),
    gateFacts(context, { folder, user, only, running, config: config.config }),
  ]);
  return {
    node: process.versions.node,
    user,
    config: config.facts,
    state,
    freeBytes,
    clockSynchronised,
    daemon:
      running && ('error' in running ? running : { pid: running.pid, problems: running.answer.problems }),
    service,
    avrdude,
    ...network,
    gates,
  };
}

interface Running {
  readonly pid: number;
  readonly answer: DiagnosisAnswer;
}

/** Who a daemon cannot be asked for may not be visited as it does. */
async function networkFacts(
  running: Running | { readonly error: ErrorView } | null,
  config: Config | null,
): Promise<Pick<Facts, 'broker' | 'homeAssistant'>> {
  const isNamed = config !== null && (config.mqtt !== null || config.homeassistant !== null);
  if (!isNamed || (running && 'error' in running)) return { broker: null, homeAssistant: null };
  const [found, { systemClock }] = await Promise.all([
    import('../doctor/network.ts'),
    import('../link/clock.ts'),
  ]);
  return found.networkFacts(config, running?.answer.problems ?? null, systemClock);
}

async function gateFacts(
  { io }: CommandContext,
  around: {
    readonly folder: string;
    readonly user: string;
    readonly only: string | undefined;
    readonly running: Running | { readonly error: ErrorView } | null;
    readonly config: Config | null;
  },
): Promise<GateFacts[]> {
  const { folder, user, only, running, config } = around;
  const [{ gateFromDaemon, gateFromPort }, { portPlaces }] = await Promise.all([
    import('../doctor/collect.ts'),
    import('../link/ports.ts'),
  ]);
  const places = portPlaces(io);
  if (running && 'answer' in running) {
    const chosen = choose(running.answer.gates, ({ gate }: DiagnosisView) => gate, only);
    return Promise.all(chosen.map((view) => gateFromDaemon(view, running.pid, user, places)));
  }
  // Of a daemon that cannot be asked, the ports are not for us to judge.
  if (running || !config) return [];
  const chosen = choose(config.gates, ({ name }) => name, only);
  if (io.err.isTTY) io.err.write(`asking ${chosen.map(({ name }) => name).join(', ')}\n`);
  return Promise.all(chosen.map(({ name, link }) => gateFromPort(name, link, folder, user, places)));
}

/** All of them, or the one that was named; throws `no-such-gate`. */
function choose<T>(all: readonly T[], nameOf: (each: T) => string, only?: string): readonly T[] {
  return only === undefined ? all : [gateNamed(only, all, nameOf)];
}

async function configFacts(
  { io }: CommandContext,
  option?: string,
): Promise<{ readonly config: Config | null; readonly facts: Facts['config'] }> {
  try {
    const { file, config } = await loadConfig(io, option);
    return { config, facts: { file, gates: config.gates.map(({ name }) => name) } };
  } catch (error) {
    const { view } = viewOf(error);
    if (view.code === 'internal') throw error;
    return { config: null, facts: { error: view } };
  }
}

/** Null when no daemon answers; an error when there is one that this user may not ask, or that hangs. */
async function runningDaemon(
  context: CommandContext,
  folder: string,
): Promise<Running | { readonly error: ErrorView } | null> {
  try {
    const answer = await (await context.client()).get<DiagnosisAnswer>('/v1/diagnosis');
    const [{ folderHolder }, { machineRun }] = await Promise.all([
      import('../daemon/folder-lock.ts'),
      import('../daemon/clock.ts'),
    ]);
    return { pid: folderHolder(folder, machineRun())?.pid ?? 0, answer };
  } catch (error) {
    const { view } = viewOf(error);
    return view.code === 'no-daemon' ? null : { error: view };
  }
}
