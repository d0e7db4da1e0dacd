/** The gates that a command can know of: those of the running daemon, and those of the configuration. */
import type { BoardView, DiagnosisAnswer, DiagnosisView } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { socketPath, stateFolder } from '../daemon/places.ts';
import type { CommandContext } from './command.ts';
import { loadConfig } from './config-check.ts';
import type { Io } from './io.ts';

/** A gate that can be asked for by name. */
export interface KnownGate {
  readonly gate: string;
  /** Null for an emulated one. */
  readonly path: string | null;
  /** The device behind the path; null when nothing is there. */
  readonly device: string | null;
  /** The daemon holds its port. */
  readonly byDaemon: boolean;
  /** What its board has told the daemon; null where the daemon does not hear it. */
  readonly board: BoardView | null;
}

/** Gates of the configuration, with their paths where they are serial; none when there is no configuration. One that is wrong is an error. */
export async function configuredGates(
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
