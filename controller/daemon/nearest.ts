/** What somebody who mistyped a name probably meant. */

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

/** What `no-such-gate` is told with. */
export function noSuchGate(gate: string, gates: readonly string[]) {
  const meant = nearest(gate, gates);
  const suggestion = `${meant ? `Did you mean \`${meant}\`? ` : ''}The gates are: ${gates.join(', ')}.`;
  return { details: { gate, suggestion }, extra: { gate, nearest: meant, gates } };
}

/** What `no-such-presence` is told with. */
export function noSuchPresence(presence: string, names: readonly string[]) {
  const meant = nearest(presence, names);
  const known =
    names.length === 0 ? 'The configuration names none (`presence`).' : `There are: ${names.join(', ')}.`;
  return {
    details: { presence, suggestion: `${meant ? `Did you mean \`${meant}\`? ` : ''}${known}` },
    extra: { presence, nearest: meant, presences: names },
  };
}
