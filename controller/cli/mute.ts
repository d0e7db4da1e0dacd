import type { CommandsAnswer, CommandView } from '../../schemas/api.ts';
import {
  durationMs,
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
  readonly timeout: number;
  readonly json?: true;
}

/** `earlid mute <gate> | --all` */
export const registerMute: Register = (program, context) => {
  program
    .command('mute')
    .description('mute now; anyone may')
    .argument('[gate]')
    .option('--all', 'mute every gate')
    .option(
      '--for <duration>',
      'hold it muted for this long; else until somebody resumes or unmutes it',
      durationMs,
    )
    .addOption(timeoutOption())
    .option(...JSON_OPTION)
    .action(async (gate: string | undefined, { all, for: forMs, timeout, json }: Options) => {
      if ((gate === undefined) === (all === undefined))
        throw usageError('name one gate, or say --all', 'mute');
      const client = await context.client();
      const body = { timeoutMs: timeout, ...(forMs !== undefined && { forMs }) };
      if (gate === undefined) {
        const { results } = await client.post<CommandsAnswer>('/v1/mute', body, timeout);
        return tellResults(context, results, json === true, true);
      }
      const result = await client.post<CommandView>(gatePath(gate, 'mute'), body, timeout);
      tellResults(context, [result], json === true, false);
    });
};
