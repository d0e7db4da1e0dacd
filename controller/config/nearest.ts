/** What somebody who mistyped a name probably meant. */
import { EarlidError } from '../../schemas/errors.ts';

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The candidate with the fewest edits, or null when none is close enough to be meant. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  const short = name.slice(0, 64).toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(short, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  if (!best) return null;
  const limit = Math.max(1, Math.floor(Math.max(short.length, best.candidate.length) / 2.5));
  const begins =
    short.length >= 2 && candidates.find((candidate) => candidate.toLowerCase().startsWith(short));
  return best.edits <= limit ? best.candidate : begins || null;
}

/** The time zone that was meant: `Berlin` is the end of one name. Null when nobody knows. */
export function nearestZone(text: string): string | null {
  const zones = Intl.supportedValuesOf('timeZone');
  const place = `/${text.trim().replaceAll(' ', '_').toLowerCase()}`;
  return zones.find((zone) => zone.toLowerCase().endsWith(place)) ?? nearest(text, zones);
}

/** The error of a gate that is not there; `none` is the next step where there are no gates at all. */
export function noSuchGate(
  gate: string,
  gates: readonly string[],
  none = 'There is no configuration: write one (`earlid init`).',
): EarlidError {
  const meant = nearest(gate, gates);
  const known = gates.length === 0 ? none : `The gates are: ${gates.join(', ')}.`;
  return new EarlidError(
    'no-such-gate',
    { gate, suggestion: suggestion(meant, known) },
    { gate, nearest: meant, gates },
  );
}

/** The one of `all` with this name; throws `no-such-gate`. */
export function gateNamed<T>(gate: string, all: readonly T[], nameOf: (each: T) => string): T {
  const found = all.find((each) => nameOf(each) === gate);
  if (found === undefined) throw noSuchGate(gate, all.map(nameOf));
  return found;
}

/** The error of a presence that is not there. */
export function noSuchPresence(presence: string, names: readonly string[]): EarlidError {
  const meant = nearest(presence, names);
  const known =
    names.length === 0 ? 'The configuration names none (`presence`).' : `There are: ${names.join(', ')}.`;
  return new EarlidError(
    'no-such-presence',
    { presence, suggestion: suggestion(meant, known) },
    { presence, nearest: meant, presences: names },
  );
}

const suggestion = (meant: string | null, known: string): string =>
  `${meant === null ? '' : `Did you mean \`${meant}\`? `}${known}`;
