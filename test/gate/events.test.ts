import { describe, expect, test } from '@jest/globals';
import type { GateEvent } from '../../controller/gate/gate.ts';
import { LISTEN, MUTE, Pair, UTC } from './pair.ts';
import { ScriptedGate } from './scripted-gate.ts';

const stored = (change: Partial<GateEvent> = {}): GateEvent => ({
  gate: 'kitchen',
  boot: 1,
  seq: 1,
  kind: 'boot',
  reason: 'power-on',
  detail: 1,
  uptimeMs: 0,
  at: UTC - 60_000,
  atErrorMs: 50,
  ...change,
});
const seqs = (pair: Pair) => pair.delivered.map(({ boot, seq }) => `${boot}/${seq}`);
const gaps = (pair: Pair) => pair.delivered.filter(({ gapBefore }) => gapBefore).map(({ seq }) => seq);

describe('events (S9)', () => {
  test('the gate may forget them only when they are on disk', () => {
    const pair = new Pair();
    pair.onDeliver = () => 'fail';
    pair.ready();
    expect(pair.of('stored')).toHaveLength(0);
    pair.onDeliver = () => undefined;
    pair.pass(1_100);
    expect(pair.of('stored')).toContainEqual({ type: 'stored', boot: 1, event: 1 });
    expect(pair.gate.events).toHaveLength(0);
  });

  test('policy gets each once, however often the gate and the disk repeat it', () => {
    const pair = new Pair();
    pair.onDeliver = () => 'fail';
    pair.ready();
    pair.pass(5_000);
    expect(pair.delivered.length).toBeGreaterThan(3);
    expect(pair.delivered.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(pair.delivered.map(({ at }) => at)).size).toBe(1);
  });

  test('S10: a full disk keeps nobody from a lease', () => {
    const pair = new Pair();
    pair.onDeliver = () => 'fail';
    pair.want(LISTEN);
    pair.ready();
    expect(pair.gate.phase).toBe('live');
  });

  test('an event after a failed write comes with what is still to be written, in order', () => {
    const pair = new Pair();
    pair.onDeliver = () => 'fail';
    pair.ready();
    const batches: string[] = [];
    pair.onDeliver = (events) =>
      void batches.push(events.map(({ seq, repeated }) => `${seq}${repeated ? ' again' : ''}`).join());
    pair.hear([pair.gate.record('press', 'not-permitted', 90)]);
    expect(batches).toEqual(['1 again,2']);
    expect(pair.gate.events).toHaveLength(0);
  });

  test('what is on disk is not delivered again after a restart of the controller', () => {
    const gate = new ScriptedGate(0);
    const pair = new Pair({ gate, newest: stored() }).ready();
    expect(pair.delivered).toHaveLength(0);
    // The acknowledgement was lost with the old controller.
    expect(pair.of('stored')).toEqual([{ type: 'stored', boot: 1, event: 1 }]);
    pair.hear([gate.record('press', 'not-permitted')]);
    expect(seqs(pair)).toEqual(['1/2']);
    expect(gaps(pair)).toEqual([]);
  });

  test('a frame lost on the way is fetched, in order and without a gap', () => {
    const pair = new Pair().ready();
    pair.gate.record('press', 'not-permitted');
    const later = pair.gate.record('press', 'not-permitted');
    pair.hear([later]);
    expect(seqs(pair)).toEqual(['1/1']);
    pair.pass(2_000);
    expect(seqs(pair)).toEqual(['1/1', '1/2', '1/3']);
    expect(gaps(pair)).toEqual([1]);
  });

  test('events that the gate has overwritten are a gap', () => {
    const pair = new Pair().ready();
    pair.down();
    for (let i = 0; i < 40; i++) pair.gate.record('press', 'not-permitted');
    pair.up();
    pair.want(LISTEN);
    pair.pass(3_000);
    expect(pair.delivered.length).toBeGreaterThanOrEqual(33);
    expect(gaps(pair)).toEqual([1, 10]);
    expect(pair.gate.phase).toBe('live');
  });

  test('a loss of power is a gap, and the count begins anew', () => {
    const pair = new Pair().ready();
    pair.gate.reset(true);
    pair.want(LISTEN);
    pair.pass(1_000);
    expect(seqs(pair).slice(0, 2)).toEqual(['1/1', '2/1']);
    expect(gaps(pair)).toEqual([1, 1]);
    expect(pair.of('stored').at(-1)).toMatchObject({ boot: 2 });
    expect(pair.gate.phase).toBe('live');
  });

  test('power loss that only the boot event tells is a gap, too', () => {
    const pair = new Pair().ready();
    pair.down();
    pair.gate.reset(true);
    pair.gate.reset(false);
    pair.up();
    pair.pass(1_000);
    expect(seqs(pair)).toEqual(['1/1', '2/1', '3/2']);
    expect(gaps(pair)).toEqual([1, 1]);
  });

  test('any other reset is not', () => {
    const pair = new Pair().ready();
    pair.gate.reset(false);
    pair.pass(2_000);
    expect(seqs(pair)).toEqual(['1/1', '2/2']);
    expect(gaps(pair)).toEqual([1]);
  });

  test('another board with fewer boots is a gap', () => {
    const pair = new Pair({ newest: stored({ boot: 50, seq: 900 }) }).ready();
    expect(seqs(pair)).toEqual(['1/1']);
    expect(gaps(pair)).toEqual([1]);
  });

  test('events that another controller took are a gap before the next', () => {
    const gate = new ScriptedGate(0);
    for (let i = 0; i < 5; i++) gate.record('press', 'not-permitted');
    gate.events.length = 0;
    const pair = new Pair({ gate });
    pair.want(LISTEN);
    pair.ready();
    pair.pass(3_000);
    expect(gate.phase).toBe('live');
    expect(gaps(pair)).toEqual([7]);
  });

  test('one that policy has and the disk has not leaves a gap when it is dropped', () => {
    const pair = new Pair().ready();
    pair.onDeliver = () => 'fail';
    for (let i = 0; i < 70; i++) pair.hear([pair.gate.record('press', 'not-permitted')]);
    const [first] = pair.twin.backlog.queue;
    expect(first!.message.seq).toBeGreaterThan(2);
    pair.onDeliver = () => undefined;
    pair.delivered.length = 0;
    pair.pass(2_000);
    expect(pair.delivered[0]).toMatchObject({ seq: first!.message.seq, gapBefore: true, repeated: true });
    expect(gaps(pair)).toEqual([first!.message.seq]);
  });

  test('nothing that arrives makes the backlog grow without bound', () => {
    const pair = new Pair().ready();
    for (let seq = 5_000; seq > 100; seq--) {
      pair.hear([
        { type: 'event', seq, boot: 1, uptime: 5, kind: 'press', reason: 'none', detail: 0 },
        { type: 'event', seq, boot: 2, uptime: 5, kind: 'press', reason: 'none', detail: 0 },
      ]);
    }
    expect(pair.twin.backlog.ahead.length).toBeLessThanOrEqual(64);
    pair.onDeliver = () => 'fail';
    pair.pass(60_000);
    expect(pair.twin.backlog.queue.length).toBeLessThanOrEqual(64);
  });
});

