import { describe, expect, test } from '@jest/globals';
import { encodeFrame } from '../../../schemas/codec.ts';
import { isThorough } from '../../thorough.ts';
import { Kitchen, sensedBoard } from './kitchen.ts';

const contact = (kitchen: Kitchen): number => kitchen.board.level('contact');
const granted = async (): Promise<Kitchen> => {
  const kitchen = await new Kitchen().start();
  expect((await kitchen.run('unmute')).ok).toBe(true);
  await kitchen.pass(500);
  return kitchen;
};
/** Longer than a controller needs to unmute again, and at length longer than any lease. */
const LONG_MS = isThorough ? 12_000 : 5_000;
/** The contact has stayed open since. */
const staysMuted = async (kitchen: Kitchen): Promise<void> => {
  expect(await kitchen.reaches(() => contact(kitchen) === 1, LONG_MS)).toBe(false);
  expect(kitchen.status).toMatchObject({ state: 'muted', evidence: 'sensed' });
};

describe('a grant is for the board that it was given for', () => {
  test('S4, S7: a board with fewer boots is held until a person decides anew', async () => {
    const first = new Kitchen({ board: { eeprom: sensedBoard({}, { boot: 40 }).eeprom.bytes } });
    await first.start();
    await first.run('unmute');
    await first.replace(sensedBoard({}, { boot: 3 }));
    await staysMuted(first);
    expect(first.keeper.override?.override).toMatchObject({
      kind: 'hold',
      source: 'controller',
      until: null,
    });
    expect(first.keeper.verdict.reason).toMatchObject({
      code: 'hold',
      text: expect.stringMatching(/another board/),
    });
    expect(first.lines.join('\n')).toMatch(/another board .*`earlid resume kitchen`/);
    expect((await first.run('unmute')).ok).toBe(true);
    await first.pass(15_000);
    expect(contact(first)).toBe(1);
  });

  test('S4: a board in the same boot and a shorter uptime is held, and heard', async () => {
    const kitchen = await granted();
    await kitchen.pass(20_000);
    await kitchen.replace(sensedBoard());
    await staysMuted(kitchen);
    expect(kitchen.keeper.override?.override.source).toBe('controller');
    expect((await kitchen.run('mute')).ok).toBe(true);
    expect((await kitchen.run('unmute')).ok).toBe(true);
    expect(contact(kitchen)).toBe(1);
  });

  test('S7: a board with another gate id is held, also one with more boots', async () => {
    const kitchen = new Kitchen({ board: { eeprom: sensedBoard({ gate_id: 'kitchen' }).eeprom.bytes } });
    await kitchen.start();
    await kitchen.run('unmute');
    expect(kitchen.status.identity?.gateId).toBe('kitchen');
    await kitchen.replace(sensedBoard({ gate_id: 'bath' }, { boot: 40 }));
    await staysMuted(kitchen);
    expect(kitchen.keeper.override?.override.source).toBe('controller');
  });

  test('S7: also when the controller was started again between', async () => {
    const kitchen = new Kitchen({ board: { eeprom: sensedBoard({ gate_id: 'kitchen' }).eeprom.bytes } });
    await kitchen.start();
    await kitchen.run('unmute');
    await kitchen.stop();
    await kitchen.replace(sensedBoard({ gate_id: 'bath' }, { boot: 40 }));
    await kitchen.restart();
    await staysMuted(kitchen);
    expect(kitchen.keeper.override?.override.source).toBe('controller');
  });

  test('the same board, unplugged for a while, goes on under its grant', async () => {
    const kitchen = await granted();
    kitchen.unplug();
    await kitchen.pass(12_000);
    expect(contact(kitchen)).toBe(0);
    kitchen.plug();
    expect(await kitchen.reaches(() => contact(kitchen) === 1, 5_000)).toBe(true);
  });
});

