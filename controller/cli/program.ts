/** The command line as a function: arguments in, exit code out. */
import { type Argument, Command, CommanderError } from 'commander';
import { EXIT } from '../../schemas/errors.ts';
import { registerBackup } from './backup.ts';
import { registerBridge } from './bridge.ts';
import type { Client } from './client.ts';
import { type CommandContext, type Register, tellError, usageError, viewOf } from './command.ts';
import { registerConfig } from './config-check.ts';
import { registerDemo } from './demo.ts';
import { registerDoctor } from './doctor.ts';
import { registerEvents } from './events.ts';
import { registerFlash } from './flash.ts';
import { registerInit } from './init.ts';
import type { Io } from './io.ts';
import { registerLock } from './lock.ts';
import { registerMute } from './mute.ts';
import { registerPair } from './pair.ts';
import { registerPorts } from './ports.ts';
import { registerPresence } from './presence.ts';
import { registerPress } from './press.ts';
import { registerRestore } from './restore.ts';
import { registerResume } from './resume.ts';
import { registerSchedule } from './schedule.ts';
import { registerService } from './service.ts';
import { registerSettings } from './settings.ts';
import { registerSimulate } from './simulate.ts';
import { registerStart } from './start.ts';
import { registerStatus } from './status.ts';
import { registerUnmute } from './unmute.ts';
import { registerVerify } from './verify.ts';
import { version } from './version.ts';
import { registerWatch } from './watch.ts';
import { registerWhy } from './why.ts';

/** In the order of `earlid help`, as somebody meets them. */
const COMMANDS: Readonly<Record<string, readonly Register[]>> = {
  'Without a board:': [registerDemo, registerPress],
  'Setting up a gate:': [
    registerPorts,
    registerFlash,
    registerInit,
    registerConfig,
    registerSchedule,
    registerSimulate,
    registerStart,
    registerVerify,
    registerSettings,
    registerPair,
    registerBridge,
    registerService,
  ],
  'Using it:': [
    registerStatus,
    registerWhy,
    registerWatch,
    registerMute,
    registerUnmute,
    registerResume,
    registerLock,
    registerPresence,
  ],
  'When something is wrong:': [registerDoctor, registerEvents, registerBackup, registerRestore],
};

/** Runs one command; resolves with its exit code and never rejects. `bench` adds the commands of the bench. */
export async function run(
  args: readonly string[],
  io: Io,
  bench: (program: Command) => Promise<void> = async () => {},
): Promise<number> {
  let exitCode: number = EXIT.done;
  let client: Client | null = null;
  const context: CommandContext = {
    io,
    client: async () => {
      client ??= (await import('./client.ts')).createClient(io);
      return client;
    },
    exit: (code) => {
      exitCode = code;
    },
  };
  const json = isJson(args);
  let complaint = '';
  const program = new Command('earlid')
    .description('a physical gate for the hearing of smart speakers')
    .version(version(), '--version', 'print the version')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: termOf })
    .showSuggestionAfterError(true);
  for (const [group, registers] of Object.entries(COMMANDS)) {
    program.commandsGroup(group);
    for (const register of registers) register(program, context);
  }
  const named = args.find((arg) => !arg.startsWith('-'));
  // The emulator is large: it is loaded only for its own commands and for the list of all.
  if (!program.commands.some((command) => command.name() === named)) await bench(program);
  registerHelp(program);
  prepare(program, {
    writeOut: (text) => io.out.write(text),
    // Commander writes the complaint before it throws; it is told once, in our own form.
    writeErr: (text) => {
      complaint += text;
    },
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      if (!json && error.code === 'commander.help') io.err.write(complaint);
      else tellUsage(io, args, { code: error.code, message: complaint || error.message }, json, program);
      return EXIT.usage;
    }
    const { view, exit } = viewOf(error);
    tellError(io, view, json);
    return exit;
  }
  return exitCode;
}

/** `--json` counts wherever it stands, also when the rest cannot be read. */
function isJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

function prepare(
  command: Command,
  output: { writeOut(text: string): void; writeErr(text: string): void },
): void {
  command.exitOverride().configureOutput(output);
  for (const child of command.commands) prepare(child, output);
}

/** Without `[options]`, which every command has, the list fits a terminal of 80 columns. */
const termOf = (command: Command): string =>
  [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' ');
const argumentTerm = (argument: Argument): string =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;

/** `earlid help [command...]`: the words may go on, as in `earlid help config check`. */
function registerHelp(program: Command): void {
  program
    .command('help')
    .helpGroup('Help:')
    .description('show how a command is used')
    .argument('[command...]')
    .action((words: string[]) => {
      const path = pathOf(program, words);
      const unknown = words[path.length];
      const { commands } = path.at(-1) ?? program;
      if (unknown !== undefined && (path.length === 0 || commands.length > 0))
        throw usageError(`unknown command '${unknown}'`, ...path.map((command) => command.name()));
      (path.at(-1) ?? program).outputHelp();
    });
}

/** The commands that `words` name, from the outermost on. */
function pathOf(program: Command, words: readonly string[]): Command[] {
  const path: Command[] = [];
  for (const word of words) {
    const next = (path.at(-1) ?? program).commands.find((command) => command.name() === word);
    if (!next) break;
    path.push(next);
  }
  return path;
}

/** Somebody new forgets them, and the shell gives no hint of it. */
const QUOTES = " A text with spaces wants quotes, such as 'Mo-Fr 07:00-08:30'.";

function tellUsage(
  io: Io,
  args: readonly string[],
  { code, message }: { readonly code: string; readonly message: string },
  json: boolean,
  program: Command,
): void {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const path = pathOf(program, words).map((command) => command.name());
  const isLonger = code === 'commander.excessArguments' && path[0] === 'schedule';
  const detail = message.replace(/^error: /, '').trim() + (isLonger ? QUOTES : '');
  tellError(io, usageError(detail, ...path).view, json);
}
