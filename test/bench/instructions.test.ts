import { expect, test } from '@jest/globals';
import { avrInstruction, CPU } from 'avr8js';
import { execute } from '../../controller/bench/instructions.ts';
import { seededRandom } from '../../controller/bench/random.ts';

const RAM_BYTES = 2048;
const SREG = 0x5f;
const HALF_CARRY = 0x20;
/** In an ATmega328P, with a result that its manual defines, and something the program itself does (SLEEP is not). */
const isDefined = (opcode: number): boolean => {
  const destination = (opcode >> 4) & 0x1f;
  const pointerStep = (opcode & 0xfc00) === 0x9000 && [1, 2, 5, 9, 10, 13, 14].includes(opcode & 0xf);
  return (
    opcode !== 0x9588 &&
    ![0x95d8, 0x9419, 0x9519].includes(opcode) &&
    (opcode & 0xfe0e) !== 0x9006 &&
    (opcode & 0xfe0c) !== 0x9204 &&
    !(pointerStep && destination >= 26)
  );
};

test('every instruction does what avr8js does, from any state', () => {
  const random = seededRandom(7);
  const word = (): number => (random() * 0x10000) & 0xffff;
  const program = new Uint16Array(0x4000).map(word);
  const ours = new CPU(program, RAM_BYTES);
  const theirs = new CPU(program, RAM_BYTES);
  const differing: string[] = [];
  for (let opcode = 0; opcode < 0x10000; opcode++) {
    if (!isDefined(opcode)) continue;
    const pc = 0x1000 + (opcode & 0xfff);
    program[pc] = opcode;
    for (const cpu of [ours, theirs]) {
      cpu.pc = pc;
      cpu.cycles = 1000;
    }
    for (let register = 0; register < 32; register++) theirs.data[register] = word();
    // Pointers and the stack stay within the RAM.
    for (const high of [27, 29, 31]) theirs.data[high] = 1 + (word() & 3);
    theirs.SP = 0x200 + (word() & 0x3ff);
    theirs.data[SREG] = word();
    ours.data.set(theirs.data);
    avrInstruction(theirs);
    execute(ours, { limit: 1001, asleep: false, slept: 0 });
    // avr8js takes the half carry from bit 0.
    for (const cpu of [ours, theirs]) cpu.data[SREG]! &= ~HALF_CARRY;
    const same = ours.pc % 0x4000 === theirs.pc % 0x4000 && ours.cycles === theirs.cycles;
    if (!same || Buffer.compare(ours.data, theirs.data) !== 0) differing.push(opcode.toString(16));
  }
  expect(differing).toEqual([]);
});
