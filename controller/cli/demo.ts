import type { Command } from 'commander';
import type { StatusAnswer } from '../../schemas/api.ts';
import type { Config } from '../../schemas/config.ts';
import type { Daemon } from '../daemon/daemon.ts';
import type { LogLevel } from '../daemon/log.ts';
import { type CommandContext, print, wholeNumber } from './command.ts';
import { type Io, useColour } from './io.ts';
import { logLevelOption } from './start.ts';

/** Where programs look for a broker. */
const MQTT_PORT = 1883;

async function demo(port: number): Promise<Config> {
  const { configOf } = await import('../../schemas/config.ts');
  return configOf({
    mqtt: { embedded: true, port },
    homeassistant: {},
    gates: { demo: { link: { bench: 'uno-relay' } } },
  });
}

/** Log lines kept in sight. */
const LOG_LINES = 6;

/** `earlid demo` */
export const registerDemo = (program: Command, context: CommandContext): void => {
  program
    .command('demo')
    .description('try it without a board: the real firmware on an emulated gate')
    .addOption(logLevelOption('warn'))
    .option(
      '--mqtt-port <port>',
      'of its MQTT broker (default: 1883, or one that is free)',
      wholeNumber(1, 65_535),
    )
    .action(async ({ logLevel, mqttPort }: { logLevel: LogLevel; mqttPort?: number }) => {
      const { io } = context;
      const [{ serve }, { freePort }] = await Promise.all([import('./serve.ts'), import('./free-port.ts')]);
      const port = mqttPort ?? (await freePort(MQTT_PORT));
      if (io.out.isTTY) return context.exit(await liveDemo(io, { level: logLevel, port, serve }));
      const sink = (line: string) => io.err.write(`${line}\n`);
      const code = await serve(io, {
        config: await demo(port),
        endsWithTerminal: true,
        level: logLevel,
        sink,
        running: (daemon) => plain(io, port, daemon),
      });
      context.exit(code);
    });
};

const TITLE = 'Earlid demo: the real firmware on an emulated board. Nothing listens here.';

/** What a newcomer can try; with the state folder, where it is not the usual one. */
function tips(io: Io, port: number): string[] {
  const home = io.env.EARLID_HOME ? `EARLID_HOME=${io.env.EARLID_HOME} ` : '';
  return [
    `  ${home}npx earlid press demo    the button: unmutes for 90 seconds, or mutes`,
    `  ${home}npx earlid status        what is known, and why`,
    `  ${home}npx earlid mute demo     mutes, from anywhere, at once`,
    `Over MQTT, as Home Assistant would (mqtt://127.0.0.1:${port}, for programs on this machine):`,
    `  npx mqtt pub -h 127.0.0.1 -p ${port} -t earlid/gates/demo/mute/set -m 10m`,
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

async function plain(io: Io, port: number, daemon: Daemon): Promise<() => void> {
  const { plainLines } = await import('./watch.ts');
  for (const line of [TITLE, 'Try in a second terminal, in this folder:', ...tips(io, port)]) print(io, line);
  const show = plainLines(io);
  const status = whileLinked(daemon);
  const update = () => show.update(status());
  update();
  return daemon.service.onChange(update);
}

interface LiveDemo {
  readonly level: LogLevel;
  readonly port: number;
  readonly serve: typeof import('./serve.ts').serve;
}

async function liveDemo(io: Io, { level, port, serve }: LiveDemo): Promise<number> {
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
    config: await demo(port),
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
          ...tips(io, port),
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
