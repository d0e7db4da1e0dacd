import type { Command } from 'commander';
import type { StatusAnswer } from '../../schemas/api.ts';
import type { Config } from '../../schemas/config.ts';
import type { Daemon } from '../daemon/daemon.ts';
import type { LogLevel } from '../daemon/log.ts';
import { type CommandContext, print } from './command.ts';
import { type Io, useColour } from './io.ts';
import { logLevelOption } from './start.ts';

async function demo(): Promise<Config> {
  const { configOf } = await import('../../schemas/config.ts');
  return configOf({ gates: { demo: { link: { bench: 'uno-relay' } } } });
}

/** Log lines kept in sight. */
const LOG_LINES = 6;

/** `earlid demo` */
export const registerDemo = (program: Command, context: CommandContext): void => {
  program
    .command('demo')
    .description('try it without a board: the real firmware on an emulated gate')
    .addOption(logLevelOption('warn'))
    .action(async ({ logLevel }: { logLevel: LogLevel }) => {
      const { io } = context;
      const { serve } = await import('./serve.ts');
      if (io.out.isTTY) return context.exit(await liveDemo(io, logLevel, serve));
      const sink = (line: string) => io.err.write(`${line}\n`);
      const code = await serve(io, {
        config: await demo(),
        endsWithTerminal: true,
        level: logLevel,
        sink,
        running: (daemon) => plain(io, daemon),
      });
      context.exit(code);
    });
};

const TITLE = 'Earlid demo: the real firmware on an emulated board. Nothing listens here.';

/** What a newcomer can try; with the state folder, where it is not the usual one. */
function tips(io: Io): string[] {
  const home = io.env.EARLID_HOME ? `EARLID_HOME=${io.env.EARLID_HOME} ` : '';
  return [
    `  ${home}npx earlid press demo    the button: unmutes for 90 seconds, or mutes`,
    `  ${home}npx earlid status        what is known, and why`,
    `  ${home}npx earlid mute demo     mutes, from anywhere, at once`,
  ];
}

/** The last status before the link was closed on the way out, which would only look like something broken. */
function whileLinked(daemon: Daemon): () => StatusAnswer {
  let last = daemon.service.status();
  return () => {
    const now = daemon.service.status();
    if (now.gates.some(({ link }) => link !== 'down')) last = now;
    return last;
  };
}

async function plain(io: Io, daemon: Daemon): Promise<() => void> {
  const { plainLines } = await import('./watch.ts');
  for (const line of [TITLE, 'Try in a second terminal, in this folder:', ...tips(io)]) print(io, line);
  const show = plainLines(io);
  const status = whileLinked(daemon);
  const update = () => show.update(status());
  update();
  return daemon.service.onChange(update);
}

async function liveDemo(io: Io, level: LogLevel, serve: typeof import('./serve.ts').serve): Promise<number> {
  const { everySecond, statusLines, terminalView } = await import('./view.ts');
  const view = terminalView(io);
  const log: string[] = [];
  let draw = () => {};
  const sink = (line: string) => {
    log.push(line);
    log.splice(0, log.length - LOG_LINES);
    draw();
  };
  return serve(io, {
    config: await demo(),
    endsWithTerminal: true,
    level,
    sink,
    running: (daemon) => {
      const status = whileLinked(daemon);
      draw = () =>
        view.draw([
          TITLE,
          '',
          ...statusLines(status(), io.now(), useColour(io)).map((line) => `  ${line}`),
          '',
          'Try in a second terminal, in this folder:',
          ...tips(io),
          'Ctrl-C ends it.',
          ...log,
        ]);
      draw();
      const stops = [daemon.service.onChange(() => draw()), everySecond(() => draw())];
      return () => {
        for (const stop of stops) stop();
        draw();
        draw = () => {};
      };
    },
  });
}
