import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configOf, gateConfig, House } from './harness.ts';

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.end());

describe('events', () => {
  test('S9: a gap is a line of its own for people, and no key for programs', async () => {
    await house.start(configOf(gateConfig('kitchen')));
    const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
    await house.gate('kitchen').event('boot', 'power-on', { at, gapBefore: true });
    expect((await house.earlid('events')).out).toBe(
      '2026-01-02 03:04:05  kitchen  gap      what happened before this is not known\n' +
        '2026-01-02 03:04:05  kitchen  boot     the power came up\n',
    );
    const [event] = (await house.earlid('events', '--json')).json() as object[];
    expect(Object.keys(event!)).toEqual([
      'gate',
      'boot',
      'seq',
      'kind',
      'cause',
      'at',
      'atErrorMs',
      'uptimeMs',
    ]);
  });

  test('are told oldest first, with their instants', async () => {
    await house.start(configOf(gateConfig('kitchen'), gateConfig('hall')));
    const at = Date.UTC(2026, 0, 2, 3, 4, 5);
    await house.gate('kitchen').event('boot', 'power-on', { at });
    await house.gate('hall').event('boot', 'watchdog', { at: at - 1_000, atErrorMs: 40 });
    const { code, json } = await house.earlid('events', '--json');
    expect(code).toBe(0);
    expect(json()).toEqual([
      {
        gate: 'hall',
        boot: 1,
        seq: 1,
        kind: 'boot',
        cause: 'watchdog',
        at: '2026-01-02T03:04:04.000Z',
        atErrorMs: 40,
        uptimeMs: 1000,
      },
      expect.objectContaining({ gate: 'kitchen', cause: 'power-on' }),
    ]);
    expect((await house.earlid('events', 'kitchen', '--json')).json()).toHaveLength(1);
    expect((await house.earlid('events', '--last', '1', '--json')).json()).toHaveLength(1);
  });
});
