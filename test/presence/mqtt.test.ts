import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mqttSource } from '../../controller/presence/mqtt.ts';
import type { Asked, FactSource } from '../../controller/presence/source.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import { factName, type Source } from '../../schemas/sources.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { Broker, type BrokerOptions, CERTIFICATE, CLIENT, ELSEWHERE, EXPIRED, KEY } from './broker.ts';
import { tellings, waiting } from './tellings.ts';

type MqttFact = Extract<Source, { kind: 'mqtt' }>;
const GUESTS: MqttFact = {
  kind: 'mqtt',
  topic: 'house/guests',
  path: null,
  compare: { is: 'on' },
  retained: false,
};
const KEPT: MqttFact = { ...GUESTS, retained: true };
const MOTION: MqttFact = {
  kind: 'mqtt',
  topic: 'zigbee/hall',
  path: 'occupancy',
  compare: { is: true },
  retained: false,
};
const CA = fileURLToPath(CERTIFICATE);

let broker: Broker;
let source: FactSource | null;
/** Between attempts to connect. */
let pauses: number[];
let told: ReturnType<typeof tellings>;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  source = null;
});
afterEach(async () => {
  await source?.stop();
  await broker.stop();
  rmSync(folder, { recursive: true });
});

/** Asks for these facts at a broker. Pauses are shortened, and instants are not looked at. */
async function ask(
  facts: readonly MqttFact[],
  options: BrokerOptions = {},
  config: (broker: Broker) => Partial<MqttConfig> = () => ({}),
): Promise<void> {
  broker = await Broker.start(options);
  follow(facts, broker.config(config(broker)));
}

function follow(facts: readonly MqttFact[], config: MqttConfig, clock = new VirtualClock()): void {
  const asked: Asked<'mqtt'> = facts.map((source) => ({ fact: factName(source), source }));
  pauses = [];
  const after = (ms: number, run: () => void) => {
    // Three seconds are between two questions to the broker.
    if (ms >= 1_000 && ms !== 3_000) pauses.push(ms);
    const timer = setTimeout(run, ms / 20);
    return () => clearTimeout(timer);
  };
  told = { ...tellings(clock), after };
  source = mqttSource(asked, config, told);
  source.start();
}

const { until, isUp, problem } = waiting(() => told);
/** All that was sent before has been looked at once this has come. */
async function mark(): Promise<void> {
  const before = told.told.length;
  await broker.publish('zigbee/hall', '{"occupancy":true}');
  await until(() => told.told.slice(before).some(([fact]) => fact.startsWith('mqtt zigbee/hall')));
}
const values = (fact: MqttFact) =>
  told.told.filter(([name]) => name === factName(fact)).map(([, value, , detail]) => [value, detail]);

