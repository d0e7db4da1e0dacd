import { describe, expect, test } from '@jest/globals';
import { Rig } from '../../controller/bench/rig.ts';

function closed(): Rig {
  const rig = new Rig({ product: 'uno-servo' });
  rig.hello();
  rig.board.runFor(2000);
  return rig;
}

describe('servo', () => {
  test('opens under a lease, closes at its end, and is without power while it rests', () => {
    const rig = closed();
    expect(rig.board.pin(7)).toBe(0);
    rig.goLive(4000);
    expect(rig.board.level('contact')).toBe(1);
    rig.board.runFor(1000);
    expect([rig.board.pin(7), Math.round(rig.board.servoPositionUs! / 10)]).toEqual([0, 200]);
    rig.board.runFor(4000);
    expect([rig.board.level('contact'), rig.board.pin(7)]).toEqual([0, 0]);
  });

  test('a mute turns it back in the middle of its way', () => {
    const rig = closed();
    rig.tell(rig.allow({ liveMs: 9000 }));
    rig.board.runFor(100);
    rig.tell({ type: 'mute', seq: 1, reason: 'cli' });
    rig.board.runFor(1500);
    expect(rig.board.servoPositionUs).toBeCloseTo(1000, -1);
    expect(rig.state().phase).toBe('muted');
  });

  test('a confirmed setting of its closed end moves it there', () => {
    const rig = closed();
    rig.configure('servo_closed', 1300);
    rig.board.runFor(500);
    expect(rig.board.servoPositionUs).toBeCloseTo(1300, -1);
    expect(rig.board.pin(7)).toBe(0);
  });
});
