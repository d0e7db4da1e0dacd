import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Exposures } from '../../controller/daemon/exposures.ts';
import type { GateStatus } from '../../controller/gate/gate.ts';
import { zoneOf } from '../../controller/schedule/zone.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { FakeGate } from './fake-gate.ts';

const BERLIN = zoneOf('Europe/Berlin')!;
/** Ten minutes before midnight in Berlin. */
const EVENING = Date.UTC(2026, 10, 22, 22, 50);
const MINUTE = 60_000;

let folder: string;
let file: string;
let clock: VirtualClock;
let gate: FakeGate;
let problems: (string | null)[];
let changes: number;
let counted: { boot: number; uptimeMs: number; liveMs: number; newest: number; lost: number };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  file = join(folder, 'exposure.json');
  clock = new VirtualClock(EVENING);
  gate = new FakeGate({ name: 'kitchen', sink: { deliver: async () => {}, newest: () => null } }, () =>
    clock.utc(),
  );
  problems = [];
  changes = 0;
  counted = { boot: 1, uptimeMs: 5_000, liveMs: 0, newest: 1, lost: 0 };
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Made {
  readonly machine?: string;
  readonly known?: boolean;
  readonly write?: () => Promise<void>;
}
function exposures({ machine = 'this run', known = true, ...more }: Made = {}): Exposures {
  const made = new Exposures({
    folder,
    clock: { now: () => ({ wall: clock.utc(), counted: clock.now() }) },
    after: (ms, run) => clock.after(ms, run),
    status: (name) => (name === 'kitchen' ? gate.status() : null),
    isRecorded: () => known,
    onProblem: (_, problem) => problems.push(problem?.message ?? null),
    onUnwritten: (problem) => problems.push(problem?.code ?? null),
    onChange: () => changes++,
    ...more,
  });
  made.load(machine);
  gate.onChange((status: GateStatus) => made.saw('kitchen', status));
  return made;
}

/** The gate reports each second for so long. */
async function report(ms: number, state: 'muted' | 'live' = 'muted'): Promise<void> {
  if (gate.status().state !== state) counted.newest++;
  for (let left = ms; left > 0; left -= 1_000) {
    await clock.pass(1_000);
    counted = { ...counted, uptimeMs: counted.uptimeMs + 1_000 };
    if (state === 'live') counted.liveMs += 1_000;
    gate.set({
      state,
      link: 'up',
      identity: gate.status().identity,
      record: counted,
      reported: { state, at: clock.utc() },
    });
  }
}
const identified = () => {
  gate.connect();
  gate.set({ record: counted });
};

describe('the time of today, kept by a daemon', () => {
  test('grows once a minute while nothing changes, at once with a change, and begins anew at midnight', async () => {
    const today = exposures({ known: false });
    today.follow(['kitchen'], BERLIN);
    identified();
    await report(10_000);
    changes = 0;
    await report(5 * MINUTE, 'live');
    expect(changes).toBeLessThanOrEqual(6);
    await report(1_000, 'muted');
    expect(today.today('kitchen')).toEqual({ live: 300, unknown: expect.any(Number) });
    await report(1_000, 'live');
    await report(5 * MINUTE, 'live');
    expect(today.today('kitchen').live).toBeLessThan(60);
    await report(1_000, 'muted');
    expect(today.today('kitchen')).toEqual({ live: 12, unknown: 0 });
    await today.stop();
  });

  test('a gate that is not heard is unknown, and that is told without it', async () => {
    const today = exposures({ known: false });
    today.follow(['kitchen', 'attic'], BERLIN);
    await clock.pass(3 * MINUTE);
    expect(today.today('attic')).toEqual({ live: 0, unknown: 180 });
    expect(changes).toBeGreaterThan(1);
    await clock.pass(7 * MINUTE);
    expect(today.today('attic')).toEqual({ live: 0, unknown: 0 });
    await today.stop();
  });

  test.each([
    ['of the daemon', 'this run'],
    ['of the machine', 'the next run'],
  ])('survives a restart %s, and the gate tells of the time between', async (_, machine) => {
    const before = exposures({ known: false });
    before.follow(['kitchen'], BERLIN);
    identified();
    await report(MINUTE);
    await report(2 * MINUTE, 'live');
    await report(1_000);
    await before.stop();
    const { live, unknown } = before.today('kitchen');
    gate.set({ link: 'down', state: 'unknown', record: null });
    await clock.pass(2 * MINUTE);
    counted.uptimeMs += 2 * MINUTE;
    const after = exposures({ machine });
    after.follow(['kitchen'], BERLIN);
    expect(after.today('kitchen')).toEqual({ live, unknown });
    await report(MINUTE);
    expect(after.today('kitchen')).toEqual({ live, unknown });
    await after.stop();
  });

  test('S9 what cannot be read is unknown since midnight, never nothing, and said until the next one', async () => {
    writeFileSync(file, '{"version":1,"gates":{"kitchen":{"day":20000}}}');
    const today = exposures({ known: false });
    today.follow(['kitchen'], BERLIN);
    expect(today.today('kitchen')).toEqual({ live: 0, unknown: (23 * 60 + 50) * 60 });
    expect(problems).toEqual([expect.stringContaining('today counts as unknown up to now')]);
    expect(readdirSync(folder).some((name) => name.startsWith('exposure.json.unreadable-'))).toBe(true);
    await clock.pass(11 * MINUTE);
    expect(problems).toEqual([expect.any(String), null]);
    expect(today.today('kitchen').unknown).toBeLessThanOrEqual(MINUTE / 1_000);
    await today.stop();
  });

  test('a gate of which something is recorded has been there since midnight; a new one begins to count', async () => {
    const known = exposures();
    known.follow(['kitchen'], BERLIN);
    expect(known.today('kitchen').unknown).toBe((23 * 60 + 50) * 60);
    await known.stop();
    rmSync(file);
    const fresh = exposures({ known: false });
    fresh.follow(['kitchen'], BERLIN);
    expect(fresh.today('kitchen').unknown).toBe(0);
    await fresh.stop();
  });

  test('a gate that leaves the configuration for a while was unknown meanwhile', async () => {
    const today = exposures({ known: false });
    today.follow(['attic', 'kitchen'], BERLIN);
    await clock.pass(MINUTE);
    today.follow(['kitchen'], BERLIN);
    await clock.pass(2 * MINUTE);
    today.follow(['attic', 'kitchen'], BERLIN);
    await clock.pass(MINUTE);
    expect(today.today('attic').unknown).toBeGreaterThanOrEqual(180);
    await today.stop();
  });

  test('is written seldom while a gate stays muted, each minute while it is live', async () => {
    let writes = 0;
    const write = async () => void writes++;
    const today = exposures({ known: false, write });
    today.follow(['kitchen'], BERLIN);
    identified();
    await report(2 * MINUTE);
    writes = 0;
    await report(5 * MINUTE);
    expect(writes).toBe(1);
    await report(2 * MINUTE, 'live');
    expect(writes).toBe(1 + 2);
    await today.stop();
  });
});
