/** How a process that runs for long is ended: by a signal, by something unexpected, or with its terminal. */
import type { Log } from '../daemon/log.ts';
import type { Io } from './io.ts';

export interface EndingOptions {
  readonly log: Log;
  /** What is done then, in a few words. */
  readonly farewell: string;
  /** A SIGHUP; `end` ends it. */
  readonly onHangup: (end: () => void) => void;
}

export interface Ending {
  readonly ended: Promise<void>;
  /** Something unexpected ended it. */
  readonly hasFailed: () => boolean;
}

/** From now on none of them ends the process by itself: gates are muted first. */
export function awaitEnding(io: Io, { log, farewell, onHangup }: EndingOptions): Ending {
  io.outliveOutputs();
  let failed = false;
  const ended = new Promise<void>((resolve) => {
    // The mutes go first, whatever becomes of the log.
    const end = (say: () => void) => {
      resolve();
      setImmediate(say);
    };
    io.onEnd((signal) => end(() => log.info(`${signal}: ${farewell}`)));
    // Nothing else may keep the gates from being muted; their leases end all the same if this fails too.
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      process.on(event, (error) => {
        // What fails on the way out must not begin it anew.
        if (failed) return;
        failed = true;
        end(() => log.error(`unexpected: ${String((error as Error)?.stack ?? error)}`));
      });
    process.on('SIGHUP', () => onHangup(resolve));
  });
  return { ended, hasFailed: () => failed };
}
