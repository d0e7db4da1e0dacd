import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../controller/config/file.ts';
import { formatProblem } from '../../controller/config/problem.ts';
import { readConfigText } from '../../controller/config/text.ts';
import { EarlidError } from '../../schemas/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'earlid-'));
afterAll(() => rmSync(folder, { recursive: true }));

function errorOf(run: () => unknown): EarlidError {
  try {
    run();
  } catch (error) {
    if (error instanceof EarlidError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** Every problem as people see it. */
const problems = (text: string): string[] =>
  (
    errorOf(() => parseConfig(text, 'earlid.yaml')).view.problems as Parameters<typeof formatProblem>[0][]
  ).map(formatProblem);

const gate = (rest: string) => `gates:\n  kitchen:\n    link: { bench: uno-relay }\n    ${rest}\n`;
const GATE_KEYS =
  '(valid here: link, speaker, area, button, may_unmute, listen, never, button_alone, night, inputs, accessories, firmata)';
const ACCESSORY =
  'one of `{ led: PIN, shows: live }`, `{ chime: PIN, on: unmute }`, `{ button: PIN, does: mute-all }` and `{ sensor: A1, name: light }`';
const LATER =
  'not supported by this version of Earlid; the file is refused because leaving it out could let a speaker hear when it must not';

describe('a configuration', () => {
  test('gets its defaults', () => {
    expect(parseConfig('gates: { kitchen: { link: { serial: /dev/gate } } }', 'f')).toEqual({
      site: null,
      presence: new Map(),
      calendars: [],
      mqtt: null,
      homeassistant: null,
      grants: { defaultMs: 900_000, maxMs: 14_400_000 },
      gates: [
        {
          name: 'kitchen',
          link: { serial: '/dev/gate' },
          speaker: null,
          area: null,
          buttonMs: 90_000,
          mayUnmute: ['button', 'cli'],
          inputs: [],
          readyAfterMs: 0,
          accessories: [],
          firmata: false,
          listen: [],
          never: [],
          buttonAloneMs: null,
          night: null,
        },
      ],
    });
  });

  test('may say everything this version knows', () => {
    const text = `
grants: { default: 5m, max: 1h30m }
gates:
  kitchen:
    link: { serial: /dev/serial/by-id/usb-Arduino_Uno_5573 }
    speaker: { kind: echo-dot-5, ready_after: 45s }
    button: 2m
    may_unmute: [button, homeassistant]
    inputs: { motion: 4, door: A1 }
    accessories:
      - { led: 5, shows: live }
      - { led: 6, shows: fault, inverted: true }
      - { chime: 9, on: unmute }
      - { button: 8, does: mute-all }
      - { sensor: A2, name: light }
    firmata: true
  hall: { link: { bench: uno-servo }, may_unmute: [] }
`;
    expect(parseConfig(text, 'f')).toEqual({
      site: null,
      presence: new Map(),
      calendars: [],
      mqtt: null,
      homeassistant: null,
      grants: { defaultMs: 300_000, maxMs: 5_400_000 },
      gates: [
        {
          name: 'kitchen',
          link: { serial: '/dev/serial/by-id/usb-Arduino_Uno_5573' },
          speaker: 'echo-dot-5',
          area: null,
          buttonMs: 120_000,
          mayUnmute: ['button', 'homeassistant'],
          inputs: [
            { name: 'motion', pin: 4 },
            { name: 'door', pin: 15 },
          ],
          readyAfterMs: 45_000,
          accessories: [
            { kind: 'lamp', pin: 5, shows: 'live', inverted: false },
            { kind: 'lamp', pin: 6, shows: 'fault', inverted: true },
            { kind: 'chime', pin: 9, inverted: false },
            { kind: 'button', pin: 8, does: 'mute-all' },
            { kind: 'sensor', pin: 16, name: 'light' },
          ],
          firmata: true,
          listen: [],
          never: [],
          buttonAloneMs: null,
          night: null,
        },
        expect.objectContaining({ name: 'hall', link: { bench: 'uno-servo' }, mayUnmute: [] }),
      ],
    });
  });
});

test('a tab is the one thing that is wrong with a line that has one', () => {
  expect(problems('gates:\n  kitchen:\n    listen:\n\t- { schedule: "07:00-08:00" }\n')).toHaveLength(1);
});

describe('what is wrong is told with its place, what was expected and the nearest key', () => {
  test.each([
    [
      'an unknown key',
      gate('buton: 90s'),
      `earlid.yaml:4:5: gates.kitchen.buton: unknown key; did you mean \`button\`? ${GATE_KEYS}`,
    ],
    [
      'gates for Home Assistant without a broker',
      'homeassistant: {}\ngates: { a: { link: { bench: uno-relay } } }',
      'earlid.yaml:1:1: homeassistant: expected `url` and `token_file`, or `mqtt` at the top of the file, which shows it the gates',
    ],
    [
      'a prefix for Home Assistant without a broker',
      'homeassistant: { discovery: ha }\ngates: { a: { link: { bench: uno-relay } } }',
      'earlid.yaml:1:29: homeassistant.discovery: expected the broker beside it: `mqtt: { url: mqtt://192.168.1.2:1883 }`',
    ],
    ...['a_gate_b', 'a_gate'].map((topic) => [
      'a topic in which blueprints take something else for the gate',
      `mqtt: { url: mqtt://a }\nhomeassistant: { topic: ${topic} }\ngates: { a: { link: { bench: uno-relay } } }`,
      `earlid.yaml:2:25: homeassistant.topic: expected a word without \`_gate_\` in it or \`_gate\` at its end, such as \`earlid\``,
    ]),
    [
      'a topic that is a pattern',
      'mqtt: { url: mqtt://a }\nhomeassistant: { birth: "ha/#" }\ngates: { a: { link: { bench: uno-relay } } }',
      'earlid.yaml:2:25: homeassistant.birth: expected a topic such as `homeassistant/status`, not `ha/#`',
    ],
    [
      'an unknown key like no other',
      'colour: red\ngates: { a: { link: { bench: uno-relay } } }',
      'earlid.yaml:1:1: colour: unknown key (valid here: grants, site, presence, calendars, mqtt, homeassistant, gates)',
    ],
    [
      'a schedule whose comma ends it',
      gate('never: [{ schedule: Sa,Su 22:00-07:00 }]'),
      'gates.kitchen.never.0.Su 22:00-07:00: unknown key; a schedule with a comma wants quotes',
    ],
    [
      'a list as a condition',
      gate('never: [{ if: [a, b] }]'),
      'earlid.yaml:4:15: gates.kitchen.never.0.if: expected one condition, such as `{ not: a }`, `{ any: [a, b] }` or `{ all: [a, b] }`, not a list',
    ],
    [
      'a sentence as a condition',
      gate('never: [{ if: not guests }]'),
      'gates.kitchen.never.0.if: expected the name of a presence, or a mapping such as `{ not: a }`',
    ],
    [
      'a manual that is neither',
      `${gate('never: [{ if: a }]')}\npresence: { a: { manual: maybe } }\n`,
      'presence.a.manual: expected `on` or `off`, not `maybe`',
    ],
    [
      'a condition that names nothing',
      gate('never: [{ if: guests }]'),
      'earlid.yaml:4:19: gates.kitchen.never.0.if: no presence is named `guests`; there is none',
    ],
    [
      'the wiring, which is a matter of checking',
      gate('wiring: assumed'),
      'earlid.yaml:4:5: gates.kitchen.wiring: no longer a key: `earlid verify <gate>` checks the wiring, `earlid verify <gate> --assume-wired` records your word for it',
    ],
    [
      'a press that the speaker would not live to hear',
      gate('button: 12m\n    speaker: { ready_after: 4m }'),
      'earlid.yaml:4:13: gates.kitchen.button: expected at most 15m together with `ready_after` (the ceiling of the firmware)',
    ],
    [
      'a key of a later version at the top',
      `page: { port: 80 }\n${gate('button: 1m')}`,
      `earlid.yaml:1:1: page: ${LATER}`,
    ],
    [
      'an entity without Home Assistant',
      gate('never: [{ if: { any: [{ homeassistant: person.anna, is: home }] } }]'),
      'earlid.yaml:4:44: gates.kitchen.never.0.if.any.0.homeassistant: `homeassistant` needs its address: `homeassistant: { url: ws://homeassistant.local:8123, token_file: ha-token }` at the top of the file',
    ],
    [
      'a topic without a broker',
      gate('never: [{ if: { mqtt: house/guests, is: "on" } }]'),
      'earlid.yaml:4:27: gates.kitchen.never.0.if.mqtt: `mqtt` needs the broker: `mqtt: { url: mqtt://192.168.1.2:1883 }` at the top of the file',
    ],
    [
      'no entity',
      gate('never: [{ if: { homeassistant: Anna, is: home } }]'),
      'earlid.yaml:4:36: gates.kitchen.never.0.if.homeassistant: expected an entity such as `person.anna`, not `Anna`',
    ],
    [
      'an entity without a question',
      gate('never: [{ if: { homeassistant: person.anna } }]'),
      'earlid.yaml:4:15: gates.kitchen.never.0.if: expected `is`, `above` or `below` beside `homeassistant`',
    ],
    [
      'an entity asked whether it is unknown',
      gate('never: [{ if: { homeassistant: person.anna, is: unavailable } }]'),
      'earlid.yaml:4:15: gates.kitchen.never.0.if: expected another `is`: what Home Assistant calls unknown or unavailable is unknown here',
    ],
    [
      'an attribute of a topic',
      gate('never: [{ if: { mqtt: a, attribute: b, is: 1 } }]'),
      'earlid.yaml:4:15: gates.kitchen.never.0.if: expected no `attribute` beside `mqtt`',
    ],
    [
      'an address of Home Assistant without a token',
      `homeassistant: { url: ws://ha.home:8123 }\n${gate('button: 1m')}`,
      'earlid.yaml:1:1: homeassistant: expected `url` and `token_file` together',
    ],
    [
      'an address of Home Assistant for browsers',
      `homeassistant: { url: "http://ha.home:8123", token_file: token }\n${gate('button: 1m')}`,
      'earlid.yaml:1:23: homeassistant.url: expected an address such as ws://homeassistant.local:8123 or wss://ha.example.org',
    ],
    [
      'a token in an address',
      `homeassistant: { url: "ws://earlid:secret@ha.home", token_file: token }\n${gate('button: 1m')}`,
      'earlid.yaml:1:23: homeassistant.url: expected an address without a name and password: the token stands in `token_file`',
    ],
    [
      'a password in an address',
      `mqtt: { url: "mqtt://anna:secret@broker" }\n${gate('button: 1m')}`,
      'earlid.yaml:1:14: mqtt.url: expected an address without a name and password: those are `username` and `password_file`',
    ],
    [
      'no broker, and two',
      `mqtt: { username: a, password_file: b }\n${gate('button: 1m')}`,
      'earlid.yaml:1:1: mqtt: expected `url`, the address of a broker, or `embedded: true`',
    ],
    [
      'a broker of its own and another one',
      `mqtt: { url: mqtt://broker, embedded: true }\n${gate('button: 1m')}`,
      'earlid.yaml:1:1: mqtt: expected `url`, the address of a broker, or `embedded: true`',
    ],
    [
      'a port beside an address',
      `mqtt: { url: mqtt://broker, port: 1884 }\n${gate('button: 1m')}`,
      'earlid.yaml:1:1: mqtt: expected `embedded: true` beside `port`; another port stands in `url`',
    ],
    [
      'the embedded broker with encryption',
      `mqtt: { embedded: true, ca: ca.pem }\n${gate('button: 1m')}`,
      'earlid.yaml:1:1: mqtt: expected `mqtts://` beside `ca` and `cert`',
    ],
    [
      'S4 unmutes from whoever is on this machine',
      `mqtt: { embedded: true }\nhomeassistant: {}\n${gate('may_unmute: [cli, homeassistant]')}`,
      'gates.kitchen.may_unmute: expected `username` and `password_file` beside `mqtt.embedded`: without them every program on this machine could unmute',
    ],
    [
      'S4 facts from whoever is on this machine',
      `mqtt: { embedded: true }\n${gate('never: [{ if: { mqtt: house/guests, is: "on" } }]')}`,
      '`mqtt` needs `username` and `password_file` beside `mqtt.embedded`: without them every program on this machine could tell any fact',
    ],
    [
      'certificates for a broker without encryption',
      `mqtt: { url: mqtt://broker, ca: ca.pem }\n${gate('button: 1m')}`,
      'earlid.yaml:1:1: mqtt: expected `mqtts://` beside `ca` and `cert`',
    ],
    [
      'a number as a duration',
      gate('button: 90'),
      'earlid.yaml:4:13: gates.kitchen.button: expected a duration such as 90s, 2m or 1h30m, at least 1s and at most 15m (the ceiling of the firmware), not 90',
    ],
    [
      'a button beyond the ceiling',
      gate('button: 16m'),
      'earlid.yaml:4:13: gates.kitchen.button: expected a duration such as 90s, 2m or 1h30m, at least 1s and at most 15m (the ceiling of the firmware)',
    ],
    [
      'a default beyond the maximum',
      `grants: { default: 2h, max: 1h }\n${gate('button: 1m')}`,
      'earlid.yaml:1:20: grants.default: expected at most grants.max (1h)',
    ],
    [
      'a missing link',
      'gates:\n  kitchen:\n    button: 90s\n',
      'earlid.yaml:2:3: gates.kitchen.link: is missing: expected exactly one of `serial: PATH`, `mqtt: NAME` and `bench: uno-relay | uno-servo`',
    ],
    [
      'two links at once',
      'gates:\n  kitchen:\n    link: { serial: /dev/a, bench: uno-relay }\n',
      'earlid.yaml:3:5: gates.kitchen.link: expected exactly one of `serial: PATH`, `mqtt: NAME` and `bench: uno-relay | uno-servo`',
    ],
    [
      'a gate over MQTT without a broker',
      'gates: { a: { link: { mqtt: true } } }',
      'earlid.yaml:1:29: gates.a.link.mqtt: expected the broker that leads to it beside `gates`',
    ],
    [
      'a name at the broker that is no level of a topic',
      'mqtt: { url: mqtt://a }\ngates:\n  a: { link: { mqtt: a/b } }',
      'earlid.yaml:3:22: gates.a.link.mqtt: expected the name of the gate at the broker, of small letters, digits, - and _; or `true` for the same as here, not `a/b`',
    ],
    [
      'one name at the broker for two gates',
      'mqtt: { url: mqtt://b }\ngates:\n  a: { link: { mqtt: true } }\n  b: { link: { mqtt: a } }\n',
      'earlid.yaml:4:22: gates.b.link.mqtt: expected a name of its own: `a` has this one',
    ],
    [
      'something on the free pins of a gate that is elsewhere',
      'mqtt: { url: mqtt://b }\ngates:\n  a:\n    link: { mqtt: a }\n    accessories: [ { led: 5, shows: live } ]\n',
      'earlid.yaml:5:5: gates.a.accessories: expected nothing here',
    ],
    [
      'a prefix with a wildcard',
      'mqtt: { url: mqtt://b, prefix: home/# }\ngates: { a: { link: { mqtt: a } } }',
      'earlid.yaml:1:32: mqtt.prefix: expected the begin of a topic',
    ],
    [
      'a relative path',
      'gates: { a: { link: { serial: ttyUSB0 } } }',
      'earlid.yaml:1:31: gates.a.link.serial: expected an absolute path, such as /dev/serial/by-id/usb-Arduino_Uno_5573, not `ttyUSB0`',
    ],
    [
      'one port for two gates',
      'gates:\n  a: { link: { serial: /dev/x } }\n  b: { link: { serial: /dev/x } }\n',
      'earlid.yaml:3:24: gates.b.link.serial: expected a port of its own: `a` has this one',
    ],
    [
      'an unknown source',
      gate('may_unmute: [button, alexa]'),
      'earlid.yaml:4:26: gates.kitchen.may_unmute.1: expected one of `button`, `cli`, `homeassistant`, not `alexa`',
    ],
    [
      'a pin of the guard',
      gate('inputs: { motion: 2 }'),
      'earlid.yaml:4:23: gates.kitchen.inputs.motion: expected a free pin: 4, 5, 6, 8, 9, 10, 12, 13, A1, A2, A3, A4, A5, not 2',
    ],
    [
      'an accessory of no kind',
      gate('accessories: [{ shows: live }]'),
      `earlid.yaml:4:19: gates.kitchen.accessories.0: expected ${ACCESSORY}`,
    ],
    [
      'an accessory of two kinds',
      gate('accessories: [{ led: 5, button: 6, shows: live }]'),
      `earlid.yaml:4:19: gates.kitchen.accessories.0: expected ${ACCESSORY}`,
    ],
    [
      'a lamp that shows nothing',
      gate('accessories: [{ led: 5 }]'),
      'earlid.yaml:4:19: gates.kitchen.accessories.0: expected `shows` beside `led`',
    ],
    [
      'a lamp that would go on saying muted',
      gate('accessories: [{ led: 5, shows: muted }]'),
      'earlid.yaml:4:36: gates.kitchen.accessories.0.shows: expected one of `live`, `unknown`, `fault`, `locked`, not `muted`',
    ],
    [
      'a button that would unmute',
      gate('accessories: [{ button: 8, does: unmute }]'),
      'earlid.yaml:4:38: gates.kitchen.accessories.0.does: expected one of `mute`, `mute-all`, not `unmute`',
    ],
    [
      'a key that belongs to another kind',
      gate('accessories: [{ button: 8, does: mute, inverted: true }]'),
      'earlid.yaml:4:19: gates.kitchen.accessories.0: expected no `inverted` beside `button`',
    ],
    [
      'an unknown key of an accessory',
      gate('accessories: [{ led: 5, shows: live, blinks: true }]'),
      'earlid.yaml:4:42: gates.kitchen.accessories.0.blinks: unknown key (valid here: led, shows, chime, on, button, does, sensor, name, inverted)',
    ],
    [
      'an accessory on a pin of the guard',
      gate('accessories: [{ led: 7, shows: live }]'),
      'earlid.yaml:4:26: gates.kitchen.accessories.0.led: expected a free pin: 4, 5, 6, 8, 9, 10, 12, 13, A1, A2, A3, A4, A5, not 7',
    ],
    [
      'a sensor on a digital pin',
      gate('accessories: [{ sensor: 5, name: light }]'),
      'earlid.yaml:4:29: gates.kitchen.accessories.0.sensor: expected an analog pin: A1, A2, A3, A4, A5, not 5',
    ],
    [
      'a pin that is an input already',
      gate('inputs: { motion: 4 }\n    accessories: [{ led: 4, shows: live }]'),
      'earlid.yaml:5:26: gates.kitchen.accessories.0.led: expected a pin of its own: the input `motion` has this one',
    ],
    [
      'two accessories on one pin',
      gate('accessories: [{ led: 5, shows: live }, { chime: 5, on: unmute }]'),
      'earlid.yaml:4:53: gates.kitchen.accessories.1.chime: expected a pin of its own: another accessory has this one',
    ],
    [
      'two sensors of one name',
      gate('accessories: [{ sensor: A1, name: light }, { sensor: A2, name: light }]'),
      'earlid.yaml:4:68: gates.kitchen.accessories.1.name: expected a name of its own',
    ],
    [
      'an accessory on the pin of the servo',
      'gates: { a: { link: { bench: uno-servo }, accessories: [{ led: 9, shows: live }] } }',
      'earlid.yaml:1:64: gates.a.accessories.0.led: expected another pin: D9 drives the servo of this product',
    ],
    [
      'five inputs',
      gate('inputs: { a: 4, b: 5, c: 6, d: 8, e: 12 }'),
      'earlid.yaml:4:5: gates.kitchen.inputs: expected at most 4 inputs',
    ],
    [
      'a name that cannot be typed',
      'gates:\n  Küche:\n    link: { bench: uno-relay }\n',
      'earlid.yaml:2:3: gates.Küche: expected a name of at most 32 small letters, digits, - and _, such as `kitchen`, not `Küche`',
    ],
    [
      'a name that JavaScript would swallow',
      'gates:\n  __proto__: {}\n  a: { link: { bench: uno-relay } }\n',
      'earlid.yaml:2:3: gates.__proto__: unknown key',
    ],
    ['no gate', 'gates: {}', 'earlid.yaml:1:1: gates: expected at least one gate'],
    ['a list', '- kitchen\n', 'earlid.yaml:1:1: expected a mapping with at least `gates`, not a list'],
    ['an empty file', '# nothing yet\n', 'earlid.yaml:1:1: the file is empty; it needs at least `gates`'],
    [
      'a key twice',
      `${gate('button: 1m')}    button: 2m\n`,
      'earlid.yaml:5:5: gates.kitchen.button: this key is already there above',
    ],
    [
      'a tab',
      'gates:\n\tkitchen:\n',
      'earlid.yaml:2:1: this is not YAML: Tabs are not allowed as indentation',
    ],
    ['an unknown tag', 'gates: !!js/function x\n', 'earlid.yaml:1:8: this is not YAML: Unresolved tag'],
    ['a structure without end', `gates: ${'['.repeat(50_000)}`, 'nested too deeply'],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefg'
        .split('')
        .map((c, i) => {
          const last = 'abcdef'[i];
          return `${c}: &${c} [*${last},*${last},*${last},*${last},*${last},*${last},*${last},*${last},*${last}]\n`;
        })
        .join('')}`,
      'too many aliases (`*name`)',
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)[0]).toContain(expected);
  });

  test('all of it at once, in the order of the file', () => {
    const text = `grants: { defaul: 1m }\n${gate('button: soon\n    may_unmute: cli\n    nevr: 1')}`;
    expect(problems(text).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'earlid.yaml:1:11: grants.defaul:',
      'earlid.yaml:5:13: gates.kitchen.button:',
      'earlid.yaml:6:17: gates.kitchen.may_unmute:',
      'earlid.yaml:7:5: gates.kitchen.nevr:',
    ]);
  });

  test('many keys are checked quickly', () => {
    const text = `gates:\n${Array.from({ length: 10_000 }, (_, i) => `  k${i}: 1`).join('\n')}`;
    const before = process.cpuUsage();
    expect(problems(text)).toHaveLength(20);
    expect(process.cpuUsage(before).user).toBeLessThan(4_000_000);
  });
});

describe('a file', () => {
  const file = join(folder, 'earlid.yaml');

  test.each([
    [
      'of 10 MB is refused',
      () => writeFileSync(file, Buffer.alloc(10 * 1024 * 1024, 0x20)),
      'is larger than 256 KB',
    ],
    [
      'that is not text is refused',
      () => writeFileSync(file, Buffer.of(0xff, 0xfe, 0x80)),
      'it is not UTF-8 text',
    ],
    [
      'that is a folder is refused',
      () => {
        rmSync(file);
        mkdirSync(file);
      },
      'it is a folder',
    ],
  ])('%s', (_, make, text) => {
    make();
    const error = errorOf(() => readConfigText(file));
    expect(error.message).toContain(text);
    expect(error.exit).toBe(78);
  });

  test('that is not there is told with the place looked at', () => {
    const error = errorOf(() => readConfigText(join(folder, 'missing.yaml')));
    expect(error).toMatchObject({ code: 'config-missing', exit: 78 });
  });
});
