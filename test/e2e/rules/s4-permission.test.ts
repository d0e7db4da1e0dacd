import { expect, test } from '@jest/globals';
import type { Rig } from '../../../controller/bench/rig.ts';
import { onEachBuild } from '../../builds/builds.ts';

onEachBuild('S4: an unmute needs a permission, and no lock or fault against it', (build) => {
  test('S4: a press without permission is refused, recorded and shown on the LED', () => {
    const rig = build.rig();
    rig.hello();
    rig.board.runFor(11_000);
    const red = rig.edges('red', 0).length;
    rig.board.press(300);
    rig.board.runFor(1500);
    expect(rig.edges('actuator', 1)).toEqual([]);
    rig.hello();
    rig.board.runFor(200);
    expect(rig.events().at(-1)).toMatchObject({ kind: 'press', reason: 'not-permitted' });
    expect(rig.events().at(-1)!.detail).toBeGreaterThanOrEqual(295);
    expect(rig.events().at(-1)!.detail).toBeLessThanOrEqual(305);
    expect(rig.edges('red', 0).length - red).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ['its permission has run out', { buttonMs: 5000, buttonLeftMs: 100 }, 500],
    ['the controller has been silent for 10 s', { buttonMs: 5000, buttonLeftMs: 60_000 }, 10_200],
    ['the controller permits nothing', { buttonMs: 0, buttonLeftMs: 60_000 }, 500],
  ])('S4: a press is refused when %s', (_, permission, waitMs) => {
    const rig = build.rig();
    rig.hello();
    rig.send(rig.allow(permission));
    rig.board.runFor(waitMs);
    rig.board.press(200);
    rig.board.runFor(1000);
    expect(rig.edges('actuator', 1)).toEqual([]);
  });

  test('S4: the permission must hold at both ends of the press', () => {
    const rig = build.rig();
    rig.hello();
    rig.board.buttonDown();
    rig.board.runFor(200);
    rig.tell(rig.allow({ buttonMs: 5000, buttonLeftMs: 60_000 }));
    rig.board.buttonUp();
    rig.board.runFor(200);
    expect(rig.edges('actuator', 1)).toEqual([]);
    rig.tell(rig.allow({ buttonMs: 5000, buttonLeftMs: 700 }));
    rig.board.press(900);
    rig.board.runFor(1500);
    expect(rig.edges('actuator', 1)).toEqual([]);
  });

  test('S4: a press of 50 ms to 3 s grants on release, a shorter one does nothing, a mute in between overrules it', () => {
    const press = (ms: number, during?: (rig: Rig) => void): Rig => {
      const rig = build.rig({ bounceMs: 0 });
      rig.hello();
      rig.tell(rig.allow({ buttonMs: 5000, buttonLeftMs: 60_000 }));
      rig.board.buttonDown();
      rig.board.runFor(ms / 2);
      during?.(rig);
      rig.board.runFor(ms - ms / 2);
      expect(rig.edges('actuator', 1)).toEqual([]);
      rig.board.buttonUp();
      rig.board.runFor(300);
      return rig;
    };
    expect(press(45).edges('actuator', 1)).toHaveLength(0);
    expect(press(55).edges('actuator', 1)).toHaveLength(1);
    expect(press(2900).edges('actuator', 1)).toHaveLength(1);
    const overruled = press(400, (rig) => rig.send({ type: 'mute', seq: 3, reason: 'cli' }));
    expect(overruled.edges('actuator', 1)).toHaveLength(0);
    overruled.board.runFor(1200);
    expect(overruled.events().at(-1)).toMatchObject({ kind: 'press', reason: 'overruled' });
  });

  test('S4: while the button is down the gate is not live, whatever arrives', () => {
    const rig = build.rig();
    rig.hello();
    rig.board.buttonDown();
    rig.board.runFor(60);
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('button-down');
    rig.goneDark();
  });

  test('S4: an allow is refused while contested, until one controller alone has spoken for 30 s', () => {
    const rig = build.rig();
    rig.hello(1);
    rig.goLive(20_000);
    rig.send({ type: 'hello', controller: 2 });
    expect(rig.next('state', (state) => state.flags.contested).reason).toBe('contested');
    expect(rig.board.level('actuator')).toBe(0);
    rig.board.runFor(500);
    rig.state();
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('contested');
    for (let i = 0; i < 3; i++) {
      rig.board.runFor(10_000);
      rig.send({ type: 'hello', controller: 2 });
    }
    rig.next('state', (state) => !state.flags.contested);
    rig.goLive();
  });

  test('S4: a controller that stops takes the permission of the button with it', () => {
    const rig = build.rig();
    rig.hello();
    rig.tell(rig.allow({ buttonMs: 60_000, buttonLeftMs: 600_000 }));
    rig.tell({ type: 'mute', seq: 1, reason: 'stop' });
    rig.board.press(200);
    rig.board.runFor(500);
    rig.goneDark();
  });

  test('S4: no message but allow opens anything', () => {
    const rig = build.rig();
    rig.hello();
    const boot = rig.last('state')!.boot;
    rig.send({ type: 'hello', controller: 0x0c0ffee0 });
    rig.send({ type: 'stored', boot, event: 0xffffff });
    rig.send({
      type: 'setting',
      boot,
      seq: rig.sequence(),
      op: 'write',
      setting: 6,
      value: Uint8Array.of(200),
    });
    rig.send({
      type: 'setting',
      boot,
      seq: rig.sequence(),
      op: 'read',
      setting: 1,
      value: new Uint8Array(8),
    });
    rig.send({ type: 'mute', seq: 1, reason: 'cli' });
    rig.board.runFor(3000);
    rig.goneDark();
  });
});
