/** The week of a gate as a drawing: a line a day, what holds by symbols and only repeated by colours. Pure. */
import { formatDuration } from '../../schemas/duration.ts';
import type { ForecastAnswer } from '../../schemas/forecast.ts';
import { DAY_MS } from '../schedule/days.ts';
import type { WallDay } from '../schedule/wall-days.ts';
import type { Zone } from '../schedule/zone.ts';

/** Instants in UTC ms, the end not included. */
interface Period {
  readonly from: number;
  readonly until: number;
}
interface Stretch extends Period {
  readonly listen: boolean;
  readonly code: string;
}
interface RuleStretch extends Period {
  readonly value: true | null;
}

export interface Week {
  readonly zone: Zone;
  readonly days: readonly WallDay[];
  readonly forecast: ForecastAnswer;
  /** What is known of everything else, a sentence each. */
  readonly notes: readonly string[];
}
export interface Paper {
  readonly columns: number;
  readonly colour: boolean;
}

const HOUR_MS = 3_600_000;
const HOURS = DAY_MS / HOUR_MS;
/** Cells an hour, from fine to coarse. */
const RESOLUTIONS = [4, 3, 2, 1] as const;
/** Room for at least one window beside the cells, such as `07:00-08:30`. */
const LEAST_WORDS = 12;
const GAP = 2;

const LEGEND = [
  '█ listens  ▄ part of the time  · muted  x a never rule holds  ? it may hold',
  'rules: = holds  - part of the time  ? not known',
];
const COLOURS: Readonly<Record<string, string>> = { '█': '31;1', '▄': '31;1', '·': '2', x: '32', '?': '33' };

export function weekLines({ zone, days, forecast, notes }: Week, paper: Paper): string[] {
  const { gate, listeningMs } = forecast;
  const stretches: readonly Stretch[] = forecast.stretches.map(({ verdict, reason, ...each }) => ({
    ...inMs(each),
    listen: verdict === 'listen',
    code: reason.code,
  }));
  const rules = forecast.rules.map(({ rule, text, stretches: own }) => ({
    name: rule,
    words: text,
    stretches: own.map((each): RuleStretch => ({ ...inMs(each), value: each.value })),
  }));
  const drawn = days.filter(({ from, until }) => from < until);
  const labels = Math.max('Mo 01-01'.length, ...rules.map(({ name }) => name.length + GAP)) + GAP;
  const perHour =
    RESOLUTIONS.find((each) => labels + each * HOURS + GAP + LEAST_WORDS <= paper.columns) ??
    RESOLUTIONS.at(-1)!;
  const row = (label: string, cells: string, words = '') =>
    `${label.padEnd(labels)}${cells}${words && ' '.repeat(GAP)}${words}`.trimEnd();
  const room = paper.columns - labels - perHour * HOURS - GAP;
  let ruled = '';
  const lines = drawn.flatMap((day) => {
    const cells = cellsOf(day, perHour);
    const ruler = rulerOf(zone, day, perHour);
    const isOther = ruler !== ruled;
    ruled = ruler;
    const extra = cells.length - perHour * HOURS;
    return [
      ...(isOther
        ? [
            row(
              '',
              ruler,
              extra === 0 || room < LEAST_WORDS ? '' : `${(day.until - day.from) / HOUR_MS}h long`,
            ),
          ]
        : []),
      row(
        dayLabel(day),
        painted(cells.map((cell) => verdictCell(stretches, cell)).join(''), paper.colour),
        windowWords(zone, day, stretches, room - Math.max(0, extra)),
      ),
      ...rules.flatMap((rule) => {
        const bar = cells.map((cell) => ruleCell(rule.stretches, cell)).join('');
        return bar.trim() === '' ? [] : [row(`  ${rule.name}`, bar)];
      }),
    ];
  });
  return [
    `${gate} for ${drawn.length} days from ${longDate(days[0]!)}, by the clock in ${zone.name}`,
    '',
    ...lines,
    '',
    `listens for ${spent(listeningMs)} in all`,
    ...LEGEND.slice(0, rules.length > 0 ? 2 : 1),
    ...rules.map(({ name, words }) => `${name.padEnd(labels - 2 * GAP)}  ${words}`),
    ...notes,
  ];
}

const inMs = ({ from, until }: { readonly from: string; readonly until: string }): Period => ({
  from: Date.parse(from),
  until: Date.parse(until),
});

