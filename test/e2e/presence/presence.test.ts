/** Facts that open and close the contact of a gate on the real firmware. */
import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { configOf } from '../../../schemas/config.ts';
import { Broker } from '../../presence/broker.ts';
import { VirtualHouse } from './house.ts';

const MINUTE = 60_000;
const bench = { bench: 'uno-relay' } as const;
/** From what happens to what the contact shows: the firmware debounces for 30 ms and reports, the controller answers. */
const SOON_MS = 200;

let house: VirtualHouse;
afterEach(() => house.end());

describe('walking into the basement', () => {
  const BASEMENT = configOf({
    presence: { in_basement: { input: 'basement.motion', linger: '30s' } },
    gates: {
      basement: { link: bench, inputs: { motion: 4 }, listen: [{ if: 'in_basement' }] },
    },
  });

  test('lets it listen at once, and until half a minute after the last motion', async () => {
    house = await new VirtualHouse(BASEMENT).start();
    const board = house.board('basement');
    expect(house.hears('basement')).toBe(false);
    board.input('motion', 1);
    expect(await house.until(() => house.hears('basement'), SOON_MS)).not.toBeNull();
    await house.pass(10_000);
    board.input('motion', 0);
    await house.pass(MINUTE / 2 - 500);
    expect(house.hears('basement')).toBe(true);
    expect(await house.until(() => !house.hears('basement'), 500 + SOON_MS)).not.toBeNull();
    await house.pass(SOON_MS);
    expect(house.view('basement')).toMatchObject({ state: 'muted', reason: { code: 'no-rule' } });
  });
});

describe('an input of another gate', () => {
  const CONFIG = configOf({
    gates: {
      kitchen: { link: bench, listen: [{ if: { input: 'hall.mat', max_age: '20s' } }] },
      hall: { link: bench, inputs: { mat: 4 } },
    },
  });

  test('S4 is unknown when it is too old after its gate was unplugged, and then lets nothing listen until it is back', async () => {
    house = await new VirtualHouse(CONFIG).start();
    house.board('hall').input('mat', 1);
    expect(await house.until(() => house.hears('kitchen'), SOON_MS)).not.toBeNull();
    await house.pass(5_000);
    house.unplug('hall');
    await house.pass(18_500);
    expect(house.hears('kitchen')).toBe(true);
    expect(await house.until(() => !house.hears('kitchen'), 2_000)).not.toBeNull();
    house.plug('hall');
    expect(await house.until(() => house.hears('kitchen'), 20_000)).not.toBeNull();
  });

  test('S2 S4 ends what it let listen, to the second, where the controller dies as well', async () => {
    house = await new VirtualHouse(CONFIG).start();
    house.board('hall').input('mat', 1);
    expect(await house.until(() => house.hears('kitchen'), SOON_MS)).not.toBeNull();
    house.unplug('hall');
    await house.pass(16_000);
    expect(house.hears('kitchen')).toBe(true);
    // The last lease was given less than its usual length: it ends when the fact is too old.
    house.unplug('kitchen');
    expect(await house.until(() => !house.hears('kitchen'), 4_000 + SOON_MS)).not.toBeNull();
  });
});

describe('an analog sensor', () => {
  test('S4 lets it listen while its readings say so, and not when they are too old', async () => {
    house = await new VirtualHouse(
      configOf({
        gates: {
          kitchen: { link: bench, listen: [{ if: { sensor: 'hall.light', above: 300, max_age: '5s' } }] },
          hall: { link: bench, accessories: [{ sensor: 'A1', name: 'light' }] },
        },
      }),
    ).start();
    const { service } = house.daemon;
    const volts = (value: number) => house.board('hall').analog(1, value);
    volts(1);
    const listens = (isOn: boolean, withinMs: number) =>
      house.until(() => house.hears('kitchen') === isOn, withinMs);
    await house.pass(5_000);
    expect(house.hears('kitchen')).toBe(false);
    volts(2.5);
    expect(await listens(true, 20_000)).not.toBeNull();
    volts(1);
    expect(await listens(false, 3_000)).not.toBeNull();
    volts(2.5);
    expect(await listens(true, 3_000)).not.toBeNull();
    house.unplug('hall');
    expect(await listens(false, 8_000)).toBeGreaterThan(3_000);
    expect(service.status().problems).toEqual([]);
  });
});

