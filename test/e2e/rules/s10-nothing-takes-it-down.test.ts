import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../builds/builds.ts';

/** Bytes that cost the firmware most, each repeated for as long as the wire is full. */
const FLOODS: Readonly<Record<string, readonly number[]>> = {
  'system resets': [0xff],
  'system resets with stray data': [0xff, 0, 0],
  'capability queries': [0xf0, 0x6b, 0xf7],
  'port writes': [0x90, 0x7f, 0x7f],
  'frames that begin and never end': [0xf0, 0x02],
  'broken frames': [0xf0, 0x02, 0x11, 0x22, 0xf7],
  'mutes that cannot be read': [0xf0, 0x03, 0xf7],
  'unknown commands': [0xfe],
};

onEachBuild('S10: no part takes another down: a flooded wire', (build) => {
  test.each(Object.keys(FLOODS))(
    'S10: %s neither reset the gate nor slow its clock, its button and its lease',
    (name) => {
      const rig = build.rigWithSense();
      const flood = FLOODS[name]!;
      const mutes = flood[1] === 0x03;
      rig.goLive(2000);
      const starts = rig.board.starts;
      const before = rig.state();
      const at = rig.board.timeMs;
      const opened = rig.edges('actuator', 1).at(-1)!;
      const repeats = Math.floor((2500 * 11.52) / flood.length);
      rig.board.send(Uint8Array.from({ length: repeats * flood.length }, (_, i) => flood[i % flood.length]!));
      rig.board.runUntil(() => rig.board.level('actuator') === 0, 2200, 0.5);
      const closed = rig.edges('actuator', 0).at(-1)!;
      // The state it was made from and the frame that opened it took some ms of the lease.
      if (!mutes) expect(Math.abs(closed - opened - 2000)).toBeLessThan(12);
      rig.board.runFor(1000);
      rig.hello();
      expect(rig.board.starts).toBe(starts);
      const after = rig.state();
      expect(Math.abs(after.uptime - before.uptime - (rig.board.timeMs - at))).toBeLessThan(10);
    },
  );
});
