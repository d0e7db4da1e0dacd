/** Overrides on the real image: what counts is the emulated contact. */
import { describe, expect, test } from '@jest/globals';
import { encodeFrame } from '../../../schemas/codec.ts';
import { isThorough } from '../../thorough.ts';
import { Kitchen, type KitchenOptions } from './kitchen.ts';

const MORNINGS = 'listen:\n  - { schedule: "07:00-08:30" }';
const REST = 'presence:\n  guests: { manual: off }\n';
const at = (time: string): string => `2026-11-26T${time}`;
const contact = ({ board }: Kitchen): number => board.level('contact');
/** When a mute in the morning ends by itself. */
const TOMORROW = Date.UTC(2026, 10, 27, 6);

async function kitchen(time: string, rules: string, options: KitchenOptions = {}): Promise<Kitchen> {
  return new Kitchen({ house: { kitchen: rules, rest: REST }, wall: at(time), ...options }).start();
}
/** The speaker does not hear for longer than a controller needs to unmute it again, and at length for longer than any lease. */
async function staysMuted(made: Kitchen): Promise<void> {
  expect(await made.reaches(() => contact(made) === 1, isThorough ? 10_000 : 5_000)).toBe(false);
}
async function press(made: Kitchen): Promise<void> {
  made.board.press(100);
  await made.pass(600);
}

describe('a hold', () => {
  test('S3 by command while a schedule lets it listen: muted, until that schedule begins anew', async () => {
    const made = await kitchen('07:30:00', MORNINGS);
    expect(contact(made)).toBe(1);
    const { ok, until } = await made.run('mute');
    expect([ok, Date.parse(until!)]).toEqual([true, TOMORROW]);
    await staysMuted(made);
    made.setWall('2026-11-27T06:59:59');
    await made.pass(900);
    expect(contact(made)).toBe(0);
    await made.pass(400);
    expect(contact(made)).toBe(1);
  });

  test('S3 ten seconds before a window begins: the window does not end it', async () => {
    const made = await kitchen('06:59:48', MORNINGS);
    await made.run('mute');
    await made.pass(3_000);
    await staysMuted(made);
  });

  test('S3 then a press: it grants; and a press while it is live holds again', async () => {
    const made = await kitchen('07:30:00', MORNINGS);
    await made.run('mute');
    await made.pass(500);
    await press(made);
    expect(contact(made)).toBe(1);
    expect(made.keeper.override?.override).toMatchObject({ kind: 'grant', source: 'button' });
    await press(made);
    expect(made.keeper.override).toMatchObject({
      until: TOMORROW,
      override: { kind: 'hold', source: 'button' },
    });
    await staysMuted(made);
  });

  test('S3 a press that mutes what a schedule let listen is not undone by that schedule', async () => {
    const made = await kitchen('07:30:00', MORNINGS);
    await press(made);
    await staysMuted(made);
    expect(made.keeper.override?.until).toBe(TOMORROW);
  });

  test('S3 a press that mutes a grant can be taken back by another at once', async () => {
    const made = await kitchen('12:00:00', MORNINGS);
    await made.run('unmute');
    await made.pass(3_500);
    made.board.press(60);
    await made.pass(100);
    expect(contact(made)).toBe(0);
    made.board.press(60);
    await made.pass(600);
    expect(contact(made)).toBe(1);
    expect(made.keeper.override?.override).toMatchObject({ kind: 'grant', source: 'button' });
  });

  test('S3 somebody else mutes on the wire: held, as by a person', async () => {
    const made = await kitchen('07:30:00', MORNINGS);
    made.board.send(encodeFrame({ type: 'mute', seq: 60_000, reason: 'cli' }, 0));
    expect(await made.reaches(() => contact(made) === 0, 20)).toBe(true);
    await staysMuted(made);
    expect(made.keeper.override).toMatchObject({ until: TOMORROW, override: { kind: 'hold' } });
  });
});

describe('"On every connect the twin first hands the gate\'s stored events to policy at their own times; only then may it send `allow`"', () => {
  test('S9, S4 the controller dies, a press mutes, another controller starts with the grant on its disk: muted', async () => {
    const made = await kitchen('12:00:00', MORNINGS);
    await made.run('unmute');
    await made.pass(500);
    made.unplug();
    await press(made);
    expect(contact(made)).toBe(0);
    await made.kill();
    await made.restart();
    await staysMuted(made);
    expect(made.keeper.override?.override).toMatchObject({ kind: 'hold', source: 'button' });
  });

  test('S9 the same with a schedule that lets it listen', async () => {
    const made = await kitchen('07:30:00', MORNINGS);
    made.unplug();
    await press(made);
    expect(contact(made)).toBe(0);
    await made.kill();
    await made.restart();
    await staysMuted(made);
    expect(made.keeper.override?.until).toBe(TOMORROW);
  });

  test('S2 a grant by the button counts from the press, not from when it is heard', async () => {
    const made = await kitchen('12:00:00', 'button: 8s');
    made.unplug();
    await press(made);
    const pressed = made.clock.utc() - 600;
    expect(contact(made)).toBe(1);
    await made.kill();
    await made.restart();
    expect(made.keeper.override!.until! - pressed).toBeLessThan(8_000 + 250);
    expect(await made.reaches(() => contact(made) === 0, 8_000)).toBe(true);
    expect(made.clock.utc() - pressed).toBeLessThan(8_000 + 250);
    await staysMuted(made);
  });

  test('S4 a never rule that came between the press and the controller ends what the press granted', async () => {
    const made = await kitchen('12:00:00', 'button: 60s\nnever:\n  - { if: guests }');
    made.tell('manual guests', false);
    await made.pass(500);
    made.unplug();
    await press(made);
    expect(contact(made)).toBe(1);
    made.tell('manual guests', true);
    made.plug();
    expect(await made.reaches(() => contact(made) === 0, 2_000)).toBe(true);
    await made.pass(1_000);
    made.tell('manual guests', false);
    await staysMuted(made);
  });
});

describe('"A fault, lock or never rule that takes effect ends a grant; it does not come back. A hold stays."', () => {
  test('S5 locked during a grant and unlocked again: the grant is over', async () => {
    const made = await kitchen('12:00:00', MORNINGS);
    await made.run('unmute');
    expect((await made.run('lock')).ok).toBe(true);
    expect(contact(made)).toBe(0);
    made.board.press(4_000);
    await made.pass(5_000);
    expect(made.status.locked).toBe(false);
    expect(made.keeper.override).toBeNull();
    await staysMuted(made);
  });

  test('S5 a lock beats a schedule, and what it allows goes on when the gate is unlocked', async () => {
    const made = await kitchen('07:30:00', MORNINGS);
    await made.run('lock');
    await staysMuted(made);
    made.board.press(4_000);
    await made.pass(5_500);
    expect(made.status.locked).toBe(false);
    expect(contact(made)).toBe(1);
  });
});
