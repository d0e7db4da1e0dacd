/** The embedded broker, and programs of this machine at it that mean well or harm. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { freePort } from '../../controller/cli/free-port.ts';
import { kindOfTopic } from '../../controller/homeassistant/topics.ts';
import { type Door, EmbeddedBroker } from '../../controller/mqtt/broker.ts';
import { type Connection, type Message, useBroker } from '../../controller/mqtt/connection.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import { quick, until } from '../homeassistant/foreign.ts';
import { brokerAt } from '../presence/broker.ts';

let broker: EmbeddedBroker;
let port: number;
let folder: string;
let problems: Map<string, ErrorView>;
let told: string[];
let clients: MqttClient[];
let sockets: Socket[];
let ownSessions: { readonly stop: () => Promise<unknown> }[];

beforeEach(async () => {
  port = await freePort(0);
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  [problems, told, clients, sockets, ownSessions] = [new Map(), [], [], [], []];
  const log = (text: string) => void told.push(text);
  broker = new EmbeddedBroker({
    now: () => ({ counted: performance.now() }),
    after: quick,
    log: { info: log, warn: log },
    onProblem: (what, problem) => void (problem ? problems.set(what, problem) : problems.delete(what)),
  });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const client of clients) client.end(true);
  await Promise.all(ownSessions.map(({ stop }) => stop()));
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(change: Partial<Door> = {}): Promise<void> {
  const kindOf = kindOfTopic({ discovery: 'homeassistant', topic: 'earlid' }, 'earlid');
  await broker.open({ port, login: null, kindOf, ...change });
  await until(() => told.some((line) => line.includes(`listens at 127.0.0.1:${port}`)));
}

/** Somebody else on this machine, and what he hears. */
async function stranger(options: IClientOptions = {}, ...filters: string[]) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
  clients.push(client);
  const heard: string[] = [];
  client
    .on('message', (topic, payload) => heard.push(`${topic} ${payload.subarray(0, 20)}`))
    .on('error', () => {});
  if (filters.length > 0) await client.subscribeAsync(filters);
  return { client, heard };
}

/** A session of Earlid itself. */
async function own(topics: readonly string[] = []): Promise<{ connection: Connection; heard: Message[] }> {
  const stopping = new AbortController();
  const heard: Message[] = [];
  const place = brokerAt(port, { embedded: true });
  return new Promise((resolve) => {
    const ended = useBroker(
      { ...place, dial: () => broker.dial() },
      topics,
      {
        up: (_, connection) => resolve({ connection, heard }),
        message: (message) => void heard.push(message),
        skipped() {},
        exposed() {},
      },
      { now: () => performance.now(), after: quick },
      stopping.signal,
      { will: { topic: 'earlid/status', payload: 'offline' } },
    );
    ownSessions.push({
      stop: () => {
        stopping.abort();
        return ended;
      },
    });
  });
}

/** Bytes of a CONNECT by somebody without a name, and of a SUBSCRIBE to everything. */
const CONNECT = Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 0]);
const MUTE = Buffer.from('\x30\x11\x00\x0fearlid/mute/set');
const ALL = Buffer.from([0x82, 6, 0, 1, 0, 1, 0x23, 0]);

function raw(...parts: Buffer[]): Socket {
  const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  for (const part of parts) socket.write(part);
  return socket;
}

