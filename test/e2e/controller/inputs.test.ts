import { expect, test } from '@jest/globals';
import { Kitchen, sensedBoard } from './kitchen.ts';

test('inputs that swapped their pins in the configuration are swapped at the gate', async () => {
  const inputs = { motion: 4, door: 5 };
  const { eeprom } = sensedBoard({ input0: 4, input1: 5 });
  const kitchen = new Kitchen({
    board: { eeprom: eeprom.bytes, inputs },
    inputs: [{ pin: 5 }, { pin: 4 }],
  });
  await kitchen.start();
  await kitchen.pass(6_000);
  kitchen.board.input('motion', 1);
  await kitchen.pass(1_200);
  expect(kitchen.status.inputs).toEqual([false, true, null, null]);
});

test('S4: an input on a pin of the guard is unknown, and a person hears of it', async () => {
  const kitchen = await new Kitchen({ inputs: [{ pin: 7 }, { pin: 4 }] }).start();
  await kitchen.pass(6_000);
  expect(kitchen.status.inputs).toEqual([null, false, null, null]);
  expect(kitchen.lines.join('\n')).toMatch(/not wired as configured.*input 0 \(range\)/);
});
