import { expect, test } from '@jest/globals';
import type { Rig } from '../../../controller/bench/rig.ts';
import type { HostMessage, Unsent } from '../../../schemas/protocol.ts';
import { onEachBuild } from '../../builds/builds.ts';

onEachBuild('S7: no replay unmutes', (build) => {
  test('S7: every frame of a session, sent again in any order and later, opens nothing and lengthens nothing', () => {
    const rig = build.rig();
    rig.hello();
    const recorded: Uint8Array[] = [];
    const send = (message: Unsent<HostMessage>): void => {
      const frame = rig.frame(message);
      recorded.push(frame);
      rig.board.send(frame);
    };
    send({ type: 'hello', controller: 0x0c0ffee0 });
    send(rig.allow({ liveMs: 9000, buttonMs: 60_000, buttonLeftMs: 100_000 }));
    rig.next('state', (state) => state.phase === 'live');
    send(rig.allow({ liveMs: 12_000 }));
    send(rig.allow({ liveMs: 15_000 }));
    rig.board.runFor(100);
    const end = rig.state().leaseLeftMs + rig.board.timeMs;
    for (const frame of recorded.toReversed()) rig.board.send(frame);
    rig.board.runUntil(() => rig.board.level('actuator') === 0, 20_000, 1);
    expect(Math.abs(rig.board.timeMs - end)).toBeLessThan(10);
    for (let i = 0; i < 3; i++) for (const frame of recorded) rig.board.send(frame);
    rig.board.runFor(2000);
    expect(rig.edges('actuator', 1)).toHaveLength(1);
  });

  test.each([
    ['a press', (rig: Rig) => rig.board.press(100)],
    ['a mute', (rig: Rig) => rig.send({ type: 'mute', seq: 1, reason: 'homeassistant' })],
    ['a lock', (rig: Rig) => rig.send({ type: 'lock', boot: rig.last('state')!.boot, seq: rig.sequence() })],
  ])('S7: a renewal in flight does not reopen a gate after %s', (_, act) => {
    const rig = build.rig();
    rig.hello();
    rig.goLive();
    rig.board.runFor(500);
    rig.state();
    act(rig);
    const renewal = rig.allow({ liveMs: 9000 });
    rig.board.runFor(5);
    rig.send(renewal);
    rig.board.runFor(100);
    rig.send({ ...renewal, seq: rig.sequence() } as HostMessage);
    rig.board.runFor(2000);
    expect(rig.edges('actuator', 1)).toHaveLength(1);
    expect(rig.board.level('actuator')).toBe(0);
  });

  test('S7: a mute on a muted gate also makes every allow on its way void', () => {
    const rig = build.rig();
    rig.hello();
    const allow = rig.allow({ liveMs: 9000 });
    rig.send({ type: 'mute', seq: 1, reason: 'cli' });
    rig.send(allow);
    expect(rig.next('nak').reason).toBe('unseen');
    rig.goneDark();
  });

  test('S7: a lease that ended must have been seen before the next one', () => {
    const rig = build.rig();
    rig.hello();
    rig.goLive(300);
    const late = rig.allow({ liveMs: 9000 });
    rig.board.runFor(600);
    rig.send(late);
    expect(rig.next('nak').reason).toBe('unseen');
  });

  test('S7: nothing of an earlier boot counts', () => {
    const rig = build.rig();
    rig.hello();
    const early = rig.allow({ liveMs: 30_000 });
    for (const restart of [() => rig.board.reset(), () => cut(rig)]) {
      restart();
      rig.board.runFor(200);
      rig.hello();
      rig.send(early);
      expect(rig.next('nak').reason).toBe('wrong-boot');
    }
    rig.goneDark();
  });

  test('S7: the boot number never repeats, over resets and power cuts at any instant of its write', () => {
    const rig = build.rig();
    const seen = new Set<number>();
    for (let i = 0; i < 24; i++) {
      const identity = rig.hello();
      expect(seen.has(identity.boot)).toBe(false);
      seen.add(identity.boot);
      rig.board.power(false);
      rig.board.runFor(20);
      rig.board.power(true);
      rig.board.runFor(66 + (i % 12) * 1.7);
      rig.board.power(false);
      rig.board.runFor(20);
      rig.board.power(true);
      rig.board.runFor(100);
    }
  });

  test.each([
    ['another boot', { boot: 999 }, 'wrong-boot'],
    ['a sequence used before', { seq: 0 }, 'old-sequence'],
    ['events unseen', { seen: 0 }, 'unseen'],
    ['events that never were', { seen: 0xffffff }, 'unseen'],
    ['a lease in the past', { liveUntil: 5 }, 'past'],
    ['a lease 2^32 ms ahead', { liveUntil: 2 ** 32 + 1000 }, 'ceiling'],
    ['a lease 2^32 ms ago, had it wrapped', { liveUntil: 2 ** 40 - 1 }, 'ceiling'],
  ] as const)('S7: an allow for %s is refused', (_, fields, reason) => {
    const rig = build.rig();
    rig.hello();
    rig.board.runFor(100);
    const allow = { ...rig.allow({ liveMs: 9000 }), ...fields } as HostMessage;
    rig.send(allow);
    expect(rig.next('nak').reason).toBe(reason);
    rig.goneDark();
  });
});

function cut(rig: Rig): void {
  rig.board.power(false);
  rig.board.runFor(50);
  rig.board.power(true);
}
