import { describe, expect, test } from '@jest/globals';
import { AVRTimer, CPU, timer0Config, timer1Config } from 'avr8js';
import { Board } from '../../controller/bench/board.ts';
import { lazyTimer } from '../../controller/bench/emulator-faults.ts';
import { execute } from '../../controller/bench/instructions.ts';
import { seededRandom } from '../../controller/bench/random.ts';
import { program } from './assemble.ts';

const START = { startupMs: 0, product: 'uno-relay' } as const;

describe('the chip, where the emulator errs', () => {
  test('a pending interrupt between SEI and SLEEP wakes instead of being lost', () => {
    // Timer 0 overflows while interrupts are off; its vector is word 0x10.
    const source = `
      rjmp start
      ${'nop\n'.repeat(15)}
      rjmp handler
      start: ldi r20, 0
      ldi r21, 0
      ldi r16, 1
      sts 0x6e, r16
      out 0x33, r16
      ldi r16, 1
      out 0x25, r16
      ldi r17, 255
      wait: dec r17
      brne wait
      sei
      sleep
      inc r20
      stop: rjmp stop
      handler: inc r21
      ldi r22, 0
      sts 0x6e, r22
      reti`;
    const board = new Board({ ...START, image: program(source) });
    board.runFor(0.1);
    expect([...board.sram(20, 2)]).toEqual([1, 1]);
  });

  test('an edge from outside wakes the sleeping chip at once', () => {
    // D7 is high while it sleeps, and driven low by the handler of INT0 (word 2).
    const source = `
      rjmp start
      nop
      cbi 0x0b, 7
      reti
      start: sbi 0x0b, 2
      sbi 0x0a, 7
      sbi 0x0b, 7
      ldi r16, 1
      sts 0x69, r16
      out 0x1d, r16
      out 0x33, r16
      sei
      again: sleep
      rjmp again`;
    const board = new Board({ ...START, image: program(source), bounceMs: 0 });
    board.runFor(3.21);
    const pressed = board.timeUs;
    board.buttonDown();
    board.runFor(1);
    const off = board.trace.findLast(({ signal }) => signal === 'actuator')!;
    expect([off.level, off.tUs - pressed < 2]).toEqual([0, true]);
  });

  test('fuses are read as given; the reset vector is there again afterwards', () => {
    const read = (z: number, register: number) => `
      ldi r30, ${z}
      ldi r16, 9
      sts 0x57, r16
      lpm r${register}, Z`;
    const source = `${read(0, 20)}\n${read(3, 21)}\n${read(2, 22)}\nnop\nnop\nldi r30, 0\nlpm r23, Z\nstop: rjmp stop`;
    const image = program(`ldi r31, 0\n${source}`);
    const board = new Board({ ...START, image, fuses: { low: 0x12, high: 0x34, extended: 0xfc } });
    board.runFor(0.1);
    expect([...board.sram(20, 4)]).toEqual([0x12, 0x34, 0xfc, image.bytes[0]]);
  });

  test('a watchdog reset restarts the chip, keeps its memory, tells why, and leaves the watchdog on', () => {
    // Counts its starts at 0x200, keeps MCUSR of each at 0x210 + n, drives D7 high, and hangs.
    const source = `
      lds r16, 0x200
      inc r16
      sts 0x200, r16
      ldi r27, 2
      mov r26, r16
      andi r26, 7
      ori r26, 0x10
      in r17, 0x34
      st X, r17
      ldi r18, 8
      out 0x34, r18
      ldi r18, 0x80
      out 0x0a, r18
      out 0x0b, r18
      cpi r17, 8
      breq hang
      ldi r18, 0x18
      sts 0x60, r18
      ldi r18, 0x0a
      sts 0x60, r18
      hang: rjmp hang`;
    const board = new Board({ ...START, image: program(source), startupMs: 5 });
    board.runFor(6);
    const first = board.sram(0x200, 1)[0]!;
    expect(board.level('actuator')).toBe(1);
    board.runFor(80);
    const slot = (n: number) => board.sram(0x210 + ((first + n) & 7), 1)[0];
    // The first bite comes after 64 ms as set, the next after the 16 ms that a watchdog reset leaves.
    expect([board.starts, slot(0), slot(1)]).toEqual([2, 1, 8]);
    board.runFor(21);
    expect(board.starts).toBe(3);
    const off = board.trace.filter(({ signal, level }) => signal === 'actuator' && level === 0);
    expect(off.map(({ tUs }) => Math.round(tUs / 1000))).toEqual([69, 90]);
  });

  test('flags of MCUSR can be cleared but not set', () => {
    const source =
      'ldi r16, 0x0f\nout 0x34, r16\nin r20, 0x34\nldi r16, 0\nout 0x34, r16\nin r21, 0x34\ns: rjmp s';
    const board = new Board({ ...START, image: program(source) });
    board.runFor(0.1);
    expect([...board.sram(20, 2)]).toEqual([1, 0]);
  });

  test('an input reads its pull-up, its drive, and low otherwise', () => {
    const source = 'ldi r16, 0x14\nout 0x0b, r16\nnop\nin r20, 0x09\ns: rjmp s';
    const board = new Board({ ...START, image: program(source), inputs: { motion: 4, door: 5 } });
    board.input('door', 1);
    board.runFor(0.1);
    // D2 by its pull-up; D4 has one too but is driven low; D5 is driven high; the rest floats.
    expect(board.sram(20, 1)[0]).toBe(0x24);
  });
});

