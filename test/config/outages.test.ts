import { describe, expect, test } from '@jest/globals';
import { compile } from '../../controller/config/compile.ts';
import { configNotes } from '../../controller/config/outages.ts';
import { configOf } from '../../schemas/config.ts';

type File = Parameters<typeof configOf>[0];

/** Outages of a house in which every gate has a `button_alone`, so that only rules are told of. */
function notes(never: object[], change: Partial<File> = {}, alone: string | false = false): string[] {
  const config = configOf({
    site: { timezone: 'Europe/Berlin' },
    mqtt: { url: 'mqtt://localhost' },
    homeassistant: { url: 'ws://localhost:8123', token_file: 'token' },
    calendars: { work: { url: 'https://example.org/work.ics' }, bins: { file: 'bins.ics', max_age: '48h' } },
    presence: {
      guests: { mqtt: 'home/guests', is: 'on' },
      anna: { host: 'anna-phone', max_age: '5m' },
      motion: { input: 'hall.motion' },
      party: { manual: 'off' },
      ...change.presence,
    },
    gates: {
      hall: { link: { bench: 'uno-relay' }, inputs: { motion: 4 }, button_alone: '1m' },
      kitchen: { link: { bench: 'uno-relay' }, never, button_alone: alone || '1m' },
    },
    ...change,
  } as File);
  const compiled = compile(config, { isHoliday: () => false, now: null });
  expect(compiled.problems).toEqual([]);
  return configNotes(config, compiled)
    .filter(({ code }) => code === 'outage')
    .map(({ text }) => text);
}

describe('S10: which outage would leave nobody able to unmute which gate', () => {
  test.each<[string, object[], string[]]>([
    ['nothing forbids anything', [], []],
    [
      'a never rule goes by the time',
      [{ schedule: '22:00-07:00' }],
      [
        'while nobody knows the time (the network or a hardware clock sets it), nobody can unmute kitchen (never 1)',
      ],
    ],
    [
      'a calendar forbids',
      [{ calendar: 'bins' }],
      [
        'while nobody knows the time (the network or a hardware clock sets it), nobody can unmute kitchen (never 1)',
        'while the file of the calendar bins cannot be read for more than 2d, nobody can unmute kitchen (never 1)',
      ],
    ],
    [
      'a topic forbids',
      [{ if: 'guests' }],
      [
        'while MQTT tells nothing of home/guests for more than 1m (the broker is away, or whoever publishes it), nobody can unmute kitchen (never 1)',
      ],
    ],
    [
      'an entity of Home Assistant forbids',
      [{ if: { homeassistant: 'calendar.work', is: 'on' } }],
      [
        'while Home Assistant does not tell for more than 1m what calendar.work is (it is away, or has no such entity), nobody can unmute kitchen (never 1)',
      ],
    ],
    [
      'a phone and a schedule together forbid',
      [{ if: 'anna', schedule: '12:00-13:00' }],
      [
        'while nobody knows the time (the network or a hardware clock sets it), nobody can unmute kitchen (never 1, while its condition may hold)',
        'while the network does not tell for more than 5m whether anna-phone answers, nobody can unmute kitchen (never 1, within 12:00-13:00)',
      ],
    ],
    [
      'another gate forbids',
      [{ if: { not: 'motion', after: '10m' } }],
      [
        'while the gate hall, which has the input motion, is not heard for more than 1m, nobody can unmute kitchen (never 1)',
      ],
    ],
    // Set by hand, it is on disk.
    ['a hand forbids', [{ if: 'party' }], []],
  ])('%s', (_, never, expected) => {
    expect(notes(never)).toEqual(expected);
  });

  test('one of several that must hold together keeps it muted only while the others may', () => {
    const [first] = notes([{ if: { all: ['guests', 'party'] } }]);
    expect(first).toContain('(never 1, while its condition may hold)');
    const [any] = notes([{ if: { any: ['guests', 'party'] } }]);
    expect(any).toContain('kitchen (never 1)');
  });

  test('every rule and gate that one outage reaches stands in one sentence', () => {
    const told = notes([{ if: 'guests' }, { if: 'guests', schedule: '12:00-13:00' }]);
    expect(told.at(-1)).toContain('kitchen (never 1; never 2, within 12:00-13:00)');
  });

  test('a condition of many facts is not gone through', () => {
    const names = Array.from({ length: 30 }, (_, i) => `p${i}`);
    const presence = Object.fromEntries(names.map((name) => [name, { mqtt: `t/${name}`, is: 1 }]));
    const told = notes([{ if: { all: names } }], { presence });
    expect(told).toHaveLength(30);
    expect(told[0]).toContain('while its condition may hold');
  });

  test('without Earlid nobody can unmute a gate that grants nothing alone', () => {
    const config = configOf({
      gates: {
        a: { link: { bench: 'uno-relay' } },
        b: { link: { bench: 'uno-relay' }, button_alone: 'off' },
        c: { link: { bench: 'uno-relay' }, button_alone: '5m' },
      },
    });
    expect(configNotes(config, compile(config, { isHoliday: () => false, now: null }))).toEqual([
      {
        code: 'outage',
        gates: ['a', 'b'],
        text: 'while Earlid does not run, or does not reach its gate, nobody can unmute a and b: `button_alone` is not set',
      },
    ]);
  });
});

test('S4: a press alone knows of no never rule, and that is said', () => {
  const config = configOf({
    presence: { guests: { manual: 'off' } },
    gates: {
      a: { link: { bench: 'uno-relay' }, button_alone: '5m', never: [{ if: 'guests' }] },
      b: { link: { bench: 'uno-relay' }, button_alone: '5m' },
    },
  });
  expect(configNotes(config, compile(config, { isHoliday: () => false, now: null }))).toEqual([
    {
      code: 'button-alone',
      gates: ['a'],
      text: 'while Earlid does not run, a press unmutes a for 5m whatever its never rules say: `button_alone` does not know of them',
    },
  ]);
});
