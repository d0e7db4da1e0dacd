/** Policy's answer for one gate at one instant (design section 4). */
export interface Verdict {
  readonly listen: boolean;
  /** UTC ms at which the verdict changes by itself, null when it does not. No lease reaches beyond it. */
  readonly until: number | null;
  /** What decided: a stable code and one sentence for people. */
  readonly reason: { readonly code: string; readonly text: string };
  /** What the button may grant, in ms; 0: nothing. */
  readonly buttonMs: number;
  /** UTC ms beyond which nothing granted by the button may last, null when there is no bound. */
  readonly buttonUntil: number | null;
}
