/** Runs a daemon in this process until it is asked to end. */
import type { Config } from '../../schemas/config.ts';
import { EXIT } from '../../schemas/errors.ts';
import type { ConfigSource } from '../daemon/config-follower.ts';
import { Daemon, type DaemonOptions } from '../daemon/daemon.ts';
import { createHardware } from '../daemon/hardware.ts';
import { createLog, type LogForm, type LogLevel } from '../daemon/log.ts';
import { socketPath, stateFolder } from '../daemon/places.ts';
import { createGate } from '../gate/session.ts';
import type { Io } from './io.ts';
import { version } from './version.ts';

export interface ServeOptions {
  readonly config: Config;
  /** The file it was read from, to be followed. */
  readonly source?: ConfigSource;
  readonly level: LogLevel;
  readonly form?: LogForm;
  readonly sink: (line: string) => void;
  /** What the daemon is made of, where that is not the usual. */
  readonly parts?: Partial<Pick<DaemonOptions, 'clock' | 'createGate' | 'createHardware'>>;
  /** Closing the terminal, or whatever reads the output, ends it as well. */
  readonly endsWithTerminal?: boolean;
  /** Called once the daemon runs; returns what ends with it. */
  readonly running?: (daemon: Daemon) => (() => void) | Promise<() => void>;
}

/** Resolves with the exit code after everything has stopped; throws when the daemon cannot start. */
export async function serve(io: Io, options: ServeOptions): Promise<number> {
  const { clock } = options.parts ?? {};
  const log = createLog({
    level: options.level,
    form: options.form ?? 'plain',
    sink: options.sink,
    ...(clock && { now: () => clock.now().wall }),
  });
  const folder = stateFolder(io);
  const daemon = new Daemon({
    config: options.config,
    folder,
    socket: socketPath(folder, io),
    log,
    createGate,
    createHardware,
    version: version(),
    ...(options.source && { source: options.source }),
    ...options.parts,
  });
  io.outliveOutputs();
  let failed = false;
  const ended = new Promise<void>((resolve) => {
    // The mutes go first, whatever becomes of the log.
    const end = (say: () => void) => {
      resolve();
      setImmediate(say);
    };
    io.onEnd((signal) => end(() => log.info(`${signal}: muting every gate, then stopping`)));
    // Nothing else may keep the gates from being muted; their leases end all the same if this fails too.
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      process.on(event, (error) => {
        // What fails on the way out must not begin it anew.
        if (failed) return;
        failed = true;
        end(() => log.error(`unexpected: ${String((error as Error)?.stack ?? error)}`));
      });
    process.on('SIGHUP', () => {
      if (options.endsWithTerminal) resolve();
      else {
        log.info('SIGHUP: looking at the configuration');
        void daemon.service.reload();
      }
    });
    if (options.endsWithTerminal) io.out.onLost(resolve);
  });
  await daemon.start();
  let finish: (() => void) | undefined;
  try {
    finish = await options.running?.(daemon);
    await ended;
  } finally {
    await daemon.stop();
  }
  finish?.();
  return failed ? EXIT.internal : EXIT.done;
}
