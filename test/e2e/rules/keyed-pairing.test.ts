/** How a gate gets its key, changes it and forgets it: only at the gate, and never half. */
import { expect, test } from '@jest/globals';
import type { TornByte } from '../../../controller/bench/eeprom.ts';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import { Rig } from '../../../controller/bench/rig.ts';
import type { GateKey } from '../../../schemas/authenticator.ts';
import { crc16 } from '../../../schemas/packing.ts';
import { LIMITS } from '../../../schemas/protocol.ts';
import { EEPROM } from '../../../schemas/settings.ts';
import { type Build, IMAGE, onEachBuild } from '../../builds/builds.ts';
import { isThorough } from '../../thorough.ts';
import { beginPairing, KITCHEN, OTHER_KEY, pair, powerUpHolding, put, refusals } from './keyed-gates.ts';

const NO_KEY = new Uint8Array(LIMITS.keyBytes.value);
const RECORD_BYTES = 3 + 1 + LIMITS.keyBytes.value + 2;
const TORN: readonly TornByte[] = ['old', 'erased', 'random'];
/** Every n-th write of a pairing is cut; all of them in the full check. */
const WRITES_APART = isThorough ? 1 : 61;

const offered = (rig: Rig, key = KITCHEN.key): string[] => {
  refusals(rig);
  rig.send({ type: 'pair', key });
  rig.board.runFor(100);
  return refusals(rig);
};
const holds = (rig: Rig, key: Uint8Array): boolean =>
  Buffer.from(rig.board.eeprom.bytes).includes(Buffer.from(key));

/** Whether an allow with this authenticator opens the gate, which is muted again when this returns. */
function opens(rig: Rig, by: GateKey | null): boolean {
  rig.by = by;
  rig.hello();
  put(rig, rig.frame(rig.allow({ liveMs: 9000 })));
  const live = rig.board.level('actuator') === 1;
  put(rig, rig.frame({ type: 'mute', seq: rig.sequence(), reason: 'cli' }));
  return live;
}

function cut(rig: Rig): void {
  rig.board.power(false);
  rig.board.runFor(50);
  rig.board.power(true);
  rig.board.runFor(100);
}

