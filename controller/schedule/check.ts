/** What `earlid schedule check` tells of a text: its one form, what it says now, and when that changes. Pure. */
import { canonical } from './canonical.ts';
import type { Site } from './days.ts';
import { Evaluator, type ScheduleState } from './evaluate.ts';
import { parseSchedule } from './parse.ts';
import type { Schedule } from './schedule.ts';

/** What a schedule comes to: unknown never helps to unmute. */
export type Said = 'listen' | 'mute';

export interface ScheduleReport {
  readonly given: string;
  readonly normalised: string;
  readonly zone: string;
  /** Instants in ISO 8601 with `Z`. */
  readonly at: string;
  readonly state: Said;
  /** Null when it has never been otherwise. */
  readonly since: string | null;
  /** Only real changes. */
  readonly next: readonly { readonly at: string; readonly state: Said }[];
  readonly notes: readonly string[];
}

export interface CheckOptions {
  readonly site: Site;
  /** No holidays are known here; a schedule may name them all the same. */
  readonly hasHolidays: boolean;
  /** UTC ms. */
  readonly at: number;
  readonly most: number;
}

/** Throws a `ScheduleError` when `given` is no schedule. */
export function checkSchedule(given: string, { site, hasHolidays, at, most }: CheckOptions): ScheduleReport {
  const schedule = parseSchedule(given);
  const evaluator = new Evaluator(schedule, site);
  const next: { at: string; state: Said }[] = [];
  for (let change = changeAfter(evaluator, at); change && next.length < most; ) {
    next.push({ at: new Date(change.at).toISOString(), state: change.state });
    change = changeAfter(evaluator, change.at);
  }
  const since = sinceWhen(evaluator, at);
  return {
    given,
    normalised: canonical(schedule),
    zone: site.zone.name,
    at: new Date(at).toISOString(),
    state: said(evaluator.stateAt(at)),
    since: since === null ? null : new Date(since).toISOString(),
    next,
    notes: notesOn(schedule, evaluator, { site, hasHolidays, at }),
  };
}

const said = (state: ScheduleState): Said => (state === 'on' ? 'listen' : 'mute');

/** From unknown to off nothing changes for a microphone. */
function changeAfter(evaluator: Evaluator, at: number): { at: number; state: Said } | null {
  const before = said(evaluator.stateAt(at));
  let change = evaluator.nextChange(at);
  while (change && said(change.state) === before) change = evaluator.nextChange(change.at);
  return change && { at: change.at, state: said(change.state) };
}

function sinceWhen(evaluator: Evaluator, at: number): number | null {
  const now = said(evaluator.stateAt(at));
  let since = evaluator.since(at);
  while (since !== null && said(evaluator.stateAt(since - 1)) === now) since = evaluator.since(since - 1);
  return since;
}

function notesOn(
  { rules }: Schedule,
  evaluator: Evaluator,
  { site, hasHolidays, at }: Pick<CheckOptions, 'site' | 'hasHolidays' | 'at'>,
): string[] {
  const notes: string[] = [];
  const points = rules.flatMap(({ windows }) => windows.flatMap(({ start, end }) => [start, end]));
  if (rules.some(({ days }) => days.publicHolidays) && !hasHolidays)
    notes.push('PH: no public holidays are known here, so no day counts as one');
  if (points.some((point) => 'sun' in point) && !site.place)
    notes.push('the sun: without a place nobody knows when it rises, so its windows are muted');
  else if (evaluator.stateAt(at) === 'unknown')
    notes.push('the sun does not rise or set there on this day, so its windows are muted');
  if (
    rules.some(({ windows }) => windows.length > 0) &&
    evaluator.nextChange(at) === null &&
    evaluator.stateAt(at) === 'off'
  )
    notes.push('it lets nothing listen within the next nine years');
  return notes;
}
