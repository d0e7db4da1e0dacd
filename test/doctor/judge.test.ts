import { describe, expect, test } from '@jest/globals';
import type {
  BoardFacts,
  BrokerFacts,
  Facts,
  GateFacts,
  HomeAssistantFacts,
} from '../../controller/doctor/facts.ts';
import { judge } from '../../controller/doctor/judge.ts';
import { page } from '../../controller/doctor/page.ts';
import { type ErrorView, describe as errorOf } from '../../schemas/errors.ts';
import { FIRMWARE_VERSION } from '../../schemas/protocol.ts';
import { schemaHash } from '../../schemas/schema-hash.ts';
import { golden } from './golden.ts';

const PATH = '/dev/serial/by-id/usb-Arduino_Uno_5573';

const board = (
  change: Partial<Extract<BoardFacts, { kind: 'board' }>> = {},
  identity: Partial<Extract<BoardFacts, { kind: 'board' }>['board']> = {},
): BoardFacts => ({
  kind: 'board',
  board: {
    product: 'uno-relay',
    firmware: FIRMWARE_VERSION.join('.'),
    schema: schemaHash(),
    gateId: 'k7f3a2',
    boot: 12,
    reset: 'power-on',
    brownOut: '4.3V',
    bootloader: false,
    keyed: false,
    ...identity,
  },
  isMuted: true,
  sense: 'deaf',
  locked: false,
  fault: null,
  contested: false,
  resetOnOpen: false,
  twice: null,
  ...change,
});

const kitchen = (found: BoardFacts, change: Partial<GateFacts> = {}): GateFacts => ({
  gate: 'kitchen',
  path: PATH,
  remote: null,
  device: '/dev/ttyACM0',
  holders: [],
  advice: null,
  group: { name: 'dialout', member: 'yes' },
  found,
  wiring: { grade: 'passed', at: '2026-11-21T19:00:00.000Z', firmware: '0.1.0' },
  key: { key: 'none', pairedAt: null },
  ...change,
});

/** At no port of this computer. */
const HELD = { key: 'held', pairedAt: '2026-11-22T06:25:59.000Z' } as const;
const ELSEWHERE = { path: null, device: null, group: null, remote: 'earlid/links/kitchen' } as const;

const well: Facts = {
  node: '20.20.2',
  user: 'anna',
  config: { file: '/home/anna/.config/earlid/earlid.yaml', gates: ['kitchen'] },
  state: {
    folder: '/home/anna/.local/state/earlid',
    exists: true,
    writable: true,
    foreignOwner: null,
    open: false,
  },
  freeBytes: 12_400_000_000,
  clockSynchronised: true,
  daemon: { pid: 4242, problems: [] },
  service: { kind: 'user', running: true, enabled: true },
  avrdude: 'avrdude 7.1',
  broker: null,
  homeAssistant: null,
  gates: [kitchen(board())],
};

const broker = (change: Partial<BrokerFacts> = {}): BrokerFacts => ({
  broker: 'mqtt://192.168.1.2:1883',
  isOwn: false,
  place: { topic: 'earlid', discovery: 'homeassistant' },
  problems: [],
  isHeard: true,
  controller: 'online',
  ...change,
});
const url = 'ws://homeassistant.local:8123/api/websocket';
const homeAssistant = (...problems: ErrorView[]): HomeAssistantFacts => ({ url, problems, asked: 2 });
const connected: Facts = { ...well, broker: broker(), homeAssistant: homeAssistant() };
const said = (...problems: ErrorView[]): Facts['daemon'] => ({ pid: 4242, problems });
const detail = 'nothing listens at this port (ECONNREFUSED)';

