import type { CommandView } from '../../schemas/api.ts';
import { gatePath, JSON_OPTION, type Register, tellResults, timeoutOption } from './command.ts';

interface Options {
  readonly timeout: number;
  readonly json?: true;
}

/** `earlid resume <gate>` */
export const registerResume: Register = (program, context) => {
  program
    .command('resume')
    .description('end a hold or a grant: the rules decide again')
    .argument('<gate>')
    .addOption(timeoutOption())
    .option(...JSON_OPTION)
    .action(async (gate: string, { timeout, json }: Options) => {
      const client = await context.client();
      const result = await client.post<CommandView>(
        gatePath(gate, 'resume'),
        { timeoutMs: timeout },
        timeout,
      );
      tellResults(context, [result], json === true, false);
    });
};
