import type { PresenceSetAnswer, PresencesAnswer } from '../../schemas/api.ts';
import {
  durationMs,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  tellError,
  usageError,
} from './command.ts';

const SET_HELP = `
Only what the configuration calls \`manual\` is set by hand. It stands until it is
set again, or for as long as asked; then it is what the configuration says that
it usually is. It survives a restart.

Examples:
  $ earlid presence set guests on --for 3h
  $ earlid presence set guests off`;

interface SetOptions {
  readonly for?: number;
  readonly json?: true;
}

/** `earlid presence set <name> <on|off>` and `earlid presence list` */
export const registerPresence: Register = (program, context) => {
  const { io } = context;
  const group = program
    .command('presence')
    .description('who and what is there: what rules ask, and what is set by hand');
  group
    .command('set')
    .description('set what is set by hand')
    .argument('<name>', 'a presence of the configuration')
    .argument('<value>', 'on or off')
    .option('--for <duration>', 'for this long; else until it is set again', durationMs)
    .option(...JSON_OPTION)
    .addHelpText('after', SET_HELP)
    .action(async (name: string, value: string, { for: forMs, json }: SetOptions) => {
      if (value !== 'on' && value !== 'off')
        throw usageError(`\`${value}\` is neither on nor off`, 'presence', 'set');
      const client = await context.client();
      const body = { value: value === 'on', ...(forMs !== undefined && { forMs }) };
      const answer = await client.post<PresenceSetAnswer>(
        `/v1/presence/${encodeURIComponent(name)}`,
        body,
        0,
      );
      if (json) return printJson(io, answer);
      const { presenceLine } = await import('./presence-words.ts');
      print(io, presenceLine(answer, io.now()));
      if (answer.warning) tellError(io, answer.warning, false);
    });
  group
    .command('list')
    .description('what is known of every presence, and from where')
    .option(...JSON_OPTION)
    .action(async ({ json }: { json?: true }) => {
      const client = await context.client();
      const { presence } = await client.get<PresencesAnswer>('/v1/presence');
      if (json) return printJson(io, presence);
      const { presenceLines } = await import('./presence-words.ts');
      for (const line of presenceLines(presence, io.now())) print(io, line);
    });
};
