/** How long it takes to decide about many gates, around the times at which their rules begin and end. */
import { compile } from '../../config/compile.ts';
import { parseConfig } from '../../config/file.ts';
import { decide, type PolicyInput } from '../../policy/decide.ts';
import type { Agenda, Fact } from '../../policy/facts.ts';
import type { World } from '../../policy/weigh.ts';
import type { Figure } from './sample.ts';

const CONFIG = `
site: { timezone: Europe/Berlin }
presence:
  anyone_home: { any: [ { host: 192.168.1.20, linger: 10m }, { host: 192.168.1.21, linger: 10m } ] }
  guests: { manual: off }
  in_kitchen: { all: [ { input: kitchen.motion, linger: 2m }, { not: guests }, { any: [ anyone_home, { host: 192.168.1.22, after: 2m } ] } ] }
calendars:
  work: { file: work.ics }
gates:
  kitchen:
    link: { bench: uno-relay }
    inputs: { motion: 4 }
    listen:
      - { schedule: "Mo-Fr 07:00-08:30,17:00-22:00; Sa,Su 09:00-23:00", if: anyone_home }
      - { if: in_kitchen }
    never:
      - { if: guests }
      - { schedule: "22:00-07:00" }
      - { calendar: work, match: "/call|interview/i" }
`;
const GATES = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A Thursday; the clock on the wall in Berlin shows an hour more. */
const DAY = Date.UTC(2026, 10, 26);
const HALF_HOUR = [...Array(30).keys()];
/** A quarter of an hour before and after rules begin or end: 07:00, 08:30 and 22:00. */
const MINUTES = [5.75, 7.25, 20.75].flatMap((hour) =>
  HALF_HOUR.map((minute) => DAY + hour * HOUR_MS + minute * MINUTE_MS),
);
/** Each minute is passed so often, and the quickest counts: whatever else the machine does is no figure of Earlid's. */
const PASSES = 5;
const WARM_UP = 5;
/** The machine started that long before. */
const COUNTED_MS = 240 * HOUR_MS;

/** What is known at an instant: every source was heard some seconds ago, and phones come and go. */
function worldAt(wall: number): World {
  const counted = wall - DAY + COUNTED_MS;
  const fact = (value: boolean, everyMs: number, ageMs: number): Fact => {
    const seen = counted - ageMs;
    const told = [...Array(20).keys()].map((i) => ({
      at: seen - (20 - i) * everyMs,
      value: i % 2 === 0 ? value : !value,
    }));
    return { told: [{ at: 0, value }, ...told.slice(1), { at: seen, value }], seen, detail: '' };
  };
  const work: Agenda = {
    events: [...Array(8).keys()].map((i) => ({
      start: DAY + (6.25 + 2 * i) * HOUR_MS,
      end: DAY + (6.75 + 2 * i) * HOUR_MS,
      title: 'call',
    })),
    from: DAY - 24 * HOUR_MS,
    until: DAY + 48 * HOUR_MS,
    readAt: DAY,
    problem: null,
  };
  return {
    facts: new Map([
      ['host 192.168.1.20', fact(true, 7 * MINUTE_MS, 12_000)],
      ['host 192.168.1.21', fact(false, 11 * MINUTE_MS, 8_000)],
      ['host 192.168.1.22', fact(true, 30 * MINUTE_MS, 4_000)],
      ['input kitchen.motion', fact(true, 3 * MINUTE_MS, 500)],
      ['manual guests', { told: [{ at: 0, value: false }], seen: counted, detail: '' }],
    ]),
    agendas: new Map([['work /call|interview/i', work]]),
    clockKnown: true,
    now: { wall, counted },
  };
}

/** A house of that many gates that say the same, each with rules of its own. */
function rulesOf(count: number): PolicyInput['rules'][] {
  const config = parseConfig(CONFIG, 'earlid.yaml');
  const [kitchen] = config.gates;
  const gates = [...Array(count).keys()].map((i) => ({ ...kitchen!, name: `gate-${i}` }));
  const { rules, problems } = compile(
    { ...config, gates: [kitchen!, ...gates] },
    { isHoliday: () => false, now: null },
  );
  if (problems.length > 0) throw new Error(problems[0]!.message);
  return gates.map(({ name }) => ({
    ...rules.get(name)!,
    buttonMs: 90_000,
    mayUnmute: ['button', 'cli'],
    maxGrantMs: 4 * HOUR_MS,
    readyAfterMs: 0,
  }));
}

/** Milliseconds to decide about all of them at once, as if the daemon had just woken. */
function tick(all: readonly PolicyInput['rules'][], { facts, agendas, now }: World): number {
  const begin = performance.now();
  for (const rules of all)
    decide({ rules, facts, agendas, now, clockKnown: true, override: null, locked: false, fault: null });
  return performance.now() - begin;
}

export function policyFigures(): Figure[] {
  // Rules anew for each pass: what a schedule remembers of an earlier one is not there when its time comes.
  const passes = [...Array(PASSES)].map(() => {
    const all = rulesOf(GATES);
    for (const wall of MINUTES.slice(0, WARM_UP)) tick(all, worldAt(wall));
    return MINUTES.map((wall) => tick(all, worldAt(wall)));
  });
  const ticks = MINUTES.map((_, i) => Math.min(...passes.map((pass) => pass[i]!)));
  const total = ticks.reduce((sum, ms) => sum + ms, 0);
  return [
    { name: 'policy: verdicts', unit: '1000/s', samples: [(GATES * ticks.length) / total], limit: null },
    { name: `policy: a minute tick of ${GATES} gates`, unit: 'ms', samples: ticks, limit: 50 },
  ];
}
