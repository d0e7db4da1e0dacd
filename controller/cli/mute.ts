import type { CommandsAnswer, CommandView } from '../../schemas/api.ts';
import {
  durationMs,
  endOption,
  gatePath,
  JSON_OPTION,
  type Register,
  tellResults,
  timeoutOption,
  usageError,
} from './command.ts';

interface Options {
  readonly all?: true;
  readonly for?: number;
  readonly until?: string;
  readonly timeout: number;
  readonly json?: true;
}

const HELP = `
Without an end the hold lasts until a schedule of its listen rules begins, at
least 15 minutes later; where there is none, until somebody resumes or unmutes
it. It always says when it ends.`;

/** `earlid mute <gate> | --all` */
export const registerMute: Register = (program, context) => {
  program
    .command('mute')
    .description('mute now; anyone may')
    .argument('[gate]')
    .option('--all', 'mute every gate')
    .option('--for <duration>', 'hold it muted for this long', durationMs)
    .option('--until <time>', 'hold it muted until then, such as 22:00')
    .addOption(timeoutOption())
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (gate: string | undefined, { all, for: forMs, until, timeout, json }: Options) => {
      if ((gate === undefined) === (all === undefined))
        throw usageError('name one gate, or say --all', 'mute');
      const client = await context.client();
      const body = { timeoutMs: timeout, ...endOption('mute', forMs, until) };
      if (gate === undefined) {
        const { results } = await client.post<CommandsAnswer>('/v1/mute', body, timeout);
        return tellResults(context, results, json === true, true);
      }
      const result = await client.post<CommandView>(gatePath(gate, 'mute'), body, timeout);
      tellResults(context, [result], json === true, false);
    });
};