/** As long as it is, to the minute. */
const spent = (ms: number): string => (ms < 60_000 ? '0m' : formatDuration(Math.round(ms / 60_000) * 60_000));

function cellsOf({ from, until }: WallDay, perHour: number): Period[] {
  const size = HOUR_MS / perHour;
  return Array.from({ length: Math.ceil((until - from) / size) }, (_, i) => ({
    from: from + i * size,
    until: Math.min(from + (i + 1) * size, until),
  }));
}

/** The hour that the wall shows above its cell, every three hours. */
function rulerOf(zone: Zone, day: WallDay, perHour: number): string {
  const cells = cellsOf(day, perHour);
  const marks = Array.from({ length: cells.length + 1 }, () => ' ');
  for (const [i, { from }] of cells.entries()) {
    const hour = (((from + zone.offsetAt(from)) % DAY_MS) + DAY_MS) % DAY_MS;
    if (hour % (3 * HOUR_MS) !== 0) continue;
    const [tens, ones] = String(hour / HOUR_MS).padStart(2, '0');
    marks[i] = tens!;
    marks[i + 1] = ones!;
  }
  return marks.join('').trimEnd();
}

const overlap = (a: Period, b: Period): number =>
  Math.max(0, Math.min(a.until, b.until) - Math.max(a.from, b.from));

/** Any listening shows; else what keeps it muted for longest. */
function verdictCell(stretches: readonly Stretch[], cell: Period): string {
  const here = stretches.filter((stretch) => overlap(stretch, cell) > 0);
  const listens = here.filter(({ listen }) => listen).reduce((sum, each) => sum + overlap(each, cell), 0);
  if (listens > 0) return listens === cell.until - cell.from ? '█' : '▄';
  const longest = here.toSorted((a, b) => overlap(b, cell) - overlap(a, cell))[0];
  if (longest?.code === 'never-rule') return 'x';
  return longest?.code === 'never-unknown' ? '?' : '·';
}

function ruleCell(stretches: readonly RuleStretch[], cell: Period): string {
  const here = stretches.filter((stretch) => overlap(stretch, cell) > 0);
  if (here.length === 0) return ' ';
  if (here.some(({ value }) => value === null)) return '?';
  const holds = here.reduce((sum, each) => sum + overlap(each, cell), 0);
  return holds === cell.until - cell.from ? '=' : '-';
}

function painted(cells: string, colour: boolean): string {
  if (!colour) return cells;
  return cells.replaceAll(/(.)\1*/g, (run, symbol: string) =>
    COLOURS[symbol] ? `\u001b[${COLOURS[symbol]}m${run}\u001b[0m` : run,
  );
}

/** When it listens, as far as there is room. */
function windowWords(zone: Zone, day: WallDay, stretches: readonly Stretch[], room: number): string {
  const windows: Period[] = [];
  for (const { listen, from, until } of stretches) {
    if (!listen || overlap({ from, until }, day) === 0) continue;
    const last = windows.at(-1);
    // By another rule it goes on.
    if (last && last.until === from) windows[windows.length - 1] = { from: last.from, until };
    else windows.push({ from, until });
  }
  const words = windows.map(({ from, until }) => {
    const begin = from <= day.from ? '00:00' : timeAt(zone, from);
    return `${begin}-${until >= day.until ? '24:00' : timeAt(zone, until)}`;
  });
  for (let shown = words.length; shown > 0; shown--) {
    const rest = shown < words.length ? ` +${words.length - shown}` : '';
    const text = `${words.slice(0, shown).join(' ')}${rest}`;
    if (text.length <= room) return text;
  }
  return words.length > 0 && room >= 3 ? `+${words.length}` : '';
}

const timeAt = (zone: Zone, utc: number): string =>
  new Date(utc + zone.offsetAt(utc)).toISOString().slice(11, 16);

const WEEKDAYS = ['Th', 'Fr', 'Sa', 'Su', 'Mo', 'Tu', 'We'];
const isoDate = ({ number }: WallDay): string => new Date(number * DAY_MS).toISOString().slice(0, 10);
const weekday = ({ number }: WallDay): string => WEEKDAYS[((number % 7) + 7) % 7]!;
const dayLabel = (day: WallDay): string => `${weekday(day)} ${isoDate(day).slice(5)}`;
const longDate = (day: WallDay): string => `${weekday(day)} ${isoDate(day)}`;
