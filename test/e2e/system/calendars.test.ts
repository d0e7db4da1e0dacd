/** Calendars and public holidays in real processes on emulated boards, by a clock that a file sets. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { ics } from '../../presence/calendar/ics.ts';
import { thoroughTest } from '../../thorough.ts';
import { Household, until } from './household.ts';

describe('days in a running daemon', () => {
  let home: Household;
  let clock: string;
  beforeEach(() => {
    home = new Household();
    clock = join(home.folder, 'clock');
    mkdirSync(join(home.folder, 'days'));
  });
  afterEach(() => home.end());

  const inDays = (name: string) => join(home.folder, 'days', name);
  const why = async () => (await home.earlid('why', 'kitchen')).out;
  const is = (state: 'live' | 'muted', code: string) =>
    home.reaches('kitchen', (view) => view.state === state && view.reason.code === code, 15_000);

  thoroughTest(
    'S4: an event mutes when it begins, and a calendar that cannot be read any more mutes once it is too old',
    async () => {
      writeFileSync(clock, '2027-03-27T09:59:00Z');
      writeFileSync(
        inDays('work.ics'),
        ics('SUMMARY:Call with the bank\nDTSTART;TZID=Europe/Berlin:20270327T110000\nDURATION:PT10M'),
      );
      await home.daemon(
        `
site: { timezone: Europe/Berlin }
calendars:
  work: { file: days/work.ics, refresh: 1s, max_age: 3s }
gates:
  kitchen:
    link: { bench: uno-relay }
    listen: [{ schedule: "24/7" }]
    never: [{ calendar: work, match: /call|interview/i }]
`,
        '--test-clock',
        clock,
      );
      await is('live', 'listen-rule');
      expect(await why()).toContain('off, “Call with the bank” from 11:00');

      writeFileSync(clock, '2027-03-27T09:59:58.500Z');
      await is('muted', 'never-rule');
      const events = JSON.parse((await home.earlid('events', '--json')).out) as {
        kind: string;
        at: string;
      }[];
      const late =
        Date.parse(events.findLast(({ kind }) => kind === 'mute')!.at) - Date.parse('2027-03-27T10:00Z');
      expect(Math.abs(late)).toBeLessThan(1_500);
      expect(await why()).toMatch(
        /calendar work with \/call\|interview\/i: “Call with the bank” until 11:10, read at/,
      );

      writeFileSync(clock, '2027-03-27T10:12:00Z');
      await is('live', 'listen-rule');
      rmSync(inDays('work.ics'));
      await until(
        async () => (await home.earlid('status')).err.includes('cannot be read: there is no file'),
        5_000,
      );
      await is('muted', 'never-unknown');
      expect(await why()).toMatch(
        /calendar work .*: not known, read at .* \(there is no file .*days\/work\.ics\)/,
      );
    },
    60_000,
  );

  thoroughTest(
    'S4: a public holiday mutes, and so does a day of which nobody knows whether it is one (S10)',
    async () => {
      writeFileSync(clock, '2027-03-28T10:00:00Z');
      await home.daemon(
        `
site: { timezone: Europe/Berlin, holidays: { ics: days/holidays.ics } }
gates:
  kitchen:
    link: { bench: uno-relay }
    listen: [{ schedule: "Mo-Su 00:00-24:00; PH off" }]
`,
        '--test-clock',
        clock,
      );
      await home.reaches('kitchen', (view) => view.state === 'muted');
      await until(
        async () => (await home.earlid('status')).err.includes('holidays.ics cannot be read'),
        8_000,
      );
      expect((await home.status('kitchen')).state).toBe('muted');
      expect(await why()).toContain('nobody knows whether this day is a public holiday');
    },
    30_000,
  );
});
