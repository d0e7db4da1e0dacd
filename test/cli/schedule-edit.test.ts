import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../../controller/cli/program.ts';
import { House } from './harness.ts';

const house = new House();
afterAll(() => house.end());
const root = mkdtempSync(join(tmpdir(), 'earlid-'));
afterAll(() => rmSync(root, { recursive: true }));
let file = '';
beforeEach(() => {
  file = join(mkdtempSync(join(root, 'f-')), 'earlid.yaml');
});

/** A Saturday, 21:00 in Berlin. */
const NOW = Date.UTC(2026, 10, 21, 20);

async function earlid(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = house.io(out, err, { now: () => NOW });
  const code = await run([...args, '--config', file], io);
  return { code, out: out.join(''), err: err.join(''), json: () => JSON.parse(out.join('')) };
}
const schedule = (...args: string[]) => earlid('schedule', ...args);

/** What a diff takes out and puts in. */
const changes = (diff: string): string[] => diff.split('\n').filter((line) => /^[-+](?![-+]{2} )/.test(line));

const HOUSE = `# Unser Haus – für Ömas Gäste
site: { timezone: Europe/Berlin, latitude: 52.52, longitude: 13.40 }   # wall\there
presence:
  anyone_home: { manual: on }
  guests: { manual: off }
calendars: { work: { file: work.ics } }

gates:
  # beside the stove
  kitchen:
    link: { bench: uno-relay }
    listen:
      # breakfast
      - schedule: "Mo-Fr 07:00-08:30"   # early
        if: anyone_home
      - { schedule: "Sa 10:00-12:00; PH off" } # weekend
    never:
    - { calendar: work, match: "/call/i" }
  bath: { link: { bench: uno-relay } }
  hall:
    link: { bench: uno-relay }`.replace(
  'longitude: 13.40 }',
  'longitude: 13.40, holidays: { dates: [12-25] } }',
);

describe('each command changes its own lines and no other', () => {
  test.each<[string[], string[]]>([
    [['add', 'kitchen', 'Su 10:00-11:00'], ['+      - { schedule: "Su 10:00-11:00" }']],
    [
      ['add', 'kitchen', '18:00-19:00', '--if', 'guests'],
      ['+      - { schedule: "18:00-19:00", if: guests }'],
    ],
    [['never', 'kitchen', '22:00-07:00'], ['+    - { schedule: "22:00-07:00" }']],
    [
      ['add', 'bath', 'Su 10:00-11:00'],
      [
        '-  bath: { link: { bench: uno-relay } }',
        '+  bath: { link: { bench: uno-relay }, listen: [ { schedule: "Su 10:00-11:00" } ] }',
      ],
    ],
    [
      ['once', 'hall', 'tomorrow 18:00-01:00'],
      [
        '-    link: { bench: uno-relay }',
        '+    link: { bench: uno-relay }',
        '+    listen:',
        '+      - { schedule: "2026 Nov 22 18:00-01:00" }',
      ],
    ],
    [['once', 'kitchen', 'today 20:30-22:00'], ['+      - { schedule: "2026 Nov 21 20:30-22:00" }']],
    [
      ['once', 'kitchen', '2026-12-24 (sunset-00:30)-23:00'],
      ['+      - { schedule: "2026 Dec 24 (sunset-00:30)-23:00" }'],
    ],
    [
      ['except', 'kitchen', 'Dec 24-26'],
      [
        '-      - schedule: "Mo-Fr 07:00-08:30"   # early',
        '+      - schedule: "Mo-Fr 07:00-08:30; Dec 24-26 off"   # early',
        '-      - { schedule: "Sa 10:00-12:00; PH off" } # weekend',
        '+      - { schedule: "Sa 10:00-12:00; PH off; Dec 24-26 off" } # weekend',
      ],
    ],
    [
      ['except', 'kitchen', '2026-12-24', '10:00-12:00'],
      [
        '-      - schedule: "Mo-Fr 07:00-08:30"   # early',
        '+      - schedule: "Mo-Fr 07:00-08:30; 2026 Dec 24 10:00-12:00"   # early',
        '-      - { schedule: "Sa 10:00-12:00; PH off" } # weekend',
        '+      - { schedule: "Sa 10:00-12:00; 2026 Dec 24 10:00-12:00; PH off" } # weekend',
      ],
    ],
    [
      ['except', 'kitchen', 'PH'],
      [
        '-      - schedule: "Mo-Fr 07:00-08:30"   # early',
        '+      - schedule: "Mo-Fr 07:00-08:30; PH off"   # early',
      ],
    ],
    [
      ['remove', 'kitchen', 'listen', '2'],
      ['-      - { schedule: "Sa 10:00-12:00; PH off" } # weekend', '+      # weekend'],
    ],
    [
      ['remove', 'kitchen', 'never', '1'],
      ['-    never:', '-    - { calendar: work, match: "/call/i" }', '+    never: []'],
    ],
    [
      ['set', 'kitchen', 'Mo-Su 08:00-22:00', '--if', 'anyone_home'],
      [
        '-      - schedule: "Mo-Fr 07:00-08:30"   # early',
        '+      - schedule: "Mo-Su 08:00-22:00"   # early',
        '-      - { schedule: "Sa 10:00-12:00; PH off" } # weekend',
        '+      # weekend',
      ],
    ],
    [
      ['set', 'kitchen', '08:00-22:00', '--yes'],
      [
        '-      - schedule: "Mo-Fr 07:00-08:30"   # early',
        '-        if: anyone_home',
        '-      - { schedule: "Sa 10:00-12:00; PH off" } # weekend',
        '+      # early',
        '+      - { schedule: "08:00-22:00" }',
        '+      # weekend',
      ],
    ],
  ])('%j', async (args, lines) => {
    for (const text of [HOUSE, `${HOUSE}\n`, `\uFEFF${HOUSE.replaceAll('\n', '\r\n')}`]) {
      writeFileSync(file, text);
      const dry = await schedule(...args, '--dry-run', '--json');
      expect(dry.json()).toMatchObject({ ok: true, written: false, gate: args[1] });
      expect(readFileSync(file, 'utf8')).toBe(text);
      const done = await schedule(...args, '--json');
      expect(done.code).toBe(0);
      const { diff, written } = done.json();
      expect(written).toBe(true);
      expect(diff).toBe(dry.json().diff);
      const expected = text.endsWith('\n') ? lines.filter((line) => !/^[-+] {4}link/.test(line)) : lines;
      expect(changes(diff.replaceAll('\r\n', '\n'))).toEqual(expected);
      expect(readdirSync(join(file, '..'))).toEqual(['earlid.yaml']);
      expect((await earlid('config', 'check')).code).toBe(0);
    }
  });
});

