import { describe, expect, test } from '@jest/globals';
import type { TornByte } from '../../controller/bench/eeprom.ts';
import { Rig } from '../../controller/bench/rig.ts';
import { SETTINGS } from '../../schemas/settings.ts';
import { isThorough } from '../thorough.ts';

const TORN: readonly TornByte[] = ['old', 'erased', 'random'];
const travel = SETTINGS.travel.id;

/** Reads a setting over the wire. */
function read(rig: Rig, setting: number): number {
  const boot = rig.last('state')!.boot;
  rig.send({ type: 'setting', boot, seq: 0, op: 'read', setting, value: new Uint8Array(8) });
  const { value } = rig.next('value', (answer) => answer.setting === setting);
  return value[0]! + value[1]! * 256;
}

describe('settings torn by a power cut', () => {
  test.each(TORN)(
    'S5: cut at every byte of a settings write (%s): the old or the new value, never a fault, never live',
    (torn) => {
      const rig = new Rig({ bounceMs: 0 });
      rig.board.setTornByte(torn);
      rig.hello();
      rig.board.runFor(300);
      let expected: readonly number[] = [read(rig, travel)];
      for (let byte = 1; byte <= 29; byte += isThorough ? 1 : 3) {
        const [old] = expected;
        const wanted = old === 60 ? 61 : 60;
        let writes = 0;
        rig.board.eeprom.onWriteStart = () => writes++;
        const boot = rig.last('state')!.boot;
        const value = Uint8Array.of(wanted, 0, 0, 0, 0, 0, 0, 0);
        rig.send({ type: 'setting', boot, seq: rig.sequence(), op: 'write', setting: travel, value });
        rig.next('value', (answer) => answer.status === 'pending');
        rig.board.press(100);
        rig.board.runUntil(() => writes >= byte, 400, 0.1);
        rig.board.runFor(1.5);
        rig.board.power(false);
        rig.board.runFor(20);
        rig.board.eeprom.onWriteStart = () => {};
        rig.board.power(true);
        rig.hello();
        rig.board.runFor(200);
        const found = read(rig, travel);
        expect([old, wanted]).toContain(found);
        expect(rig.state()).toMatchObject({ fault: 'none', flags: { locked: false } });
        expected = [found];
      }
      rig.goneDark();
    },
  );

  test('both slots damaged: muted, locked, fault `settings`; clearing it at the gate stores the defaults', () => {
    const rig = new Rig();
    rig.hello();
    rig.board.runFor(300);
    rig.board.power(false);
    rig.board.eeprom.bytes.fill(0x33, 0x80, 0x100);
    rig.board.runFor(50);
    rig.board.power(true);
    rig.hello();
    rig.board.runFor(300);
    expect(rig.state()).toMatchObject({ fault: 'settings', phase: 'muted', flags: { locked: true } });
    rig.board.runFor(1000);
    rig.board.press(200);
    rig.next('state', (state) => state.fault === 'none');
    rig.board.press(3200);
    rig.next('state', (state) => !state.flags.locked, 5000);
    rig.board.runFor(300);
    rig.board.power(false);
    rig.board.runFor(50);
    rig.board.power(true);
    rig.hello();
    expect(rig.state()).toMatchObject({ fault: 'none', flags: { locked: false } });
    rig.goneDark();
  });

  test('a new chip is unlocked once: cut in the middle of its first start it may be locked, never faulty or live', () => {
    for (let ms = 66; ms < 260; ms += 9) {
      const rig = new Rig();
      rig.board.runFor(ms);
      rig.board.power(false);
      rig.board.runFor(20);
      rig.board.power(true);
      rig.hello();
      rig.board.runFor(100);
      rig.goneDark();
    }
  });
});
