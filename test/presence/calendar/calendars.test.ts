/** When calendars are read, how long they are believed, and what survives: files and state are real, time is not. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeDurably } from '../../../controller/daemon/durable-file.ts';
import { agendaName } from '../../../controller/policy/facts.ts';
import type { Answer, Ask, Question } from '../../../controller/presence/calendar/apart.ts';
import { Calendars } from '../../../controller/presence/calendar/calendars.ts';
import { expand } from '../../../controller/presence/calendar/expand.ts';
import { UnreadableError } from '../../../controller/presence/calendar/unreadable.ts';
import { zoneOf } from '../../../controller/schedule/zone.ts';
import type { CalendarConfig } from '../../../schemas/rules.ts';
import { ics } from './ics.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-21T10:00:00Z');
const CALL = ics('SUMMARY:Call\nDTSTART:20261121T120000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY');
const NONE = ics();

let folder: string;
let now: { wall: number; counted: number };
let timers: { at: number; run: () => void }[];
let said: string[];
/** What the server holds: a text, or why it fails. */
let served: { text: string; etag: string | null } | string;
let downloads: { url: string; etag: string | null }[];
let expansions: number;
/** What every look into a file waits for. */
let held: Promise<void>;
/** Those that run, each with how many it reads. */
let open: { calendars: Calendars; count: number }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-calendars-'));
  mkdirSync(join(folder, 'state'));
  now = { wall: START, counted: 0 };
  [timers, said, downloads, open] = [[], [], [], []];
  served = { text: CALL, etag: '"1"' };
  expansions = 0;
  held = Promise.resolve();
});
afterEach(async () => {
  await Promise.all(open.map(({ calendars }) => calendars.stop()));
  rmSync(folder, { recursive: true });
});

/** As the processes do it, in this one. */
const ask = (async (question: Question): Promise<Answer<Question>> => {
  if (question.ask === 'download') {
    downloads.push({ url: question.url, etag: question.etag });
    if (typeof served === 'string') return { problem: served };
    if (served.etag !== null && served.etag === question.etag) return { found: { unchanged: true } };
    writeFileSync(question.to, served.text, { mode: 0o600 });
    return { found: { unchanged: false, etag: served.etag, modified: null } };
  }
  if (question.ask !== 'events') throw new Error('not asked here');
  expansions++;
  const { file, zone, matches, from, to } = question;
  await held;
  try {
    return { found: expand(readFileSync(file, 'utf8'), zoneOf(zone)!, matches, { from, to }) };
  } catch (error) {
    if (error instanceof UnreadableError) return { problem: error.message };
    return { problem: `${(error as NodeJS.ErrnoException).code}` };
  }
}) as Ask;

const calendar = (from: CalendarConfig['from'], name = 'work'): CalendarConfig => ({
  name,
  from,
  refreshMs: 15 * MINUTE,
  maxAgeMs: 24 * HOUR,
});

async function started(calendars: readonly CalendarConfig[], matches: (string | null)[] = [null]) {
  const asked = new Map(
    calendars.flatMap(({ name }) =>
      matches.map((match) => [agendaName(name, match), { calendar: name, match }] as const),
    ),
  );
  const created = new Calendars({
    calendars,
    asked,
    zone: 'Europe/Berlin',
    folder: join(folder, 'state'),
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now.counted + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    log: { debug: () => {}, warn: (text) => said.push(text) },
    onChange: () => {},
    onProblem: (name, why) => said.push(`${name}: ${why}`),
    writeDurably,
    ask,
  });
  open.push({ calendars: created, count: calendars.length });
  await created.start();
  return created;
}

/** Lets time pass, with the timers that are due in it. */
async function pass(ms: number): Promise<void> {
  const end = now.counted + ms;
  for (;;) {
    await quiet();
    const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    if (!next) break;
    timers = timers.filter((each) => each !== next);
    now = { wall: now.wall + (next.at - now.counted), counted: next.at };
    next.run();
  }
  now = { wall: now.wall + (end - now.counted), counted: end };
}

