import { expect, test } from '@jest/globals';
import type { TornByte } from '../../../controller/bench/eeprom.ts';
import type { Rig } from '../../../controller/bench/rig.ts';
import { EEPROM, SETTINGS } from '../../../schemas/settings.ts';
import { type Build, onEachBuild } from '../../builds/builds.ts';
import { isThorough } from '../../thorough.ts';

const TORN: readonly TornByte[] = ['old', 'erased', 'random'];
/** Longer than both cells take to be written. */
const LOCK_WRITE_MS = 10;
const CUT_EVERY_MS = isThorough ? 0.4 : 2.3;

function locked(build: Build): Rig {
  const rig = build.rig();
  rig.hello();
  rig.board.runFor(300);
  rig.lockByHand();
  return rig;
}

onEachBuild('S5: locked means locked', (build) => {
  test('S5: nothing sent over the link unlocks, unmutes or changes a setting', () => {
    const rig = locked(build);
    const boot = rig.last('state')!.boot;
    const before = rig.board.eeprom.bytes.slice();
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('locked');
    rig.send(rig.allow({ buttonMs: 9000, buttonLeftMs: 60_000 }));
    expect(rig.next('nak').reason).toBe('locked');
    for (const { id } of Object.values(SETTINGS)) {
      rig.send({
        type: 'setting',
        boot,
        seq: rig.sequence(),
        op: 'write',
        setting: id,
        value: Uint8Array.of(2),
      });
      expect(rig.next('nak').reason).toBe('locked');
    }
    rig.send({ type: 'lock', boot, seq: rig.sequence() });
    rig.send({ type: 'mute', seq: 1, reason: 'cli' });
    rig.send({ type: 'hello', controller: 77 });
    rig.board.send(Uint8Array.of(0xff, 0xf4, 7, 1, 0xf5, 7, 1, 0x90, 0x7f, 0x01));
    rig.board.runFor(2000);
    rig.board.press(300);
    rig.board.runFor(500);
    rig.goneDark();
    expect(rig.state().flags.locked).toBe(true);
    expect(rig.board.eeprom.bytes).toEqual(before);
  });

  test('S5: the controller can lock; only a hold of 3 to 10 s at the gate unlocks', () => {
    const rig = build.rig();
    rig.hello();
    rig.goLive();
    rig.send({ type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() });
    rig.next('state', (state) => state.flags.locked);
    expect(rig.board.level('actuator')).toBe(0);
    for (const ms of [300, 2900]) {
      rig.board.press(ms);
      rig.board.runFor(ms + 500);
      expect(rig.state().flags.locked).toBe(true);
    }
    rig.board.press(3100);
    rig.board.runFor(3050);
    expect(rig.last('state')!.flags.locked).toBe(true);
    rig.next('state', (state) => !state.flags.locked);
    rig.hello();
    rig.board.runFor(100);
    rig.goLive();
  });

  test('S5: a hold beyond 10 s neither locks again nor unlocks, and is a fault', () => {
    const rig = locked(build);
    rig.board.press(10_500);
    rig.board.runFor(11_500);
    expect(rig.state()).toMatchObject({ fault: 'button-stuck', flags: { locked: true } });
  });

  test('S5: locked is shown only after it was read back', () => {
    const rig = build.rig();
    rig.hello();
    rig.board.runFor(300);
    rig.send({ type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() });
    rig.next('state', (state) => state.flags.verifying && !state.flags.locked);
    const shown = rig.next('state', (state) => state.flags.locked);
    expect(shown.flags.verifying).toBe(false);
    expect([rig.board.eeprom.bytes[8], rig.board.eeprom.bytes[0x208]]).toEqual([0xa5, 0xa5]);
  });

  test.each([EEPROM.lockA.value, EEPROM.lockB.value])(
    'S5: a worn cell at %i is a fault; the other one still keeps the lock',
    (worn) => {
      const rig = build.rig();
      rig.hello();
      rig.board.runFor(300);
      const { eeprom } = rig.board;
      eeprom.onChange = (address) => {
        if (address === worn) eeprom.bytes[worn] = EEPROM.unlockedMagic.value;
      };
      rig.send({ type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() });
      expect(rig.next('state', (state) => state.fault !== 'none')).toMatchObject({ fault: 'memory' });
      expect(rig.state().flags.locked).toBe(true);
      rig.board.power(false);
      rig.board.runFor(50);
      rig.board.power(true);
      rig.hello();
      expect(rig.state().flags.locked).toBe(true);
      rig.send(rig.allow({ liveMs: 9000 }));
      expect(rig.next('nak').reason).toBe('locked');
    },
  );

  test('S5: an unlock that a worn cell does not keep leaves the gate locked, and shown so', () => {
    const rig = locked(build);
    const { eeprom } = rig.board;
    eeprom.onChange = (address) => {
      if (address === EEPROM.lockA.value) eeprom.bytes[address] = EEPROM.lockedValue.value;
    };
    rig.board.press(3200);
    rig.next('state', (state) => state.fault === 'memory', 5000);
    expect(rig.state().flags.locked).toBe(true);
    expect(rig.events().some(({ kind }) => kind === 'unlock')).toBe(false);
  });

  test('S5: only a press that began after a setting came confirms it', () => {
    const rig = build.rig();
    rig.hello();
    rig.board.runFor(300);
    const { id } = SETTINGS.button_alone;
    const ask = {
      type: 'setting',
      boot: rig.last('state')!.boot,
      op: 'write',
      setting: id,
      value: Uint8Array.of(99),
    } as const;
    rig.board.buttonDown();
    rig.board.runFor(100);
    rig.tell({ ...ask, seq: rig.sequence() });
    rig.board.buttonUp();
    rig.board.runFor(300);
    expect(rig.state().flags.confirming).toBe(true);
    rig.board.buttonDown();
    rig.board.runFor(100);
    rig.tell({ type: 'mute', seq: 1, reason: 'cli' });
    rig.board.buttonUp();
    rig.board.runFor(300);
    expect(rig.state().flags.confirming).toBe(true);
    rig.board.buttonDown();
    rig.board.runFor(100);
    rig.tell({ ...ask, seq: rig.sequence(), value: Uint8Array.of(88) });
    rig.board.buttonUp();
    rig.board.runFor(300);
    expect(rig.state().flags.confirming).toBe(true);
    rig.board.press(100);
    rig.next('state', (state) => !state.flags.confirming);
    rig.hello();
    rig.board.runFor(100);
    expect(rig.events().filter(({ kind }) => kind === 'setting')).toHaveLength(1);
  });

  test('S5: a lock survives a reset and a power cut', () => {
    const rig = locked(build);
    rig.board.reset();
    rig.board.runFor(200);
    rig.hello();
    expect(rig.state().flags.locked).toBe(true);
    rig.board.power(false);
    rig.board.runFor(100);
    rig.board.power(true);
    rig.hello();
    expect(rig.state().flags.locked).toBe(true);
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('locked');
  });

  test.each(TORN)(
    'S5: a power cut at every instant of a lock or unlock write (%s) never leaves a shown lock open',
    (torn) => {
      for (const unlocking of [false, true]) {
        const rig = build.rig({ bounceMs: 0 });
        rig.board.setTornByte(torn);
        rig.hello();
        rig.board.runFor(300);
        if (unlocking) rig.lockByHand();
        for (let at = 0; at <= LOCK_WRITE_MS; at += CUT_EVERY_MS) {
          if (!unlocking && rig.last('state')?.flags.locked) unlock(rig);
          if (unlocking && !rig.last('state')!.flags.locked) rig.lockByHand();
          cutDuringWrite(rig, unlocking, at);
        }
      }
    },
  );
});

