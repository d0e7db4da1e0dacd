import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Board, type BoardOptions } from '../../controller/bench/board.ts';
import { eepromImage } from '../../controller/bench/eeprom-image.ts';
import { readBootloader } from '../../controller/bench/images.ts';
import { Receiver } from '../../controller/link/frames.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import type { GateMessage, Message, Unsent } from '../../schemas/protocol.ts';

const SENSE_HIGH_HEARS = 1;
const RUNNING_MS = 1_000;
const FIRST_CONTROLLER = 7;

/** A board of a gate that has been set up, with what it said and a controller's side of the wire. */
function gate(options: Partial<BoardOptions> = {}) {
  const product = options.product ?? 'uno-relay';
  const eeprom = eepromImage({ product, settings: { sense: SENSE_HIGH_HEARS } });
  const board = new Board({ product, eeprom, ...options });
  const receiver = new Receiver();
  const heard: GateMessage[] = [];
  board.onBytes((bytes) => heard.push(...receiver.push(bytes).messages.map(({ message }) => message)));
  let count = 0;
  let seq = 0;
  const say = (message: Unsent<Message>) => board.send(encodeFrame(message, count++));
  const last = <T extends GateMessage['type']>(type: T) =>
    heard.findLast((message) => message.type === type) as Extract<GateMessage, { type: T }> | undefined;
  const unmute = (leaseMs = 5_000) => {
    const { boot, uptime, newest } = last('state')!;
    const liveUntil = uptime + leaseMs;
    const flags = { night: false, starting: false };
    say({ type: 'allow', boot, seq: ++seq, seen: newest, liveUntil, buttonUntil: 0, buttonMs: 0, flags });
  };
  return {
    board,
    heard,
    say,
    last,
    unmute,
    edges: (signal: string) => board.trace.filter((e) => e.signal === signal),
  };
}

/** Brought to life: live, with the contact closed. */
function liveGate(options: Partial<BoardOptions> = {}) {
  const made = gate(options);
  made.board.runFor(RUNNING_MS);
  made.say({ type: 'hello', controller: FIRST_CONTROLLER });
  made.board.runFor(20);
  made.unmute();
  expect(made.board.runUntil(() => made.board.level('contact') === 1, 500)).toBe(true);
  return made;
}

describe('a relay board', () => {
  test('closes and opens its contact the relay’s time after the pin', () => {
    const { board, say, edges } = liveGate({ relay: { operateMs: 6, releaseMs: 3 } });
    say({ type: 'mute', seq: 1, reason: 'cli' });
    board.runFor(50);
    const times = (signal: string) => edges(signal).map(({ tUs }) => tUs);
    const [on, off] = times('actuator');
    expect(times('contact').map((t, i) => Math.round(t - [on, off][i]!))).toEqual([6_000, 3_000]);
    expect(edges('contact').map(({ level }) => level)).toEqual([1, 0]);
  });

  test.each([
    ['welded', 'keeps hearing after a mute', [1]],
    ['none', 'follows', [1, 0]],
  ] as const)('%s: %s', (fault, _, levels) => {
    const { board, say, edges, last } = liveGate();
    board.fault(fault);
    say({ type: 'mute', seq: 1, reason: 'cli' });
    board.runFor(200);
    expect(edges('contact').map(({ level }) => level)).toEqual(levels);
    expect(last('state')!.fault).toBe(fault === 'welded' ? 'sense-live' : 'none');
  });

  test('open: never hears; miswired: hears while off', () => {
    const { board, unmute, edges } = gate();
    board.runFor(RUNNING_MS);
    board.fault('open');
    unmute();
    board.runFor(30);
    expect([board.level('actuator'), ...edges('contact')]).toEqual([1]);
    board.fault('miswired');
    expect(board.level('contact')).toBe(0);
    board.power(false);
    board.runFor(10);
    expect(board.level('contact')).toBe(1);
  });

  test('a fault it cannot have is refused with those it can', () => {
    expect(() => gate().board.fault('jammed')).toThrow('only none, welded, open, miswired');
    expect(() => gate().board.input('door', 1)).toThrow("no input 'door', only motion");
  });
});

