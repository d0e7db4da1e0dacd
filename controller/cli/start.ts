import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogForm, type LogLevel } from '../daemon/log.ts';
import type { CommandContext } from './command.ts';
import { CONFIG_OPTION, loadConfig } from './config-check.ts';
import type { Io } from './io.ts';

interface Options {
  readonly config?: string;
  readonly logLevel: LogLevel;
  readonly testClock?: string;
}

/** `--log-level`, also from the environment. */
export function logLevelOption(standard: LogLevel): Option {
  return new Option('--log-level <level>', 'least of what is logged')
    .choices(LOG_LEVELS)
    .default(standard)
    .env('EARLID_LOG_LEVEL');
}

/** Started by systemd, the error output leads to the journal, which notes times itself. */
export function logForm(io: Io): LogForm {
  return io.env.JOURNAL_STREAM && !io.err.isTTY ? 'journal' : 'plain';
}

/** `earlid start` */
export const registerStart = (program: Command, context: CommandContext): void => {
  program
    .command('start')
    .description('run the daemon in the foreground with the gates of earlid.yaml')
    .option(...CONFIG_OPTION)
    .addOption(logLevelOption('info'))
    .option('--test-clock <file>', 'emulated gates only: go by the instant in this file')
    .action(async ({ config: file, logLevel, testClock }: Options) => {
      const { io } = context;
      const test = testClock === undefined ? null : await import('./test-clock.ts');
      const clock = test?.openTestClock(resolve(io.cwd, testClock!));
      const { config, ...source } = await loadConfig(
        clock ? { ...io, now: () => clock.now().wall } : io,
        file,
      );
      const { serve } = await import('./serve.ts');
      const sink = (line: string) => io.err.write(`${line}\n`);
      const parts = clock && test?.partsOn(clock, config);
      const parse = (bytes: Uint8Array) => {
        const changed = source.parse(bytes);
        if (clock) test?.partsOn(clock, changed);
        return changed;
      };
      context.exit(
        await serve(io, {
          config,
          source: { ...source, parse },
          level: logLevel,
          form: logForm(io),
          sink,
          ...(parts && { parts }),
        }),
      );
    });
};
