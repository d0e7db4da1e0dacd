import { existsSync } from 'node:fs';
import type { BridgeConfig } from '../../schemas/bridge.ts';
import { EarlidError, EXIT } from '../../schemas/errors.ts';
import type { LogLevel } from '../daemon/log.ts';
import { configFiles } from '../daemon/places.ts';
import { print, type Register } from './command.ts';
import type { Io } from './io.ts';
import { logForm, logLevelOption } from './start.ts';

interface Options {
  readonly config?: string;
  readonly check?: true;
  readonly logLevel: LogLevel;
}

const HELP = `
It runs beside gates that are plugged in here and whose controller is elsewhere.
It holds no key and decides nothing: nobody unmutes a gate by what it forwards
without its key. Stopping it mutes them first. A bridge.yaml:
  mqtt: { url: mqtt://broker.home, username: pi, password_file: password }
  gates:
    kitchen: { link: { serial: /dev/serial/by-id/usb-Arduino_Uno_5573 } }`;

/** `earlid bridge` */
export const registerBridge: Register = (program, context) => {
  program
    .command('bridge')
    .description('offer the gates plugged in here to a controller elsewhere, through an MQTT broker')
    .option('--config <file>', 'broker and gates; else the first bridge.yaml of the usual places')
    .option('--check', 'only say what is wrong with that file')
    .addOption(logLevelOption('info'))
    .addHelpText('after', HELP)
    .action(async ({ config: option, check, logLevel }: Options) => {
      const { io } = context;
      const { file, config } = await loadBridge(io, option);
      if (check) return print(io, `${file} is fine: ${config.gates.map(({ name }) => name).join(', ')}`);
      context.exit(await serveBridge(io, config, logLevel));
    });
};

/** The file that `bridge` would use; throws an `EarlidError` that says everything wrong with it. */
export async function loadBridge(io: Io, option?: string): Promise<{ file: string; config: BridgeConfig }> {
  const { EARLID_CONFIG: _, ...env } = io.env;
  const places = configFiles({ ...io, env }, option, 'bridge.yaml');
  const file = places.find((place) => existsSync(place));
  if (!file) throw new EarlidError('bridge-missing', { places: places.join(', ') }, { places });
  const [{ parseBridge }, { configText, readConfigBytes }] = await Promise.all([
    import('../bridge/bridge-file.ts'),
    import('../config/text.ts'),
  ]);
  return { file, config: parseBridge(configText(readConfigBytes(file), file), file) };
}

async function serveBridge(io: Io, config: BridgeConfig, level: LogLevel): Promise<number> {
  const [{ Bridge }, { createLog }, { systemClock }, { serialLink }, { awaitEnding }] = await Promise.all([
    import('../bridge/bridge.ts'),
    import('../daemon/log.ts'),
    import('../link/clock.ts'),
    import('../link/serial.ts'),
    import('./ending.ts'),
  ]);
  const log = createLog({ level, form: logForm(io), sink: (line) => io.err.write(`${line}\n`) });
  const bridge = new Bridge({ config, clock: systemClock, log, linkTo: serialLink });
  const { ended, hasFailed } = awaitEnding(io, {
    log,
    farewell: 'muting every gate, then stopping',
    // It reads its file only as it starts.
    onHangup: (end) => end(),
  });
  bridge.start();
  await ended;
  await bridge.stop();
  return hasFailed() ? EXIT.internal : EXIT.done;
}
