import { expect, test } from '@jest/globals';
import { BYTE_MS, type Rig } from '../../../controller/bench/rig.ts';
import { onEachBuild } from '../../builds/builds.ts';

const MUTE = 0x03;

onEachBuild('S3: a mute needs no permission, from any source, in any state, and acts at once', (build) => {
  test.each([
    ['a mute', (rig: Rig) => rig.frame({ type: 'mute', seq: 1, reason: 'cli' })],
    ['a mute with a wrong CRC', (rig: Rig) => damaged(rig.frame({ type: 'mute', seq: 1, reason: 'cli' }))],
    ['an empty mute', () => Uint8Array.of(0xf0, MUTE, 0xf7)],
    ['a mute cut off by another frame', () => Uint8Array.of(0xf0, MUTE, 0x11, 0xf0)],
    ['a mute cut off by a Firmata command', () => Uint8Array.of(0xf0, MUTE, 0x11, 0xf9)],
    ['a mute far too long', () => Uint8Array.of(0xf0, MUTE, ...new Array(300).fill(0x55), 0xf7)],
    ['a mute of an unknown version', () => Uint8Array.of(0xf0, MUTE, 0x70, 0x00, 0x00, 0x00, 0xf7)],
    ['a mute inside a Firmata sysex', () => Uint8Array.of(0xf0, 0x71, 0x41, 0xf0, MUTE, 0xf7)],
  ])('S3: %s ends a lease within 1.2 times its time on the wire', (_, make) => {
    const rig = build.rig();
    rig.hello();
    rig.goLive(30_000);
    const frame = make(rig);
    const from = rig.board.timeMs;
    rig.board.send(frame);
    rig.board.runFor(frame.length * BYTE_MS * 1.2 + 0.5);
    const off = rig.edges('actuator', 0).at(-1)!;
    expect(off - from).toBeLessThanOrEqual(frame.length * BYTE_MS * 1.2 + 0.3);
    rig.board.runFor(200);
    expect(rig.state().phase).toBe('muted');
    expect(rig.events().at(-1)).toMatchObject({ kind: 'mute' });
  });

  test('S3: a mute is heard while the wire is flooded with Firmata and other frames', () => {
    const rig = build.rig();
    rig.hello();
    rig.goLive(30_000);
    for (let i = 0; i < 30; i++) {
      rig.board.send(Uint8Array.of(0xf0, 0x6b, 0xf7, 0xf0, 0x69, 0xf7, 0x91, 0x7f, 0x01, 0xf9));
      rig.send({ type: 'hello', controller: 0x0c0ffee0 });
    }
    const frame = rig.frame({ type: 'mute', seq: 9, reason: 'cli' });
    rig.board.send(frame);
    rig.board.runUntil(() => rig.board.level('actuator') === 0, 2000, 0.05);
    const sent =
      30 * (10 + rig.frame({ type: 'hello', controller: 1 }).length) * BYTE_MS + frame.length * BYTE_MS;
    expect(rig.board.timeMs).toBeLessThan(sent + 700);
    expect(rig.board.level('actuator')).toBe(0);
  });

  test('S3: acts while starting, locked, contested and faulty, and is answered every time', () => {
    const rig = build.rig();
    rig.board.runFor(68);
    rig.send({ type: 'mute', seq: 1, reason: 'cli' });
    rig.next('state');
    rig.hello();
    rig.lockByHand();
    rig.send({ type: 'mute', seq: 2, reason: 'cli' });
    rig.state();
    rig.send({ type: 'hello', controller: 99 });
    rig.send({ type: 'mute', seq: 3, reason: 'homeassistant' });
    rig.next('event', (event) => event.reason === 'homeassistant');
    expect(rig.state().flags).toMatchObject({ locked: true, contested: true });
  });

  test('S3: the button mutes at its first edge, in any bounce', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const rig = build.rig({ seed });
      rig.hello();
      rig.goLive(30_000);
      const from = rig.board.timeMs;
      rig.board.press(100);
      rig.board.runFor(2);
      expect(rig.edges('actuator', 0).at(-1)! - from).toBeLessThanOrEqual(1);
      rig.board.runFor(1000);
      expect(rig.board.level('actuator')).toBe(0);
    }
  });

  test('S3: a resend of one mute is recorded once, a new one each time', () => {
    const rig = build.rig();
    rig.hello();
    for (const seq of [7, 7, 7, 8, 8]) {
      rig.send({ type: 'mute', seq, reason: 'cli' });
      rig.board.runFor(100);
    }
    rig.board.runFor(1500);
    expect(rig.events().filter(({ kind }) => kind === 'mute')).toHaveLength(2);
  });
});

function damaged(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy[6]! ^= 0x10;
  return copy;
}
