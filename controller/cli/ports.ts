import type { NamedPort } from '../link/ports.ts';
import { JSON_OPTION, print, printJson, type Register } from './command.ts';
import { CONFIG_OPTION } from './config-check.ts';
import type { Io } from './io.ts';
import { configuredGates } from './known-gates.ts';
import { type PortView, portViews } from './port-views.ts';
import { answerWords } from './port-words.ts';

interface Options {
  readonly config?: string | undefined;
  readonly probe: boolean;
  readonly json?: true;
}

const HELP = `
What answers is found out by opening the port and saying hello, which resets
many boards: a board that is reset mutes its speaker. A port that a program has
open is left alone; \`--no-probe\` leaves all alone.
$EARLID_DEV is the folder looked in instead of /dev, for emulated boards:
  $ earlid bench run --product uno-relay --pty $EARLID_DEV/serial/by-id/usb-uno`;

/** `earlid ports` */
export const registerPorts: Register = (program, context) => {
  program
    .command('ports')
    .description('the boards at this computer, who holds them and what answers there')
    .option('--no-probe', 'open no port')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async ({ config, probe, json }: Options) => {
      const views = await portViews(context, await namedPorts(context.io, config), probe);
      if (json) return printJson(context.io, views);
      if (views.length === 0)
        print(context.io, 'no board found: plug one in, with a cable that carries data');
      for (const view of views) print(context.io, lines(view).join('\n'));
    });
};

/** The serial gates of the configuration; none when there is no configuration. One that is wrong is an error. */
async function namedPorts(io: Io, config?: string): Promise<NamedPort[]> {
  const gates = await configuredGates(io, config);
  return gates.flatMap(({ gate, path }) => (path === null ? [] : [{ gate, path }]));
}

function lines(view: PortView): string[] {
  const { path, device, gate, holders, advice } = view;
  const leads = device === null || device === path ? '' : ` -> ${device}`;
  const others = holders
    .filter(({ daemon }) => !daemon)
    .map(({ pid, program }) => `process ${pid} (${program})`);
  return [
    `${path}${leads}`,
    `  ${gate === null ? '' : `gate ${gate}: `}${answerWords(view.answer)}`,
    ...(holders.some(({ daemon }) => daemon) ? ['  held by the Earlid daemon'] : []),
    ...(others.length > 0 ? [`  held by ${others.join(' and ')}, so it was not asked`] : []),
    ...(advice === null ? [] : [`  ${advice}`]),
  ];
}
