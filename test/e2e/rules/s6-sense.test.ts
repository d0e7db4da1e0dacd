import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../builds/builds.ts';

onEachBuild('S6: sense and command that disagree for longer than the travel time are a fault', (build) => {
  test('S6: a welded contact is reported live with a fault, and driven towards muted', () => {
    const rig = build.rigWithSense();
    rig.board.fault('welded');
    rig.goLive(500);
    const fault = rig.next('state', (state) => state.fault !== 'none', 3000);
    expect(fault).toMatchObject({ fault: 'sense-live', phase: 'muted', flags: { senseHears: true } });
    expect(rig.board.level('actuator')).toBe(0);
    expect(rig.board.level('contact')).toBe(1);
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('nak').reason).toBe('faulty');
  });

  test('S6: a contact that never closes is a fault, and the gate is muted', () => {
    const rig = build.rigWithSense();
    rig.board.fault('open');
    rig.send(rig.allow({ liveMs: 9000 }));
    expect(rig.next('state', (state) => state.fault !== 'none')).toMatchObject({
      fault: 'sense-deaf',
      flags: { senseHears: false },
    });
    expect(rig.board.level('actuator')).toBe(0);
  });

  test('S6: a contact wired to the normally-closed side shows itself within a second of power-up', () => {
    const rig = build.rigWithSense();
    rig.board.fault('miswired');
    rig.board.power(false);
    rig.board.runFor(100);
    rig.board.power(true);
    rig.hello();
    expect(
      rig.next('state', (state) => state.fault !== 'none' || rig.last('state')!.fault !== 'none'),
    ).toMatchObject({
      fault: 'sense-live',
      flags: { senseHears: true },
    });
  });

  test('S6: a short disagreement (travel) is no fault', () => {
    const rig = build.rigWithSense();
    for (let i = 0; i < 10; i++) {
      rig.tell(rig.allow({ liveMs: 30 + i * 7 }));
      rig.board.runFor(200);
    }
    expect(rig.edges('contact', 1)).toHaveLength(10);
    expect(rig.last('state')!.fault).toBe('none');
  });

  test('S6: a fault latches over a reset; a press clears it only after the sense has agreed for 1 s', () => {
    const rig = build.rigWithSense();
    rig.board.fault('welded');
    rig.goLive(300);
    rig.next('state', (state) => state.fault === 'sense-live', 3000);
    rig.board.press(200);
    rig.board.runFor(500);
    expect(rig.state().fault).toBe('sense-live');
    rig.board.reset();
    rig.board.runFor(300);
    rig.hello();
    expect(rig.state().fault).toBe('sense-live');
    rig.board.fault('none');
    rig.board.runFor(600);
    rig.board.press(200);
    rig.board.runFor(300);
    expect(rig.state().fault).toBe('sense-live');
    rig.board.runFor(1000);
    rig.board.press(200);
    rig.next('state', (state) => state.fault === 'none');
    expect(rig.edges('actuator', 1)).toHaveLength(1);
    rig.hello();
    rig.board.runFor(100);
    expect(rig.events().filter(({ kind }) => kind === 'cleared')).toHaveLength(1);
  });

  test('S6: lock and fault never clear each other', () => {
    const rig = build.rigWithSense();
    rig.board.fault('open');
    rig.send(rig.allow({ liveMs: 9000 }));
    rig.next('state', (state) => state.fault === 'sense-deaf');
    rig.lockByHand();
    expect(rig.state()).toMatchObject({ fault: 'sense-deaf', flags: { locked: true } });
    rig.board.press(200);
    rig.next('state', (state) => state.fault === 'none');
    expect(rig.state().flags.locked).toBe(true);
  });

  test('S6: a jammed servo is driven three times, then its power is cut', () => {
    const rig = build.rigWithSense({ product: 'uno-servo' });
    rig.next('state', (state) => state.phase === 'muted');
    rig.goLive(5000);
    rig.board.fault('jammed');
    rig.next('state', (state) => state.flags.attemptsSpent, 15_000);
    expect(rig.last('state')).toMatchObject({ fault: 'sense-live', flags: { senseHears: true } });
    expect(rig.board.pin(7)).toBe(0);
    rig.board.runFor(3000);
    expect(rig.board.pin(7)).toBe(0);
  });
});
