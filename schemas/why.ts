/** Why a gate is as it is: `GET /v1/gates/<gate>/why`, `earlid why --json`. Instants in ISO 8601 with `Z`; null is unknown where a value is three-valued. */
import type { GateView, OverrideView } from './api.ts';

/** A part of a rule, and since and until when it is what it is; null where that is not known or never changes by itself. */
interface Part {
  readonly value: boolean | null;
  readonly since: string | null;
  readonly until: string | null;
}
export interface SchedulePart extends Part {
  readonly text: string;
  /** Why it is not known although the time is. */
  readonly problem: string | null;
}
export interface CalendarPart extends Part {
  readonly name: string;
  readonly match: string | null;
  /** The event that goes on, or else the next one. */
  readonly event: { readonly title: string; readonly start: string; readonly end: string } | null;
  readonly readAt: string | null;
  /** Why it cannot be read now. */
  readonly problem: string | null;
}
/** What a source told, and how old that is. */
export interface FactPart {
  readonly name: string;
  readonly detail: string;
  /** Since its source last stood behind the value; null: it has told nothing yet. */
  readonly ageMs: number | null;
  /** Older than this it is unknown; null: it does not age. */
  readonly maxAgeMs: number | null;
}
export interface ConditionPart extends Part {
  readonly kind: 'any' | 'all' | 'not' | 'after' | 'linger' | 'fact';
  /** The presence that this is the value of. */
  readonly name: string | null;
  /** Of `after` and `linger`. */
  readonly ms: number | null;
  readonly fact: FactPart | null;
  readonly of: readonly ConditionPart[];
}
export interface RulePart {
  /** Such as `never 2`. */
  readonly rule: string;
  readonly value: boolean | null;
  readonly decisive: boolean;
  readonly schedule: SchedulePart | null;
  readonly calendar: CalendarPart | null;
  readonly condition: ConditionPart | null;
}

export interface WhyAnswer {
  readonly gate: string;
  /** The instant looked at. */
  readonly at: string;
  /** Time zone of the site, null where the configuration names none. */
  readonly zone: string | null;
  /** What the microphone is now; null when another instant was asked about. */
  readonly now: Pick<GateView, 'state' | 'evidence' | 'link' | 'reason'> | null;
  readonly verdict: {
    readonly listen: boolean;
    readonly code: string;
    readonly text: string;
    /** When that ends as long as every source goes on saying what it says. */
    readonly until: string | null;
    /** When listening begins or ends by itself, likewise. */
    readonly changesAt: string | null;
    /** When it ends if no source is heard again; null where that is no earlier. */
    readonly unheardAt: string | null;
  };
  readonly decisive: readonly string[];
  readonly rules: readonly RulePart[];
  readonly override: OverrideView | null;
  readonly locked: boolean | null;
  readonly fault: string | null;
  readonly clock: { readonly known: boolean; readonly why: string | null };
  /** What a press may grant. `refusal`: why nothing. */
  readonly button: { readonly ms: number; readonly until: string | null; readonly refusal: string | null };
  /** What the gate would be told at once if this fact alone became so: only those that make a difference. */
  readonly wouldChange: readonly {
    readonly fact: string;
    readonly value: boolean | null;
    readonly listen: boolean;
  }[];
  /** The newest press that granted nothing. */
  readonly refusedPress: { readonly at: string; readonly cause: string } | null;
}
