import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configOf, gateConfig, House } from '../cli/harness.ts';

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.end());

const kitchen = () => configOf(gateConfig('kitchen'));
const status = async () => ((await house.earlid('status', '--json')).json() as object[])[0];
const restart = async (): Promise<void> => {
  await house.daemon?.stop();
  await house.start(kitchen());
};

describe('another board', () => {
  test('S7: is held, also after a restart, and says what to do about it', async () => {
    await house.start(kitchen());
    await house.earlid('unmute', 'kitchen');
    house.gate('kitchen').sink.doubt?.('other-board');
    const held = {
      state: 'muted',
      override: { kind: 'hold', source: 'controller', until: null },
      reason: { code: 'hold', text: expect.stringContaining('another board answers') },
    };
    expect(await status()).toMatchObject(held);
    expect((await house.earlid('status')).out).toContain('until somebody resumes or unmutes it');
    await restart();
    expect(await status()).toMatchObject(held);
    expect((await house.earlid('unmute', 'kitchen', '--json')).json()).toMatchObject({ ok: true });
  });

  test('is recognised after a restart by the id in the events', async () => {
    await house.start(kitchen());
    await house.gate('kitchen').event('boot', 'power-on', { gateId: 'kitchen' });
    await restart();
    expect(house.gate('kitchen').sink.newest('kitchen')?.gateId).toBe('kitchen');
  });
});

describe('lost events', () => {
  test('S3: with the press that muted among them it is held, as it would be by the event', async () => {
    await house.start(kitchen());
    await house.earlid('unmute', 'kitchen');
    house.gate('kitchen').sink.doubt?.('press-lost');
    expect(await status()).toMatchObject({ state: 'muted', override: { kind: 'hold', source: 'button' } });
  });

  test('S4: end a grant and leave a hold', async () => {
    await house.start(kitchen());
    await house.earlid('unmute', 'kitchen');
    house.gate('kitchen').sink.doubt?.('events-lost');
    expect(await status()).toMatchObject({ state: 'muted', override: null });
    await house.earlid('mute', 'kitchen');
    house.gate('kitchen').sink.doubt?.('events-lost');
    expect(await status()).toMatchObject({ override: { kind: 'hold', source: 'cli' } });
  });
});