const situations: Readonly<Record<string, Facts>> = {
  'all-well': well,
  'port-forbidden': {
    ...well,
    gates: [kitchen({ kind: 'forbidden', detail: '' }, { group: { name: 'dialout', member: 'no' } })],
  },
  'port-forbidden-until-login': {
    ...well,
    gates: [
      kitchen({ kind: 'forbidden', detail: '' }, { group: { name: 'dialout', member: 'from-next-login' } }),
    ],
  },
  'port-held-by-modemmanager': {
    ...well,
    gates: [kitchen({ kind: 'held' }, { holders: [{ pid: 812, program: 'ModemManager' }] })],
  },
  'passing-name': {
    ...well,
    gates: [
      kitchen(board(), {
        path: '/dev/ttyUSB0',
        advice:
          '`kitchen` names /dev/ttyUSB0, which may be another board after the next start: name /dev/serial/by-id/usb-1a86_USB_Serial instead',
      }),
    ],
  },
  paired: {
    ...well,
    gates: [kitchen(board({}, { keyed: true }), { key: HELD })],
  },
  'keys-lost': { ...well, gates: [kitchen(board({}, { keyed: true }))] },
  'key-of-another': {
    ...well,
    gates: [
      kitchen(
        {
          kind: 'stranger',
          problem: errorOf('gate-unauthenticated', { gate: 'kitchen', detail: 'its authenticator is wrong' }),
        },
        { path: null, remote: 'earlid/links/kitchen at the broker' },
      ),
    ],
  },
  'two-boards': {
    ...well,
    gates: [
      kitchen(
        board(
          { twice: errorOf('gate-twice', { gate: 'kitchen', detail: 'both with its key' }) },
          { keyed: true },
        ),
        { key: { key: 'held', pairedAt: null } },
      ),
    ],
  },
  silence: { ...well, gates: [kitchen({ kind: 'silent' })] },
  garbage: { ...well, gates: [kitchen({ kind: 'garbage', sample: 'T=21.5 H=40' })] },
  'old-protocol': {
    ...well,
    gates: [kitchen({ kind: 'other-version', detail: 'it speaks guard protocol version 0' })],
  },
  'old-firmware': { ...well, gates: [kitchen(board({}, { firmware: '0.0.9', schema: 1 }))] },
  'brown-out-off': { ...well, gates: [kitchen(board({}, { brownOut: 'off' }))] },
  'hidden-reset': {
    ...well,
    gates: [
      kitchen(board({ resetOnOpen: true }, { bootloader: true, reset: 'hidden-reset', brownOut: '2.7V' })),
    ],
  },
  'behind-a-bridge': {
    ...well,
    gates: [
      kitchen(board({}, { bootloader: true, keyed: true }), { ...ELSEWHERE, key: HELD }),
      {
        ...kitchen(board({}, { bootloader: false, keyed: true }), {
          ...ELSEWHERE,
          key: HELD,
          remote: 'earlid/links/bath',
        }),
        gate: 'bath',
      },
      {
        ...kitchen(
          {
            kind: 'away',
            problem: errorOf('gate-not-served', {
              path: 'earlid/links/hall',
              detail: 'no bridge says that it does',
            }),
          },
          { ...ELSEWHERE, remote: 'earlid/links/hall' },
        ),
        gate: 'hall',
      },
      { ...kitchen({ kind: 'elsewhere' }, { ...ELSEWHERE, remote: 'earlid/links/attic' }), gate: 'attic' },
    ],
  },
  'supply-dipped': { ...well, gates: [kitchen(board({}, { reset: 'brown-out' }))] },
  servo: { ...well, gates: [kitchen(board({ sense: 'none' }, { product: 'uno-servo' }), { wiring: null })] },
  contested: { ...well, gates: [kitchen(board({ contested: true }))] },
  'locked-and-faulty': { ...well, gates: [kitchen(board({ locked: true, fault: 'button-stuck' }))] },
  'being-flashed': { ...well, gates: [kitchen({ kind: 'released' })] },
  'foreign-state': { ...well, state: { ...well.state, foreignOwner: 'root' } },
  'open-state': { ...well, state: { ...well.state, open: true } },
  'disk-full': {
    ...well,
    freeBytes: 0,
    daemon: { pid: 4242, problems: [errorOf('disk-full', { home: well.state.folder })] },
  },
  'clock-not-set': { ...well, clockSynchronised: false },
  'service-down': { ...well, daemon: null, service: { kind: 'system', running: false, enabled: true } },
  'service-of-the-machine': {
    ...well,
    daemon: { error: errorOf('system-service', { home: '/var/lib/earlid' }) },
    service: { kind: 'system', running: true, enabled: true },
    gates: [],
  },
  'daemon-hangs': {
    ...well,
    daemon: {
      error: errorOf('daemon-lost', {
        socket: '/home/anna/.local/state/earlid/earlid.sock',
        detail: 'no answer in time',
      }),
    },
    gates: [],
  },
  'network-well': connected,
  'broker-for-facts-alone': {
    ...connected,
    broker: broker({ place: null, isHeard: null, controller: null }),
    homeAssistant: null,
  },
  'broker-of-our-own': {
    ...connected,
    broker: broker({ broker: 'mqtt://127.0.0.1:1883', isOwn: true, isHeard: null }),
  },
  'broker-of-our-own-without-a-daemon': {
    ...connected,
    daemon: null,
    service: { kind: 'user', running: false, enabled: true },
    broker: broker({ broker: 'mqtt://127.0.0.1:1883', isOwn: true, isHeard: null, controller: null }),
    gates: [],
  },
  // Found by the visit and said by the daemon: one line.
  'broker-unreachable': {
    ...connected,
    daemon: said(errorOf('mqtt-unreachable', { broker: broker().broker, detail })),
    broker: broker({
      problems: [errorOf('mqtt-unreachable', { broker: broker().broker, detail })],
      isHeard: null,
      controller: null,
    }),
  },
  'broker-refuses': {
    ...connected,
    broker: broker({
      problems: [
        errorOf('mqtt-refused', { broker: broker().broker, detail: 'wrong user name or password' }),
        errorOf('mqtt-file-open', { file: '/home/anna/.config/earlid/mqtt-password' }),
      ],
      isHeard: null,
      controller: null,
    }),
  },
  'broker-keeps-to-itself': { ...connected, broker: broker({ isHeard: false, controller: null }) },
  'broker-of-the-daemon-is-another': { ...connected, broker: broker({ controller: 'offline' }) },
  'another-controller': { ...connected, daemon: null, gates: [] },
  // The daemon comes as another user, or from elsewhere.
  'broker-refuses-the-daemon': {
    ...connected,
    daemon: said(errorOf('mqtt-file', { file: '/home/anna/.config/earlid/mqtt-password', detail: 'EACCES' })),
  },
  'secrets-are-open': {
    ...connected,
    broker: broker({ problems: [errorOf('mqtt-file-open', { file: '/home/anna/mqtt-password' })] }),
    homeAssistant: homeAssistant(errorOf('homeassistant-token-open', { file: '/home/anna/ha-token' })),
  },
  'home-assistant-unreachable': {
    ...connected,
    homeAssistant: homeAssistant(errorOf('homeassistant-unreachable', { url, detail })),
  },
  'home-assistant-refuses-the-token': {
    ...connected,
    daemon: said(errorOf('homeassistant-token', { url })),
  },
  'home-assistant-starts': {
    ...connected,
    homeAssistant: homeAssistant(errorOf('homeassistant-starting', { url, detail: 'STARTING' })),
  },
  'home-assistant-lacks-entities': {
    ...connected,
    homeAssistant: homeAssistant(errorOf('homeassistant-entities', { url, entities: 'person.ana' })),
  },
  'old-node': { ...well, node: '18.20.4' },
};

