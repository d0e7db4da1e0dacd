/** Which holidays and agendas a daemon goes by while its configuration and its files change. Files are real, time is not. */
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compile } from '../../controller/config/compile.ts';
import { parseConfig } from '../../controller/config/file.ts';
import { Almanac } from '../../controller/daemon/almanac.ts';
import { createLog } from '../../controller/daemon/log.ts';
import type { Answer, Ask, Question } from '../../controller/presence/calendar/apart.ts';

let folder: string;
let timers: { readonly ms: number; readonly run: () => void }[];
let problems: Map<string, string>;
let news: string[];
let questions: Question[];
let answers: Partial<Record<Question['ask'], Answer<Question>>>;
let almanac: Almanac;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-almanac-'));
  [timers, news, questions, problems] = [[], [], [], new Map()];
  answers = {
    holidays: { found: { days: [20261225], years: [2026] } },
    events: { found: [{ events: [{ start: 0, end: 9e15, title: 'x' }], problem: null }] } as Answer<Question>,
  };
  almanac = new Almanac({
    folder,
    clock: { now: () => ({ wall: Date.parse('2026-12-24T10:00Z'), counted: 0 }) },
    after: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    log: createLog({ level: 'error', sink: () => {} }),
    onAgendas: () => news.push('agendas'),
    onHolidays: () => news.push('holidays'),
    onProblem: (key, problem) => (problem ? problems.set(key, problem.message) : problems.delete(key)),
    ask: (async (question: Question) => {
      questions.push(question);
      return answers[question.ask]!;
    }) as Ask,
  });
});
afterEach(async () => {
  await almanac.stop();
  rmSync(folder, { recursive: true });
});

const christmas = () => almanac.isHoliday(2026, 12, 25);
const eve = () => almanac.isHoliday(2026, 12, 24);
const event = () => almanac.agendas().get('work')?.events[0]?.title;

async function follows(rest: string, rules = 'never: [{ calendar: work }]') {
  const config = parseConfig(
    `gates: { kitchen: { link: { bench: uno-relay }, ${rules} } }\n${rest}`,
    join(folder, 'earlid.yaml'),
  );
  almanac.expect(config);
  await almanac.follow(config, compile(config, { isHoliday: almanac.isHoliday, now: null }));
}
/** Lets what was begun come to its end. */
async function settled(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const SITE = 'site: { timezone: Europe/Berlin, holidays: { ics: days.ics } }\n';
const CALENDARS = 'calendars: { work: { file: work.ics } }\n';

test('S4: days are unknown until the file of holidays was read, and again when it is no good any more', async () => {
  writeFileSync(join(folder, 'days.ics'), '');
  writeFileSync(join(folder, 'work.ics'), '');
  const following = follows(SITE + CALENDARS);
  expect([christmas(), eve()]).toEqual([null, null]);
  await following;
  await settled(() => news.includes('holidays'));
  expect([christmas(), eve()]).toEqual([true, false]);
  expect(almanac.isHoliday(2027, 12, 24)).toBe(null);

  answers.holidays = { problem: 'it is no calendar' };
  utimesSync(join(folder, 'days.ics'), 1, 1);
  await settled(() => timers.some(({ ms }) => ms === 15 * 60_000));
  news = [];
  timers.find(({ ms }) => ms === 15 * 60_000)!.run();
  await settled(() => news.includes('holidays'));
  expect(christmas()).toBe(null);
  expect(problems.get('holidays')).toBe(
    `the public holidays in ${join(folder, 'days.ics')} cannot be read: it is no calendar`,
  );

  await follows(`site: { timezone: Europe/Berlin, holidays: { dates: [12-25] } }\n${CALENDARS}`);
  expect([christmas(), eve()]).toEqual([true, false]);
  expect([...problems.keys()]).toEqual([]);
});

test('a calendar that stays goes on as it is; one that changes is known by what was read before until it is read anew', async () => {
  writeFileSync(join(folder, 'work.ics'), '');
  const site = 'site: { timezone: Europe/Berlin }\n';
  await follows(site + CALENDARS);
  expect(event()).toBe('x');
  const asked = questions.length;
  await follows(site + CALENDARS);
  expect(questions).toHaveLength(asked);

  answers.events = {
    found: [{ events: [{ start: 0, end: 9e15, title: 'y' }], problem: null }],
  } as Answer<Question>;
  const following = follows('site: { timezone: Europe/Paris }\ncalendars: { work: { file: work.ics } }\n');
  await settled(() => questions.length > asked);
  expect(event()).toBe('x');
  await following;
  expect(event()).toBe('y');
});

test('S4: a calendar that comes from elsewhere than before is unknown until it has been read there', async () => {
  for (const name of ['work.ics', 'other.ics', 'holidays.ics']) writeFileSync(join(folder, name), '');
  const both = (work: string) =>
    `site: { timezone: Europe/Berlin }\ncalendars: { work: { file: ${work} }, free: { file: holidays.ics } }\n`;
  const never = 'never: [{ calendar: work }, { calendar: free }]';
  await follows(both('work.ics'), never);
  expect([...almanac.agendas().keys()]).toEqual(['work', 'free']);
  const following = follows(both('other.ics'), never);
  expect([...almanac.agendas().keys()]).toEqual(['free']);
  await following;
  expect(event()).toBe('x');
  // As it was, before anybody has read it again.
  const back = follows(both('work.ics'), never);
  expect([...almanac.agendas().keys()]).toEqual(['free']);
  await back;
  expect(event()).toBe('x');
});

test('S10: a file of holidays that cannot even be looked at is a problem and nothing more', async () => {
  symlinkSync('days.ics', join(folder, 'days.ics'));
  answers.holidays = { problem: 'ELOOP' };
  await follows(SITE + CALENDARS);
  await settled(() => problems.has('holidays'));
  expect(christmas()).toBe(null);
});

test('configurations that follow one another at once leave the last, and nothing runs after the end', async () => {
  const site = (zone: string) => `site: { timezone: ${zone} }\ncalendars: { work: { file: work.ics } }\n`;
  writeFileSync(join(folder, 'work.ics'), '');
  await Promise.all(['Europe/Berlin', 'Europe/Paris', 'Europe/Rome'].map((zone) => follows(site(zone))));
  expect(event()).toBe('x');
  expect(questions.at(-1)).toMatchObject({ zone: 'Europe/Rome' });
  const late = follows(site('Europe/Oslo'));
  await almanac.stop();
  await late;
  expect(timers).toEqual([]);
});