describe('facts from MQTT topics', () => {
  test('are told as messages come, compared as the condition asks', async () => {
    await ask([GUESTS, MOTION]);
    await isUp();
    await broker.publish('house/guests', 'on');
    await until(() => values(GUESTS).length === 1);
    for (const payload of ['{"occupancy":true}', '{"battery":90}', 'nonsense']) {
      const before = values(MOTION).length;
      await broker.publish('zigbee/hall', payload);
      await until(() => values(MOTION).length > before);
    }
    expect(values(GUESTS)).toEqual([[true, 'on']]);
    expect(values(MOTION)).toEqual([
      [true, 'true'],
      [null, 'a message without `occupancy`'],
      [null, 'a message that is not JSON'],
    ]);
    expect(told.problems.size).toBe(0);
  });

  test('S4 S7 what waited while the machine slept is as old as it may be', async () => {
    const clock = new VirtualClock();
    broker = await Broker.start();
    follow([GUESTS], broker.config(), clock);
    await isUp();
    await clock.pass(8 * 3_600_000);
    await broker.publish('house/guests', 'on');
    await until(() => values(GUESTS).length === 1);
    expect(told.told[0]![2]).toBeLessThan(60_000);
  });

  test('S4 S7 what the broker kept is not believed, unless the condition says so', async () => {
    broker = await Broker.start();
    await broker.publish('house/guests', 'on', true);
    follow([GUESTS, KEPT, MOTION], broker.config());
    await isUp();
    await mark();
    expect(values(GUESTS)).toEqual([]);
    expect(values(KEPT)).toEqual([[true, 'on']]);
    await broker.publish('house/guests', 'off', true);
    await until(() => values(GUESTS).length === 1);
    expect(values(GUESTS)).toEqual([[false, 'off']]);
  });

  test('S10 other topics, endless messages and floods are left out, and the newest value counts', async () => {
    await ask([GUESTS, MOTION]);
    await isUp();
    await broker.publish('house/other', 'on');
    await broker.publish('house/guests', Buffer.alloc(10 * 1024 * 1024, 'x'));
    await broker.publish('house/guests', Buffer.alloc(64 * 1024 + 1, 'x'));
    for (let i = 0; i < 2_000; i++) await broker.publish('house/guests', i % 2 === 0 ? 'on' : 'off');
    await mark();
    await until(() => values(GUESTS).at(-1)?.[1] === 'off');
    expect(values(GUESTS).at(-1)).toEqual([false, 'off']);
    expect(values(GUESTS).length).toBeLessThan(1_000);
    expect(told.told.every(([fact]) => fact === factName(GUESTS) || fact === factName(MOTION))).toBe(true);
    expect(told.lines.filter((line) => line.includes('too large'))).toHaveLength(1);
  });

  test('S3 S10 a broker that floods is let go of, ever less often, and this process has time to mute', async () => {
    broker = await Broker.start();
    let rounds = 0;
    // It answers CONNECT and SUBSCRIBE, and then sends without end.
    const flooding = createServer((socket) => {
      const message = Buffer.from('\x30\x0f\0\x0chouse/guestso', 'latin1');
      const flood = Buffer.concat(Array.from({ length: 4_000 }, () => message));
      const send = () => void (socket.destroyed || (socket.write(flood) ? setImmediate(send) : 0));
      socket.on('error', () => {}).on('drain', send);
      socket.on('data', (bytes) => {
        if (bytes[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]));
        if (bytes[0] !== 0x82) return;
        rounds++;
        socket.write(Buffer.from([0x90, 3, bytes[2]!, bytes[3]!, 0]));
        send();
      });
    });
    await new Promise<void>((resolve) => flooding.listen(0, '127.0.0.1', resolve));
    const { port } = flooding.address() as { port: number };
    follow([GUESTS], { ...broker.config(), port });
    await problem('mqtt-unreachable', 'more than 3000 messages a second');
    for (let i = 0; i < 20; i++) {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(process.cpuUsage(before).user).toBeLessThan(500_000);
    }
    await until(() => rounds >= 3);
    await source?.stop();
    await new Promise((resolve) => flooding.close(resolve));
    expect(pauses.slice(0, 3)).toEqual([1_000, 2_000, 5_000]);
  });

  test('S4 tell nothing while the connection is lost, and are told again when it is back', async () => {
    await ask([GUESTS, MOTION]);
    await isUp();
    await broker.publish('house/guests', 'on');
    await until(() => told.told.length === 1);
    broker.cut();
    await problem('mqtt-unreachable', `mqtt://127.0.0.1:${broker.port}`);
    await isUp(2);
    expect(told.told).toHaveLength(1);
    expect(told.problems.size).toBe(0);
    await mark();
    expect(told.told).toHaveLength(2);
  });

  test('S10 a broker that is not there is tried for ever, and said once', async () => {
    await ask([GUESTS]);
    await isUp();
    const { port } = broker;
    await broker.stop();
    await problem('mqtt-unreachable', 'ECONNREFUSED');
    broker = await Broker.start({ port });
    await isUp(2);
    expect(told.problems.size).toBe(0);
  });
});

describe('a broker that wants to know who we are', () => {
  const user = { name: 'earlid', password: 'open sesame' };
  const passwordFile = () => join(folder, 'password');

  test('is told the password of the file, and a new one without a restart; it never shows', async () => {
    writeFileSync(passwordFile(), 'wrong words\n', { mode: 0o600 });
    await ask([GUESTS, MOTION], { user }, () => ({ username: 'earlid', passwordFile: passwordFile() }));
    await problem('mqtt-refused', 'wrong user name or password');
    writeFileSync(passwordFile(), 'open sesame\nand a second line\n');
    await isUp();
    expect(told.problems.size).toBe(0);
    expect(JSON.stringify([told.lines, [...told.problems]])).not.toMatch(/wrong words|sesame/);
  });

  test('others who may read the password are named, until they may not', async () => {
    writeFileSync(passwordFile(), 'open sesame\n', { mode: 0o644 });
    await ask([GUESTS], { user }, () => ({ username: 'earlid', passwordFile: passwordFile() }));
    await isUp();
    await problem('mqtt-file-open', passwordFile());
    chmodSync(passwordFile(), 0o600);
    broker.cut();
    await isUp(2);
    expect(told.problems.size).toBe(0);
  });

  test('a file that is not there is named', async () => {
    await ask([GUESTS], { user }, () => ({ username: 'earlid', passwordFile: passwordFile() }));
    await problem('mqtt-file', passwordFile());
  });

  test('S10: a pipe in the place of that file is named as well, and holds nothing up', async () => {
    execFileSync('mkfifo', [passwordFile()]);
    await ask([GUESTS], { user }, () => ({ username: 'earlid', passwordFile: passwordFile() }));
    await problem('mqtt-file', 'not a regular file');
  });

  test('topics that it does not let us read are named, and the others are followed', async () => {
    await ask([GUESTS, MOTION], { closed: ['house/guests'] });
    await isUp();
    await problem('mqtt-topics', 'house/guests');
    await mark();
  });
});

