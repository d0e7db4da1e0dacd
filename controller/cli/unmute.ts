import type { CommandView } from '../../schemas/api.ts';
import {
  durationMs,
  endOption,
  gatePath,
  JSON_OPTION,
  type Register,
  tellResults,
  timeoutOption,
} from './command.ts';

interface Options {
  readonly for?: number;
  readonly until?: string;
  readonly timeout: number;
  readonly json?: true;
}

/** `earlid unmute <gate> --for 5m` */
export const registerUnmute: Register = (program, context) => {
  program
    .command('unmute')
    .description('let the speaker hear for a while, if the configuration lets the command line do that')
    .argument('<gate>')
    .option('--for <duration>', 'how long; else grants.default of the configuration', durationMs)
    .option('--until <time>', 'until then, such as 22:00')
    .addOption(timeoutOption())
    .option(...JSON_OPTION)
    .action(async (gate: string, { for: forMs, until, timeout, json }: Options) => {
      const client = await context.client();
      const body = { timeoutMs: timeout, ...endOption('unmute', forMs, until) };
      const result = await client.post<CommandView>(gatePath(gate, 'unmute'), body, timeout);
      tellResults(context, [result], json === true, false);
    });
};