describe('the embedded broker', () => {
  test('everything that is said arrives, once and in order, kept or not', async () => {
    await open();
    const { heard } = await stranger({}, '#', 'earlid/+');
    const { connection } = await own();
    const said = Array.from({ length: 200 }, (_, i) => `earlid/t ${i}`);
    for (const [i] of said.entries()) connection.publish('earlid/t', String(i), { retain: i % 3 === 0 });
    await until(() => heard.length >= said.length);
    expect(heard).toEqual(said);
  });

  test('others hear what is kept, and neither overwrite it nor read of each other', async () => {
    await open();
    const { connection, heard: ours } = await own(['earlid/+', 'earlid/gates/kitchen/mute/set']);
    connection.publish('earlid/status', 'online', { retain: true });
    await until(() => ours.length === 1);
    const { client } = await stranger();
    for (const topic of ['earlid/status', 'earlid/gates/kitchen/mute/set', 'house/mode'])
      await client.publishAsync(topic, 'theirs', { qos: 1, retain: true });
    await until(() => ours.length === 2);
    const spy = await stranger({}, '#').catch(() => null);
    await expect(spy!.client.subscribeAsync('$SYS/#')).rejects.toThrow();
    await until(() => spy!.heard.length >= 2);
    expect(spy!.heard.sort()).toEqual(['earlid/status online', 'house/mode theirs']);
    expect(ours.map(({ topic, payload }) => `${topic} ${Buffer.from(payload)}`)).toEqual([
      'earlid/status online',
      'earlid/gates/kitchen/mute/set theirs',
    ]);
  });

  test('S3 a mute that is too large still arrives, without its payload; whoever sent it is cut off', async () => {
    await open();
    const { heard } = await own(['earlid/gates/kitchen/mute/set']);
    const { client } = await stranger();
    const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish('earlid/gates/kitchen/mute/set', Buffer.alloc(10_000_000));
    await ended;
    await until(() => heard.length === 1);
    expect(heard[0]!.payload.length).toBe(0);
  });

  test('S3 what is said just before its sender leaves is heard', async () => {
    await open();
    const { heard } = await own(['earlid/mute/set']);
    const disconnect = Buffer.from([0xe0, 0]);
    for (let i = 0; i < 5; i++) raw(CONNECT, MUTE, MUTE, disconnect).end();
    await until(() => heard.length === 10);
  });

  test('whoever does not read is cut off, and holds up nobody', async () => {
    await open();
    const deaf = raw(CONNECT, ALL).pause();
    const gone = new Promise((resolve) => deaf.once('close', resolve));
    const { heard } = await stranger({}, '#');
    const { connection } = await own();
    const large = 'x'.repeat(60_000);
    for (let i = 0; i < 300; i++) connection.publish('earlid/large', large, { retain: false });
    connection.publish('earlid/last', '', { retain: false });
    await until(() => heard.at(-1)?.startsWith('earlid/last') ?? false);
    deaf.resume();
    await gone;
  });

  test('a flood of many is slowed down, and what is said beside it arrives', async () => {
    await open();
    const { connection, heard } = await own(['earlid/+/set']);
    const flood = Buffer.concat(Array.from({ length: 5_000 }, () => MUTE));
    for (let i = 0; i < 10; i++) raw(CONNECT, flood);
    await until(() => heard.length > 100);
    const { client } = await stranger();
    await client.publishAsync('earlid/now/set', '');
    await until(() => heard.some(({ topic }) => topic === 'earlid/now/set'));
    expect(heard.length).toBeLessThan(10_000);
    await connection.flushed();
  });

  test('only so many may be there at once, and none of another address of this machine', async () => {
    await open();
    const all = Array.from({ length: 17 }, () => raw(CONNECT).resume());
    await until(() => all.filter((socket) => socket.destroyed).length === 1);
    const other = connectTcp(port, '127.0.0.2');
    sockets.push(other);
    expect(
      await new Promise((resolve) =>
        other.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
      ),
    ).toBe('ECONNREFUSED');
  });

  test('bytes that are no MQTT end their own connection and nothing else', async () => {
    await open();
    const texts = [
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(99)}\r\n\r\n`,
      '\x30\x05hello',
      '\x10\xff\xff\xff\xff\xff',
      '\x10\x02\x00\x00',
    ];
    const garbage = texts.map((text) => raw(Buffer.from(text, 'latin1')));
    const later = ['\x00\x00', '\xf0\x02ab', '\x82\x02\x00\x00', '\x36\x03\x00\x00\x00'].map((text) =>
      raw(CONNECT, Buffer.from(text, 'latin1')),
    );
    await until(() => [...garbage, ...later].every((socket) => socket.resume().destroyed));
    const { client } = await stranger();
    expect(client.connected).toBe(true);
  });

  test('a busy port is a problem with its next step, until it is free; Earlid itself is connected meanwhile', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await broker.open({ port, login: null, kindOf: () => 'free' });
    await until(() => problems.has('mqtt broker'));
    expect(problems.get('mqtt broker')).toMatchObject({
      code: 'mqtt-port-busy',
      hint: expect.stringContaining(`mqtt://127.0.0.1:${port}`),
    });
    const { connection, heard } = await own(['a']);
    connection.publish('a', 'b', { retain: false });
    await until(() => heard.length === 1);
    await new Promise((resolve) => other.close(resolve));
    await until(() => problems.size === 0);
    await stranger();
  });

  test('the last words are heard before it ends', async () => {
    await open();
    const { client, heard } = await stranger({}, 'earlid/status');
    const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const { connection } = await own();
    connection.publish('earlid/status', 'offline', { retain: true });
    await connection.flushed();
    await ownSessions[0]!.stop();
    await broker.stop();
    await ended;
    expect(heard).toContain('earlid/status offline');
  });
});

describe('a login at the embedded broker', () => {
  const login = () => ({ username: 'house', passwordFile: join(folder, 'password') });
  const refused = (options: IClientOptions) =>
    expect(stranger({ connectTimeout: 5_000, ...options })).rejects.toThrow(/refused/i);

  test('S4 who knows it is let in, anybody else is not', async () => {
    writeFileSync(login().passwordFile, 'open sesame\n', { mode: 0o600 });
    await open({ login: login() });
    const { client } = await stranger({ username: 'house', password: 'open sesame' });
    expect(client.connected).toBe(true);
    await refused({});
    await refused({ username: 'house', password: 'open' });
    await refused({ username: 'earlid', password: 'open sesame' });
    await refused({ username: 'house' });
    writeFileSync(login().passwordFile, 'another one\n');
    await refused({ username: 'house', password: 'open sesame' });
    await own();
  });

  test('S4 a password that everybody may read lets in nobody, nor does one that is missing or empty', async () => {
    await open({ login: login() });
    await until(() => problems.get('mqtt login')?.code === 'mqtt-file');
    await refused({ username: 'house', password: '' });
    writeFileSync(login().passwordFile, '\n', { mode: 0o600 });
    await refused({ username: 'house', password: '' });
    writeFileSync(login().passwordFile, 'open sesame\n');
    chmodSync(login().passwordFile, 0o604);
    await refused({ username: 'house', password: 'open sesame' });
    expect(problems.get('mqtt login')?.code).toBe('mqtt-password-open');
    chmodSync(login().passwordFile, 0o600);
    await stranger({ username: 'house', password: 'open sesame' });
    expect(problems.size).toBe(0);
  });
});
