/** Durations as people type them: `90s`, `2m`, `1h30m`. Free of other modules, so that the command line starts quickly. */

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
/** The form of a duration; the units must come in this order and at least one must be there. */
export const DURATION_PATTERN = /^(?=\d)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/** Milliseconds, or null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  if (!match) return null;
  return (Object.keys(UNITS) as (keyof typeof UNITS)[]).reduce(
    (sum, unit, i) => sum + Number(match[i + 1] ?? 0) * UNITS[unit],
    0,
  );
}

/** The shortest text that `parseDuration` reads as the same number of seconds; parts of a second are shown as `0.2s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${ms <= 0 ? 0 : Math.max(0.1, Math.round(ms / 100) / 10)}s`;
  let rest = Math.round(ms / 1_000) * 1_000;
  let text = '';
  for (const [unit, size] of Object.entries(UNITS)) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}
