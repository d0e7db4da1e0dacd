/** Policy's answer for one gate at one instant (design section 4). */
export interface Verdict {
  readonly listen: boolean;
  /**
   * UTC ms at which that changes by itself if no source of a fact is heard again, null when it does not. No lease reaches
   * beyond it.
   */
  readonly until: number | null;
  /** The same as long as every source of a fact goes on saying what it says. */
  readonly changesAt: number | null;
  /** What decided: a stable code and one sentence for people. `until`: when that ends, sources being heard. */
  readonly reason: { readonly code: string; readonly text: string; readonly until: number | null };
  /** The rules that decided, such as `never 2`; all that hold on the deciding side. Empty: no rule did. */
  readonly decisive: readonly string[];
  /** What the button may grant, in ms; 0: nothing. */
  readonly buttonMs: number;
  /** UTC ms beyond which nothing granted by the button may last, null when there is no bound. */
  readonly buttonUntil: number | null;
  /** The LEDs of the gate are to be dim. */
  readonly night: boolean;
  /** UTC ms at which any of this may become different by itself: look again then. Null: never. */
  readonly lookAt: number | null;
}
