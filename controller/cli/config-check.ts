import { existsSync } from 'node:fs';
import { EarlidError } from '../../schemas/errors.ts';
import { configFiles } from '../daemon/places.ts';
import { JSON_OPTION, print, printJson, type Register } from './command.ts';
import type { Io } from './io.ts';

/** `earlid config check [file]` */
export const registerConfig: Register = (program, context) => {
  const group = program.command('config').description('the configuration');
  group
    .command('check')
    .description('say everything that is wrong with the configuration')
    .argument('[file]')
    .option(...JSON_OPTION)
    .action(async (file: string | undefined, { json }: { json?: true }) => {
      const { io } = context;
      const loaded = await loadConfig(io, file);
      const gates = loaded.config.gates.map(({ name }) => name);
      if (json) return printJson(io, { ok: true, file: loaded.file, gates });
      print(io, `${loaded.file} is fine: ${gates.join(', ')}`);
    });
};

/** The configuration that `start` would use; throws an `EarlidError` that says everything wrong with it. */
export async function loadConfig(io: Io, option?: string) {
  const places = configFiles(io, option);
  const file = places.find((place) => existsSync(place));
  if (!file) throw new EarlidError('config-missing', { places: places.join(', ') }, { places });
  const { parseConfig, readConfigText } = await import('../daemon/config-file.ts');
  return { file, config: parseConfig(readConfigText(file), file) };
}
