import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestClock } from '../../controller/daemon/test-clock.ts';
import { House } from '../cli/harness.ts';

const REAL = Date.UTC(2026, 10, 22, 12);
const SPRING = '2027-03-28T00:59:00Z';

let folder: string;
let file: string;
let real: { wall: number; counted: number };
let clock: TestClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  file = join(folder, 'clock');
  real = { wall: REAL, counted: 1_000 };
  clock = new TestClock(file, { now: () => real });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes the file as if that was done `ago` ms before now. */
const write = (text: string, ago = 0) => {
  writeFileSync(file, text);
  utimesSync(file, (real.wall - ago) / 1000, (real.wall - ago) / 1000);
};
const shown = () => new Date(clock.now().wall).toISOString();

describe('a test clock', () => {
  test('shows the instant of its file as of when that was written, and runs on', () => {
    write(`${SPRING}\nwhatever\n`, 60_000);
    clock.start();
    expect(shown()).toBe('2027-03-28T01:00:00.000Z');
    real = { wall: REAL + 1_500, counted: 2_500 };
    expect(shown()).toBe('2027-03-28T01:00:01.500Z');
    expect(clock.now().counted).toBe(2_500);
  });

  test('shows the same after the daemon was started anew', () => {
    write(SPRING);
    clock.start();
    real = { wall: REAL + 90_000, counted: 5 };
    const again = new TestClock(file, { now: () => real });
    again.start();
    expect(again.now().wall).toBe(clock.now().wall);
  });

  test('steps when another instant is written', () => {
    write(SPRING);
    clock.start();
    write('2027-10-31T00:30Z', 5);
    expect(shown()).toBe('2027-10-31T00:30:00.005Z');
    expect(clock.problem()).toBeNull();
  });

  test.each([
    ['', '`` is no instant'],
    ['2027-03-28T02:30:00', '`2027-03-28T02:30:00` is no instant'],
    ['2027-02-30', '`2027-02-30` is no instant'],
    ['1999-01-01T00:00:00Z', '`1999-01-01T00:00:00Z` is no instant'],
    [`${'x'.repeat(100_000)}`, `\`${'x'.repeat(64)}\` is no instant`],
  ])('refuses a file with %.20s', (text, why) => {
    write(text);
    expect(() => clock.start()).toThrow(`${file} shows no time for \`--test-clock\`: ${why}`);
  });

  test('refuses a file that is missing, or none', () => {
    expect(() => clock.start()).toThrow('ENOENT');
    mkdirSync(file);
    expect(() => clock.start()).toThrow('it is not a regular file');
  });

  test('goes on as it was while its file is bad, and says so', () => {
    write(SPRING);
    clock.start();
    write('soon');
    real = { wall: REAL + 2_000, counted: 3_000 };
    expect(shown()).toBe('2027-03-28T00:59:02.000Z');
    expect(clock.problem()).toMatchObject({ code: 'test-clock-bad' });
    rmSync(file);
    expect(clock.problem()?.message).toContain('ENOENT');
    write('2027-04-01T00:00:00Z');
    expect(clock.problem()).toBeNull();
    expect(shown()).toBe('2027-04-01T00:00:00.000Z');
  });

  test('is refused unless every gate is emulated', async () => {
    const house = new House();
    try {
      const config = join(house.folder, 'earlid.yaml');
      writeFileSync(
        config,
        'gates:\n  demo: { link: { bench: uno-relay } }\n  kitchen: { link: { serial: /dev/x } }\n',
      );
      write(SPRING);
      const told = await house.earlid('start', '--test-clock', file);
      expect(told.code).toBe(78);
      expect(told.err).toContain('`--test-clock` is for emulated gates alone, and kitchen is a real one');
      const missing = await house.earlid('start', '--test-clock', 'nowhere');
      expect(missing.code).toBe(65);
    } finally {
      await house.end();
    }
  });
});
