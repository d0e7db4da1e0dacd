import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseSetting } from '../../schemas/setting-values.ts';
import { SETTINGS, type SettingName } from '../../schemas/settings.ts';
import { configOf, gateConfig, House } from './harness.ts';

let house: House;
beforeEach(async () => {
  house = new House();
  await house.start(
    configOf(gateConfig('kitchen'), gateConfig('hall', { inputs: [{ name: 'motion', pin: 4 }] })),
  );
  for (const name of ['kitchen', 'hall']) {
    const { stored } = house.gate(name);
    for (const { id, default: value } of Object.values(SETTINGS)) {
      const number = value['uno-relay'];
      stored.set(id, Uint8Array.of(number & 0xff, number >> 8, 0, 0, 0, 0, 0, 0));
    }
  }
});
afterEach(() => house.end());

const stores = (name: SettingName, value: string) =>
  house.gate('kitchen').stored.set(SETTINGS[name].id, parseSetting(name, value)!);

describe('settings', () => {
  test('lists what the gate stores, with units, ranges, defaults and what needs a press', async () => {
    const { code, out } = await house.earlid('settings', 'kitchen');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[2]).toMatch(/^! travel +50 ms +50 ms +5 to 5000 ms$/);
    expect(lines[4]).toMatch(/^ {2}led_day +255 +255 +1 to 255 \(255 is full\)$/);
    expect(lines[11]).toMatch(/^! changed only while muted and unlocked, and after a press/);
    expect((await house.earlid('settings', 'kitchen', 'travel')).out).toBe(`travel: 50 ms
  longest time the actuator takes from one end to the other
  expected: 5 to 5000 ms; default 50 ms
  changed only while muted and unlocked, and after a press of the button of the gate
`);
  });

  test('--json is one object with all of them', async () => {
    const { json } = await house.earlid('settings', 'kitchen', 'travel', '--json');
    expect(json()).toEqual({
      gate: 'kitchen',
      settings: [
        {
          name: 'travel',
          value: '50 ms',
          status: 'current',
          default: '50 ms',
          expected: '5 to 5000 ms',
          needsPress: true,
          meaning: 'longest time the actuator takes from one end to the other',
        },
      ],
    });
  });

  test('changes one, and says what it was', async () => {
    expect(await house.earlid('settings', 'kitchen', 'led_night', '40')).toMatchObject({
      code: 0,
      out: 'kitchen: led_night is 40\n',
    });
    expect((await house.earlid('settings', 'kitchen', 'led_night', '50', '--json')).json()).toEqual({
      gate: 'kitchen',
      name: 'led_night',
      value: '50',
      before: '40',
    });
  });

  test('asks for the press, and says so when nobody presses', async () => {
    const gate = house.gate('kitchen');
    gate.settingStatus = 'pending';
    setTimeout(() => {
      gate.settingStatus = 'current';
      stores('travel', '50');
    }, 300);
    const { code, out, err } = await house.earlid('settings', 'kitchen', 'travel', '80ms');
    expect(out).toBe('Press the button of kitchen once within 30 s: travel 50 ms → 80 ms\n');
    expect(err).toContain('nobody pressed the button of kitchen in time, so `travel` is what it was: 50 ms');
    expect(code).toBe(77);
  });

  test.each([
    [['kitchen', 'volume', '3'], 64, 'there is no setting `volume`; there are: sense, travel'],
    [['kitchen', 'travel', '3 weeks'], 64, '`3 weeks` is not a value of the setting `travel`'],
    [['hall', 'input0', '5'], 77, '`input0` of hall is decided by `inputs` in the configuration'],
    [['cellar'], 66, 'there is no gate named `cellar`'],
  ])('%j: exit %i', async (args, code, text) => {
    const told = await house.earlid('settings', ...args);
    expect(told.code).toBe(code);
    expect(told.err).toContain(text);
  });

  test.each([
    ['not-muted', 77, 'kitchen is not muted'],
    ['locked', 77, 'kitchen is locked'],
    ['busy', 77, 'kitchen refused to change `travel`: an earlier change is still being written'],
  ] as const)('the gate says %s', async (refusal, code, text) => {
    await house.earlid('settings', 'kitchen');
    const gate = house.gate('kitchen');
    const exchange = gate.exchange.bind(gate);
    gate.exchange = async (ask) => (ask.op === 'write' ? { refused: refusal } : exchange(ask));
    const told = await house.earlid('settings', 'kitchen', 'travel', '80');
    expect(told.code).toBe(code);
    expect(told.err).toContain(text);
  });

  test('a gate out of reach', async () => {
    house.gate('kitchen').deaf = true;
    expect(await house.earlid('settings', 'kitchen')).toMatchObject({ code: 75, out: '' });
  });
});
