/** How many questions about a schedule are answered in a second, beside packages that people would otherwise take. */
import { Cron } from 'croner';
import OpeningHours from 'opening_hours';
import { RRuleTemporal } from 'rrule-temporal';
import { Evaluator } from '../../schedule/evaluate.ts';
import { parseSchedule } from '../../schedule/parse.ts';
import { zoneOf } from '../../schedule/zone.ts';
import type { Figure } from './sample.ts';

const TEXT = 'Mo-Fr 07:00-08:30,17:00-22:00; Sa,Su 09:00-23:00';
const ZONE = 'Europe/Berlin';
const FROM = Date.UTC(2026, 0, 1);
const YEAR_MS = 365 * 86_400_000;
/** Instants spread over a year, so that no answer is the one before. */
const STEP_MS = 7_919_000;
const LEAST_MS = 300;

/** Calls of `ask` with instants of a year, a second, in thousands. */
function thousandsASecond(ask: (at: number) => unknown): number {
  let calls = 0;
  const begin = performance.now();
  let at = FROM;
  while (performance.now() - begin < LEAST_MS) {
    for (let i = 0; i < 50; i++) {
      ask(at);
      at += STEP_MS;
      if (at > FROM + YEAR_MS) at -= YEAR_MS;
    }
    calls += 50;
  }
  return calls / (performance.now() - begin);
}

/** The process zone stands for the site where a package knows no other. */
export function scheduleFigures(): Figure[] {
  const evaluator = new Evaluator(parseSchedule(TEXT), {
    zone: zoneOf(ZONE)!,
    place: null,
    isHoliday: () => false,
  });
  const other = new OpeningHours(TEXT);
  const cron = new Cron('0 7 * * 1-5', { timezone: ZONE, paused: true });
  const rule = new RRuleTemporal({
    rruleString: `DTSTART;TZID=${ZONE}:20260101T070000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR`,
  });
  const asked: readonly (readonly [string, (at: number) => unknown])[] = [
    ['state: Earlid', (at) => evaluator.stateAt(at)],
    ['state: opening_hours', (at) => other.getState(new Date(at))],
    ['next change: Earlid', (at) => evaluator.nextChange(at)],
    ['next change: opening_hours', (at) => other.getNextChange(new Date(at))],
    ['next start, one window: croner', (at) => cron.nextRun(new Date(at))],
    ['next start, one window: rrule-temporal', (at) => rule.next(new Date(at))],
  ];
  return asked.map(([name, ask]) => ({
    name: `schedule: ${name}`,
    unit: '1000/s',
    samples: [thousandsASecond(ask)],
    limit: null,
  }));
}
