import { existsSync } from 'node:fs';
import { EarlidError } from '../../schemas/errors.ts';
import { NAME } from '../../schemas/name.ts';
import { configFiles } from '../daemon/places.ts';
import type { FoundBoard, Given, Person } from '../setup/questions.ts';
import { type CommandContext, JSON_OPTION, print, printJson, type Register, usageError } from './command.ts';
import { CONFIG_OPTION, noteLine, notesOn } from './config-check.ts';
import type { Io } from './io.ts';

interface Options {
  readonly config?: string;
  readonly timezone?: string;
  readonly gate?: readonly string[];
  readonly schedule?: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const HELP = `
It looks for boards, asks for the time zone, a name and the kind of speaker for
each, and when it may listen by itself, and writes earlid.yaml with comments.
A file that is there already is never changed. Ctrl-C writes nothing.

Examples:
  $ earlid init
  $ earlid init --yes --dry-run
  $ earlid init --yes --timezone Europe/Berlin \\
      --gate kitchen=/dev/serial/by-id/usb-Arduino_Uno_5573 \\
      --gate demo=bench --schedule 'Mo-Fr 07:00-08:30'`;

/** `earlid init` */
export const registerInit: Register = (program, context) => {
  program
    .command('init')
    .description('write a first earlid.yaml, asking for what it takes')
    .option(CONFIG_OPTION[0], 'the file to write; else the first of the usual places')
    .option('--timezone <zone>', 'such as Europe/Berlin')
    .option(
      '--gate <name=path>',
      'a gate and its serial port, or name=bench; again for more',
      (value: string, list: readonly string[] = []) => [...list, value],
    )
    .option('--schedule <text>', 'when its gates may listen by themselves')
    .option('--yes', 'ask nothing: take what is proposed')
    .option('--dry-run', 'print the file instead of writing it')
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const { ScheduleError } = await import('../schedule/schedule.ts');
      try {
        await init(context, options);
      } catch (error) {
        if (!(error instanceof ScheduleError)) throw error;
        const { tellScheduleError } = await import('./schedule-error.ts');
        tellScheduleError(context, options.schedule ?? '', error, options.json === true);
      }
    });
};

async function init(context: CommandContext, options: Options): Promise<void> {
  const { io } = context;
  const { dryRun = false, json = false } = options;
  const places = configFiles(io, options.config);
  const there = places.find((place) => existsSync(place));
  if (there && !dryRun) throw new EarlidError('config-exists', { file: there }, { file: there });
  const file = places[0]!;
  const [{ askSetup }, { setupText }, { speakerKinds }, { parseConfig }] = await Promise.all([
    import('../setup/questions.ts'),
    import('../setup/file.ts'),
    import('../setup/kinds.ts'),
    import('../config/file.ts'),
  ]);
  const over = new AbortController();
  const stop = io.onEnd(() => over.abort());
  try {
    const given: Given = {
      zone: options.timezone ?? null,
      gates: options.gate?.map((text) => gateOf(text)) ?? null,
      schedule: options.schedule ?? (options.yes ? '' : null),
    };
    // What is printed may be the file itself, or the one JSON value.
    const say = (text: string) => (json || dryRun ? io.err : io.out).write(text);
    const person = options.yes ? nobody() : await terminalPerson(io, say, over.signal);
    const setup = await askSetup(person, given, {
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      kinds: speakerKinds(),
      boards: () => foundBoards(context),
      now: io.now(),
    });
    const text = setupText(setup);
    const config = parseConfig(text, file, io.now());
    const notes = await notesOn(config, io.now());
    if (over.signal.aborted) throw new EarlidError('init-ended');
    if (!dryRun) await writeNew(file, text);
    const gates = config.gates.map(({ name }) => name);
    if (json) return printJson(io, { file, written: !dryRun, gates, notes, text });
    if (dryRun) return print(io, text);
    print(io, `\nwritten: ${file}`);
    for (const note of notes) print(io, noteLine(note.text));
    print(io, nextSteps(setup.gates.find(({ link }) => 'serial' in link)?.name ?? null, options.config));
  } finally {
    stop();
  }
}

const nextSteps = (real: string | null, config: string | undefined): string => {
  const named = config === undefined ? '' : ` --config ${config}`;
  return real === null
    ? `next: \`earlid start${named}\`, and in a second terminal \`earlid status\``
    : `next: \`earlid doctor\`, \`earlid start${named}\`, and in a second terminal \`earlid verify ${real}\``;
};

function gateOf(text: string): { name: string; link: { serial: string } | { bench: string } } {
  const at = text.indexOf('=');
  const [name, target] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || !(target === 'bench' || target.startsWith('/')))
    throw usageError(`\`${text}\` is no gate; write kitchen=/dev/serial/by-id/… or kitchen=bench`, 'init');
  if (!NAME.test(name))
    throw usageError(`\`${name}\` is no name: at most 32 small letters, digits, - and _`, 'init');
  return { name, link: target === 'bench' ? { bench: 'uno-relay' } : { serial: target } };
}

/** Boards that are plugged in, with what answers there. */
async function foundBoards(context: CommandContext): Promise<FoundBoard[]> {
  const [{ portViews }, { answerWords }] = await Promise.all([
    import('./port-views.ts'),
    import('./port-words.ts'),
  ]);
  const views = await portViews(context, [], true);
  return views.map(({ path, answer }) => ({ path, words: answerWords(answer) }));
}

/** Takes every proposal. */
function nobody(): Person {
  return {
    say() {},
    ask: async () => '',
    refuse(error) {
      throw error;
    },
  };
}

async function terminalPerson(io: Io, say: (text: string) => void, over: AbortSignal): Promise<Person> {
  const [{ markedLines }, { ScheduleError }] = await Promise.all([
    import('./schedule-words.ts'),
    import('../schedule/schedule.ts'),
  ]);
  return {
    say: (...lines) => say(lines.map((line) => `${line}\n`).join('')),
    async ask(question) {
      say(question);
      const line = await io.readLine(over);
      if (line !== null) return line.trim();
      say('\n');
      throw new EarlidError('init-ended');
    },
    refuse(error, text) {
      if (error instanceof EarlidError) return say(`  ${error.message}\n  ${error.view.hint}\n`);
      if (!(error instanceof ScheduleError)) throw error;
      const { message, hint, position, length } = error.problem;
      say([`  ${message}`, ...markedLines(text, position, length), `  ${hint}`, ''].join('\n'));
    },
  };
}

/** Writes a file that is not there yet: whole, or not at all. */
async function writeNew(file: string, text: string): Promise<void> {
  const { link, mkdir, open, unlink } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const next = `${file}.${process.pid}.next`;
  const unwritable = ({ code, message }: NodeJS.ErrnoException) =>
    new EarlidError('config-unwritable', { file, detail: code ?? message }, { file });
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (error) {
    throw unwritable(error as Error);
  }
  try {
    const handle = await open(next, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      // Unlike a rename it replaces nothing that came meanwhile.
      await link(next, file);
    } finally {
      await unlink(next);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? new EarlidError('config-exists', { file }, { file })
      : unwritable(error as Error);
  }
}
