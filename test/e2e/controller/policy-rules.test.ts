/** Rules on the real image: what counts is the emulated contact. */
import { describe, expect, test } from '@jest/globals';
import { isThorough } from '../../thorough.ts';
import { Kitchen, type KitchenOptions, sensedBoard } from './kitchen.ts';

const REST = `
presence:
  home: { input: kitchen.motion, max_age: 5s }
  guests: { manual: off }
`;
const MOTION = 'input kitchen.motion';
const GUESTS = 'manual guests';
const INPUTS = 'inputs: { motion: 4 }';
const at = (time: string): string => `2026-11-26T${time}`;
const contact = ({ board }: Kitchen): number => board.level('contact');

async function kitchen(time: string, rules: string, options: KitchenOptions = {}): Promise<Kitchen> {
  const made = new Kitchen({
    house: { kitchen: `${INPUTS}\n${rules}`, rest: REST },
    wall: at(time),
    ...options,
  });
  made.tell(GUESTS, false);
  return made.start();
}
/** UTC ms at which the contact last opened or closed, by the clock of the board. */
function lastEdge({ board, clock }: Kitchen, level: 0 | 1): number {
  const edge = board.trace.findLast((each) => each.signal === 'contact' && each.level === level)!;
  return clock.utc() - (board.timeUs - edge.tUs) / 1_000;
}
const utc = (time: string): number => Date.parse(`${at(time)}+01:00`);
/** The speaker does not hear for longer than a controller needs to unmute it again, and at length for longer than any lease. */
async function staysMuted(made: Kitchen): Promise<void> {
  expect(await made.reaches(() => contact(made) === 1, isThorough ? 10_000 : 5_000)).toBe(false);
}
/** Quick blinks of the red LED in the second to come: how often it goes out. */
async function blinks(made: Kitchen): Promise<number> {
  const from = made.board.trace.length;
  await made.pass(1_000);
  return made.board.trace.slice(from).filter(({ signal, level }) => signal === 'red' && level === 0).length;
}

describe('a listen rule', () => {
  test('S2 opens the gate when its schedule begins, and not a moment after it ends', async () => {
    const made = await kitchen('06:59:57', 'listen:\n  - { schedule: "07:00-08:30" }');
    expect(contact(made)).toBe(0);
    expect(await made.reaches(() => contact(made) === 1, 2_500)).toBe(true);
    expect(lastEdge(made, 1)).toBeGreaterThanOrEqual(utc('07:00:00'));
    made.setWall(at('08:29:55'));
    await made.pass(4_000);
    expect(contact(made)).toBe(1);
    await made.pass(1_500);
    expect(contact(made)).toBe(0);
    expect(lastEdge(made, 0)).toBeLessThanOrEqual(utc('08:30:00'));
  });

  test('S2 that rests on a fact ends with the age of that fact, also when the controller dies meanwhile', async () => {
    const made = await kitchen('12:00:00', 'listen:\n  - { if: home }');
    made.tell(MOTION, true);
    const told = made.clock.utc();
    expect(await made.reaches(() => contact(made) === 1, 1_000)).toBe(true);
    made.unplug();
    await made.pass(6_000);
    expect(contact(made)).toBe(0);
    expect(lastEdge(made, 0)).toBeLessThanOrEqual(told + 5_000);
  });

  test('goes on as long as its fact is heard, without the contact ever opening', async () => {
    const made = await kitchen('12:00:00', 'listen:\n  - { if: home }');
    made.tell(MOTION, true);
    expect(await made.reaches(() => contact(made) === 1, 1_000)).toBe(true);
    const edges = made.board.trace.length;
    for (let second = 0; second < 12; second++) {
      made.tell(MOTION, true);
      await made.pass(1_000);
    }
    expect(made.board.trace.slice(edges).filter(({ signal }) => signal === 'contact')).toEqual([]);
    expect(contact(made)).toBe(1);
  });
});

describe('a never rule', () => {
  test('S4 "ends a grant; it does not come back"', async () => {
    const made = await kitchen('12:00:00', 'never:\n  - { if: guests }');
    await made.run('unmute');
    expect(contact(made)).toBe(1);
    made.tell(GUESTS, true);
    expect(await made.reaches(() => contact(made) === 0, 200)).toBe(true);
    await made.pass(1_000);
    made.tell(GUESTS, false);
    await staysMuted(made);
  });

  test('S2, S4 bounds what the button grants: neither lease nor grant reaches into it, though the controller dies', async () => {
    const made = await kitchen('21:59:53', 'button: 90s\nnever:\n  - { schedule: "22:00-07:00" }');
    await made.pass(2_000);
    made.unplug();
    await made.pass(500);
    made.board.press(200);
    await made.pass(400);
    expect(contact(made)).toBe(1);
    await made.pass(6_000);
    expect(contact(made)).toBe(0);
    expect(lastEdge(made, 0)).toBeLessThanOrEqual(utc('22:00:00'));
  });

  test('S4 refuses a press at the gate, and the red LED says so', async () => {
    const made = await kitchen('23:00:00', 'never:\n  - { schedule: "22:00-07:00" }');
    await made.pass(1_000);
    expect(await blinks(made)).toBe(0);
    made.board.press(100);
    await made.pass(120);
    expect(await blinks(made)).toBeGreaterThanOrEqual(2);
    expect(made.events.at(-1)).toMatchObject({ kind: 'press', reason: 'not-permitted' });
    expect(made.keeper.verdict).toMatchObject({ reason: { code: 'never-rule' }, buttonMs: 0 });
    await staysMuted(made);
  });

  test.each([
    [5, [1, 0]],
    [0, [0, 0]],
  ])(
    'S8 is not known to the gate: with the controller dead for 10 s a press follows `button_alone` of %i s',
    async (button_alone, seen) => {
      const { eeprom } = sensedBoard({ button_alone });
      const made = await kitchen('23:00:00', 'never:\n  - { schedule: "22:00-07:00" }', {
        board: { eeprom: eeprom.bytes },
      });
      made.unplug();
      await made.pass(4_000);
      made.board.press(100);
      await made.pass(500);
      expect(contact(made)).toBe(0);
      await made.pass(7_000);
      made.board.press(100);
      await made.pass(500);
      const held = contact(made);
      await made.pass(5_000);
      expect([held, contact(made)]).toEqual(seen);
    },
  );

  test('S4 that holds when the controller comes back ends what `button_alone` has granted', async () => {
    const { eeprom } = sensedBoard({ button_alone: 600 });
    const made = await kitchen('23:00:00', 'never:\n  - { schedule: "22:00-07:00" }', {
      board: { eeprom: eeprom.bytes },
    });
    await made.kill();
    await made.pass(11_000);
    made.board.press(100);
    await made.pass(1_000);
    expect(contact(made)).toBe(1);
    await made.restart();
    expect(contact(made)).toBe(0);
    await staysMuted(made);
    expect(made.keeper.override).toBeNull();
  });
});