describe('when they happened', () => {
  test('a press while nobody listened for minutes is within 1 s, with a clock 0.5 % fast', () => {
    const pair = new Pair().ready();
    pair.gate.rate = 1.005;
    pair.pass(5_000);
    pair.down();
    pair.pass(240_000, 100);
    const truth = pair.at.utc;
    pair.gate.record('press', 'not-permitted', 100);
    pair.pass(360_000, 100);
    pair.up();
    pair.pass(1_000);
    const press = pair.delivered.at(-1)!;
    expect(press.kind).toBe('press');
    expect(Math.abs(press.at - truth)).toBeLessThan(200);
    expect(Math.abs(press.at - truth)).toBeLessThanOrEqual(press.atErrorMs);
    expect(press.atErrorMs).toBeLessThan(1_000);
  });

  test('after a restart of the controller the newest stored event is the other anchor', () => {
    const gate = new ScriptedGate(-3_600_000);
    gate.rate = 0.995;
    gate.run(0);
    const anchor = stored({ uptimeMs: gate.uptime, at: UTC });
    gate.run(600_000);
    gate.record('press', 'not-permitted');
    gate.run(1_800_000);
    const pair = new Pair({ gate, newest: anchor, utc: UTC + 1_800_000, now: 1_800_000 });
    pair.ready();
    const press = pair.delivered.at(-1)!;
    expect(Math.abs(press.at - (UTC + 600_000))).toBeLessThan(300);
  });

  test('with a single anchor the error grows with the distance, and covers the truth', () => {
    const gate = new ScriptedGate(-3_600_000);
    gate.rate = 1.005;
    gate.run(-1_800_000);
    gate.record('press', 'not-permitted');
    gate.run(1_000);
    const pair = new Pair({ gate }).ready();
    const press = pair.delivered.at(-1)!;
    const truth = -1_800_000 + pair.utcOffset;
    expect(Math.abs(press.at - truth)).toBeGreaterThan(5_000);
    expect(Math.abs(press.at - truth)).toBeLessThanOrEqual(press.atErrorMs);
  });

  test('a step of UTC moves what is told, not what is measured', () => {
    const pair = new Pair({ utc: 0 }).ready();
    pair.down();
    pair.pass(60_000, 100);
    pair.gate.record('press', 'not-permitted');
    const happened = pair.now;
    pair.pass(60_000, 100);
    pair.utcOffset = UTC;
    pair.up();
    pair.pass(1_000);
    expect(Math.abs(pair.delivered.at(-1)!.at - (UTC + happened))).toBeLessThan(200);
  });

  test('across resets the error admits what they may have taken', () => {
    const pair = new Pair().ready();
    pair.down();
    pair.pass(10_000);
    pair.gate.reset(false);
    const truth = pair.at.utc;
    // The clock of the gate stood still for 2 s.
    const { rate } = pair.gate;
    pair.gate.rate = 0;
    pair.pass(10);
    pair.gate.run(pair.now + 2_000);
    pair.gate.rate = rate;
    pair.now += 2_000;
    pair.gate.reset(false);
    pair.pass(5_000);
    pair.up();
    pair.pass(1_000);
    const boots = pair.delivered.filter(({ kind }) => kind === 'boot').slice(1);
    expect(boots).toHaveLength(2);
    expect(Math.abs(boots[0]!.at - truth)).toBeLessThanOrEqual(boots[0]!.atErrorMs);
    expect(boots[0]!.atErrorMs).toBeGreaterThan(500);
  });
});