describe('a timer that wakes only for its matches', () => {
  const TIFR = { 0: 0x35, 1: 0x36 } as const;
  test.each([
    {
      timer: 0,
      mode: 'normal',
      registers: [
        [0x47, 100],
        [0x48, 200],
        [0x45, 2],
      ],
    },
    {
      timer: 0,
      mode: 'CTC',
      registers: [
        [0x44, 2],
        [0x47, 249],
        [0x48, 100],
        [0x45, 3],
      ],
    },
    {
      timer: 0,
      mode: 'fast PWM',
      registers: [
        [0x44, 0xa3],
        [0x47, 10],
        [0x48, 200],
        [0x45, 1],
      ],
    },
    {
      timer: 0,
      mode: 'phase-correct PWM',
      registers: [
        [0x44, 0xa1],
        [0x47, 10],
        [0x48, 200],
        [0x45, 2],
      ],
    },
    {
      timer: 1,
      mode: '16-bit CTC',
      registers: [
        [0x89, 1],
        [0x88, 44],
        [0x81, 0x09],
      ],
    },
    {
      timer: 1,
      mode: '16-bit fast PWM',
      registers: [
        [0x87, 3],
        [0x86, 232],
        [0x80, 0x82],
        [0x89, 1],
        [0x88, 44],
        [0x81, 0x1a],
      ],
    },
  ] as const)('counts and flags as one that looks at every tick: $mode', ({ timer, registers }) => {
    const config = timer === 0 ? timer0Config : timer1Config;
    const make = (lazy: boolean) => {
      const cpu = new CPU(new Uint16Array(0x4000), 2048);
      const avrTimer = new AVRTimer(cpu, config);
      if (lazy) lazyTimer(cpu, avrTimer, config, true);
      // The other one starts its clock a cycle after it is told to.
      cpu.cycles = lazy ? 1 : 0;
      for (const [address, value] of registers) cpu.writeData(address, value);
      return cpu;
    };
    const lazy = make(true);
    const eager = make(false);
    const random = seededRandom(3);
    let interrupts = 0;
    for (let look = 0; look < 150; look++) {
      const cycles = lazy.cycles + 1 + ((random() * 5000) | 0);
      if (look === 50) for (const cpu of [lazy, eager]) cpu.writeData(config.TIMSK, 0x07);
      const at = [lazy, eager].map((cpu) => {
        execute(cpu, { limit: cycles, asleep: false, slept: 0 });
        const flags = cpu.readData(TIFR[timer]);
        if (look % 3 === 0) cpu.writeData(TIFR[timer], 0x07);
        return { cycles: cpu.cycles, count: cpu.readData(config.TCNT), flags: flags & 7 };
      });
      if (lazy.nextInterrupt >= 0) interrupts++;
      expect(at[0]).toEqual(at[1]);
    }
    expect(interrupts).toBeGreaterThan(0);
  });
});
