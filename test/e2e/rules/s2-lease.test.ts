import { expect, test } from '@jest/globals';
import type { Rig } from '../../../controller/bench/rig.ts';
import type { MessageOf } from '../../../schemas/protocol.ts';
import { onEachBuild } from '../../builds/builds.ts';

const random = (seed: number, length: number): Uint8Array => {
  let x = seed;
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x >>> 24;
  });
};

/** Opens for `leaseMs`, lets something happen, and returns by how many ms of gate time the actuator missed the end. */
function leaseError(rig: Rig, leaseMs: number, meanwhile: (rig: Rig) => void = () => {}): number {
  const allow = rig.allow({ liveMs: leaseMs });
  rig.send(allow);
  const opened = rig.next('event', (event) => event.kind === 'live');
  meanwhile(rig);
  rig.board.runUntil(() => rig.board.level('actuator') === 0, leaseMs + 1000, 0.05);
  const on = rig.edges('actuator', 1).at(-1)!;
  const off = rig.edges('actuator', 0).at(-1)!;
  // The actuator went on at the uptime of the event, give or take the ms in which it was counted.
  return off - on - ((allow as MessageOf<'allow'>).liveUntil - opened.uptime);
}

onEachBuild('S2: live only under a running lease, ended by the gate alone within 2 ms', (build) => {
  test.each([100, 1000, 9000, 30_000])('S2: a lease of %i ms ends by itself', (leaseMs) => {
    const rig = build.rig();
    rig.hello();
    expect(Math.abs(leaseError(rig, leaseMs))).toBeLessThanOrEqual(2);
    rig.hello();
    rig.board.runFor(100);
    expect(rig.events().at(-1)).toMatchObject({ kind: 'mute', reason: 'lease-end' });
  });

  test('S2: noise on the wire, a held Firmata query and a dead controller do not move the end', () => {
    const rig = build.rig();
    rig.hello();
    const error = leaseError(rig, 3000, () => {
      for (let i = 0; i < 40; i++) {
        rig.board.send(random(i + 1, 256).map((byte) => (byte === 3 ? 4 : byte)));
        rig.board.send(Uint8Array.of(0xf0, 0x6b, 0xf7));
      }
    });
    expect(Math.abs(error)).toBeLessThanOrEqual(2);
  });

  test('S2: the end is by the gate’s own clock, however wrong that is', () => {
    const rig = build.rig();
    rig.board.setClockError(5000);
    rig.hello();
    expect(Math.abs(leaseError(rig, 9000))).toBeLessThanOrEqual(2 + 9000 * 0.006);
  });

  test('S2: a lease may be shortened by a later allow, and ended by one without a lease', () => {
    const rig = build.rig();
    rig.hello();
    rig.goLive(20_000);
    rig.send(rig.allow({ liveMs: 500 }));
    rig.board.runFor(600);
    expect(rig.board.level('actuator')).toBe(0);
    rig.state();
    rig.goLive(20_000);
    rig.send(rig.allow());
    rig.board.runFor(20);
    expect(rig.board.level('actuator')).toBe(0);
    expect(rig.state().reason).toBe('withdrawn');
  });

  test('S2: nothing beyond the ceilings compiled in is accepted', () => {
    const rig = build.rig();
    rig.hello();
    for (const beyond of [{ liveMs: 30_100 }, { buttonMs: 900_001 }, { buttonLeftMs: 900_100 }]) {
      rig.send(rig.allow(beyond));
      expect(rig.next('nak').reason).toBe('ceiling');
    }
    expect(rig.edges('actuator', 1)).toEqual([]);
  });

  test('S2: a grant by the button ends with its length, and never beyond `buttonUntil`', () => {
    for (const [buttonMs, buttonLeftMs, expected] of [
      [2000, 60_000, 2000],
      [5000, 3000, 3000 - 322],
    ] as const) {
      const rig = build.rig();
      rig.hello();
      rig.tell(rig.allow({ buttonMs, buttonLeftMs }));
      const before = rig.board.timeMs;
      rig.board.press(300);
      rig.board.runFor(8000);
      const [on] = rig.edges('actuator', 1);
      const [off] = rig.edges('actuator', 0);
      expect(off! - on!).toBeGreaterThan(expected - 40);
      expect(off! - on!).toBeLessThan(expected + 3);
      expect(on! - before).toBeGreaterThan(300);
    }
  });

  test('S2: a servo begins to close one travel time before its lease ends', () => {
    const rig = build.rig({ product: 'uno-servo' });
    rig.hello();
    rig.board.runFor(1500);
    rig.state();
    rig.goLive(5000);
    const promised = rig.board.timeMs + rig.last('state')!.leaseLeftMs;
    rig.next('state', (state) => state.phase === 'muted', 7000);
    const closed = rig.edges('contact', 0).at(-1)!;
    expect(closed).toBeLessThanOrEqual(promised + 2);
    expect(closed).toBeGreaterThan(promised - 900);
    expect(rig.board.servoPositionUs).toBeCloseTo(1000, -1);
  });
});
