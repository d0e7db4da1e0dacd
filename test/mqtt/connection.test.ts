import { afterEach, describe, expect, test } from '@jest/globals';
import { type Connection, type Message, useBroker } from '../../controller/mqtt/connection.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import { quick, until } from '../homeassistant/foreign.ts';
import { Broker, brokerAt } from '../presence/broker.ts';
import { type Answers, DISCONNECT, FiveBroker } from './five.ts';

const WILL = { topic: 'earlid/status', payload: 'offline' };

let broker: { stop(): Promise<void> } | null = null;
let leaving = new AbortController();
let running: Promise<ErrorView> | null = null;
afterEach(async () => {
  leaving.abort();
  await running;
  await broker?.stop();
});

interface Used {
  readonly messages: Message[];
  readonly refused: readonly string[];
  readonly connection: Connection;
}

async function use(config: MqttConfig, topics: readonly string[] = []): Promise<Used> {
  leaving = new AbortController();
  const messages: Message[] = [];
  return new Promise((resolve, reject) => {
    running = useBroker(
      config,
      topics,
      {
        up: (refused, connection) => resolve({ messages, refused, connection }),
        message: (message) => messages.push(message),
        skipped: () => {},
        exposed: () => {},
      },
      { now: () => performance.now(), after: quick },
      leaving.signal,
      { will: WILL },
    );
    void running.then(reject);
  });
}

async function five(answers: Answers = {}): Promise<{ broker: FiveBroker; config: MqttConfig }> {
  const started = new FiveBroker(answers);
  broker = started;
  const port = await started.start();
  return { broker: started, config: brokerAt(port, { protocol: '5' }) };
}

describe('MQTT 5', () => {
  test('S7 begins without a past, and asks for none to be kept', async () => {
    const { broker, config } = await five();
    await use(config);
    const connect = broker.connect!;
    expect(connect.subarray(0, 7)).toEqual(Buffer.from([0, 4, ...Buffer.from('MQTT'), 5]));
    // Will that is kept, at least once; clean start.
    expect(connect[7]).toBe(0b0010_1110);
    // Properties: session expiry interval 0, and nothing that lets the broker leave out what is too large.
    expect(connect.subarray(10, 16)).toEqual(Buffer.from([5, 0x11, 0, 0, 0, 0]));
  });

  test('S3 S7 says of a message whether it was kept or may be a repetition', async () => {
    const { broker, config } = await five();
    const { messages } = await use(config, ['a']);
    broker.publish('a', 'new');
    broker.publish('a', 'kept', 1);
    broker.publish('a', 'again', 8);
    await until(() => messages.length === 3);
    expect(
      messages.map(({ payload, transitMs: _, ...rest }) => ({ ...rest, payload: String(payload) })),
    ).toEqual([
      { topic: 'a', payload: 'new', retained: false, repeated: false },
      { topic: 'a', payload: 'kept', retained: true, repeated: false },
      { topic: 'a', payload: 'again', retained: false, repeated: true },
    ]);
  });

  test('lets what is worth nothing later expire at the broker', async () => {
    const { broker, config } = await five();
    const { connection } = await use(config);
    connection.publish('a', 'news', { retain: false, lastsMs: 60_000 });
    connection.publish('a', 'state', { retain: true });
    await until(() => broker.published.length === 2);
    expect(broker.published[0]!.subarray(3)).toEqual(
      Buffer.from([5, 2, 0, 0, 0, 60, ...Buffer.from('news')]),
    );
    expect(broker.published[1]!.subarray(3)).toEqual(Buffer.from([0, ...Buffer.from('state')]));
  });

  test('names the topics that are refused', async () => {
    const { config } = await five({ subscribe: (topic) => (topic === 'b' ? 0x87 : 0) });
    expect((await use(config, ['a', 'b', 'c'])).refused).toEqual(['b']);
  });

  test.each([
    [0x84, 'mqtt-protocol', 'does not speak MQTT 5'],
    [0x86, 'mqtt-refused', 'wrong user name or password'],
    [0x87, 'mqtt-refused', 'or this user may not connect'],
    [0x89, 'mqtt-unreachable', 'it is busy'],
    [0x9b, 'mqtt-unreachable', 'it gives the reason 155'],
  ])('a refusal with reason %i is %s', async (reason, code, words) => {
    const { config } = await five({ connect: reason });
    await expect(use(config)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test.each([
    [0x8b, 'mqtt-unreachable', 'it shuts down'],
    [0x87, 'mqtt-refused', 'or this user may not connect'],
    [0, 'mqtt-unreachable', 'it ended the connection'],
  ])('an end with reason %i is %s', async (reason, code, words) => {
    const { broker, config } = await five();
    await use(config);
    broker.part(reason);
    expect(await running).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('is told of where the broker speaks 3.1.1 alone', async () => {
    const older = await Broker.start();
    broker = older;
    await expect(use(older.config({ protocol: '5' }))).rejects.toMatchObject({ code: 'mqtt-protocol' });
  });
});

test('who leaves says goodbye, and there is no will then', async () => {
  const { broker: fifth, config } = await five();
  await use(config);
  leaving.abort();
  await running;
  expect(fifth.of(DISCONNECT)).toHaveLength(1);
  await fifth.stop();
  const older = await Broker.start();
  broker = older;
  const said: string[] = [];
  older.aedes.on('publish', ({ topic }) => said.push(topic));
  const { connection } = await use(older.config());
  connection.publish('last', 'word', { retain: false });
  await connection.flushed();
  leaving.abort();
  await running;
  await until(() => said.includes('last') && older.aedes.connectedClients === 0);
  expect(said).not.toContain(WILL.topic);
});

test('S10 a broker that does not let us go holds nothing up', async () => {
  const { broker: fifth, config } = await five();
  await use(config);
  fifth.hangs = true;
  leaving.abort();
  const begun = performance.now();
  await running;
  expect(performance.now() - begun).toBeLessThan(5_000);
});