describe('what may have been missed never helps to unmute', () => {
  test('S4: a press that muted and was lost with the power of the gate stays', async () => {
    const kitchen = await granted();
    kitchen.unplug();
    await kitchen.pass(500);
    kitchen.board.press(200);
    await kitchen.pass(500);
    expect(contact(kitchen)).toBe(0);
    kitchen.board.power(false);
    await kitchen.pass(300);
    kitchen.board.power(true);
    await kitchen.pass(500);
    kitchen.plug();
    await staysMuted(kitchen);
    expect(kitchen.keeper.override).toBeNull();
    expect(kitchen.lines.join('\n')).toMatch(/the grant has ended: events are lost/);
  });

  test('S3 S9: events that another controller took end a grant, also when none follows, and the press among them holds', async () => {
    const kitchen = await granted();
    kitchen.unplug();
    await kitchen.pass(500);
    kitchen.board.press(200);
    await kitchen.pass(12_000);
    const boot = kitchen.status.identity!.boot;
    kitchen.board.send(encodeFrame({ type: 'hello', controller: 0x0c0ffee0 }, 0));
    kitchen.board.send(encodeFrame({ type: 'stored', boot, event: 50 }, 1));
    for (let event = 2; event < 12; event++)
      kitchen.board.send(encodeFrame({ type: 'stored', boot, event }, event));
    await kitchen.pass(500);
    kitchen.plug();
    await staysMuted(kitchen);
    expect(kitchen.keeper.override?.override).toMatchObject({ kind: 'hold', source: 'button' });
  });

  test('a hold stays', async () => {
    const kitchen = await new Kitchen().start();
    await kitchen.run('mute');
    kitchen.board.power(false);
    await kitchen.pass(300);
    kitchen.board.power(true);
    await kitchen.pass(2_000);
    expect(kitchen.keeper.override?.override.kind).toBe('hold');
  });
});

describe('a mute on the wire by somebody else', () => {
  test.each(['cli', 'homeassistant'] as const)(
    'S3: of %s ends the grant and holds; it is not undone',
    async (reason) => {
      const kitchen = await granted();
      kitchen.board.send(encodeFrame({ type: 'mute', seq: 7, reason }, 0));
      expect(await kitchen.reaches(() => contact(kitchen) === 0, 500)).toBe(true);
      await staysMuted(kitchen);
      expect(kitchen.keeper.override).toMatchObject({ override: { kind: 'hold', source: 'elsewhere' } });
      expect((await kitchen.run('unmute')).ok).toBe(true);
    },
  );

  test('S3: so does one that cannot be read', async () => {
    const kitchen = await granted();
    kitchen.board.send(Uint8Array.of(0xf0, 0x03, 0x55, 0xf7));
    expect(await kitchen.reaches(() => contact(kitchen) === 0, 500)).toBe(true);
    await staysMuted(kitchen);
    expect(kitchen.events.at(-1)).toMatchObject({ kind: 'mute', reason: 'garbled', foreign: true });
  });

  test('its own mutes do not end a grant that follows at once', async () => {
    const kitchen = await granted();
    for (let i = 0; i < 5; i++) {
      const muting = kitchen.begin('mute');
      await kitchen.pass(i);
      const unmuting = kitchen.begin('unmute');
      await kitchen.during(Promise.all([muting, unmuting]));
      await kitchen.pass(3_500);
      expect(contact(kitchen)).toBe(1);
    }
    expect(kitchen.events.some(({ foreign }) => foreign)).toBe(false);
  });
});

describe('a hold', () => {
  test('S3: is not shortened by a mute of somebody who may not unmute', async () => {
    const kitchen = await new Kitchen({ mayUnmute: ['button'] }).start();
    await kitchen.run('mute');
    expect(await kitchen.run('mute', 1_000)).toMatchObject({ ok: true, until: null });
    await kitchen.pass(2_000);
    expect(kitchen.keeper.override?.override).toMatchObject({ kind: 'hold', until: null });
  });

  test('is shortened by one who may', async () => {
    const kitchen = await new Kitchen().start();
    await kitchen.run('mute');
    await kitchen.run('mute', 1_000);
    await kitchen.pass(1_100);
    expect(kitchen.keeper.override).toBeNull();
  });
});

describe('a proper stop', () => {
  test('S4: leaves a muted gate whose button grants nothing', async () => {
    const kitchen = await new Kitchen().start();
    const began = kitchen.clock.now();
    await kitchen.stop();
    expect(kitchen.clock.now() - began).toBeLessThan(100);
    kitchen.board.press(200);
    expect(await kitchen.reaches(() => contact(kitchen) === 1, 1_000)).toBe(false);
  });
});