/** Reading takes real time: a calendar that is not being read has a timer. */
async function quiet(): Promise<void> {
  const count = open.reduce((sum, each) => sum + each.count, 0);
  while (timers.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function stopped(calendars: Calendars): Promise<void> {
  await quiet();
  await calendars.stop();
  open = [];
  timers = [];
}

const age = (calendars: Calendars, name = 'work') => {
  const { events, until, readAt, problem } = calendars.agendas().get(name)!;
  return { events: events.length > 0, until: until - START, readAt: readAt && readAt - START, problem };
};

const path = () => join(folder, 'work.ics');

describe('a file', () => {
  test('is read at the start, and again when it has changed; no text of it is read twice', async () => {
    writeFileSync(path(), CALL);
    const calendars = await started([calendar({ file: path() })]);
    expect(age(calendars)).toEqual({ events: true, until: 24 * HOUR, readAt: 0, problem: null });
    await pass(40 * MINUTE);
    expect(age(calendars)).toEqual({ events: true, until: 24.5 * HOUR, readAt: 30 * MINUTE, problem: null });
    expect(expansions).toBe(1);
    writeFileSync(path(), NONE);
    utimesSync(path(), 1, 1);
    await pass(15 * MINUTE);
    expect(age(calendars)).toMatchObject({ events: false, problem: null });
    expect(expansions).toBe(2);
  });

  test('S4: that changes again while it is read, or all the time, is read again within seconds', async () => {
    writeFileSync(path(), NONE);
    const calendars = await started([calendar({ file: path() })]);
    const due = () => timers.find(({ at }) => at <= now.counted + 3_000);
    const changed = async (text: string) => {
      writeFileSync(path(), text);
      while (!due()) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const run = () => {
      const timer = due()!;
      timers = timers.filter((each) => each !== timer);
      now = { wall: now.wall + timer.at - now.counted, counted: timer.at };
      timer.run();
    };
    await changed(ics('SUMMARY:Other\nDTSTART:20251121T120000Z\nDURATION:PT1H'));
    const first = due();
    writeFileSync(path(), NONE.replace('test', 'text'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(due()).toBe(first);
    let go = () => {};
    held = new Promise((resolve) => {
      go = resolve;
    });
    run();
    run();
    while (expansions < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await changed(CALL);
    go();
    await pass(10_000);
    while (expansions < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    await quiet();
    expect(age(calendars)).toMatchObject({ events: true });
  });

  test('S4: that is away is believed for max_age, then unknown; and known again when it is back', async () => {
    writeFileSync(path(), CALL);
    const calendars = await started([calendar({ file: path() })]);
    rmSync(path());
    await pass(20 * HOUR);
    expect(age(calendars)).toEqual({
      events: true,
      until: 24 * HOUR,
      readAt: 0,
      problem: `there is no file ${path()}`,
    });
    expect(said).toEqual([`work: there is no file ${path()}`]);
    await pass(5 * HOUR);
    // Policy asks at an instant after `until`.
    expect(age(calendars).until).toBeLessThan(now.wall - START);
    writeFileSync(path(), CALL);
    await pass(2 * HOUR);
    expect(age(calendars)).toMatchObject({ events: true, problem: null });
    expect(said.at(-1)).toBe('work: null');
  });

  test('S4: that is no calendar any more does not take the place of the last good one', async () => {
    writeFileSync(path(), CALL);
    const calendars = await started([calendar({ file: path() })]);
    writeFileSync(path(), 'nothing');
    await pass(20 * MINUTE);
    expect(age(calendars)).toEqual({
      events: true,
      until: 24 * HOUR,
      readAt: 0,
      problem: expect.stringContaining('no calendar'),
    });
    expect(readFileSync(join(folder, 'state/calendars/work.ics'), 'utf8')).toBe(CALL);
    expect(readdirSync(join(folder, 'state/calendars')).sort()).toEqual(['work.ics', 'work.json']);
  });

  test('is looked further ahead in before the end comes near', async () => {
    writeFileSync(path(), CALL);
    const calendars = await started([calendar({ file: path() })]);
    for (let day = 0; day < 40; day++) {
      now = { wall: now.wall + 23 * HOUR, counted: now.counted + 23 * HOUR };
      calendars.look();
      await pass(HOUR);
      await quiet();
      const { events } = calendars.agendas().get('work')!;
      expect(events.at(-1)!.start - now.wall).toBeGreaterThan(33 * 24 * HOUR);
    }
    expect(expansions).toBeLessThan(45);
  });

  test('S10: one calendar that fails leaves the others alone', async () => {
    writeFileSync(path(), CALL);
    const calendars = await started([
      calendar({ file: path() }),
      calendar({ file: join(folder, 'missing.ics') }, 'home'),
      calendar({ file: folder }, 'club'),
    ]);
    expect(age(calendars)).toMatchObject({ events: true, problem: null });
    expect(age(calendars, 'home')).toEqual({
      events: false,
      until: -START,
      readAt: null,
      problem: expect.stringContaining('there is no file'),
    });
    expect(age(calendars, 'club')).toMatchObject({ problem: 'it is not a regular file' });
  });

  test('S4: an event that cannot be read makes unknown what is asked about it, and nothing else', async () => {
    const strange = 'SUMMARY:Party\nDTSTART;TZID=Nowhere:20261121T200000\nDURATION:PT1H';
    writeFileSync(path(), ics('SUMMARY:Call\nDTSTART:20261121T120000Z\nDURATION:PT1H', strange));
    const calendars = await started([calendar({ file: path() })], ['call', 'party']);
    expect(age(calendars, 'work call')).toEqual({ events: true, until: 24 * HOUR, readAt: 0, problem: null });
    const why = 'event “Party”: nobody knows its time zone `Nowhere`';
    expect(age(calendars, 'work party')).toEqual({ events: false, until: -START, readAt: 0, problem: why });
    expect(said).toEqual([`work: ${why}`]);
  });
});

describe('an address', () => {
  const url = 'https://calendar.example/secret/basic.ics';

  test('is asked every refresh, and says when nothing is new', async () => {
    const calendars = await started([calendar({ url })]);
    await pass(HOUR);
    expect(age(calendars)).toEqual({ events: true, until: 25 * HOUR, readAt: HOUR, problem: null });
    expect(downloads.map(({ etag }) => etag)).toEqual([null, '"1"', '"1"', '"1"', '"1"']);
    expect(expansions).toBe(1);
  });

  test('is asked less often while it fails, up to every hour, and believed for max_age', async () => {
    const calendars = await started([calendar({ url })]);
    await pass(MINUTE);
    served = 'the server answers 500';
    downloads = [];
    await pass(23 * HOUR);
    expect(downloads.length).toBeLessThan(26);
    expect(age(calendars)).toEqual({ events: true, until: 24 * HOUR, readAt: 0, problem: served });
    expect(said).toEqual(['work: the server answers 500']);
    served = { text: NONE, etag: null };
    await pass(HOUR);
    expect(age(calendars)).toMatchObject({ events: false, problem: null });
  });

  test('is known after a restart without a network, until max_age; and asked no sooner than every refresh', async () => {
    const before = await started([calendar({ url })]);
    await pass(MINUTE);
    await stopped(before);
    served = 'its server is not found (ENOTFOUND)';
    downloads = [];
    const calendars = await started([calendar({ url })]);
    expect(age(calendars)).toEqual({ events: true, until: 24 * HOUR, readAt: 0, problem: null });
    await pass(13 * MINUTE);
    expect(downloads).toEqual([]);
    await pass(2 * MINUTE);
    await quiet();
    expect(downloads).toHaveLength(1);
    expect(age(calendars)).toMatchObject({ events: true, until: 24 * HOUR, problem: served });
  });

  test('S4: what was read too long ago, at a time to come, or from elsewhere is not known after a restart', async () => {
    const before = await started([calendar({ url })]);
    await pass(MINUTE);
    await stopped(before);
    served = 'its server is not found (ENOTFOUND)';
    now = { wall: START - HOUR, counted: 0 };
    const behind = await started([calendar({ url })]);
    await pass(MINUTE);
    expect(age(behind)).toMatchObject({ events: false, readAt: null });
    await stopped(behind);
    now = { wall: START + 24 * HOUR, counted: 0 };
    const late = await started([calendar({ url })]);
    expect(age(late)).toMatchObject({ events: false, readAt: null });
    await stopped(late);
    now = { wall: START + HOUR, counted: 0 };
    const other = await started([calendar({ url: 'https://other.example/' })]);
    expect(age(other)).toMatchObject({ events: false, readAt: null });
  });

  test('S4: a clock that is set back makes it unknown until it is read again; one that jumps ahead is noticed', async () => {
    const calendars = await started([calendar({ url })]);
    await pass(MINUTE);
    now = { wall: START - HOUR, counted: now.counted };
    expect(age(calendars)).toMatchObject({
      events: false,
      until: -START,
      problem: 'it was read at a time that has not come yet by this clock',
    });
    calendars.look();
    await pass(0);
    await quiet();
    expect(age(calendars)).toEqual({ events: true, until: 23 * HOUR, readAt: -HOUR, problem: null });
    // The machine slept for two days: a timer would still have its quarter of an hour to go.
    now = { wall: now.wall + 48 * HOUR, counted: now.counted + 48 * HOUR };
    calendars.look();
    await pass(0);
    await quiet();
    expect(age(calendars)).toMatchObject({ events: true, readAt: 47 * HOUR });
  });

  test('that is a secret is neither logged nor kept in readable form, and read anew each time', async () => {
    const file = join(folder, 'address');
    writeFileSync(file, 'webcal://calendar.example/secret.ics\n', { mode: 0o644 });
    await started([calendar({ urlFile: file }), calendar({ url: 'https://a:secret@b.example/' }, 'home')]);
    await pass(MINUTE);
    expect(downloads.map((each) => each.url).sort()).toEqual([
      'https://a:secret@b.example/',
      'https://calendar.example/secret.ics',
    ]);
    served = 'the server refuses it (403)';
    writeFileSync(file, 'https://calendar.example/renewed.ics');
    await pass(20 * MINUTE);
    expect(downloads.map((each) => each.url)).toContain('https://calendar.example/renewed.ics');
    const state = join(folder, 'state/calendars');
    const kept = readdirSync(state).map((name) => readFileSync(join(state, name), 'utf8'));
    expect(`${said}${kept}`).not.toContain('secret.ics');
    expect(`${said}${kept}`).not.toContain('a:secret');
    expect(said).toContain(
      `calendar work: everybody on this computer may read the address in ${file}: chmod 600 it`,
    );
    for (const name of readdirSync(state)) expect(statSync(join(state, name)).mode & 0o777).toBe(0o600);
    writeFileSync(file, 'not an address');
    await pass(HOUR);
    expect(said).toContain(`work: in ${file} there is no address that begins with https://`);
  });
});
