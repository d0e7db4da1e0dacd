import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Allowance } from '../../controller/daemon/allowance.ts';
import { Intake } from '../../controller/daemon/intake.ts';
import { createLog } from '../../controller/daemon/log.ts';
import type { GateEvent } from '../../controller/gate/gate.ts';
import { Journal } from '../../controller/ledger/journal.ts';
import { configOf, gateConfig, House } from '../cli/harness.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = 1_700_000_000_000;

let folder: string;
let journal: Journal;
let problems: string[];
let now: { wall: number; counted: number };
let synchronised: boolean;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  journal = new Journal({ file: join(folder, 'events.jsonl'), onProblem() {}, onDamage() {} });
  await journal.start();
  problems = [];
  now = { wall: NOW, counted: 1_000_000 };
  synchronised = false;
});
afterEach(async () => {
  await journal.stop();
  rmSync(folder, { recursive: true });
});

const intake = () =>
  new Intake({
    journal,
    clock: { now: () => now },
    isSynchronised: () => synchronised,
    onProblem: (_, problem) => problems.push(problem?.code ?? 'over'),
  });
const pass = (ms: number) => {
  now = { wall: now.wall + ms, counted: now.counted + ms };
};
const event = (seq: number, change: Partial<GateEvent> = {}): GateEvent => ({
  gate: 'kitchen',
  boot: 1,
  seq,
  kind: 'mute',
  reason: 'press',
  detail: 0,
  uptimeMs: seq,
  at: now.wall,
  atErrorMs: 5,
  ...change,
});
const written = (): GateEvent[] =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('S10: a gate that tells too much', () => {
  test('is written down up to a limit, said once, and takes nothing from another', async () => {
    const taking = intake();
    const events = Array.from({ length: 700 }, (_, i) => event(i + 1));
    for (const each of events.slice(0, 600)) await taking.append([each]);
    for (const each of events.slice(600)) await expect(taking.append([each])).rejects.toThrow('too much');
    expect(written()).toHaveLength(600);
    expect(problems).toEqual(['too-many-events']);
    await taking.append([event(1, { gate: 'hall' })]);
    expect(written().at(-1)).toMatchObject({ gate: 'hall' });
    // What is on disk already costs nothing.
    await taking.append([events[599]!]);
  });

  test('writes what fits of several at once', async () => {
    const taking = intake();
    const events = Array.from({ length: 601 }, (_, i) => event(i + 1));
    await expect(taking.append(events)).rejects.toThrow('too much');
    expect(written()).toHaveLength(600);
    pass(MINUTE);
    await taking.append(events.slice(-10));
    expect(written()).toHaveLength(601);
  });

  test('is over when a minute has passed without, and what was overwritten is a gap (S9)', async () => {
    const taking = intake();
    const events = Array.from({ length: 601 }, (_, i) => event(i + 1));
    await expect(taking.append(events)).rejects.toThrow();
    pass(MINUTE);
    await taking.append([event(700)]);
    expect(problems).toEqual(['too-many-events', 'over']);
    expect(written().at(-1)).toMatchObject({ seq: 700, gapBefore: true });
    await taking.append([event(701)]);
    expect(written().at(-1)).not.toHaveProperty('gapBefore');
  });

  test('goes on for days: the record stays small', async () => {
    const taking = intake();
    let seq = 0;
    for (let minute = 0; minute < 60; minute++) {
      const events = Array.from({ length: 600 }, () => event(++seq));
      await taking.append(events).catch(() => {});
      pass(MINUTE);
    }
    expect(written()).toHaveLength(20_000);
    expect(problems).toEqual(['too-many-events']);
  });

  test('does not flood the log, and what was left out is counted', () => {
    const lines: string[] = [];
    let at = NOW;
    const log = createLog({ level: 'info', sink: (line) => lines.push(line.slice(25)), now: () => at });
    const kitchen = log.named('kitchen');
    for (let i = 0; i < 1_000; i++) kitchen.info('press');
    log.named('hall').info('press');
    kitchen.error('told all the same');
    expect(lines).toHaveLength(123);
    expect(lines.slice(119)).toEqual([
      'info  kitchen: press',
      'warn  kitchen: too much to say: further lines are left out for a minute',
      'info  hall: press',
      'error kitchen: told all the same',
    ]);
    at += MINUTE;
    kitchen.info('press');
    expect(lines.slice(123)).toEqual(['warn  kitchen: 880 lines were left out', 'info  kitchen: press']);
  });

  test('of which policy hears every mute all the same (S3)', async () => {
    const house = new House();
    try {
      await house.start(configOf(gateConfig('kitchen'), gateConfig('hall')));
      const gate = house.gate('kitchen');
      for (let i = 0; i < 600; i++) await gate.event('press', 'not-permitted');
      await house.earlid('unmute', 'kitchen');
      await expect(gate.event('mute', 'press', { atErrorMs: 50 })).rejects.toThrow('too much');
      expect(gate.wanted).toMatchObject({ listen: false });
      await house.gate('hall').event('mute', 'press');
      expect((await house.earlid('events', 'hall', '--json')).json()).toHaveLength(1);
      expect((await house.earlid('status')).err).toContain(
        'kitchen tells more events than Earlid writes down',
      );
      expect(house.log.filter((line) => line.includes('tells more events'))).toHaveLength(1);
    } finally {
      await house.end();
    }
  });
});

