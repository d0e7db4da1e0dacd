import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { House, type Told } from './harness.ts';

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.end());

const check = (...args: string[]): Promise<Told> => house.earlid('schedule', 'check', ...args);
const BERLIN = ['--zone', 'Europe/Berlin', '--at', '2026-11-21T12:00:00Z'];

describe('schedule check, without daemon and configuration', () => {
  test('tells what it says, since when, and what comes', async () => {
    const { code, out } = await check('Sa,Su  09:00-23:00 ; PH off', ...BERLIN, '-n', '2');
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        [
          /^ {2}given {5}Sa,Su {2}09:00-23:00 ; PH off/,
          / {2}schedule {2}Sa,Su 09:00-23:00; PH off/,
          / {2}zone {6}Europe\/Berlin \(zone data \d{4}[a-z]\)/,
          / {2}at {8}Sa 2026-11-21 13:00 GMT\+1/,
          / {2}says {6}listen, since Sa 2026-11-21 09:00 GMT\+1/,
          / {2}next {6}Sa 2026-11-21 23:00 GMT\+1 {2}mute {4}in 10h/,
          / {12}Su 2026-11-22 09:00 GMT\+1 {2}listen {2}in 20h/,
          / {2}note {6}PH: no public holidays are known here, so no day counts as one\n$/,
        ]
          .map(({ source }) => source)
          .join('\n'),
      ),
    );
  });

  test('--json is one object; `next` holds changes after `at` only', async () => {
    const { json } = await check('22:00-07:00', ...BERLIN, '-n', '2', '--json');
    expect(json()).toEqual({
      given: '22:00-07:00',
      normalised: '22:00-07:00',
      zone: 'Europe/Berlin',
      at: '2026-11-21T12:00:00.000Z',
      state: 'mute',
      since: '2026-11-21T06:00:00.000Z',
      next: [
        { at: '2026-11-21T21:00:00.000Z', state: 'listen' },
        { at: '2026-11-22T06:00:00.000Z', state: 'mute' },
      ],
      notes: [],
    });
  });

  test('a schedule that never changes has no next and no since', async () => {
    const { json } = await check('24/7', '--json');
    expect(json()).toMatchObject({ state: 'listen', since: null, next: [] });
    expect((await check('24/7', ...BERLIN)).out).toContain('listen, and always did\n  next      no change\n');
    expect((await check('Feb 1 off', '--json')).json()).toMatchObject({
      state: 'mute',
      since: null,
      next: [],
    });
  });

  test('-n is bounded, and 0 asks for none', async () => {
    expect((await check('08:00-09:00', '-n', '1000', '--json')).json()).toHaveProperty('next.999');
    expect((await check('08:00-09:00', '-n', '0', '--json')).json()).toMatchObject({ next: [] });
    expect((await check('08:00-09:00', '-n', '1001')).code).toBe(64);
  });

  test('what is wrong is marked, said and hinted at; exit 65', async () => {
    const { code, err, out } = await check('Mo-Fr 07:00-25:00');
    expect({ code, out }).toEqual({ code: 65, out: '' });
    expect(err).toBe(
      [
        'earlid: this is no schedule: “25:00” is not a time of day',
        '  Mo-Fr 07:00-25:00',
        '              ^^^^^',
        '  hours 00-24, minutes 00-59; for a window past midnight write 22:00-07:00\n',
      ].join('\n'),
    );
    expect((await check('Mo-Fr 07:00-25:00', '--json')).json()).toEqual({
      error: {
        code: 'bad-schedule',
        message: 'this is no schedule: “25:00” is not a time of day',
        position: 12,
        length: 5,
        hint: 'hours 00-24, minutes 00-59; for a window past midnight write 22:00-07:00',
      },
    });
  });

  test('a text without end is refused at once, and no sign of it reaches the terminal raw', async () => {
    const { code, err } = await check(`\u001b[31m${'Mo '.repeat(500_000)}`);
    expect(code).toBe(65);
    expect(err.length).toBeLessThan(400);
    expect(err).not.toContain('\u001b');
    expect((await check('\u001b[31mMo')).err).not.toContain('\u001b');
  });

  test.each([
    ['the sun without a place', ['sunset-24:00'], 'without a place nobody knows when it rises'],
    [
      'a day without sunset',
      [
        'sunset-24:00',
        '--lat',
        '69.65',
        '--lon',
        '18.96',
        '--zone',
        'Europe/Oslo',
        '--at',
        '2026-06-21T12:00',
      ],
      'the sun does not rise or set there on this day',
    ],
    [
      'a past that does not come back',
      ['2020 Dec 24 10:00-12:00'],
      'lets nothing listen within the next nine years',
    ],
  ])('%s is muted, with a note', async (_, args, note) => {
    const { json } = await check(...args, '--json');
    const { state, notes } = json() as { state: string; notes: string[] };
    expect(state).toBe('mute');
    expect(notes.join()).toContain(note);
  });

  test.each([
    [['08:00-09:00', '--zone', 'Europe/Berln'], 64, 'Did you mean `Europe/Berlin`?'],
    [['08:00-09:00', '--zone', 'CET'], 64, 'there is no time zone named `CET`'],
    [['08:00-09:00', '--lat', '52'], 64, '--lat and --lon belong together'],
    [['08:00-09:00', '--lat', '91', '--lon', '0'], 64, 'Degrees from -90 to 90'],
    [['08:00-09:00', '--zone', 'new york'], 64, 'Did you mean `America/New_York`?'],
    [['08:00-09:00', '--at', 'tomorrow'], 64, '`tomorrow` is no instant'],
    [['08:00-09:00', '--at', '2026-02-30T10:00'], 64, 'is no instant'],
    [[], 64, "missing required argument 'text'"],
  ])('%j: exit %i', async (args, code, text) => {
    const told = await check(...args);
    expect(told.code).toBe(code);
    expect(told.err).toContain(text);
  });

  test('--at takes the time on the wall: the first of a repeated hour', async () => {
    const at = async (text: string) => {
      const { json } = await check('08:00-09:00', '--zone', 'Europe/Berlin', '--at', text, '--json');
      return (json() as { at: string }).at;
    };
    expect(await at('2026-10-25T02:30')).toBe('2026-10-25T00:30:00.000Z');
    expect(await at('2026-07-01T12:00')).toBe('2026-07-01T10:00:00.000Z');
    expect(await at('2026-07-01T12:00+02:00')).toBe('2026-07-01T10:00:00.000Z');
  });
});