describe('an encrypted broker', () => {
  const [cert, key] = [fileURLToPath(CLIENT.cert), fileURLToPath(CLIENT.key)];
  const none = () => join(folder, 'ca');

  test('is trusted by the certificate that the configuration names', async () => {
    await ask([MOTION], { tls: CERTIFICATE }, () => ({ tls: true, ca: CA }));
    await isUp();
    await mark();
  });

  test('is shown our own certificate where it asks for one', async () => {
    await ask([MOTION], { tls: CERTIFICATE, asksCertificate: true }, () => ({
      tls: true,
      ca: CA,
      cert,
      key,
    }));
    await isUp();
    await mark();
  });

  test.each<[string, string, BrokerOptions, () => Partial<MqttConfig>]>([
    ['nobody known has signed its certificate', 'SELF_SIGNED', { tls: CERTIFICATE }, () => ({})],
    ['its certificate has expired', 'has expired', { tls: EXPIRED }, () => ({ ca: fileURLToPath(EXPIRED) })],
    [
      'its certificate is for another name',
      'is for another name',
      { tls: ELSEWHERE },
      () => ({ ca: fileURLToPath(ELSEWHERE) }),
    ],
    [
      'it wants a certificate of ours',
      'a certificate of ours',
      { tls: CERTIFICATE, asksCertificate: true },
      () => ({ ca: CA }),
    ],
    [
      'it does not take our certificate',
      'take our certificate',
      { tls: CERTIFICATE, asksCertificate: true },
      () => ({ ca: CA, cert: CA, key: fileURLToPath(KEY) }),
    ],
    [
      'our key does not belong to our certificate',
      'does not belong to our certificate',
      { tls: CERTIFICATE },
      () => ({ ca: CA, cert, key: fileURLToPath(KEY) }),
    ],
    [
      'a file holds no certificate',
      '(PEM)',
      { tls: CERTIFICATE },
      () => ({ ca: none(), cert: none(), key: none() }),
    ],
    ['it speaks no TLS', 'it broke the connection', {}, () => ({ ca: CA })],
  ])('is not trusted: %s', async (_, words, options, config) => {
    writeFileSync(none(), 'nothing of the kind', { mode: 0o600 });
    await ask([MOTION], options, () => ({ tls: true, ...config() }));
    await problem('mqtt-tls', words);
    expect(told.told).toEqual([]);
  });

  test('one that breaks the connection without a word may want a certificate', async () => {
    const [certificate, secret] = [readFileSync(CERTIFICATE), readFileSync(KEY)];
    const silent = createTlsServer({ cert: certificate, key: secret }, (socket) =>
      socket.on('error', () => {}),
    );
    let below: Socket;
    silent.on('connection', (socket: Socket) => {
      below = socket;
    });
    silent.on('secureConnection', (socket: TLSSocket) => socket.once('data', () => below.resetAndDestroy()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    broker = await Broker.start();
    const { port } = silent.address() as AddressInfo;
    follow([MOTION], broker.config({ tls: true, ca: CA, port }));
    await problem('mqtt-tls', 'it broke the connection (ECONNRESET); it may want a certificate of ours');
    await source!.stop();
    await new Promise((resolve) => silent.close(resolve));
  });
});

test('S10 whatever answers in place of a broker ends nothing', async () => {
  broker = await Broker.start();
  const answers = [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(100, 0xff), Buffer.alloc(0)];
  let connections = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    socket.end(answers[connections++ % answers.length]!);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  follow([GUESTS], { ...broker.config(), port: (server.address() as { port: number }).port });
  await until(() => connections > 4);
  await problem('mqtt-unreachable', 'mqtt://127.0.0.1');
  await source!.stop();
  await new Promise((resolve) => server.close(resolve));
  expect(told.told).toEqual([]);
});
