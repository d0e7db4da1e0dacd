/** What a schedule says, for people. Pure. */
import { formatDuration } from '../../schemas/duration.ts';
import type { ScheduleReport } from '../schedule/check.ts';
import { wallClock } from './wall.ts';

/** A label and what it says, a line each. */
export function reportLines({
  given,
  normalised,
  zone,
  at,
  state,
  since,
  next,
  notes,
}: ScheduleReport): string[] {
  const wall = wallClock(zone);
  const lines = [
    ...(given === normalised ? [] : [row('given', given)]),
    row('schedule', normalised),
    row('zone', `${zone} (zone data ${process.versions.tz ?? 'of unknown age'})`),
    row('at', wall(at)),
    row('says', since === null ? `${state}, and always did` : `${state}, since ${wall(since)}`),
    ...next.map((change, i) =>
      row(
        i === 0 ? 'next' : '',
        `${wall(change.at)}  ${change.state.padEnd(6)}  in ${untilWords(at, change.at)}`,
      ),
    ),
    ...(next.length === 0 ? [row('next', 'no change')] : []),
    ...notes.map((note) => row('note', note)),
  ];
  return lines;
}

const row = (label: string, text: string): string => `  ${label.padEnd(8)}  ${text}`;

/** Two units are exact enough. */
function untilWords(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  const text = formatDuration(Math.max(1_000, ms));
  return /^\d+[dhms](?:\d+[hms])?/.exec(text)?.[0] ?? text;
}

const SHOWN = 60;

/** The part of the text around what is wrong, and marks under it. */
export function markedLines(text: string, position: number, length: number): string[] {
  const points = [...text].map((point) => (/[\p{C}\p{Z}]/u.test(point) ? ' ' : point));
  const from = Math.max(0, Math.min(position - SHOWN / 2, points.length - SHOWN));
  const shown = points.slice(from, from + SHOWN);
  const marks = Math.max(1, Math.min(length, SHOWN - (position - from)));
  return [`  ${shown.join('')}`.trimEnd(), `  ${' '.repeat(position - from)}${'^'.repeat(marks)}`];
}
