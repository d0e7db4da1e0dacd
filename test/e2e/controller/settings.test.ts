import { describe, expect, test } from '@jest/globals';
import { readSettings, writeSetting } from '../../../controller/daemon/settings.ts';
import { EarlidError } from '../../../schemas/errors.ts';
import type { SettingName } from '../../../schemas/settings.ts';
import { Kitchen } from './kitchen.ts';

const free = () => false;
const kept = async (kitchen: Kitchen, name: SettingName) =>
  (await kitchen.during(readSettings(kitchen.gate, name))).settings[0];
const write = (kitchen: Kitchen, name: SettingName, value: string) =>
  kitchen.during(writeSetting(kitchen.gate, name, value, free));
const refusal = (kitchen: Kitchen, name: SettingName, value: string) =>
  write(kitchen, name, value).then(
    () => 'done',
    (error: EarlidError) => error.code,
  );

describe('the settings of a gate', () => {
  test('are all read in words', async () => {
    const kitchen = await new Kitchen().start();
    const { product, settings } = await kitchen.during(readSettings(kitchen.gate));
    expect(product).toBe('uno-relay');
    expect(settings.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'sense high-hears',
      'travel 50 ms',
      'button_alone off',
      'servo_closed 1000 µs',
      'servo_open 2000 µs',
      'led_day 255',
      'led_night 16',
      'input0 none',
      'input1 none',
      'input2 none',
      'input3 none',
      'gate_id none',
    ]);
  });

  test('what touches the actuator waits for a press at the gate, and survives a power cut', async () => {
    const kitchen = await new Kitchen().start();
    expect((await write(kitchen, 'travel', '80ms')).settings[0]).toMatchObject({ status: 'pending' });
    expect(await kept(kitchen, 'travel')).toEqual({ name: 'travel', value: '80 ms', status: 'pending' });
    kitchen.board.press(200);
    await kitchen.pass(1_000);
    expect(await kept(kitchen, 'travel')).toEqual({ name: 'travel', value: '80 ms', status: 'current' });
    kitchen.board.power(false);
    await kitchen.pass(500);
    kitchen.board.power(true);
    await kitchen.pass(3_000);
    expect(await kept(kitchen, 'travel')).toMatchObject({ value: '80 ms' });
  });

  test('nobody presses: it is what it was', async () => {
    const kitchen = await new Kitchen().start();
    await write(kitchen, 'button_alone', '90s');
    await kitchen.pass(31_000);
    expect(await kept(kitchen, 'button_alone')).toMatchObject({ value: 'off', status: 'current' });
  });

  test('the level of the LEDs needs no press', async () => {
    const kitchen = await new Kitchen().start();
    await write(kitchen, 'led_night', '40');
    await kitchen.pass(200);
    expect(await kept(kitchen, 'led_night')).toMatchObject({ value: '40', status: 'current' });
  });

  test('S5: while locked all are read and none is changed', async () => {
    const kitchen = await new Kitchen().start();
    await kitchen.run('lock');
    expect(await refusal(kitchen, 'led_day', '100')).toBe('locked');
    expect(await kept(kitchen, 'led_day')).toMatchObject({ value: '255' });
  });

  test('while live nothing that touches the actuator is changed, and the gate stays live', async () => {
    const kitchen = await new Kitchen().start();
    await kitchen.run('unmute');
    expect(await refusal(kitchen, 'travel', '80')).toBe('setting-live');
    expect(kitchen.board.level('contact')).toBe(1);
    expect(await refusal(kitchen, 'led_day', '100')).toBe('done');
  });

  test.each([
    ['travel', '1', 'bad-setting'],
    ['travel', '80s', 'bad-setting'],
    ['sense', 'loud', 'bad-setting'],
    ['button_alone', '16m', 'bad-setting'],
    ['gate_id', 'ninechars', 'bad-setting'],
    ['input0', 'A9', 'bad-setting'],
    ['input0', '7', 'setting-refused'],
  ] as const)('%s = %s is refused', async (name, value, code) => {
    const kitchen = await new Kitchen().start();
    expect(await refusal(kitchen, name, value)).toBe(code);
  });

  test('a gate that does not answer is told as such', async () => {
    const kitchen = await new Kitchen().start();
    kitchen.unplug();
    await kitchen.pass(100);
    expect(await refusal(kitchen, 'led_day', '100')).toBe('gate-away');
    const answer = await kitchen.during(
      readSettings(kitchen.gate, 'sense').catch((error: EarlidError) => error.code),
    );
    expect(answer).toBe('gate-away');
  });

  test('stopping ends a question that nobody answers', async () => {
    const kitchen = await new Kitchen().start();
    kitchen.toGate = 'lost';
    const asked = readSettings(kitchen.gate, 'sense').catch((error: unknown) => error);
    await kitchen.stop();
    expect(await asked).toBeInstanceOf(EarlidError);
  });
});
