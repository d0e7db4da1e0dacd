import { resolve } from 'node:path';
import { EarlidError } from '../../schemas/errors.ts';
import type { Restored } from '../backup/restore.ts';
import { configFiles, socketPath } from '../daemon/places.ts';
import { type CommandContext, JSON_OPTION, print, printJson, type Register } from './command.ts';
import { ownState } from './own-state.ts';

interface Options {
  readonly config?: string;
  readonly replace?: true;
  readonly json?: true;
}

const HELP = `
The daemon must be stopped. A file that is damaged or no backup is refused
before anything is touched. What is there already and differs is only replaced
with --replace, and kept beside it under another name.

Grants do not come back; holds do. The id of a controller is not part of a
backup: a second computer that is started with it beside the first is another
controller, and gates that hear both are muted and say so.

Examples:
  $ systemctl --user stop earlid
  $ earlid restore earlid-2026-11-22.backup`;

/** `earlid restore <file>` */
export const registerRestore: Register = (program, context) => {
  program
    .command('restore')
    .description('put back what a backup holds')
    .argument('<file>')
    .option(
      '--config <file>',
      'where the configuration is to be; else where there is one, or the first of the usual places',
    )
    .option('--replace', 'replace what is there, and keep it under another name')
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action((file: string, options: Options) => restore(context, file, options));
};

async function restore({ io }: CommandContext, name: string, options: Options): Promise<void> {
  const [{ existsSync, statSync }, { readBackup, restoreBackup }, { takeFolder }, { machineRun }] =
    await Promise.all([
      import('node:fs'),
      import('../backup/restore.ts'),
      import('../daemon/state-folder.ts'),
      import('../daemon/clock.ts'),
    ]);
  const folder = ownState(io);
  const file = resolve(io.cwd, name);
  const archive = await readBackup(file);
  const places = configFiles(io, options.config);
  const config = places.find((place) => existsSync(place)) ?? places[0]!;
  const log = { warn: () => {} };
  const lock = await takeFolder({ folder, socket: socketPath(folder, io), machine: machineRun(), log }).catch(
    stopped,
  );
  try {
    const restored = await restoreBackup(archive, {
      file,
      config,
      folder,
      replace: options.replace === true,
      now: io.now(),
    });
    const madeAt = new Date(archive.madeAt).toISOString();
    const isOpen = (statSync(file).mode & 0o077) !== 0;
    if (options.json) return printJson(io, { file, madeAt, parts: restored });
    print(io, `from ${file}, made ${madeAt} by Earlid ${archive.version}:`);
    for (const part of restored) print(io, `  ${line(part)}`);
    print(io, 'next: `earlid start`, or start the service; `earlid doctor` looks at everything');
    if (isOpen && archive.parts.has('keys.json'))
      print(io, `Others may read ${file}, and the keys in it: \`chmod 600\` it.`);
  } finally {
    lock.release();
  }
}

/** What a person is told of a daemon that has the folder: it must be stopped first. */
function stopped(error: unknown): never {
  if (error instanceof EarlidError && error.code === 'second-daemon')
    throw new EarlidError('restore-running', { home: String(error.view.home), pid: String(error.view.pid) });
  throw error;
}

const line = ({ file, done, kept }: Restored): string =>
  done === 'same' ? `${file} was so already` : `${file}${kept === null ? '' : `; what was there is ${kept}`}`;
