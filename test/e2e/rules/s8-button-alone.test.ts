import { expect, test } from '@jest/globals';
import type { Rig } from '../../../controller/bench/rig.ts';
import { type Build, onEachBuild } from '../../builds/builds.ts';

function withButtonAlone(build: Build, seconds: number): Rig {
  const rig = build.rig();
  rig.hello();
  rig.board.runFor(300);
  rig.configure('button_alone', seconds);
  return rig;
}

onEachBuild('S8: the button works without the controller as far as the settings at it allow', (build) => {
  test('S8: after 10 s without an allow a press grants `button_alone`, and the gate ends it alone', () => {
    const rig = withButtonAlone(build, 5);
    rig.board.runFor(10_500);
    rig.board.press(200);
    rig.board.runFor(8000);
    const [on] = rig.edges('actuator', 1);
    const [off] = rig.edges('actuator', 0);
    expect(off! - on!).toBeGreaterThan(4998);
    expect(off! - on!).toBeLessThan(5002);
    rig.hello();
    rig.board.runFor(200);
    expect(rig.events()).toContainEqual(
      expect.objectContaining({ kind: 'live', reason: 'button-alone', detail: 5000 }),
    );
  });

  test('S8: it does not apply while a controller allows, nor in the first 10 s after a reset', () => {
    const rig = withButtonAlone(build, 5);
    rig.board.runFor(9000);
    rig.tell(rig.allow({ buttonMs: 0 }));
    rig.board.runFor(9000);
    rig.board.press(200);
    rig.board.runFor(500);
    expect(rig.edges('actuator', 1)).toEqual([]);
    rig.board.reset();
    rig.board.runFor(9500);
    rig.board.press(200);
    rig.board.runFor(500);
    expect(rig.edges('actuator', 1)).toEqual([]);
    rig.board.runFor(1000);
    rig.board.press(200);
    rig.board.runFor(500);
    expect(rig.edges('actuator', 1)).toHaveLength(1);
  });

  test('S8: it survives a power cut, and is off by default', () => {
    const rig = withButtonAlone(build, 5);
    rig.board.power(false);
    rig.board.runFor(100);
    rig.board.power(true);
    rig.board.runFor(10_500);
    rig.board.press(200);
    rig.board.runFor(500);
    expect(rig.edges('actuator', 1)).toHaveLength(1);
    const plain = build.rig();
    plain.board.runFor(11_000);
    plain.board.press(200);
    plain.board.runFor(500);
    plain.goneDark();
  });

  test('S8: a grant by the button goes on when the controller dies, up to what it permitted', () => {
    const rig = build.rig();
    rig.hello();
    rig.tell(rig.allow({ buttonMs: 20_000, buttonLeftMs: 60_000 }));
    rig.board.press(200);
    rig.board.runFor(19_000);
    expect(rig.board.level('actuator')).toBe(1);
    rig.board.runFor(1500);
    expect(rig.board.level('actuator')).toBe(0);
  });
});
