/** One line of the page. */

export type CheckStatus = 'ok' | 'warning' | 'bad';

export interface Check {
  /** Stable name of what was looked at. */
  readonly id: string;
  /** Null: the computer, not a gate. */
  readonly gate: string | null;
  readonly status: CheckStatus;
  readonly text: string;
  /** The next step; null when there is none to take. */
  readonly hint: string | null;
}

export interface Verdict {
  readonly status: CheckStatus;
  readonly text: string;
  readonly hint: string | null;
}

export const ok = (text: string): Verdict => ({ status: 'ok', text, hint: null });
export const warning = (text: string, hint: string): Verdict => ({ status: 'warning', text, hint });
export const bad = (text: string, hint: string): Verdict => ({ status: 'bad', text, hint });
