/** How long a mute takes from a broker to the contact, beside the least that a program can need for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MqttClient } from 'mqtt';
import type { CommandView, StatusAnswer } from '../../../schemas/api.ts';
import { MESSAGES } from '../../../schemas/protocol.ts';
import { createClient } from '../../cli/client.ts';
import { processIo } from '../../cli/io.ts';
import { Board } from '../board.ts';
import { inBatches } from '../board-link.ts';
import { eepromImage } from '../eeprom-image.ts';
import { Pacer } from '../pacer.ts';
import { DevicePath } from '../pty.ts';
import type { Figure } from './sample.ts';

const MUTES = 1_000;
const START_MS = 20_000;
const TOPIC = 'earlid/gates/bench/mute/set';
const CLI = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
/** Hears the topic and writes the bytes of a mute to the path, and nothing else. */
const BARE = `
import { openSync, writeSync } from 'node:fs';
import mqtt from 'mqtt';
const [path, url, topic, frame] = process.argv.slice(1);
const line = openSync(path, 'w');
const client = mqtt.connect(url);
client.on('connect', () => client.subscribe(topic, () => process.stdout.write('ready')));
client.on('message', () => writeSync(line, Buffer.from(frame, 'hex')));
`;

/** Empty where no mosquitto is installed. */
export async function homeAssistantFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'earlid-figures-'));
  const children: ChildProcess[] = [];
  const run = (command: string, args: readonly string[]): ChildProcess => {
    const env = { ...process.env, EARLID_HOME: folder };
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    child.on('error', () => {});
    child.stdout?.resume();
    children.push(child);
    return child;
  };
  const port = await freePort();
  const conf = join(folder, 'mosquitto.conf');
  writeFileSync(conf, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const broker = run('mosquitto', ['-c', conf]);
  const path = new DevicePath(join(folder, 'gate'));
  const barePath = new DevicePath(join(folder, 'bare'));
  let publisher: MqttClient | null = null;
  let pacer: Pacer | null = null;
  try {
    await pause(500);
    if (broker.pid === undefined || broker.exitCode !== null) return [];
    const url = `mqtt://127.0.0.1:${port}`;
    publisher = await (await import('mqtt')).default.connectAsync(url);
    const eeprom = eepromImage({ product: 'uno-relay', settings: { sense: 1 } });
    const board = new Board({ product: 'uno-relay', traceLimit: 0, eeprom });
    pacer = new Pacer(board);
    let frame: Buffer | null = null;
    const take = (): void => {
      const bytes = path.poll();
      if (!bytes) return;
      const start = bytes.findIndex((byte, i) => byte === 0xf0 && bytes[i + 1] === MESSAGES.mute.id);
      if (start >= 0) frame = Buffer.from(bytes.subarray(start, bytes.indexOf(0xf7, start) + 1));
      board.send(bytes);
    };
    pacer.onWake = take;
    board.onBytes(inBatches((bytes) => path.write(bytes)));
    writeFileSync(
      join(folder, 'earlid.yaml'),
      `mqtt: { url: "${url}" }\nhomeassistant: {}\ngates: { bench: { link: { serial: ${join(folder, 'gate')} } } }\n`,
    );
    pacer.start();
    run(process.execPath, [CLI, 'start']);
    const client = createClient({ ...processIo(), env: { ...process.env, EARLID_HOME: folder } });
    await ready(client);
    const [link, contact]: number[][] = [[], []];
    for (let i = 0; i < MUTES; i++) {
      await client.post<CommandView>('/v1/gates/bench/unmute', { timeoutMs: 5000 }, 6000);
      frame = null;
      const asked = performance.now();
      publisher.publish(TOPIC, 'PRESS');
      await until(() => {
        take();
        return frame !== null;
      }, 'a mute on the link');
      link!.push(performance.now() - asked);
      await until(() => board.level('contact') === 0, 'the contact');
      contact!.push(performance.now() - asked);
    }
    pacer.stop();
    const bare = await bareMutes({
      path: barePath,
      file: join(folder, 'bare'),
      url,
      frame: frame!,
      publisher,
      run,
    });
    return [
      { name: 'bare subscriber: publish → byte on the link', unit: 'ms', samples: bare, limit: null },
      { name: 'Earlid: publish → byte on the link', unit: 'ms', samples: link!, limit: null },
      { name: 'Earlid: publish → contact moved', unit: 'ms', samples: contact!, limit: null },
    ];
  } finally {
    publisher?.end(true);
    pacer?.stop();
    for (const child of children) child.kill('SIGKILL');
    path.close();
    barePath.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

interface Bare {
  readonly path: DevicePath;
  readonly file: string;
  readonly url: string;
  readonly frame: Buffer;
  readonly publisher: MqttClient;
  readonly run: (command: string, args: readonly string[]) => ChildProcess;
}

async function bareMutes({ path, file, url, frame, publisher, run }: Bare): Promise<number[]> {
  const topic = 'bare/mute';
  const child = run(process.execPath, [
    '--input-type=module',
    '-e',
    BARE,
    file,
    url,
    topic,
    frame.toString('hex'),
  ]);
  let isReady = false;
  child.stdout!.on('data', () => {
    isReady = true;
  });
  await until(() => isReady, 'the bare subscriber');
  const samples: number[] = [];
  for (let i = 0; i < MUTES; i++) {
    // As far apart as those at the daemon.
    await pause(20);
    const asked = performance.now();
    publisher.publish(topic, 'PRESS');
    await until(() => path.poll() !== null, 'bytes of the bare subscriber');
    samples.push(performance.now() - asked);
  }
  return samples;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + START_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${START_MS} ms`);
    await nextTurn();
  }
}

async function ready(client: ReturnType<typeof createClient>): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    const [gate] = (await client.get<StatusAnswer>('/v1/status').catch(() => null))?.gates ?? [];
    if (gate?.state === 'muted') break;
    if (performance.now() > end) throw new Error('the daemon does not reach its gate');
    await pause(50);
  }
  // It is connected with the broker, and has told everything.
  await pause(6_000);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
