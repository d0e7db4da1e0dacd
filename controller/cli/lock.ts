import type { CommandView } from '../../schemas/api.ts';
import { gatePath, JSON_OPTION, type Register, tellWithReason, timeoutOption } from './command.ts';

interface Options {
  readonly timeout: number;
  readonly json?: true;
}

/** `earlid lock <gate>` */
export const registerLock: Register = (program, context) => {
  program
    .command('lock')
    .description('mute and lock; only the button of the gate unlocks it')
    .argument('<gate>')
    .addOption(timeoutOption())
    .option(...JSON_OPTION)
    .action(async (gate: string, { timeout, json }: Options) => {
      const client = await context.client();
      const result = await client.post<CommandView>(gatePath(gate, 'lock'), { timeoutMs: timeout }, timeout);
      await tellWithReason(context, client, result, json === true);
    });
};
