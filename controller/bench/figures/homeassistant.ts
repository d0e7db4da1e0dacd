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
import { type Figure, median } from './sample.ts';

const MUTES = 1_000;
const START_MS = 20_000;
const TOPIC = 'earlid/gates/bench/mute/set';
const BARE_TOPIC = 'bare/mute';
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
      for (const bytes of [path.poll(), barePath.poll()]) {
        if (!bytes) continue;
        const start = bytes.findIndex((byte, i) => byte === 0xf0 && bytes[i + 1] === MESSAGES.mute.id);
        if (start >= 0) frame = Buffer.from(bytes.subarray(start, bytes.indexOf(0xf7, start) + 1));
        board.send(bytes);
      }
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
    const { link, contact } = noSamples();
    const floor = noSamples();
    /** From a publish until the gate, live before, got the bytes and until its contact moved. */
    const mute = async (topic: string, into: typeof floor): Promise<void> => {
      await client.post<CommandView>('/v1/gates/bench/unmute', { timeoutMs: 5000 }, 6000);
      frame = null;
      const asked = performance.now();
      publisher!.publish(topic, 'PRESS');
      await until(() => {
        take();
        return frame !== null;
      }, 'a mute on the link');
      into.link.push(performance.now() - asked);
      await until(() => board.level('contact') === 0, 'the contact');
      into.contact.push(performance.now() - asked);
    };
    await mute(TOPIC, noSamples());
    await bareSubscriber(run, join(folder, 'bare'), url, frame!);
    // By turns: whatever else the machine does, it does to both.
    for (let i = 0; i < MUTES; i++) {
      await mute(TOPIC, { link, contact });
      await mute(BARE_TOPIC, floor);
      await held(client);
    }
    const figure = (name: string, taken: readonly number[]) => ({
      name,
      unit: 'ms',
      samples: taken,
      limit: null,
    });
    return [
      figure('bare subscriber: publish → byte on the link', floor.link),
      figure('Earlid: publish → byte on the link', link),
      figure('bare subscriber: publish → contact moved', floor.contact),
      figure('Earlid: publish → contact moved', contact),
      {
        name: 'Earlid beside the bare subscriber, medians',
        unit: '×',
        samples: [median(contact) / median(floor.contact)],
        limit: 1.2,
      },
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

const noSamples = () => ({ link: [] as number[], contact: [] as number[] });

async function bareSubscriber(
  run: (command: string, args: readonly string[]) => ChildProcess,
  file: string,
  url: string,
  frame: Buffer,
): Promise<void> {
  const child = run(process.execPath, [
    '--input-type=module',
    '-e',
    BARE,
    file,
    url,
    BARE_TOPIC,
    frame.toString('hex'),
  ]);
  let isReady = false;
  child.stdout!.on('data', () => {
    isReady = true;
  });
  await until(() => isReady, 'the bare subscriber');
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + START_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${START_MS} ms`);
    await nextTurn();
  }
}

/** Until the daemon knows that its gate was muted by somebody else: an unmute before would be the older wish. */
async function held(client: ReturnType<typeof createClient>): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    const [gate] = (await client.get<StatusAnswer>('/v1/status')).gates;
    if (gate?.override?.kind === 'hold') return;
    if (performance.now() > end) throw new Error('the daemon does not hear of the mute');
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
