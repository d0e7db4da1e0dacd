/** What policy would say over a period: `GET /v1/gates/<gate>/forecast`, `earlid schedule week --json`, `earlid simulate --json`. Instants in ISO 8601 with `Z`, ends not included. */
import { z } from 'zod';

const instant = z.iso.datetime({ precision: 3 });
const LONGEST_MS = 40 * 86_400_000;

/** Query of the local API. */
export const forecastQuery = z
  .strictObject({ from: instant, until: instant })
  .refine(({ from, until }) => from < until && Date.parse(until) - Date.parse(from) <= LONGEST_MS, {
    error: 'a period of at most 40 days is expected',
  });

export interface ForecastStretch {
  readonly from: string;
  readonly until: string;
  readonly verdict: 'listen' | 'mute';
  readonly reason: { readonly code: string; readonly text: string };
  /** The rules that decide, such as `never 2`. */
  readonly rules: readonly string[];
}
export interface ForecastRule {
  /** Such as `never 2`. */
  readonly rule: string;
  /** What it says. */
  readonly text: string;
  /** When it is true or, with null, unknown. */
  readonly stretches: readonly {
    readonly from: string;
    readonly until: string;
    readonly value: true | null;
  }[];
}
export interface ForecastAnswer {
  readonly gate: string;
  readonly from: string;
  /** Earlier than the end that was asked for where too much changes. */
  readonly until: string;
  readonly listeningMs: number;
  readonly stretches: readonly ForecastStretch[];
  readonly rules: readonly ForecastRule[];
}
