/** Samples of one figure and the line that is printed of them. */

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** Largest value that is still good; null where there is none. */
  readonly limit: number | null;
}

/** The smallest sample that at least this share of all does not exceed. Throws RangeError when there are none. */
function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

const text = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(value < 1 ? 3 : 2);

/** One line: name, median, p99, largest, and whether the limit held. */
export function line({ name, unit, samples, limit }: Figure): string {
  const [median, p99, largest] = [0.5, 0.99, 1].map((share) => text(quantile(samples, share)));
  const verdict =
    limit === null
      ? ''
      : `  ${within({ name, unit, samples, limit }) ? 'ok' : 'TOO LARGE'}, limit ${limit} ${unit}`;
  const spread =
    samples.length === 1
      ? `${largest} ${unit}`
      : `median ${median}, p99 ${p99}, max ${largest} ${unit} (n=${samples.length})`;
  return `  ${name.padEnd(44)} ${spread}${verdict}`;
}

/** True when no sample passes the limit. */
export function within({ samples, limit }: Figure): boolean {
  return limit === null || quantile(samples, 1) <= limit;
}