/** Starts a lock (or unlock), cuts the supply `atMs` into its write, and checks what the gate is after power-up. */
function cutDuringWrite(rig: Rig, unlocking: boolean, atMs: number): void {
  let started = false;
  let cut = false;
  let open = false;
  const magic = EEPROM.unlockedMagic.value;
  rig.board.eeprom.onWriteStart = () => {
    if (started) return;
    started = true;
    rig.board.after(atMs, () => {
      // What the cells hold now is what was wholly written before the cut.
      open =
        rig.board.eeprom.bytes[EEPROM.lockA.value] === magic &&
        rig.board.eeprom.bytes[EEPROM.lockB.value] === magic;
      rig.board.power(false);
      cut = true;
    });
  };
  const from = rig.received.length;
  if (unlocking) rig.board.press(3100);
  else rig.send({ type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() });
  expect(rig.board.runUntil(() => cut, 4000, 1)).toBe(true);
  const shown = rig.received
    .slice(from)
    .some(({ message }) => message.type === 'state' && message.flags.locked);
  rig.board.runFor(30);
  rig.board.eeprom.onWriteStart = () => {};
  rig.board.power(true);
  rig.hello();
  const { flags } = rig.state();
  if (!unlocking && shown) expect(flags.locked).toBe(true);
  if (unlocking && !open) expect([flags.locked, atMs]).toEqual([true, atMs]);
  expect(rig.last('state')!.fault).toBe('none');
}

function unlock(rig: Rig): void {
  rig.board.press(3200);
  rig.next('state', (state) => !state.flags.locked, 5000);
  rig.board.runFor(100);
}
