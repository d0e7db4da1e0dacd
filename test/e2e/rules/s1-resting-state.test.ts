import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readBootloader } from '../../../controller/bench/images.ts';
import type { Rig } from '../../../controller/bench/rig.ts';
import { type Build, IMAGE, onEachBuild } from '../../builds/builds.ts';

const OPTIBOOT = '/usr/share/arduino/hardware/arduino/avr/bootloaders/optiboot/optiboot_atmega328.hex';
/** `rjmp .-2`: an instruction that jumps to itself. */
const HANG = 0xcfff;
/** Word addresses of interrupt vectors of the ATmega328P. */
const VECTOR = { tick: 0x1c };

/** Nobody has been permitted anything: the contact must never have moved. */
function expectNeverLive(rig: Rig): void {
  expect(rig.edges('actuator', 1)).toEqual([]);
  expect(rig.edges('contact', 1)).toEqual([]);
}

onEachBuild('S1: de-energised, in reset, booting, browned-out, hung or faulted means muted', (build) => {
  test('S1: power-up, presses and time alone never move the contact', () => {
    const rig = build.rig();
    rig.board.runFor(1000);
    for (const ms of [30, 100, 2000, 2900]) {
      rig.board.press(ms);
      rig.board.runFor(ms + 1000);
    }
    expectNeverLive(rig);
    expect(rig.last('state')?.phase).toBe('muted');
  });

  test('S1: the actuator is driven off within 100 µs of the reset vector', () => {
    const rig = build.rig({ powered: false });
    rig.board.power(true);
    expect(rig.board.pin(7)).toBeNull();
    rig.board.runUntil(() => rig.board.running, 200, 0.001);
    const from = rig.board.cycles;
    expect(rig.board.runUntil(() => rig.board.pin(7) === 0, 1, 0.0001)).toBe(true);
    expect((rig.board.cycles - from) / 16).toBeLessThanOrEqual(100);
  });

  test.each([
    ['external reset', (rig: Rig) => rig.board.reset()],
    ['power cut', (rig: Rig) => rig.board.power(false)],
    ['supply that sinks slowly', (rig: Rig) => rig.board.ramp(0, 400)],
    ['program that hangs', hangUntilReset],
  ])('S1: %s while live opens the contact and nothing closes it again', (_, happen) => {
    const rig = build.rigWithSense();
    rig.goLive(30_000);
    happen(rig, build);
    expectOpenForGood(rig);
  });

  test('S1: supply ramps up and down at every speed never move the contact', () => {
    const rig = build.rig({ powered: false });
    for (const ms of [1, 20, 500]) {
      rig.board.ramp(5, ms);
      rig.board.runFor(ms + 300);
      rig.board.ramp(3, ms);
      rig.board.runFor(ms + 20);
      rig.board.ramp(2, ms);
      rig.board.runFor(ms + 20);
      rig.board.ramp(0, ms);
      rig.board.runFor(ms + 50);
    }
    expectNeverLive(rig);
  });

  test('S1: a button that is down at power-up grants nothing and keeps the gate muted', () => {
    const rig = build.rig({ powered: false });
    rig.board.buttonDown();
    rig.board.power(true);
    rig.board.runFor(500);
    rig.send({ type: 'hello', controller: 1 });
    rig.next('identity');
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('starting');
    rig.board.runFor(60_000);
    rig.hello();
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('button-down');
    rig.board.runFor(2000);
    rig.board.buttonUp();
    rig.board.runFor(200);
    expectNeverLive(rig);
    expect(rig.last('state')?.fault).toBe('none');
  });

  test('S1: a servo closes by itself after power-up, and its power is cut after the move', () => {
    const rig = build.rig({ product: 'uno-servo' });
    rig.board.runFor(2500);
    expect(rig.board.level('contact')).toBe(0);
    expect(rig.board.level('actuator')).toBe(0);
    expect(rig.board.pin(7)).toBe(0);
    expect(rig.board.servoPositionUs).toBeCloseTo(1000, -1);
  });
});

describe('S1: an image whose interrupts hang', () => {
  test('S1: opens the contact and nothing closes it again', () => {
    const rig = IMAGE.rigWithSense();
    rig.goLive(30_000);
    const tick = rig.board.flash[VECTOR.tick]!;
    rig.board.flash[VECTOR.tick] = HANG;
    rig.board.after(400, () => rig.board.flash.fill(tick, VECTOR.tick, VECTOR.tick + 1));
    expectOpenForGood(rig);
  });

  test('S1: a hung image is reset by the watchdog within 250 ms and says so', () => {
    const rig = IMAGE.rigWithSense();
    rig.goLive(30_000);
    const tick = rig.board.flash[VECTOR.tick]!;
    const starts = rig.board.starts;
    rig.board.flash[VECTOR.tick] = HANG;
    expect(rig.board.runUntil(() => rig.board.pin(7) !== 1, 300)).toBe(true);
    rig.board.flash[VECTOR.tick] = tick;
    rig.board.runUntil(() => rig.board.starts > starts, 500);
    const identity = rig.hello();
    expect(identity.reset).toBe('watchdog');
    expect(identity.flags.historyLost).toBe(false);
  });

  (existsSync(OPTIBOOT) ? test : test.skip)(
    'S1: behind Optiboot: muted from power-up on, and after a hang',
    () => {
      const rig = IMAGE.rig({ bootloader: readBootloader(OPTIBOOT) });
      rig.board.runFor(3000);
      expectNeverLive(rig);
      const identity = rig.hello();
      expect(identity.flags.bootloader).toBe(true);
      rig.goLive();
      const tick = rig.board.flash[VECTOR.tick]!;
      rig.board.flash[VECTOR.tick] = HANG;
      expect(rig.board.runUntil(() => rig.board.level('contact') === 0, 300)).toBe(true);
      rig.board.flash[VECTOR.tick] = tick;
      const live = rig.edges('contact', 1).length;
      rig.board.runFor(4000);
      rig.hello();
      expect(rig.edges('contact', 1)).toHaveLength(live);
    },
  );
});

/** The contact opens within the time of a watchdog and stays so, also when the supply comes back. */
function expectOpenForGood(rig: Rig): void {
  expect(rig.board.runUntil(() => rig.board.level('contact') === 0, 700)).toBe(true);
  const edges = rig.board.trace.length;
  rig.board.power(true);
  rig.board.runFor(3000);
  const later = rig.board.trace.slice(edges).filter((e) => e.signal === 'actuator' || e.signal === 'contact');
  expect(later).toEqual([]);
  rig.hello();
  expect(rig.state().phase).toBe('muted');
}

function hangUntilReset(rig: Rig, build: Build): void {
  const mend = build.hang(rig.board);
  rig.board.after(400, mend);
}