describe('what is wrong, and the next step', () => {
  test.each(Object.entries(situations))('%s', (name, facts) => {
    golden(name, `${page(judge(facts), Number.POSITIVE_INFINITY, false).join('\n')}\n`);
  });

  test('whatever is wrong or wants looking at has a next step', () => {
    for (const facts of Object.values(situations))
      for (const { status, hint, text } of judge(facts))
        expect([status, text, hint !== null]).toEqual([status, text, status !== 'ok']);
  });

  test('only what is right is green', () => {
    const worst = (facts: Facts) => new Set(judge(facts).map(({ status }) => status));
    expect(worst(well)).toEqual(new Set(['ok']));
    for (const [name, facts] of Object.entries(situations))
      if (
        !['all-well', 'paired', 'network-well', 'broker-for-facts-alone', 'broker-of-our-own'].includes(name)
      )
        expect([name, worst(facts).size > 1]).toEqual([name, true]);
  });
});

describe('the page', () => {
  const checks = judge({
    ...well,
    gates: [kitchen({ kind: 'held' }, { holders: [{ pid: 812, program: 'ModemManager' }] })],
  });

  test('fits a terminal, and does not break a command', () => {
    const lines = page(checks, 80, false);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).toContain('-> `sudo systemctl disable --now ModemManager`');
  });

  test('colour only repeats the word', () => {
    const coloured = page(checks, 80, true).join('\n');
    expect(coloured).toContain('\u001b[31;1mBAD ');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours start with one
    expect(coloured.replaceAll(/\u001b\[[0-9;]*m/g, '')).toBe(page(checks, 80, false).join('\n'));
  });
});
