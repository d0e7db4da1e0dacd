import { describe, expect, test } from '@jest/globals';
import { whyLines } from '../../controller/cli/why-words.ts';
import { compile } from '../../controller/config/compile.ts';
import { parseConfig } from '../../controller/config/file.ts';
import { whyView } from '../../controller/daemon/why.ts';
import type { PolicyInput } from '../../controller/policy/decide.ts';
import type { Agenda, Fact, Truth } from '../../controller/policy/facts.ts';
import { grant, hold, type Override } from '../../controller/policy/override.ts';
import type { GateView, ToldEvent } from '../../schemas/api.ts';
import type { Reason } from '../../schemas/protocol.ts';
import { expectGolden } from '../golden.ts';

const MIN = 60_000;
/** A Thursday at 07:30 on the wall in Berlin, and ten hours after the machine started. */
const NOW = { wall: Date.UTC(2026, 10, 26, 6, 30), counted: 600 * MIN };
const CONFIG = `
site: { timezone: Europe/Berlin }
mqtt: { url: mqtt://localhost }
presence:
  anyone_home: { any: [ { host: 192.168.1.20, linger: 10m }, { host: 192.168.1.21, linger: 10m } ] }
  guests:      { manual: off }
  in_basement: { input: basement.motion, linger: 2m }
  bright:      { mqtt: house/light, above: 300, after: 5m }
calendars:
  work: { file: work.ics }
gates:
  kitchen:
    link: { bench: uno-relay }
    listen:
      - { schedule: "Mo-Fr 07:00-08:30; Sa,Su 09:00-11:00", if: anyone_home }
    never:
      - { if: guests }
      - { schedule: "22:00-07:00" }
      - { calendar: work, match: "/call|interview/i" }
  basement:
    link: { bench: uno-relay }
    inputs: { motion: 4 }
    listen:
      - { if: in_basement }
      - { if: { all: [ bright, { not: guests } ] } }
    may_unmute: [cli]
  bare:
    link: { bench: uno-relay }
`;

interface Situation {
  readonly gate?: string;
  /** Minutes after NOW. */
  readonly later?: number;
  /** Value and age in seconds. */
  readonly facts?: Readonly<Record<string, readonly [Truth, number, string]>>;
  readonly work?: Agenda | null;
  readonly override?: Override | null;
  readonly locked?: boolean;
  readonly fault?: Reason;
  readonly clockKnown?: boolean;
  readonly microphone?: Partial<GateView>;
  readonly events?: readonly ToldEvent[];
  readonly at?: number;
}

const HOME: NonNullable<Situation['facts']> = {
  'host 192.168.1.20': [true, 12, 'answers'],
  'host 192.168.1.21': [false, 8, 'no answer'],
  'manual guests': [false, 0, 'never set, usually off'],
  'input basement.motion': [true, 0, 'on'],
};
const CALL = { title: 'Call with the bank', start: NOW.wall - 15 * MIN, end: NOW.wall + 30 * MIN };
const work = (change: Partial<Agenda> = {}): Agenda => ({
  events: [],
  from: NOW.wall - 24 * 60 * MIN,
  until: NOW.wall + 24 * 60 * MIN,
  readAt: NOW.wall - 4 * MIN,
  problem: null,
  ...change,
});