describe('what is set by hand', () => {
  const CONFIG = configOf({
    presence: { guests: { manual: 'off' }, awake: { manual: 'on' } },
    gates: { kitchen: { link: bench, listen: [{ if: 'awake' }], never: [{ if: 'guests' }] } },
  });

  test('mutes at once under a never rule, and ends by itself', async () => {
    house = await new VirtualHouse(CONFIG).start();
    expect(house.hears('kitchen')).toBe(true);
    await house.daemon.service.setPresence('guests', true, 20_000);
    expect(await house.until(() => !house.hears('kitchen'), 50)).not.toBeNull();
    await house.pass(19_000);
    expect(house.hears('kitchen')).toBe(false);
    expect(await house.until(() => house.hears('kitchen'), 1_000 + SOON_MS)).not.toBeNull();
  });
});

test('S2 what is set by hand for a while ends to the second, where the controller dies as well', async () => {
  house = await new VirtualHouse(
    configOf({
      presence: { awake: { manual: 'off' } },
      gates: { kitchen: { link: bench, listen: [{ if: 'awake' }] } },
    }),
  ).start();
  await house.daemon.service.setPresence('awake', true, 15_000);
  expect(await house.until(() => house.hears('kitchen'), SOON_MS)).not.toBeNull();
  await house.pass(14_000);
  house.unplug('kitchen');
  expect(house.hears('kitchen')).toBe(true);
  expect(await house.until(() => !house.hears('kitchen'), 1_000 + SOON_MS)).not.toBeNull();
});

describe('a phone on the network', () => {
  let server: Server | null = null;
  afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));
  const listen = () =>
    new Promise<number>((resolve) => {
      server = createServer((socket) => socket.resume());
      server.listen(0, '127.0.0.1', () => resolve((server!.address() as { port: number }).port));
    });

  test('lets it listen while it answers; a closed port answers too', async () => {
    const port = await listen();
    const anna = { host: '127.0.0.1', port };
    house = await new VirtualHouse(
      configOf({ gates: { kitchen: { link: bench, listen: [{ if: anna }] } } }),
    ).start();
    expect(await house.until(() => house.hears('kitchen'), 5_000)).not.toBeNull();
    await new Promise((resolve) => server!.close(resolve));
    server = null;
    await new Promise<void>((resolve) => connect(port, '127.0.0.1').on('error', () => resolve()));
    await house.pass(20_000);
    expect(house.hears('kitchen')).toBe(true);
    expect(house.daemon.service.status().problems).toEqual([]);
  });
});

describe('an MQTT topic', () => {
  let broker: Broker;
  afterEach(() => broker.stop());

  test('S4 mutes within a second of its message, and when it has not been heard of for its time', async () => {
    broker = await Broker.start();
    const guests = { mqtt: 'house/guests', is: 'on', max_age: '20s' } as const;
    house = await new VirtualHouse(
      configOf({
        mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
        presence: { guests, awake: { manual: 'on' } },
        gates: { kitchen: { link: bench, listen: [{ if: 'awake' }], never: [{ if: 'guests' }] } },
      }),
    ).start();
    const isUp = () => house.log.some((line) => line.includes('connected with mqtt://'));
    expect(await house.until(isUp, 10_000)).not.toBeNull();
    expect(house.hears('kitchen')).toBe(false);
    await broker.publish('house/guests', 'off');
    expect(await house.until(() => house.hears('kitchen'), 10_000)).not.toBeNull();
    const asked = Date.now();
    await broker.publish('house/guests', 'on');
    expect(await house.until(() => !house.hears('kitchen'), 10_000)).not.toBeNull();
    expect(Date.now() - asked).toBeLessThan(1_000);
    await broker.publish('house/guests', 'off');
    expect(await house.until(() => house.hears('kitchen'), 10_000)).not.toBeNull();
    expect(await house.until(() => !house.hears('kitchen'), 21_000)).toBeGreaterThan(10_000);
    await house.pass(SOON_MS);
    expect(house.view('kitchen').reason.code).toBe('never-unknown');
  });
});
