/** What strangers write (S10): whatever it is, there is an answer in time. What explodes is read in a process of its own, from `dist/`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askApart, askApartNow } from '../../../controller/presence/calendar/apart.ts';
import { type Expanded, expand, holidaysIn } from '../../../controller/presence/calendar/expand.ts';
import type { UnreadableError } from '../../../controller/presence/calendar/unreadable.ts';
import { zoneOf } from '../../../controller/schedule/zone.ts';
import { thoroughTest } from '../../thorough.ts';
import { ics } from './ics.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-apart-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const FROM = Date.parse('2026-10-20T00:00Z');
const TO = Date.parse('2026-11-25T00:00Z');

const ZONE = zoneOf('Europe/Berlin')!;
function problemOf(text: string): string | null {
  try {
    return expand(text, ZONE, [null], { from: FROM, to: TO })[0]!.problem;
  } catch (error) {
    return (error as UnreadableError).message;
  }
}

let files = 0;
function written(content: string | Uint8Array): string {
  const file = join(folder, `${files++}.ics`);
  writeFileSync(file, content);
  return file;
}
async function asked(file: string, matches: (string | null)[] = [null]) {
  return askApart({ ask: 'events', file, zone: 'Europe/Berlin', matches, from: FROM, to: TO });
}

test('the events of each match, also with the letters of old programs', async () => {
  const text = ics(
    'SUMMARY:Präsentation\nDTSTART:20261021T100000Z\nDURATION:PT1H',
    'SUMMARY:Call\nDTSTART:20261022T100000Z\nDURATION:PT1H',
  );
  const events = (title: string, day: number) => ({
    problem: null,
    events: [{ title, start: Date.UTC(2026, 9, day, 10), end: Date.UTC(2026, 9, day, 11) }],
  });
  const contents = [text, `\uFEFF${text}`, Buffer.from(text, 'latin1')];
  const read = contents.map((content) => asked(written(content), ['präs', '/CALL/i', 'nobody']));
  for (const answer of await Promise.all(read))
    expect(answer).toEqual({
      found: [events('Präsentation', 21), events('Call', 22), { problem: null, events: [] }],
    });
});

describe('S10: what cannot be read is said', () => {
  const garbage = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7_919 + (i >> 3) * 31) % 256);
  test.each<[string, string, RegExp]>([
    ['nothing', '', /no calendar/],
    ['a page of a web server', '<!doctype html>\n<title>Sign in</title>', /no calendar/],
    ['an empty object', 'BEGIN:VCARD\r\nFN:x\r\nEND:VCARD', /no calendar/],
    ['garbage', Buffer.from(garbage).toString('latin1'), /no calendar/],
    ['half a calendar', ics('SUMMARY:x\nDTSTART:20261021T100000Z').slice(0, 90), /no calendar/],
    ['an event without a start', ics('SUMMARY:x\nDURATION:PT1H'), /“x”: it has no start/],
    [
      'a time that is none',
      ics('SUMMARY:x\nDTSTART:20261341T250000Z'),
      /“x”: `2026-13-41T25:00:00Z` is no time/,
    ],
    [
      'an end before the start',
      ics('DTSTART:20261021T100000Z\nDTEND:20261021T090000Z'),
      /without a title: it ends before/,
    ],
    [
      'all later instances',
      ics('UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261021T100000Z\nDTSTART:20261021T110000Z'),
      /RANGE/,
    ],
    [
      'every second',
      ics('SUMMARY:x\nDTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY'),
      /“x”: it repeats too often/,
    ],
    [
      'every second, counted',
      ics('SUMMARY:x\nDTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;COUNT=999999999'),
      /too often/,
    ],
    [
      'many that each repeat',
      ics(
        ...Array.from(
          { length: 300 },
          (_, i) => `UID:${i}\nDTSTART:20261001T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY`,
        ),
      ),
      /more than 10000 events/,
    ],
    ['an unknown repetition', ics('DTSTART:20261021T100000Z\nRRULE:FREQ=NEVER'), /no calendar/],
    [
      'an event that lasts for ever and repeats',
      ics('SUMMARY:x\nDTSTART:19000101T000000Z\nDTEND:99991231T000000Z\nRRULE:FREQ=DAILY'),
      /too often|too long|more than/,
    ],
  ])('%s', async (_what, content, why) => {
    expect(problemOf(content)).toMatch(why);
  });

  thoroughTest('more than 10 MB, and nesting without end', async () => {
    const large = await asked(written(new Uint8Array(10 * 1024 * 1024 + 1).fill(65)));
    expect(large).toEqual({ problem: 'it is larger than 10 MB' });
    const deep = await asked(written('BEGIN:A\r\n'.repeat(200_000) + 'END:A\r\n'.repeat(200_000)));
    expect(deep).toEqual({ problem: expect.stringMatching(/deeply|no calendar|memory/) });
  });

  test('a file that is missing, a folder, a device', async () => {
    mkdirSync(join(folder, 'folder'));
    expect(await asked(join(folder, 'missing.ics'))).toEqual({ problem: 'there is no such file' });
    expect(await asked(join(folder, 'folder'))).toEqual({ problem: 'it is not a regular file' });
    expect(await asked('/dev/zero')).toEqual({ problem: 'it is not a regular file' });
  });

  test('a date that never comes takes no time', () => {
    expect(
      problemOf(
        ics(
          'SUMMARY:x\nDTSTART:20000101T100000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
          'SUMMARY:y\nDTSTART:20000101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5;BYMONTH=2;BYMONTHDAY=30',
        ),
      ),
    ).toBe(null);
  });

  test('what is wrong with an event that lies years back does not matter', () => {
    expect(
      problemOf(
        ics(
          'SUMMARY:x\nDTSTART:20101021T100000Z\nDTEND:20101021T090000Z',
          'SUMMARY:y\nDTSTART;TZID=Nowhere:20101021T100000\nDURATION:PT1H',
        ),
      ),
    ).toBe(null);
  });

  test('a pattern that explodes at a hostile title is ended, as is a repetition, and this process goes on meanwhile', async () => {
    const title = written(ics(`SUMMARY:${'a'.repeat(60)}!\nDTSTART:20261021T100000Z\nDURATION:PT1H`));
    const lists = `BYMONTHDAY=${list(1, 31)};BYHOUR=${list(0, 23)};BYMINUTE=${list(0, 59)};BYSECOND=${list(0, 59)}`;
    const rule = written(
      ics(`DTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:FREQ=YEARLY;BYMONTH=10,11;${lists}`),
    );
    let beats = 0;
    const heart = setInterval(() => beats++, 20);
    const hurried = (file: string) =>
      askApart(
        { ask: 'events', file, zone: 'UTC', matches: ['/^(a+)+$/', null], from: FROM, to: TO },
        { timeoutMs: 800 },
      );
    const answers = await Promise.all([hurried(title), hurried(rule)]);
    clearInterval(heart);
    const late = { problem: 'it takes too long to read' };
    expect(answers).toEqual([late, late]);
    expect(beats).toBeGreaterThan(10);
  });

  thoroughTest('10 MB of events are read or refused in bounded memory', async () => {
    const one =
      'UID:%\nSUMMARY:Something that takes a while to say, and more\nDTSTART:20261021T100000Z\nDURATION:PT1H';
    const count = Math.floor((10 * 1024 * 1024) / (one.length + 40));
    const text = ics(...Array.from({ length: count }, (_, i) => one.replace('%', String(i))));
    const answer = await asked(written(text));
    expect(answer).toEqual({ problem: expect.stringMatching(/more than 20000 events|memory|too long/) });
  });

  test('a title cannot say anything to a terminal', () => {
    const text = ics(
      `SUMMARY:\u001b[31mred\u0007\u202e ${'x'.repeat(5_000)}\nDTSTART:20261021T100000Z\nDURATION:PT1H`,
    );
    const [{ events }] = expand(text, ZONE, [null], { from: FROM, to: TO }) as [Expanded];
    expect(events![0]!.title).toMatch(/^\[31mred\s+x+$/);
    expect(events![0]!.title.length).toBeLessThanOrEqual(200);
  });
});

function list(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).join(',');
}

describe('public holidays of an ICS file', () => {
  const holidays = (...events: string[]) => holidaysIn(ics(...events), ZONE, 2026, 2028);

  test('all-day events, also of every year, and the years that dated ones cover', async () => {
    const yearly =
      'SUMMARY:Christmas\nDTSTART;VALUE=DATE:20001225\nDTEND;VALUE=DATE:20001227\nRRULE:FREQ=YEARLY';
    const found = {
      days: [20261225, 20261226, 20271225, 20271226, 20281225, 20281226],
      years: [2026, 2027, 2028],
    };
    expect(holidays(yearly)).toEqual(found);
    const file = written(ics(yearly));
    const question = { ask: 'holidays', file, zone: 'Europe/Berlin', first: 2026, last: 2028 } as const;
    expect(await askApart(question)).toEqual({ found });
    const dated = 'SUMMARY:Easter\nTRANSP:TRANSPARENT\nDTSTART;VALUE=DATE:20270329';
    const mixed = holidays(yearly, dated, 'SUMMARY:Party\nDTSTART:20280101T100000Z\nDURATION:PT1H');
    expect(mixed.years).toEqual([2027]);
    expect(mixed.days).toContain(20270329);
    expect(mixed.days).not.toContain(20280101);
  });

  test('S4: one without all-day events, or of which not all can be read, is no list', () => {
    expect(() => holidays('DTSTART:20260101T100000Z\nDURATION:PT1H')).toThrow('it has no all-day events');
    const wrong = 'SUMMARY:x\nDTSTART;VALUE=DATE:20260231';
    expect(() => holidays('DTSTART;VALUE=DATE:20260101', wrong)).toThrow(
      'event “x”: `2026-02-31` is no time',
    );
  });
});

test('a country without the optional package is refused with the next step, with it by what it knows', () => {
  const of = (place: string) => askApartNow({ ask: 'country', place, first: 2026, last: 2027 });
  const berlin = of('DE-BE');
  if ('problem' in berlin) {
    expect(berlin.problem).toBe(
      'the package `date-holidays` is not installed: `npm install --no-save --save-dev date-holidays`',
    );
    return;
  }
  expect(berlin.found.years).toEqual([2026, 2027]);
  expect(berlin.found.days).toEqual(expect.arrayContaining([20260308, 20261225, 20270308]));
  // Valentine's day is in the package, and no public holiday.
  expect(berlin.found.days).not.toContain(20260214);
  expect(of('XX')).toEqual({ problem: expect.stringContaining('there is no country `XX`') });
  expect(of('DE-XX')).toEqual({ problem: expect.stringContaining('there is no state of DE `XX`') });
  expect(of('US-LA-ZZ')).toEqual({ problem: expect.stringContaining('there is no region of US-LA `ZZ`') });
});