function page(situation: Situation): string {
  const { gate = 'kitchen', later = 0, facts = HOME, override = null, locked = false } = situation;
  const config = parseConfig(CONFIG, 'earlid.yaml');
  const { rules } = compile(config, { isHoliday: () => false, now: null });
  const now = { wall: NOW.wall + later * MIN, counted: NOW.counted + later * MIN };
  const told = Object.entries(facts).map(([name, [value, age, detail]]): [string, Fact] => {
    const seen = now.counted - age * 1_000;
    // So it was for three minutes, and before that nobody knew.
    return [name, { told: [{ at: seen - 3 * MIN, value }], seen, detail }];
  });
  const { buttonMs, mayUnmute } = config.gates.find(({ name }) => name === gate)!;
  const agenda = situation.work === undefined ? work() : situation.work;
  const input: PolicyInput = {
    rules: { ...rules.get(gate)!, buttonMs, mayUnmute, maxGrantMs: 240 * MIN, readyAfterMs: 0 },
    facts: new Map(told),
    agendas: new Map(agenda ? [['work /call|interview/i', agenda]] : []),
    clockKnown: situation.clockKnown ?? true,
    now,
    override,
    locked,
    fault: situation.fault ?? null,
  };
  const settled = whyView({ input, ...around(gate, situation) });
  const reason = { code: settled.verdict.code, text: settled.verdict.text, until: null };
  const status = {
    gate,
    state: settled.verdict.listen ? 'live' : 'muted',
    evidence: 'sensed',
    link: 'up',
    reason,
    ...situation.microphone,
  } as GateView;
  const answer = whyView({ input, ...around(gate, situation), status });
  expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  return `${whyLines(answer, 'UTC').join('\n')}\n`;
}

const around = (gate: string, { events = [], at, clockKnown = true }: Situation) => ({
  status: { gate } as GateView,
  zone: 'Europe/Berlin',
  clockDoubt: clockKnown ? null : 'nothing has said yet that the clock of this machine is right',
  events,
  at: at ?? null,
});

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'listens by a schedule while somebody is home': {},
  'muted outside of its hours': { later: 120 },
  'muted because nobody is home': {
    facts: { ...HOME, 'host 192.168.1.20': [false, 12, 'no answer'] },
  },
  'muted because a phone has not been asked for long': {
    facts: { ...HOME, 'host 192.168.1.20': [true, 900, 'answers'] },
  },
  'muted while guests are there': {
    facts: { ...HOME, 'manual guests': [true, 0, 'on, set from the command line'] },
  },
  'muted at night': { later: 900 },
  'muted during a call': { work: work({ events: [CALL] }) },
  'muted because a calendar cannot be read': {
    work: work({
      until: NOW.wall - MIN,
      readAt: NOW.wall - 1_441 * MIN,
      problem: 'work.ics: permission denied',
    }),
  },
  'muted while the time is not known': { clockKnown: false },
  'unmuted from the command line until the night': {
    later: 800,
    override: grant({ wall: NOW.wall + 790 * MIN, counted: NOW.counted + 790 * MIN }, 120 * MIN, 'cli')
      .override,
  },
  'held muted until its next hours': { override: hold(NOW, Date.UTC(2026, 10, 27, 6), 'cli').override },
  'held muted for good by its button': { gate: 'bare', override: hold(NOW, null, 'button').override },
  locked: { locked: true },
  'with a fault': {
    fault: 'sense-live',
    microphone: { state: 'live', reason: { code: 'fault', text: 'a fault', until: null } },
  },
  'not heard from': {
    microphone: {
      state: 'unknown',
      evidence: 'none',
      link: 'silent',
      reason: { code: 'silent', text: 'the gate is not heard', until: null },
    },
  },
  'listens while somebody is in the basement': { gate: 'basement' },
  'muted because a light is not bright for long enough': {
    gate: 'basement',
    facts: {
      'input basement.motion': [false, 0, 'off'],
      'manual guests': [false, 0, 'never set, usually off'],
      'mqtt house/light above 300': [true, 4, '412'],
    },
  },
  'without rules': { gate: 'bare' },
  'at another time': { at: Date.UTC(2026, 11, 24, 18) },
  'after a press that was refused': {
    later: 900,
    events: [
      {
        gate: 'kitchen',
        boot: 1,
        seq: 9,
        kind: 'press',
        cause: 'not-permitted',
        at: new Date(NOW.wall + 899 * MIN).toISOString(),
        atErrorMs: 1,
        uptimeMs: 1,
      },
    ],
  },
};

describe('earlid why', () => {
  test.each(Object.entries(SITUATIONS))('of a gate %s reads well aloud', (name, situation) => {
    expectGolden(new URL(`./golden/why/${name.replaceAll(' ', '-')}.txt`, import.meta.url), page(situation));
  });
});
