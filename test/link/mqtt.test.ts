import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connection } from '../../controller/link/link.ts';
import { MqttLinks } from '../../controller/link/mqtt.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import { Broker } from '../presence/broker.ts';

const HELLO = encodeFrame({ type: 'hello', controller: 7 }, 0);
const other = (controller: number) => encodeFrame({ type: 'hello', controller }, 0);
/** How much faster timers run here. */
const FASTER = 20;

let broker: Broker;
let links: MqttLinks;
let problems: Map<string, ErrorView>;
let open: Connection[];

beforeEach(async () => {
  broker = await Broker.start();
  problems = new Map();
  open = [];
  links = make(broker);
});
afterEach(async () => {
  await links.stop();
  await broker.stop();
});

function make(at: Broker): MqttLinks {
  return new MqttLinks({
    broker: at.config(),
    prefix: 'earlid',
    now: () => ({ counted: performance.now() * FASTER }),
    after: (ms, run) => {
      const timer = setTimeout(run, ms / FASTER);
      return () => clearTimeout(timer);
    },
    log: { info() {}, warn() {} },
    onProblem: (what, problem) => void (problem ? problems.set(what, problem) : problems.delete(what)),
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!isSo() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 2));
}

interface Heard {
  readonly bytes: number[];
  ending: { readonly code?: string } | 'ended' | null;
}

/** Opens a link, and goes on trying as whoever keeps one does; reads it to its end. */
async function opened(name: string): Promise<Heard & Connection> {
  let connection: Connection | null = null;
  for (const end = performance.now() + 20_000; connection === null; ) {
    connection = await links
      .link(name)()
      .catch((error) => {
        if (performance.now() > end) throw error;
        return new Promise((resolve) => setTimeout(() => resolve(null), 2));
      });
  }
  open.push(connection);
  const heard: Heard & Connection = Object.assign(Object.create(connection), { bytes: [], ending: null });
  void (async () => {
    try {
      for await (const bytes of connection.source) heard.bytes.push(...bytes);
      heard.ending = 'ended';
    } catch (error) {
      heard.ending = error as { code: string };
    }
  })();
  return heard;
}

const serve = (name: string, said = '1') => broker.publish(`earlid/links/${name}/online`, said, true);
const up = (name: string, bytes: Uint8Array, retain = false) =>
  broker.publish(`earlid/links/${name}/up`, Buffer.from(bytes), retain);

describe('a link over MQTT', () => {
  test('all gates have one connection, and each hears its own frames only', async () => {
    await Promise.all([serve('kitchen'), serve('hall')]);
    links.start();
    const [kitchen, hall] = await Promise.all([opened('kitchen'), opened('hall')]);
    await up('kitchen', HELLO);
    await up('hall', other(8));
    await until(() => kitchen.bytes.length > 0 && hall.bytes.length > 0);
    expect([kitchen.bytes, hall.bytes]).toEqual([[...HELLO], [...other(8)]]);
    expect(broker.connections).toBe(1);
  });

  test('what is sent goes to the gate at once, is not kept, and comes whole', async () => {
    const sent: [string, number[], boolean][] = [];
    broker.aedes.on('publish', ({ topic, payload, retain }, client) => {
      if (client && topic.endsWith('/down')) sent.push([topic, [...(payload as Buffer)], retain]);
    });
    await serve('kitchen');
    links.start();
    (await opened('kitchen')).sink(HELLO);
    await until(() => sent.length > 0);
    expect(sent).toEqual([['earlid/links/kitchen/down', [...HELLO], false]]);
  });

  test('S7 what the broker kept, what is no whole frame and what comes elsewhere is not heard', async () => {
    await serve('kitchen');
    await up('kitchen', other(1), true);
    links.start();
    const kitchen = await opened('kitchen');
    for (const bytes of [
      Uint8Array.of(),
      HELLO.subarray(1),
      HELLO.subarray(0, -1),
      new Uint8Array(2_000).fill(0xf0),
    ])
      await up('kitchen', bytes);
    await broker.publish('earlid/links/kitchen/up/more', Buffer.from(HELLO));
    await broker.publish('earlid/links/kitchen/down', Buffer.from(HELLO));
    await up('kitchen', other(2));
    await until(() => kitchen.bytes.length > 0);
    expect(kitchen.bytes).toEqual([...other(2)]);
  });

  test('S10 a flood at the topic of one gate does not hold up another', async () => {
    await Promise.all([serve('kitchen'), serve('hall')]);
    links.start();
    const [kitchen, hall] = await Promise.all([opened('kitchen'), opened('hall')]);
    for (let i = 0; i < 5_000; i++) void up('kitchen', HELLO);
    await up('hall', other(8));
    await until(() => hall.bytes.length > 0);
    await until(() => problems.size > 0);
    expect(kitchen.bytes.length).toBeLessThan(4_000 * HELLO.length);
    expect([...problems.values()]).toMatchObject([{ code: 'gate-flooded' }]);
    await until(() => problems.size === 0);
    expect([kitchen.ending, hall.ending, broker.connections]).toEqual([null, null, 1]);
  });
});

describe('what is wrong with a link over MQTT', () => {
  test('nobody serves the gate, and then somebody does', async () => {
    links.start();
    await expect(links.link('kitchen')()).rejects.toMatchObject({ code: 'gate-not-served' });
    await serve('kitchen');
    await opened('kitchen');
  });

  test('nobody does any more', async () => {
    await serve('kitchen');
    links.start();
    const kitchen = await opened('kitchen');
    await serve('kitchen', '0');
    await until(() => kitchen.ending !== null);
    expect(kitchen.ending).toMatchObject({ code: 'gate-not-served' });
    await expect(links.link('kitchen')()).rejects.toMatchObject({ code: 'gate-not-served' });
    // Its will came late: it is there.
    await up('kitchen', HELLO);
    await opened('kitchen');
  });

  test('S3 who only says that nobody serves a gate keeps no mute from it', async () => {
    await serve('kitchen');
    links.start();
    const kitchen = await opened('kitchen');
    for (let i = 0; i < 20; i++) {
      await serve('kitchen', '0');
      await up('kitchen', HELLO);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(kitchen.ending).toBeNull();
  });

  test('the broker goes, and everything is back with it', async () => {
    await Promise.all([serve('kitchen'), serve('hall')]);
    links.start();
    const both = [await opened('kitchen'), await opened('hall')];
    const { port } = broker;
    await broker.stop();
    await until(() => both.every(({ ending }) => ending !== null));
    expect(both.map(({ ending }) => ending)).toMatchObject([
      { code: 'broker-away' },
      { code: 'broker-away' },
    ]);
    await until(() => problems.size > 0);
    expect([...problems.values()]).toMatchObject([{ code: 'mqtt-unreachable' }]);
    await expect(links.link('kitchen')()).rejects.toMatchObject({ code: 'broker-away' });
    broker = await Broker.start({ port });
    await serve('kitchen');
    await until(() => problems.size === 0);
    await opened('kitchen');
  });

  test('there is no broker from the beginning', async () => {
    await broker.stop();
    links.start();
    await expect(links.link('kitchen')()).rejects.toMatchObject({
      code: 'broker-away',
      detail: expect.stringContaining('nothing listens at this port'),
    });
    broker = await Broker.start();
  });

  test('nothing but guard frames travels on it', async () => {
    await serve('kitchen');
    links.start();
    await expect(links.link('kitchen')({ baud: 57_600 })).rejects.toMatchObject({ code: 'link-failed' });
  });
});