describe('power and reset', () => {
  test('cut power opens the contact and empties the memory by chance of the seed; the EEPROM stays', () => {
    const memory = (seed: number) => {
      const { board, edges } = liveGate({ seed });
      const before = board.eeprom.bytes.slice();
      const cut = board.timeUs;
      board.power(false);
      board.runFor(10);
      expect(edges('contact').at(-1)).toEqual({ tUs: cut + 4_000, signal: 'contact', level: 0 });
      expect(board.eeprom.bytes).toEqual(before);
      expect(board.running).toBe(false);
      return Buffer.from(board.sram(0x100, 2048)).toString('hex');
    };
    expect(memory(1)).toBe(memory(1));
    expect(memory(1)).not.toBe(memory(2));
  });

  test('the reset pin keeps memory and events, and is told as the cause', () => {
    const { board, say, last, edges } = liveGate();
    const { boot, newest } = last('state')!;
    board.reset();
    board.runFor(RUNNING_MS);
    say({ type: 'hello', controller: FIRST_CONTROLLER });
    board.runFor(20);
    expect(edges('actuator').at(-1)!.level).toBe(0);
    expect(last('identity')).toMatchObject({ boot: boot + 1, reset: 'external-reset' });
    expect(last('state')!.newest).toBeGreaterThan(newest);
  });

  test('a dip below the brown-out level is told as one; the relay lets go at once', () => {
    const { board, say, last, edges } = liveGate();
    const start = board.timeUs;
    board.ramp(2, 30);
    board.runFor(30);
    const off = edges('actuator').at(-1)!;
    // From 5 V at 0.1 V per ms down to 2.7 V.
    expect([off.level, Math.round((off.tUs - start) / 1_000)]).toEqual([0, 23]);
    board.ramp(5, 10);
    board.runFor(RUNNING_MS);
    say({ type: 'hello', controller: FIRST_CONTROLLER });
    board.runFor(20);
    expect(last('identity')).toMatchObject({ reset: 'brown-out', brownOut: '2.7V' });
  });

  test('a hung image is ended by its watchdog', () => {
    const { board, edges } = liveGate();
    const RJMP_SELF = 0xcfff;
    const starts = board.starts;
    const hung = board.timeMs;
    board.flash[board.pc] = RJMP_SELF;
    expect(board.runUntil(() => board.level('actuator') === 0, 300)).toBe(true);
    expect(board.timeMs - hung).toBeLessThan(270);
    board.runFor(100);
    expect([board.starts, edges('contact').at(-1)!.level]).toEqual([starts + 1, 0]);
  });

  test('an unpowered board hears nothing and says nothing', () => {
    const { board, heard, say } = gate({ powered: false });
    say({ type: 'hello', controller: FIRST_CONTROLLER });
    board.runFor(2_000);
    expect([heard, board.trace, board.starts]).toEqual([[], [], 0]);
  });

  const OPTIBOOT = '/usr/share/arduino/hardware/arduino/avr/bootloaders/optiboot/optiboot_atmega328.hex';
  (existsSync(OPTIBOOT) ? test : test.skip)(
    'behind Optiboot it starts one to two seconds after a reset, which hides its cause',
    () => {
      const { board, say, last } = gate({ bootloader: readBootloader(OPTIBOOT) });
      board.runFor(300);
      expect(last('state')).toBeDefined();
      const reset = board.timeMs;
      const { boot } = last('state')!;
      board.reset();
      board.runUntil(() => last('state')!.boot === boot + 1, 3_000);
      const ms = board.timeMs - reset;
      expect([ms > 1_000, ms < 2_000]).toEqual([true, true]);
      board.runFor(200);
      say({ type: 'hello', controller: FIRST_CONTROLLER });
      board.runFor(20);
      expect(last('identity')).toMatchObject({ reset: 'hidden-reset', flags: { bootloader: true } });
    },
  );
});