test('a rule that is there already is not written twice', async () => {
  writeFileSync(file, HOUSE);
  const { code, out } = await schedule('add', 'kitchen', 'Sa 10:00-12:00; PH off');
  expect([code, out]).toEqual([
    0,
    `kitchen: it is there already, as listen 2\n${file} says so already; nothing was written\n`,
  ]);
  expect((await schedule('set', 'bath', '07:00-08:00', '--json')).json().written).toBe(true);
  expect((await schedule('set', 'bath', '07:00-08:00', '--json')).json()).toMatchObject({
    written: false,
    diff: '',
  });
});

describe('nothing is written when', () => {
  const refused = async (args: string[], code: number, message: RegExp, text = HOUSE) => {
    writeFileSync(file, text);
    const told = await schedule(...args);
    expect([told.code, told.err]).toEqual([code, expect.stringMatching(message)]);
    const json = (await schedule(...args, '--json')).json();
    expect(json.error.message).toBeDefined();
    expect(readFileSync(file, 'utf8')).toBe(text);
  };

  test('the text is no schedule: marks under it', async () => {
    await refused(['add', 'kitchen', 'Mo-Fr 25:00-26:00'], 65, / {2}Mo-Fr 25:00-26:00\n {8}\^{5}\n/);
    await refused(['once', 'kitchen', '2026-02-30 10:00-11:00'], 65, /Feb has no day “30”/);
    await refused(['once', 'kitchen', '2026-13-01 10:00-11:00'], 65, /no month “13”/);
    const json = (await schedule('add', 'kitchen', 'Mo 25:00-26:00', '--json')).json();
    expect(json.error).toMatchObject({ code: 'bad-schedule', position: 3, length: 5 });
  });
  test('the time has passed, or it is no time of a day', async () => {
    await refused(
      ['once', 'kitchen', 'today 08:00-09:00'],
      65,
      /`2026 Nov 21 08:00-09:00`: that time has passed/,
    );
    await refused(['once', 'kitchen', 'Mo-Fr 08:00-09:00'], 65, /is not about one day and its hours/);
    await refused(['add', 'kitchen', '2020 May 1 08:00-09:00'], 65, /that time has passed/);
  });
  test('the exception would not count', async () => {
    await refused(['except', 'hall', 'PH'], 65, /no listen rule with a schedule/);
    const text = HOUSE.replace('"Sa 10:00-12:00; PH off"', '"Sa 10:00-12:00; Dec 24-26 off"');
    await refused(['except', 'kitchen', 'Dec 25', '10:00-11:00'], 65, /is off on some of these days/, text);
  });
  test('the file would be wrong with it', async () => {
    await refused(
      ['add', 'kitchen', '08:00-09:00', '--if', 'nobody'],
      65,
      /would be wrong: .*no presence is named `nobody`/,
    );
    await refused(['add', 'hall', 'Mo off'], 65, /can never be true/);
    await refused(
      ['set', 'a', '08:00-09:00'],
      65,
      /needs `site.timezone`/,
      'gates: { a: { link: { bench: uno-relay } } }\n',
    );
  });
  test('the file is wrong anyhow: every mistake with its place', async () => {
    await refused(
      ['add', 'kitchen', '08:00-09:00'],
      78,
      /:21:5: gates.hall.linc: unknown key/,
      HOUSE.replace(/link(?=[^k]*$)/, 'linc'),
    );
    await refused(['add', 'kitchen', '08:00-09:00'], 78, /not YAML/, `${HOUSE}\n  - {`);
  });
  test('rules that ask more than the clock would be lost', async () => {
    await refused(['set', 'kitchen', '08:00-22:00'], 77, /listen 1 \(Mo-Fr 07:00-08:30 if anyone_home\)/);
  });
  test('there is no such gate or rule', async () => {
    await refused(['add', 'kitchn', '08:00-22:00'], 66, /Did you mean `kitchen`/);
    await refused(['remove', 'kitchen', 'listen', '3'], 65, /kitchen has no listen 3/);
    await refused(['remove', 'kitchen', 'listen 3'], 65, /kitchen has no listen 3/);
    await refused(['remove', 'kitchen', 'both', '3'], 64, /name the rule/);
  });
  test('the shell has cut the schedule to pieces', async () => {
    await refused(['add', 'kitchen', 'Mo-Fr', '08:00-09:00'], 64, /A text with spaces wants quotes/);
  });
  test('others share what would change', async () => {
    const shared = `site: { timezone: Europe/Berlin }
gates:
  a:
    link: { bench: uno-relay }
    listen: &hours
      - &one { schedule: "08:00-09:00" }
  b: { link: { bench: uno-relay }, listen: *hours, never: [ *one ] }
`;
    await refused(
      ['add', 'a', '10:00-11:00'],
      78,
      /anchor `&hours`, which is used elsewhere.*\n.*By hand: one more rule/,
      shared,
    );
    await refused(['add', 'b', '10:00-11:00'], 78, /is `\*hours`/, shared);
    await refused(['except', 'a', 'Dec 24'], 78, /anchor `&hours`/, shared);
    writeFileSync(file, shared);
    expect((await schedule('remove', 'b', 'never', '1')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(shared.replace('[ *one ]', '[  ]'));
  });
});

test('a rule whose days have passed is no mistake: it is listed as over, and taken out on request', async () => {
  const text = HOUSE.replace(
    '- { calendar',
    '- { schedule: "2026 Nov 20 18:00-20:00" } # party\n    - { calendar',
  );
  writeFileSync(file, text);
  const check = await earlid('config', 'check');
  expect(check.code).toBe(0);
  expect(check.out).toContain(
    '  note  never 1 of kitchen is over: `earlid schedule remove kitchen --over` takes it out\n',
  );
  expect((await earlid('config', 'check', '--json')).json().notes).toContainEqual(
    expect.objectContaining({ code: 'over', gates: ['kitchen'] }),
  );
  expect((await schedule('list', 'kitchen')).out).toBe(`kitchen
  listen 1  Mo-Fr 07:00-08:30 if anyone_home
            does not hold now, but from Mo 2026-11-23 07:00 GMT+1
  listen 2  Sa 10:00-12:00; PH off
            does not hold now, but from Sa 2026-11-28 10:00 GMT+1
  never 1   2026 Nov 20 18:00-20:00
            over: its days have passed
  never 2   calendar work match /call/i
`);
  expect((await schedule('remove', 'kitchen', '--over')).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(HOUSE.replace('- { calendar', '# party\n    - { calendar'));
  expect((await schedule('remove', 'kitchen', '--over', '--json')).json().written).toBe(false);
});

test('list is one JSON value, with what each schedule says', async () => {
  writeFileSync(file, HOUSE);
  const [kitchen, bath] = (await schedule('list', '--json')).json();
  expect(kitchen.rules[1]).toEqual({
    rule: 'listen 2',
    schedule: 'Sa 10:00-12:00; PH off',
    calendar: null,
    match: null,
    if: null,
    holds: false,
    until: '2026-11-28T09:00:00.000Z',
    over: false,
  });
  expect(bath).toEqual({ gate: 'bath', rules: [] });
  expect((await schedule('list', 'cellar', '--json')).json().error.code).toBe('no-such-gate');
  expect(existsSync(file)).toBe(true);
});
