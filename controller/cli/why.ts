import type { WhyAnswer } from '../../schemas/why.ts';
import { gatePath, JSON_OPTION, print, printJson, type Register } from './command.ts';

interface Options {
  readonly at?: string;
  readonly json?: true;
}

const HELP = `
--at takes an instant such as 2026-11-21T20:00:00Z, or the time on the wall at
the site, 2026-11-21T20:00; 22:00 is the next one. Clock apart, everything is
then taken as it is now.

Examples:
  $ earlid why kitchen
  $ earlid why kitchen --at 22:00
  $ earlid why kitchen --at 2026-12-24T18:00`;

/** `earlid why <gate>` */
export const registerWhy: Register = (program, context) => {
  program
    .command('why')
    .description('why a gate is muted or live, and what would change that')
    .argument('<gate>')
    .option('--at <time>', 'look at this instant instead of now')
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (gate: string, { at, json }: Options) => {
      const client = await context.client();
      const query = at === undefined ? '' : `?${new URLSearchParams({ at })}`;
      const answer = await client.get<WhyAnswer>(`${gatePath(gate, 'why')}${query}`);
      if (json) return printJson(context.io, answer);
      const { whyLines } = await import('./why-words.ts');
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      for (const line of whyLines(answer, zone)) print(context.io, line);
    });
};