describe('a clock that is earlier than what has happened', () => {
  test('is said once, and what is told meanwhile has a margin of a day at least', async () => {
    await journal.append([event(1, { at: NOW + 3 * DAY })]);
    const taking = intake();
    taking.checkClock();
    expect(problems).toEqual(['clock-behind']);
    await taking.append([event(2)]);
    const [, second] = written();
    expect(second!.atErrorMs).toBeGreaterThanOrEqual(DAY);
    expect(second!.at + second!.atErrorMs).toBeGreaterThan(NOW + 3 * DAY);
    now = { wall: NOW + 4 * DAY, counted: now.counted };
    await taking.append([event(3)]);
    expect(written().at(-1)!.atErrorMs).toBe(5);
    expect(problems).toEqual(['clock-behind', 'over']);
  });

  test('is noticed after a step as well, and by what was decided', async () => {
    const taking = intake();
    taking.learn(NOW);
    await taking.append([event(1)]);
    expect(problems).toEqual([]);
    now = { wall: NOW - DAY, counted: now.counted };
    await taking.append([event(2)]);
    expect(problems).toEqual(['clock-behind']);
    expect(written().at(-1)!.atErrorMs).toBeGreaterThan(DAY);
  });

  test('is no doubt when the system says that it is right, or within what clocks are corrected by', () => {
    const taking = intake();
    taking.learn(NOW + 4_000);
    taking.checkClock();
    synchronised = true;
    taking.learn(NOW + DAY);
    taking.checkClock();
    expect(problems).toEqual([]);
  });

  test('is shown by status, with the next step', async () => {
    const house = new House();
    let wall = NOW + DAY;
    const clock = { now: () => ({ wall, counted: 5_000 }) };
    try {
      await house.start(configOf(gateConfig('kitchen')), undefined, { clock });
      await house.gate('kitchen').event('boot', 'power-on', { at: wall });
      await house.daemon?.stop();
      wall = NOW;
      await house.start(configOf(gateConfig('kitchen')), undefined, { clock });
      const { err } = await house.earlid('status');
      expect(err).toContain('the clock of this machine says 2023-11-14T22:13:20.000Z');
      expect(err).toContain('Set the clock');
      expect(house.log.filter((line) => line.includes('the clock of this machine'))).toHaveLength(1);
    } finally {
      await house.end();
    }
  });
});

test('an allowance begins anew when the clock goes back', () => {
  const allowance = new Allowance({ ms: MINUTE, most: 1 });
  expect([allowance.take(NOW), allowance.take(NOW + 1), allowance.take(NOW - 1)]).toEqual([
    true,
    false,
    true,
  ]);
});