describe('events that are held back on the way', () => {
  test('S9: what was given up for lost and comes after all is taken, in order and without a gap', () => {
    const pair = new Pair().ready();
    const all = pair.carryUp;
    pair.carryUp = (messages) => pair.hear(messages.filter(({ type }) => type !== 'event'));
    pair.gate.record('live', 'button', 90_000);
    pair.gate.record('mute', 'press');
    pair.pass(5_000);
    expect(pair.doubts).toContain('events-lost');
    expect(seqs(pair)).toEqual(['1/1']);
    pair.carryUp = all;
    pair.pass(3_000);
    expect(seqs(pair)).toEqual(['1/1', '1/2', '1/3']);
    // Before the first there is always one.
    expect(gaps(pair)).toEqual([1]);
    expect(pair.gate.events).toEqual([]);
  });
});

describe('a press that mutes, whose event is held back on the way', () => {
  test.each([
    ['all of them', () => true],
    ['that one alone', (seq: number) => seq === 4],
  ])('S3: %s: policy is told, and decides before there is another lease', (_, isHeld) => {
    const pair = new Pair().ready();
    pair.want(LISTEN);
    pair.pass(1_000);
    expect(pair.gate.isLeased).toBe(true);
    pair.carryUp = (messages) =>
      pair.hear(messages.filter((message) => message.type !== 'event' || !isHeld(message.seq)));
    pair.onDoubt = (doubt) => (doubt === 'press-lost' ? MUTE : undefined);
    pair.gate.record('press', 'not-permitted');
    pair.carryUp(pair.gate.press());
    pair.gate.record('press', 'not-permitted');
    let wasLeased = false;
    pair.onStep = () => {
      wasLeased ||= pair.gate.isLeased;
    };
    pair.pass(10_000);
    expect(pair.doubts).toContain('press-lost');
    expect(wasLeased).toBe(false);
  });
});

describe('events of before the supply was lost', () => {
  test('S7, S9: told again by somebody who kept them, they take no event of the gate with them', () => {
    const pair = new Pair();
    pair.gate.keyed = true;
    pair.proof = 'right';
    pair.take({ type: 'keys', keyring: 'held' });
    pair.gate.record('live', 'button', 90_000);
    for (let i = 0; i < 8; i++) pair.gate.record('press', 'not-permitted');
    const kept = [...pair.gate.events];
    pair.ready();
    const before = pair.delivered.length;

    // The way holds back for a moment what the gate records, and tells what it kept instead.
    pair.gate.reset(true);
    const real = [1, 2, 3, 4].map(() => pair.gate.record('mute', 'cli').seq);
    pair.carryUp = (messages) => pair.hear(messages.filter(({ type }) => type !== 'event'));
    pair.pass(1_100);
    pair.hear(kept);
    pair.pass(200);
    pair.carryUp = (messages) => pair.hear(messages);
    pair.pass(3_000);
    const after = pair.delivered.slice(before);
    expect(after.filter(({ boot }) => boot === 1)).toEqual([]);
    expect(seqs(pair)).toEqual(expect.arrayContaining(real.map((seq) => `2/${seq}`)));
  });
});
