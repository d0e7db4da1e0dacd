/** Why a gate is as it is, now or at another instant with everything else as it is known now. */
import type { GateView, ToldEvent } from '../../schemas/api.ts';
import type { WhyAnswer } from '../../schemas/why.ts';
import { decide, type PolicyInput } from '../policy/decide.ts';
import { explain } from '../policy/explain.ts';
import { endOf, expire, UNDECIDED } from '../policy/override.ts';
import { iso, overrideView } from './views.ts';

export interface WhyOptions {
  readonly input: PolicyInput;
  readonly status: GateView;
  readonly zone: string | null;
  /** Why the time is not known, null when it is. */
  readonly clockDoubt: string | null;
  /** Newest last. */
  readonly events: readonly ToldEvent[];
  /** UTC ms; null: now. */
  readonly at: number | null;
}

export function whyView({ input, status, zone, clockDoubt, events, at }: WhyOptions): WhyAnswer {
  // Facts keep the age they have now: their clock is not moved.
  const then = at === null ? input : movedTo(input, at);
  const { now } = then;
  const { override } = expire({ ...UNDECIDED, override: then.override }, now);
  const verdict = decide(then);
  const { code, text, until } = verdict.reason;
  const press = events.findLast(({ kind }) => kind === 'press');
  return {
    gate: status.gate,
    at: iso(now.wall),
    zone,
    now:
      at === null
        ? { state: status.state, evidence: status.evidence, link: status.link, reason: status.reason }
        : null,
    verdict: {
      listen: verdict.listen,
      code,
      text,
      until: iso(until),
      changesAt: iso(verdict.changesAt),
      unheardAt: verdict.until === verdict.changesAt ? null : iso(verdict.until),
    },
    decisive: verdict.decisive,
    override: overrideView(override && { override, until: endOf(override, now) }),
    locked: then.locked,
    fault: then.fault,
    clock: { known: then.clockKnown, why: clockDoubt },
    ...explain(then, verdict),
    refusedPress: press ? { at: press.at, cause: press.cause } : null,
  };
}

/** Only the wall clock: a grant then still has what is left of it now, unless its end on the wall has come. */
const movedTo = (input: PolicyInput, at: number): PolicyInput => ({
  ...input,
  now: { wall: at, counted: input.now.counted },
});
