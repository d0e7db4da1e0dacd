import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../builds/builds.ts';

onEachBuild('S9: nothing is lost', (build) => {
  test('S9: what happened without a controller is told at its own uptime when one comes', () => {
    const rig = build.rig();
    rig.board.runFor(2000);
    const before = rig.board.timeMs;
    rig.board.press(300);
    rig.board.runFor(40_000);
    const { uptime } = rig.state();
    const bootOffset = rig.board.timeMs - uptime;
    rig.hello();
    rig.board.runFor(200);
    const press = rig.events().find(({ kind }) => kind === 'press')!;
    expect(Math.abs(press.uptime + bootOffset - (before + 320))).toBeLessThan(15);
  });

  test('S9: events stay over resets and hangs until stored, with the uptime going on', () => {
    const rig = build.rig();
    rig.hello();
    rig.goLive(200);
    rig.board.runFor(1500);
    const before = rig.events();
    const { uptime } = rig.state();
    rig.board.reset();
    rig.board.runFor(500);
    const identity = rig.hello();
    rig.board.runFor(200);
    expect(identity.flags.historyLost).toBe(false);
    const after = rig.events();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.at(-1)).toMatchObject({
      kind: 'boot',
      reason: 'external-reset',
      boot: 2,
      seq: before.length + 1,
    });
    expect(after.at(-1)!.uptime).toBeGreaterThanOrEqual(uptime);
    expect(rig.state().uptime).toBeGreaterThan(uptime);
  });

  test('S9: an event is repeated every second until it is stored, and then never again', () => {
    const rig = build.rig();
    const identity = rig.hello();
    const count = () => rig.received.filter(({ message }) => message.type === 'event').length;
    for (let i = 0; i < 3; i++) {
      rig.board.runFor(1000);
      rig.send({ type: 'hello', controller: 0x0c0ffee0 });
    }
    expect(count()).toBeGreaterThanOrEqual(3);
    rig.send({ type: 'stored', boot: identity.boot, event: rig.newest() });
    rig.board.runFor(20);
    const stored = count();
    rig.send({ type: 'hello', controller: 0x0c0ffee0 });
    rig.board.runFor(2500);
    expect(count()).toBe(stored);
  });

  test('S9: `stored` of another boot or beyond the newest event forgets nothing', () => {
    const rig = build.rig();
    const identity = rig.hello();
    rig.send({ type: 'stored', boot: identity.boot + 1, event: 1 });
    rig.send({ type: 'stored', boot: identity.boot, event: 2 });
    rig.board.runFor(50);
    const from = rig.received.length;
    rig.hello();
    rig.board.runFor(100);
    expect(
      rig.received.slice(from).some(({ message }) => message.type === 'event' && message.seq === 1),
    ).toBe(true);
  });

  test('S9: overflow is counted and the numbers show what is missing', () => {
    const rig = build.rig();
    rig.hello();
    for (let seq = 1; seq <= 40; seq++) {
      rig.send({ type: 'mute', seq, reason: 'cli' });
      rig.board.runFor(30);
    }
    const from = rig.received.length;
    rig.hello();
    rig.board.runFor(400);
    const told = rig.received
      .slice(from)
      .flatMap(({ message }) => (message.type === 'event' ? [message.seq] : []));
    expect(rig.state()).toMatchObject({ newest: 41, lost: 9 });
    expect(Math.min(...told)).toBe(10);
    expect(Math.max(...told)).toBe(41);
  });

  test('S9: a power cut loses the events, and the gate says so', () => {
    const rig = build.rig();
    rig.hello();
    rig.board.runFor(300);
    rig.board.power(false);
    rig.board.runFor(1000);
    rig.board.power(true);
    const identity = rig.hello();
    rig.board.runFor(100);
    expect(identity.flags.historyLost).toBe(true);
    expect(rig.events().at(-1)).toMatchObject({ kind: 'boot', seq: 1, boot: 2, detail: 1 });
  });
});
