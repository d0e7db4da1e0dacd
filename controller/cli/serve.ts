/** Runs a daemon in this process until it is asked to end. */
import type { Config } from '../../schemas/config.ts';
import { EXIT } from '../../schemas/errors.ts';
import type { ConfigSource } from '../daemon/config-follower.ts';
import { Daemon, type DaemonOptions } from '../daemon/daemon.ts';
import { createHardware } from '../daemon/hardware.ts';
import { createLog, type LogForm, type LogLevel } from '../daemon/log.ts';
import { socketPath, stateFolder } from '../daemon/places.ts';
import { createGate } from '../gate/session.ts';
import { awaitEnding } from './ending.ts';
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
  const { ended, hasFailed } = awaitEnding(io, {
    log,
    farewell: 'muting every gate, then stopping',
    onHangup: (end) => {
      if (options.endsWithTerminal) return end();
      log.info('SIGHUP: looking at the configuration');
      void daemon.service.reload();
    },
  });
  const over = options.endsWithTerminal
    ? Promise.race([ended, new Promise<void>((resolve) => io.out.onLost(resolve))])
    : ended;
  await daemon.start();
  let finish: (() => void) | undefined;
  try {
    finish = await options.running?.(daemon);
    await over;
  } finally {
    await daemon.stop();
  }
  finish?.();
  return hasFailed() ? EXIT.internal : EXIT.done;
}