onEachBuild('pairing', (build: Build) => {
  test('S5: begins only with the button held at power-up; no message, reset or later press begins it', () => {
    const rig = build.rigWithSense();
    expect(offered(rig)).toEqual(['not-pairing']);
    rig.board.buttonDown();
    rig.board.runFor(200);
    expect(offered(rig)).toEqual(['not-pairing']);
    rig.board.reset();
    rig.board.runFor(400);
    expect(offered(rig)).toEqual(['not-pairing']);
    const mend = build.hang(rig.board);
    rig.board.runFor(500);
    mend();
    expect(rig.hello().reset).toBe('watchdog');
    expect(offered(rig)).toEqual(['not-pairing']);
    rig.board.buttonUp();
    rig.board.runFor(100);
    powerUpHolding(rig, 65 + LIMITS.pairHoldMs.value / 2);
    rig.board.buttonUp();
    rig.board.runFor(200);
    expect(rig.hello().flags).toMatchObject({ keyed: false, pairing: false });
    expect(offered(rig)).toEqual(['not-pairing']);
    expect(holds(rig, KITCHEN.key)).toBe(false);
  });

  test('gives a key that is told, kept over power cuts, rotated, and forgotten without a trace', () => {
    const rig = build.rigWithSense();
    beginPairing(rig);
    expect(rig.last('identity')!.flags).toMatchObject({ keyed: false, pairing: true });
    const nameless = { ...KITCHEN, gateId: new Uint8Array(0) };
    const rotated = { ...OTHER_KEY, gateId: new Uint8Array(0) };
    pair(rig, nameless.key, nameless);
    expect(rig.last('identity')!.flags).toMatchObject({ keyed: true, pairing: false });
    expect(rig.events().at(-1)).toMatchObject({ kind: 'paired', detail: 1 });
    for (let i = 0; i < 10; i++) cut(rig);
    expect([opens(rig, null), opens(rig, nameless)]).toEqual([false, true]);
    beginPairing(rig);
    pair(rig, rotated.key, rotated);
    expect(holds(rig, nameless.key)).toBe(false);
    expect([opens(rig, nameless), opens(rig, rotated)]).toEqual([false, true]);
    beginPairing(rig);
    pair(rig, NO_KEY, null);
    expect(rig.last('identity')!.flags).toMatchObject({ keyed: false, pairing: false });
    expect(rig.events().at(-1)).toMatchObject({ kind: 'paired', detail: 0 });
    expect(holds(rig, rotated.key)).toBe(false);
    expect(opens(rig, null)).toBe(true);
    expect(rig.state().fault).toBe('none');
  });

  test('S7: an allow from before a pairing opens nothing after it', () => {
    const rig = build.rigWithSense();
    beginPairing(rig);
    const early = rig.frame(rig.allow({ liveMs: 30_000 }));
    pair(rig, KITCHEN.key, { ...KITCHEN, gateId: new Uint8Array(0) });
    const late = rig.frame({ ...rig.allow({ liveMs: 30_000 }), seen: rig.newest() - 1 });
    put(rig, early);
    put(rig, late);
    expect(refusals(rig)).toEqual(['unauthenticated', 'unseen']);
    expect(rig.board.level('actuator')).toBe(0);
  });

  test('keeps the gate muted while it lasts: no allow, no setting, no press', () => {
    const rig = new Rig(
      build.options({ eeprom: eepromImage({ product: 'uno-relay', settings: { button_alone: 60 } }) }),
    );
    beginPairing(rig);
    rig.board.runFor(11_000);
    rig.hello();
    refusals(rig);
    put(rig, rig.frame(rig.allow({ liveMs: 9000 })));
    const { boot } = rig.last('state')!;
    const led = { type: 'setting', boot, seq: rig.sequence(), op: 'write', setting: 6 } as const;
    put(rig, rig.frame({ ...led, value: Uint8Array.of(9) }));
    expect(refusals(rig)).toEqual(['starting', 'starting']);
    rig.board.press(300);
    rig.board.runFor(500);
    rig.goneDark();
    rig.board.press(300);
    rig.board.runFor(500);
    expect(rig.board.level('actuator')).toBe(1);
  });

  test('ends after 60 s, with the next press, which does nothing else, and with a lock', () => {
    const rig = build.rigWithSense();
    beginPairing(rig);
    rig.board.runFor(LIMITS.pairingMs.value - 1000);
    expect(rig.hello().flags.pairing).toBe(true);
    rig.next('identity', ({ flags }) => !flags.pairing, 2000);
    expect(offered(rig)).toEqual(['not-pairing']);

    beginPairing(rig);
    rig.board.press(3500);
    rig.next('identity', ({ flags }) => !flags.pairing, 500);
    rig.board.runFor(4000);
    expect(offered(rig)).toEqual(['not-pairing']);
    expect(rig.state().flags.locked).toBe(false);

    beginPairing(rig);
    put(rig, rig.frame({ type: 'lock', boot: rig.last('identity')!.boot, seq: 1_000_000 }));
    expect(offered(rig)).toEqual(['locked']);
  });

  test('S5: a locked gate does not pair, and keeps its key', () => {
    const rig = Rig.keyed(KITCHEN, build.options());
    rig.lockByHand();
    const before = rig.board.eeprom.bytes.slice(EEPROM.lockA.value, EEPROM.keyRecords.value);
    beginPairing(rig);
    expect(rig.last('identity')!.flags).toMatchObject({ keyed: true, pairing: false });
    expect(offered(rig, OTHER_KEY.key)).toEqual(['locked']);
    expect(rig.board.eeprom.bytes.slice(EEPROM.lockA.value, EEPROM.keyRecords.value)).toEqual(before);
    expect(holds(rig, KITCHEN.key)).toBe(true);
  });

  test('outlasts the reset by which a port is opened, for what is left of its 60 s, and no power cut', () => {
    const rig = build.rigWithSense();
    beginPairing(rig);
    rig.board.runFor(30_000);
    rig.board.reset();
    expect(rig.hello()).toMatchObject({ reset: 'external-reset', flags: { pairing: true } });
    rig.board.runFor(31_000);
    expect(offered(rig)).toEqual(['not-pairing']);
    beginPairing(rig);
    cut(rig);
    expect(offered(rig)).toEqual(['not-pairing']);
  });

  test('a button that stays down is stuck after 10 s, but begins no press before', () => {
    const rig = build.rigWithSense();
    powerUpHolding(rig, 12_000);
    expect(rig.hello().flags.pairing).toBe(true);
    expect(rig.state()).toMatchObject({ fault: 'none', flags: { locked: false, buttonDown: true } });
    rig.board.buttonUp();
    rig.board.runFor(50);
    pair(rig, KITCHEN.key, { ...KITCHEN, gateId: new Uint8Array(0) });
    rig.goneDark();
  });

  test('a key record that cannot be read: the one before it counts; without any the gate is unkeyed, locked and faulty', () => {
    const rig = Rig.keyed(KITCHEN, build.options());
    for (let i = 0; i < 3; i++) cut(rig);
    const { bytes } = rig.board.eeprom;
    const { boot } = rig.hello();
    const newest = (): number => {
      for (let i = 0; i < EEPROM.keyRecordCount.value; i++) {
        const at = EEPROM.keyRecords.value + i * RECORD_BYTES;
        if (bytes[at] === boot) return at;
      }
      throw new Error('no record of this boot');
    };
    bytes[newest() + 20]! ^= 0x10;
    cut(rig);
    expect(rig.hello()).toMatchObject({ boot, flags: { keyed: true } });
    expect(opens(rig, KITCHEN)).toBe(true);
    for (let i = 0; i < EEPROM.keyRecordCount.value; i++)
      bytes[EEPROM.keyRecords.value + i * RECORD_BYTES + 5]! ^= 1;
    cut(rig);
    expect(rig.hello().flags.keyed).toBe(false);
    expect(rig.state()).toMatchObject({ fault: 'settings', flags: { locked: true } });
    expect([opens(rig, null), opens(rig, KITCHEN)]).toEqual([false, false]);
  });

  test('a gate of before there were keys goes on counting its boots', () => {
    const eeprom = eepromImage({ product: 'uno-relay' });
    eeprom.fill(0xff, EEPROM.keyRecords.value);
    for (const [i, boot] of [700, 701, 699].entries()) {
      const record = [boot & 0xff, boot >> 8, 0];
      const crc = crc16(record);
      eeprom.set([...record, crc & 0xff, crc >> 8], EEPROM.oldBootRecords.value + 5 * i);
    }
    const rig = new Rig(build.options({ eeprom }));
    expect(rig.hello()).toMatchObject({ boot: 702, flags: { keyed: false } });
    expect(rig.state()).toMatchObject({ fault: 'none', flags: { locked: false } });
    cut(rig);
    expect(rig.hello().boot).toBe(703);
  });
});

