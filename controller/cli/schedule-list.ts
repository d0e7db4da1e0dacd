/** `earlid schedule list [gate]` */
import type { Command } from 'commander';
import { gateNamed } from '../config/nearest.ts';
import { type CommandContext, JSON_OPTION, print, printJson } from './command.ts';
import { FILE_OPTION, fileToChange } from './following.ts';

const HELP = `
Needs no daemon. What a schedule says now is one part of its rule: \`earlid status\`
says what comes of all of them.`;

/** Adds the command to the group `schedule`. */
export function registerList(group: Command, context: CommandContext): void {
  group
    .command('list')
    .description('the rules of the gates with their numbers, and what their schedules say now')
    .argument('[gate]')
    .option(...FILE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (gate: string | undefined, options: { config?: string; json?: true }) => {
      const { io } = context;
      const { RuleFile } = await import('./rule-editing.ts');
      const file = new RuleFile(await fileToChange(context, options.config), io.now());
      const all = file.list();
      const gates = gate === undefined ? all : [gateNamed(gate, all, (each) => each.gate)];
      if (options.json) return printJson(io, gates);
      const { listLines } = await import('./rule-words.ts');
      for (const line of listLines(gates, file.config().site?.zone ?? 'UTC')) print(io, line);
    });
}
