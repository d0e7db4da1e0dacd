/** Forged frames as fast as the wire carries them, at a gate with a key on the emulated chip: what it may not delay, and what still gets out. */
import { expect, test } from '@jest/globals';
import { BYTE_MS, Rig } from '../../../controller/bench/rig.ts';
import type { MessageOf } from '../../../schemas/protocol.ts';
import { thoroughTest } from '../../thorough.ts';
import { KITCHEN, OTHER_KEY, put } from './keyed-gates.ts';

const live = (leaseMs: number): Rig => {
  const rig = Rig.keyed(KITCHEN, { bounceMs: 0 });
  put(rig, rig.frame(rig.allow({ liveMs: leaseMs })));
  expect(rig.board.level('actuator')).toBe(1);
  return rig;
};

/** So many ms of allows that are right but for their authenticator. Returns when the last byte will have come. */
function flood(rig: Rig, ms: number): number {
  const forged = rig.frame(rig.allow({ liveMs: 9000 }), OTHER_KEY);
  const count = Math.ceil(ms / (forged.length * BYTE_MS));
  const from = rig.board.timeMs;
  for (let i = 0; i < count; i++) rig.board.send(forged);
  return from + count * forged.length * BYTE_MS;
}

const offWithin = (rig: Rig, ms: number): number => {
  rig.board.runUntil(() => rig.board.level('actuator') === 0, ms, 0.05);
  return rig.edges('actuator', 0).at(-1)!;
};

test.each([0, 1, 2, 3, 4, 5])('S3: a mute behind the flood is acted on with its last byte (%i)', (run) => {
  const rig = live(20_000);
  rig.board.runFor(run * 1.37);
  const begins = flood(rig, 250);
  const mute = rig.frame({ type: 'mute', seq: 1, reason: 'cli' });
  rig.board.send(mute);
  expect(offWithin(rig, 300) - begins).toBeLessThan(1.2 * mute.length * BYTE_MS + 0.3);
});

test('S3: the button is acted on at once', () => {
  const rig = live(20_000);
  flood(rig, 400);
  rig.board.runFor(203.7);
  const from = rig.board.timeMs;
  rig.board.press(60);
  expect(offWithin(rig, 10) - from).toBeLessThan(0.1);
});

test('S2: a lease ends at its time', () => {
  const rig = Rig.keyed(KITCHEN, { bounceMs: 0 });
  const allow = rig.allow({ liveMs: 700 }) as MessageOf<'allow'>;
  put(rig, rig.frame(allow));
  flood(rig, 1000);
  const off = offWithin(rig, 1000);
  rig.board.runFor(600);
  rig.hello();
  rig.board.runFor(300);
  const { uptime } = rig.events().find(({ kind }) => kind === 'live')!;
  const lasted = off - rig.edges('actuator', 1).at(-1)!;
  expect(Math.abs(lasted - (allow.liveUntil - uptime))).toBeLessThan(2);
  expect(rig.board.starts).toBe(1);
});

thoroughTest('S7: for 10 s it opens nothing, resets nothing, and the gate goes on telling its state', () => {
  const rig = Rig.keyed(KITCHEN, { bounceMs: 0 });
  const from = rig.board.timeMs;
  flood(rig, 10_000);
  rig.board.runFor(10_000);
  rig.goneDark();
  const states = rig.received.filter(
    ({ message, authentic, atMs }) => message.type === 'state' && authentic && atMs > from,
  );
  const gaps = [from, ...states.map(({ atMs }) => atMs), rig.board.timeMs].map(
    (at, i, all) => at - (all[i - 1] ?? at),
  );
  expect(Math.max(...gaps)).toBeLessThan(1100);
  expect(rig.board.starts).toBe(1);
  rig.board.runFor(200);
  put(rig, rig.frame(rig.allow({ liveMs: 9000 })));
  expect(rig.board.level('actuator')).toBe(1);
});
