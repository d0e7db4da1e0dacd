import { existsSync } from 'node:fs';
import type { Config } from '../../schemas/config.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { ConfigNote } from '../config/outages.ts';
import { configFiles } from '../daemon/places.ts';
import { JSON_OPTION, print, printJson, type Register, usageError } from './command.ts';
import type { Io } from './io.ts';

/** The same for every command that reads a configuration. */
export const CONFIG_OPTION = [
  '--config <file>',
  'the configuration; else the first of the usual places',
] as const;

/** `earlid config check [file | --config file]` */
export const registerConfig: Register = (program, context) => {
  const group = program.command('config').description('check earlid.yaml, the configuration');
  group
    .command('check')
    .description('say everything that is wrong with the configuration')
    .argument('[file]')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(async (file: string | undefined, { config, json }: { config?: string; json?: true }) => {
      const { io } = context;
      if (file !== undefined && config !== undefined)
        throw usageError('name the file once', 'config', 'check');
      const loaded = await loadConfig(io, config ?? file);
      const gates = loaded.config.gates.map(({ name }) => name);
      const notes = await notesOn(loaded.config, io.now());
      if (json) return printJson(io, { ok: true, file: loaded.file, gates, notes });
      print(io, `${loaded.file} is fine: ${gates.join(', ')}`);
      for (const { text } of notes) print(io, noteLine(text));
    });
};

/** What the owner should know before it happens. */
export async function notesOn(config: Config, now: number): Promise<ConfigNote[]> {
  const [{ configNotes }, { compile }, { overNotes }, { siteHolidays }] = await Promise.all([
    import('../config/outages.ts'),
    import('../config/compile.ts'),
    import('../edit/over.ts'),
    import('../presence/calendar/site-holidays.ts'),
  ]);
  const compiled = compile(config, { isHoliday: siteHolidays(config.site), now });
  return [...configNotes(config, compiled), ...overNotes(compiled)];
}

export const noteLine = (text: string): string => `  note  ${text}`;

/** The file that `start` would read; throws `config-missing`. */
export function configPlace(io: Io, option?: string): string {
  const places = configFiles(io, option);
  const file = places.find((place) => existsSync(place));
  if (!file) throw new EarlidError('config-missing', { places: places.join(', ') }, { places });
  return file;
}

/** The configuration that `start` would use; throws an `EarlidError` that says everything wrong with it. */
export async function loadConfig(io: Io, option?: string) {
  const file = configPlace(io, option);
  const { parseConfig } = await import('../config/file.ts');
  const { configText, digestOf, readConfigBytes } = await import('../config/text.ts');
  const bytes = readConfigBytes(file);
  const parse = (read: Uint8Array) => parseConfig(configText(read, file), file, io.now());
  return { file, config: parse(bytes), digest: digestOf(bytes), parse };
}
