import { createServer, type Server } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { hostSource } from '../../controller/presence/host.ts';
import { type Network, systemNetwork } from '../../controller/presence/network.ts';
import type { Asked } from '../../controller/presence/source.ts';
import { settle, VirtualClock } from '../gate/virtual-clock.ts';
import { tellings } from './tellings.ts';

const host = (address: string, port = 62_078): Asked<'host'>[number] => ({
  fact: `host ${address}`,
  source: { kind: 'host', address, port },
});

/** A network in which every connection ends as it is told to, at once unless `connect` waits. */
const network = (change: Partial<Network>): Network => ({
  isAddress: (text) => /^\d/.test(text),
  lookUp: async () => ['10.0.0.1'],
  connect: async () => 'connected',
  ...change,
});

async function ask(asked: Asked<'host'>, change: Partial<Network>, ms = 0) {
  const clock = new VirtualClock();
  const told = tellings(clock);
  const source = hostSource(asked, network(change), told);
  source.start();
  await settle();
  await clock.pass(ms);
  await source.stop();
  expect(clock.pending).toBe(0);
  return told.told;
}

describe('a phone on the network', () => {
  test.each([
    ['connected', true],
    ['ECONNREFUSED', true],
    ['timeout', false],
    ['EHOSTUNREACH', false],
    ['ENETUNREACH', null],
    ['EADDRNOTAVAIL', null],
    ['EPERM', null],
    ['EMFILE', null],
  ])('%s: %s', async (outcome, value) => {
    expect(await ask([host('10.0.0.7')], { connect: async () => outcome })).toEqual([
      ['host 10.0.0.7', value, 0, expect.any(String)],
    ]);
  });

  test('is asked every 15 s, its name looked up each time', async () => {
    let looked = 0;
    const told = await ask(
      [host('phone.home')],
      {
        lookUp: async () => {
          looked++;
          return ['10.0.0.1'];
        },
      },
      31_000,
    );
    expect(told.map(([, , at]) => at)).toEqual([0, 15_000, 30_000]);
    expect(looked).toBe(3);
  });

  test('S4 is unknown while its name is', async () => {
    expect(await ask([host('phone.home')], { lookUp: async () => 'ENOTFOUND' })).toEqual([
      ['host phone.home', null, 0, 'its name is not known (ENOTFOUND)'],
    ]);
  });

  test('with several addresses is there when one of them answers', async () => {
    const outcomes: Record<string, string> = { a: 'ENETUNREACH', b: 'timeout', c: 'ECONNREFUSED' };
    const change = (...found: string[]): Partial<Network> => ({
      lookUp: async () => found,
      connect: async (address) => outcomes[address]!,
    });
    const value = async (...found: string[]) => (await ask([host('phone')], change(...found)))[0]![1];
    expect([
      await value('a', 'b', 'c'),
      await value('a', 'b'),
      await value('b', 'a'),
      await value('a'),
    ]).toEqual([true, false, false, null]);
  });

  test('S4 tells nothing of an attempt during which the machine slept', async () => {
    const clock = new VirtualClock();
    const told = tellings(clock);
    let attempts = 0;
    const source = hostSource(
      [host('10.0.0.7')],
      network({
        connect: async () => {
          if (attempts++ === 0) await clock.pass(3_600_000);
          return 'timeout';
        },
      }),
      told,
    );
    source.start();
    while (clock.pending === 0) await settle();
    expect(told.told).toEqual([]);
    await clock.pass(15_000);
    expect(told.told).toHaveLength(1);
    await source.stop();
  });

  test('of many, at most eight are asked at once, and each once at a time', async () => {
    const asked = Array.from({ length: 20 }, (_, i) => host(`10.0.0.${i}`));
    const clock = new VirtualClock();
    const told = tellings(clock);
    const open = new Map<string, () => void>();
    let most = 0;
    const source = hostSource(
      asked,
      network({
        connect: (address) =>
          new Promise((resolve) => {
            expect(open.has(address)).toBe(false);
            open.set(address, () => resolve('timeout'));
            most = Math.max(most, open.size);
          }),
      }),
      told,
    );
    source.start();
    for (let round = 0; round < 3; round++) {
      await clock.pass(1_000);
      for (const [address, answer] of [...open]) {
        open.delete(address);
        answer();
      }
      await settle();
    }
    await source.stop();
    expect(most).toBe(8);
    expect(told.told).toHaveLength(20);
  });
});

describe('TCP', () => {
  const listening = (server: Server) =>
    new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
  const connect = (port: number, signal = new AbortController().signal) =>
    systemNetwork.connect('127.0.0.1', port, 2_000, signal);

  test('a server answers and is sent nothing; a closed port refuses', async () => {
    const bytes: Buffer[] = [];
    let isClosed = () => {};
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    const server = createServer((socket) => {
      socket.on('data', (chunk) => bytes.push(chunk)).on('close', isClosed);
    });
    const port = await listening(server);
    expect(await connect(port)).toBe('connected');
    await closed;
    expect(bytes).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
    expect(await connect(port)).toBe('ECONNREFUSED');
  });

  test('an attempt ends when it is stopped', async () => {
    const stopping = new AbortController();
    stopping.abort();
    expect(await connect(9, stopping.signal)).toBe('stopped');
  });

  test('a name has addresses', async () => {
    expect(await systemNetwork.lookUp('localhost')).toEqual(expect.arrayContaining([expect.any(String)]));
  });
});