test.each(isThorough ? TORN : TORN.slice(0, 1))(
  'S4, S5: a power cut at every write of a pairing (%s byte) leaves the old key or the new one, whole, and soon only one',
  (torn) => {
    const nameless = (by: GateKey): GateKey => ({ ...by, gateId: new Uint8Array(0) });
    const [old, next] = [nameless(KITCHEN), nameless(OTHER_KEY)];
    const eeprom = eepromImage({ product: 'uno-relay', key: old.key, boot: 3 });
    const outcomes = new Set<string>();
    for (let write = 1; write <= 8 * RECORD_BYTES; write += WRITES_APART) {
      const rig = new Rig(IMAGE.options({ eeprom, bounceMs: 0 }));
      rig.board.setTornByte(torn);
      rig.by = old;
      beginPairing(rig);
      let writes = 0;
      let isCut = false;
      rig.board.eeprom.onWriteStart = () => {
        if (++writes !== write) return;
        rig.board.after(1.5, () => {
          rig.board.power(false);
          isCut = true;
        });
      };
      rig.send({ type: 'pair', key: next.key });
      rig.board.runUntil(() => isCut || writes > 8 * RECORD_BYTES, 3000, 1);
      if (!isCut) break;
      rig.board.runFor(30);
      rig.board.eeprom.onWriteStart = () => {};
      rig.board.power(true);
      rig.board.runFor(2500);
      const told = `old ${opens(rig, old)}, new ${opens(rig, next)}, bare ${opens(rig, null)}`;
      outcomes.add(told);
      expect(rig.board.level('actuator')).toBe(0);
      // After the first record was whole the new key is swept over the old one, also by the start after the cut.
      if (told.startsWith('old false')) expect([write, holds(rig, old.key)]).toEqual([write, false]);
    }
    expect([...outcomes].sort()).toEqual([
      'old false, new true, bare false',
      'old true, new false, bare false',
    ]);
  },
);
