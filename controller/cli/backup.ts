import { resolve } from 'node:path';
import { EarlidError } from '../../schemas/errors.ts';
import { type CommandContext, JSON_OPTION, print, printJson, type Register } from './command.ts';
import { CONFIG_OPTION, configPlace } from './config-check.ts';
import { ownState } from './own-state.ts';
import { version } from './version.ts';

interface Options {
  readonly config?: string;
  readonly json?: true;
}

const HELP = `
In it are the configuration, the keys of the gates, holds, what \`earlid verify\`
has found, and the record of events. Not in it: files that the configuration
names (calendars, passwords, certificates), presence set by hand, and the id of
this controller. Whoever has the file can open the gates: it is for its owner
alone (mode 0600), so keep it so.

The daemon may run meanwhile. A file that is there already is left alone.

Examples:
  $ earlid backup earlid-2026-11-22.backup`;

/** `earlid backup <file>` */
export const registerBackup: Register = (program, context) => {
  program
    .command('backup')
    .description('keep configuration, keys, holds and record in one file')
    .argument('<file>')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action((file: string, options: Options) => backup(context, file, options));
};

async function backup({ io }: CommandContext, name: string, { config, json }: Options): Promise<void> {
  const [{ existsSync }, { makeBackup }] = await Promise.all([
    import('node:fs'),
    import('../backup/backup.ts'),
  ]);
  const file = resolve(io.cwd, name);
  if (existsSync(file)) throw new EarlidError('backup-exists', { file }, { file });
  const { parts, madeAt } = await makeBackup({
    file,
    config: configPlace(io, config),
    folder: ownState(io),
    version: version(),
    now: io.now(),
  });
  const names = [...parts.keys()];
  if (json) return printJson(io, { file, madeAt: new Date(madeAt).toISOString(), parts: names });
  print(io, `written: ${file}`);
  print(io, `  in it: ${names.join(', ')}`);
  if (parts.has('keys.json'))
    print(io, '  Whoever has it can open the gates: keep it where only you can read it.');
}
