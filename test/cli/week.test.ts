import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Output } from '../../controller/cli/outputs.ts';
import { run } from '../../controller/cli/program.ts';
import { parseConfig } from '../../controller/config/file.ts';
import type { ForecastAnswer } from '../../schemas/forecast.ts';
import { House } from './harness.ts';

const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));
const CONFIG = `
site: { timezone: Europe/Berlin, clock: trusted }
presence:
  home: { manual: "on" }
  guests: { manual: "off" }
  quiet: { mqtt: house/quiet, is: "on" }
mqtt: { url: mqtt://127.0.0.1:1 }
gates:
  kitchen:
    link: { bench: uno-relay }
    listen:
      - { schedule: "Mo-Fr 07:00-08:30; Sa,Su 09:00-11:00,15:00-18:10" }
      - { schedule: "Sa 22:00-04:00" }
    never:
      - { schedule: "17:00-20:00" }
      - { schedule: "23:00-06:45" }
  study:
    link: { bench: uno-relay }
    listen:
      - { schedule: "08:00-20:00", if: home }
    never:
      - { if: guests, schedule: "Sa,Su 00:00-24:00" }
      - { if: quiet, schedule: "12:00-14:00" }
  quiet: { link: { bench: uno-relay } }
`;

let house: House;
beforeEach(() => {
  house = new House();
  writeFileSync(join(house.folder, 'earlid.yaml'), CONFIG);
});
afterEach(() => house.end());

async function week(args: readonly string[], columns = 80, colour = false, now = Date.UTC(2027, 2, 25, 12)) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = house.io(out, err, { now: () => now });
  const paper: Output = { ...io.out, isTTY: colour, columns, write: (text) => void out.push(text) };
  const code = await run(['schedule', 'week', ...args], { ...io, out: paper });
  return { code, out: out.join(''), err: err.join('') };
}

/** What is printed is what was looked at and found good. `EARLID_GOLDEN=write` writes it anew. */
function golden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env.EARLID_GOLDEN === 'write') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

describe('earlid schedule week', () => {
  test.each([
    ['week-spring-80.txt', '2027-03-26', 80, false],
    ['week-spring-120-colour.txt', '2027-03-26', 120, true],
    ['week-autumn-120.txt', '2027-10-28', 120, false],
    ['week-autumn-40.txt', '2027-10-28', 40, false],
  ])('draws the rules and what comes of them: %s', async (name, from, columns, colour) => {
    const told = await week(['kitchen', '--from', from], columns, colour);
    expect(told).toMatchObject({ code: 0, err: '' });
    golden(name, told.out);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours start with one
    const bare = told.out.replaceAll(/\u001b\[[\d;]*m/g, '');
    const rows = bare.split('\n').slice(
      2,
      bare.split('\n').findIndex((line) => line.startsWith('listens')),
    );
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(columns);
  });

  test('begins today, and says that nobody knows the facts where no daemon runs', async () => {
    const told = await week(['study']);
    golden('week-study-unknown.txt', told.out);
    expect(told.out).toContain('study for 7 days from Th 2027-03-25');
  });

  test('takes the facts as the running daemon knows them', async () => {
    await house.start(parseConfig(CONFIG, 'earlid.yaml'));
    const told = await week(['study']);
    golden('week-study-known.txt', told.out);
  });

  test('tells programs what it draws, to the millisecond', async () => {
    const told = await week(['kitchen', '--from', '2027-03-28', '--json']);
    const { stretches, rules, ...rest } = JSON.parse(told.out) as ForecastAnswer;
    expect(rest).toEqual({
      gate: 'kitchen',
      from: '2027-03-27T23:00:00.000Z',
      until: '2027-04-03T22:00:00.000Z',
      listeningMs: (5 * 1.5 + 2 * 4 + 1) * 3_600_000,
      zone: 'Europe/Berlin',
      facts: 'unknown',
    });
    expect(stretches[0]).toEqual({
      from: '2027-03-27T23:00:00.000Z',
      until: '2027-03-28T04:45:00.000Z',
      verdict: 'mute',
      reason: { code: 'never-rule', text: 'never rule 2 (23:00-06:45) holds' },
      rules: ['never 2'],
    });
    expect(rules[1]).toMatchObject({ rule: 'listen 2', text: 'Sa 22:00-04:00' });
    expect(rules[1]!.stretches[0]).toEqual({
      from: '2027-03-27T23:00:00.000Z',
      until: '2027-03-28T02:00:00.000Z',
      value: true,
    });
  });

  test('a gate without rules is muted all week', async () => {
    const told = await week(['quiet']);
    expect(told.out).toContain('listens for 0m in all');
    expect(told.out).not.toContain('rules:');
  });

  test.each([
    [['cellar'], 66, 'there is no gate named `cellar`'],
    [['kitchen', '--from', 'monday'], 64, '`monday` is no date'],
    [['kitchen', '--config', 'none.yaml'], 78, 'there is no configuration'],
  ])('%j is refused', async (args, code, why) => {
    const told = await week(args);
    expect(told).toMatchObject({ code, out: '', err: expect.stringContaining(why) });
  });
});
