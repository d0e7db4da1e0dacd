import type { CommandView } from '../../schemas/api.ts';
import {
  gatePath,
  JSON_OPTION,
  type Register,
  tellWithReason,
  timeoutOption,
  wholeNumber,
} from './command.ts';

interface Options {
  readonly ms: number;
  readonly timeout: number;
  readonly json?: true;
}

/** `earlid press <gate> --ms 200` */
export const registerPress: Register = (program, context) => {
  program
    .command('press')
    .description('press the button of an emulated gate')
    .argument('<gate>')
    .option('--ms <ms>', 'how long: 3000 locks, 3000 to 10000 unlocks', wholeNumber(1, 20_000), 200)
    .addOption(timeoutOption())
    .option(...JSON_OPTION)
    .action(async (gate: string, { ms, timeout, json }: Options) => {
      const client = await context.client();
      const body = { timeoutMs: timeout, ms };
      const result = await client.post<CommandView>(gatePath(gate, 'press'), body, timeout + ms);
      await tellWithReason(context, client, result, json === true);
    });
};