describe('the wire', () => {
  test('takes 86.8 µs a byte, and the crystal’s error with it', () => {
    const arrival = (ppm: number) => {
      const { board } = gate();
      board.setClockError(ppm);
      board.runFor(RUNNING_MS);
      const start = board.timeUs;
      board.send(new Uint8Array(100));
      board.runUntil(() => board.wire.pending === 0, 20, 0.01);
      return Math.round((board.timeUs - start) / 100);
    };
    expect([arrival(0), arrival(5_000)]).toEqual([87, 87]);
  });

  test('a fast crystal makes the gate’s uptime fast', () => {
    const { board, heard, last } = gate();
    board.setClockError(5_000);
    board.runFor(RUNNING_MS);
    const nextState = () => {
      const before = heard.length;
      board.runUntil(() => heard.length > before, 2_000);
      return { uptime: last('state')!.uptime, atMs: board.timeMs };
    };
    const first = nextState();
    board.runFor(20_000);
    const second = nextState();
    expect((second.uptime - first.uptime) / (second.atMs - first.atMs)).toBeCloseTo(1.005, 4);
  });

  test('another speed is understood by neither side', () => {
    const { board, heard, say } = gate();
    board.wire.baud = 57_600;
    say({ type: 'hello', controller: FIRST_CONTROLLER });
    board.runFor(3_000);
    expect(heard).toEqual([]);
  });
});

describe('the button', () => {
  const presses = (bounceMs: number) => {
    const { board, edges } = liveGate({ bounceMs });
    const down = board.timeUs;
    board.press(100);
    board.runFor(300);
    const off = edges('actuator').find(({ level, tUs }) => level === 0 && tUs >= down)!;
    return off.tUs - down;
  };
  test('mutes at its first edge, with and without bounce', () => {
    expect(presses(0)).toBeLessThan(1_000);
    expect(presses(5)).toBe(presses(0));
  });
});

describe('a servo board', () => {
  test('moves the shutter at its speed and keeps it where it is without power', () => {
    const { board, edges } = liveGate({ product: 'uno-servo' });
    board.runFor(700);
    expect(board.servoPositionUs).toBeCloseTo(2_000, -1);
    board.power(false);
    board.runFor(1_000);
    expect([board.servoPositionUs! > 1_900, board.level('contact'), board.level('actuator')]).toEqual([
      true,
      1,
      0,
    ]);
    expect(edges('contact').map(({ level }) => level)).toEqual([1]);
  });

  test('closes by itself with stored energy', () => {
    const { board } = liveGate({ product: 'uno-servo', servo: { storedEnergy: true } });
    board.runFor(700);
    board.power(false);
    board.runFor(400);
    expect([board.servoPositionUs, board.level('contact')]).toEqual([1_000, 0]);
  });

  test('stays where it is when jammed', () => {
    const { board, say, last } = liveGate({ product: 'uno-servo' });
    board.runFor(300);
    board.fault('jammed');
    say({ type: 'mute', seq: 1, reason: 'cli' });
    board.runFor(1_500);
    expect([board.level('contact'), last('state')!.fault]).toEqual([1, 'sense-live']);
  });
});

test('waiting for less than a cycle ends, at every fraction of one', () => {
  const board = new Board({ product: 'uno-relay' });
  for (let part = 0.05; part < 2; part += 0.05) {
    expect(board.runUntil(() => false, part / 16_000)).toBe(false);
  }
});

test('the same seed and the same acts give the same bytes and edges', () => {
  const story = () => {
    const { board, heard } = liveGate({ seed: 42 });
    board.press(120);
    board.runFor(500);
    board.power(false);
    board.runFor(20);
    board.power(true);
    board.runFor(500);
    return JSON.stringify([heard, board.trace, board.cycles]);
  };
  expect(story()).toBe(story());
});
