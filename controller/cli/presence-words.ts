/** How presence is put into words for people. Pure. */
import type { FactView, PresenceView } from '../../schemas/api.ts';
import { formatDuration } from '../../schemas/duration.ts';
import { untilWords } from './words.ts';

const truthWords = (value: boolean | null): string => (value === null ? 'unknown' : value ? 'on' : 'off');

/** What a presence is, and until when that was set. */
export function presenceLine({ presence, value, until, manual }: PresenceView, now: number): string {
  const end = until !== null ? `, ${untilWords(until, now)}` : manual ? ', until it is set again' : '';
  return `${presence}: ${truthWords(value)}${end}`;
}

/** Each presence, followed by the facts behind it. */
export function presenceLines(presences: readonly PresenceView[], now: number): string[] {
  if (presences.length === 0) return ['The configuration names no presence.'];
  return presences.flatMap((view) => {
    const end = view.until !== null ? `, ${untilWords(view.until, now)}` : '';
    const width = Math.max(0, ...view.facts.map(({ fact }) => fact.length));
    return [
      `${view.presence}: ${truthWords(view.value)}${end}`,
      ...view.facts.map((fact) => `  ${fact.fact.padEnd(width)}  ${factWords(fact)}`),
    ];
  });
}

function factWords({ value, detail, ageMs, maxAgeMs }: FactView): string {
  if (ageMs === null || detail === null) return 'unknown: nothing was heard of it yet';
  const age = `${formatDuration(Math.max(1_000, ageMs))} ago`;
  if (maxAgeMs === null) return `${truthWords(value)}: ${detail}`;
  if (ageMs >= maxAgeMs)
    return `unknown: last heard ${age} (${detail}), believed for ${formatDuration(maxAgeMs)}`;
  return `${truthWords(value)}: ${detail}, ${age}`;
}
