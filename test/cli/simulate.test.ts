import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { House } from './harness.ts';

const CONFIG = `
site: { timezone: Europe/Berlin }
mqtt: { url: mqtt://localhost }
calendars: { work: { file: work.ics } }
presence:
  home: { any: [ { mqtt: phones/anna, is: home }, { mqtt: phones/ben, is: home } ] }
  guests: { manual: "off" }
gates:
  kitchen:
    link: { bench: uno-relay }
    listen:
      - { schedule: "07:00-09:00", if: home }
    never:
      - { if: guests }
      - { calendar: work }
  hall: { link: { bench: uno-relay } }
`;
const ALL = 'guests: off\nhome: on\ncalendar work: off\n';
const DAY = ['--from', '2027-03-28', '--to', '2027-03-29'];

let house: House;
beforeEach(() => {
  house = new House();
  writeFileSync(join(house.folder, 'earlid.yaml'), CONFIG);
});
afterEach(() => house.end());

const simulate = (facts: string | null, ...args: string[]) => {
  if (facts !== null) writeFileSync(join(house.folder, 'facts.yaml'), facts);
  return house.earlid('simulate', ...args, ...(facts === null ? [] : ['--facts', 'facts.yaml']));
};

describe('earlid simulate', () => {
  test('tells what comes of the rules, and for how long each gate listens', async () => {
    const facts = `
guests: [ { from: 2027-03-27T00:00, is: off }, { from: 2027-03-28T08:30, is: on }, { from: 2027-03-28T08:45:00+02:00, is: off } ]
mqtt phones/anna is home: on
calendar work:
  - { from: 2020-01-01, is: off }
  - { from: 2027-03-28T20:00, is: unknown }
`;
    const told = await simulate(facts, ...DAY);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toBe(
      [
        'kitchen',
        '  Su 2027-03-28 00:00 GMT+1  mute       6h  no listen rule holds',
        '  Su 2027-03-28 07:00 GMT+2  listen  1h30m  listen rule 1 (07:00-09:00 and home) holds',
        '  Su 2027-03-28 08:30 GMT+2  mute      15m  never rule 1 (guests) holds',
        '  Su 2027-03-28 08:45 GMT+2  listen    15m  listen rule 1 (07:00-09:00 and home) holds',
        '  Su 2027-03-28 09:00 GMT+2  mute      11h  no listen rule holds',
        '  Su 2027-03-28 20:00 GMT+2  mute       4h  never rule 2 (calendar work) may hold: it is not known',
        '',
        'hall',
        '  Su 2027-03-28 00:00 GMT+1  mute    23h  no rule lets it listen',
        '',
        'kitchen  listens for 1h45m of 23h (7.6 %)',
        'hall     listens for 0s of 23h (0.0 %)',
        '',
      ].join('\n'),
    );
  });

  test('S4: without facts nobody knows anything, and nothing listens', async () => {
    const { gates, ...rest } = (await simulate(null, ...DAY, 'kitchen', '--json')).json() as {
      gates: { stretches: { verdict: string; reason: { code: string } }[] }[];
    };
    expect(rest).toMatchObject({ zone: 'Europe/Berlin', facts: null, from: '2027-03-27T23:00:00.000Z' });
    expect(gates).toHaveLength(1);
    expect(gates[0]!.stretches).toMatchObject([{ verdict: 'mute', reason: { code: 'never-unknown' } }]);
  });

  test('reads calendars and holidays that are files', async () => {
    const ics = (name: string, ...lines: string[]) =>
      writeFileSync(
        join(house.folder, name),
        [
          'BEGIN:VCALENDAR',
          'VERSION:2.0',
          'PRODID:x',
          'BEGIN:VEVENT',
          'UID:1',
          ...lines,
          'END:VEVENT',
          'END:VCALENDAR',
          '',
        ].join('\r\n'),
      );
    ics('work.ics', 'SUMMARY:call', 'DTSTART:20270328T050000Z', 'DTEND:20270328T053000Z');
    ics('days.ics', 'SUMMARY:Easter', 'DTSTART;VALUE=DATE:20270329');
    const holidays = CONFIG.replace(
      'timezone: Europe/Berlin',
      'timezone: Europe/Berlin, holidays: { ics: days.ics }',
    );
    writeFileSync(join(house.folder, 'earlid.yaml'), holidays.replace('07:00-09:00', '07:00-09:00; PH off'));
    const two = await simulate(
      'guests: off\nhome: on\n',
      '--from',
      '2027-03-28',
      '--to',
      '2027-03-30',
      'kitchen',
    );
    expect(two.out).toContain('Su 2027-03-28 07:00 GMT+2  mute      30m  never rule 2 (calendar work) holds');
    expect(two.out).toContain('kitchen  listens for 1h30m of 1d23h');
  });

  test('is bounded: lines of a gate, and the period', async () => {
    const told = await simulate(ALL, '--from', '2027-01-01', '--to', '2028-01-01', '--lines', '3');
    const year = told.out.split('\n');
    expect(year.slice(0, 5)).toEqual([
      'kitchen',
      expect.stringContaining('mute'),
      expect.stringContaining('listen'),
      expect.stringContaining('mute'),
      '  and 728 more: `--lines` shows them, `--json` has all',
    ]);
    expect(told.out).toContain('kitchen  listens for 30d10h of 365d');
    const long = await simulate(ALL, '--from', '2027-01-01', '--to', '2029-01-01');
    expect(long).toMatchObject({ code: 64, err: expect.stringContaining('at most 400 days') });
  });

  test.each([
    ['guest: off', 'the configuration asks nothing of `guest`; did you mean `guests`?'],
    ['guests: maybe', 'guests: expected `on`, `off` or `unknown`'],
    ['guests: [ { from: 2027-03-28, is: 3 } ]', 'guests.0.is: expected `on`, `off` or `unknown`'],
    ['guests: [ { from: soon, is: on } ]', 'guests: `soon` is no time'],
    [
      'guests: [ { from: 2027-03-28, is: on }, { from: 2027-03-27, is: on } ]',
      'is not after the one before it',
    ],
    ['[guests]', 'it: expected a mapping'],
    ['guests: [', 'this is not YAML'],
    ['a: &a [1]\nb: *a', 'not YAML'],
    [`guests:\n${'  - { from: 2027-03-28, is: on }\n'.repeat(1_001)}`, 'at most 1000 steps'],
    ['x'.repeat(300_000), 'larger than'],
  ])('facts such as %.40s are refused', async (facts, why) => {
    const told = await simulate(facts, ...DAY);
    expect(told).toMatchObject({ code: 65, out: '' });
    expect(told.err).toContain(why);
  });

  test.each([
    [['cellar'], 66, 'there is no gate named `cellar`'],
    [['--from', 'now'], 64, '`now` is no time'],
    [['--from', '2027-03-28', '--to', '2027-03-28'], 64, 'to lie after'],
    [['--facts', 'none.yaml'], 65, 'none.yaml cannot be taken: there is no such file'],
  ])('%j is refused', async (args, code, why) => {
    const told = await simulate(null, ...args);
    expect(told).toMatchObject({ code, out: '', err: expect.stringContaining(why) });
  });
});
