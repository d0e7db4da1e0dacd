import { expect, test } from '@jest/globals';
import { type Reading, sensorSource } from '../../controller/presence/sensor.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { tellings } from './tellings.ts';

const LIGHT = { kind: 'sensor', gate: 'kitchen', name: 'light' } as const;

async function follow(
  run: (read: (value: number, times?: number) => Promise<void>, clock: VirtualClock) => Promise<void>,
) {
  const clock = new VirtualClock();
  const told = tellings(clock);
  let listener: (reading: Reading) => void = () => {};
  const source = sensorSource(
    [
      { fact: 'bright', source: { ...LIGHT, compare: { above: 300 } } },
      { fact: 'dark', source: { ...LIGHT, compare: { below: 100 } } },
    ],
    (l) => {
      listener = l;
      return () => {
        listener = () => {};
      };
    },
    told,
  );
  source.start();
  await run(async (value, times = 1) => {
    for (let i = 0; i < times; i++) {
      listener({ gate: 'kitchen', name: 'light', value });
      await clock.pass(100);
    }
  }, clock);
  await source.stop();
  listener({ gate: 'kitchen', name: 'light', value: 999 });
  return told.told;
}

test('a sensor is what most of a second of its readings say', async () => {
  const told = await follow(async (read) => {
    await read(400, 8);
    await read(1_023, 3);
  });
  expect(told).toEqual([
    ['bright', true, 1_000, '400'],
    ['dark', false, 1_000, '400'],
  ]);
});

test('S4 a sensor stands behind its value only while readings arrive', async () => {
  const told = await follow(async (read, clock) => {
    await read(400, 11);
    await clock.pass(60_000);
    // Its first reading after the gap is no second of readings yet, and the old ones do not count.
    await read(50);
    await clock.pass(900);
    await read(50);
  });
  expect(told).toEqual([
    ['bright', true, 1_000, '400'],
    ['dark', false, 1_000, '400'],
    ['bright', false, 62_100, '50'],
    ['dark', true, 62_100, '50'],
  ]);
});

test('bounds are open', async () => {
  const told = await follow((read) => read(300, 11));
  expect(told[0]).toEqual(['bright', false, 1_000, '300']);
});
