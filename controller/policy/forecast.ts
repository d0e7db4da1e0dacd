/** What policy would say over a period, without anybody's override. Pure. */
import { decide } from './decide.ts';
import type { Truth } from './facts.ts';
import type { Rule, Rules } from './rules.ts';
import { type World, weigh } from './weigh.ts';

/** Instants in UTC ms, the end not included. */
export interface Period {
  readonly from: number;
  readonly until: number;
}
export interface Stretch extends Period {
  readonly listen: boolean;
  /** As in a verdict. */
  readonly reason: { readonly code: string; readonly text: string };
  readonly decisive: readonly string[];
}
/** Beyond this a forecast ends before its period does. */
const MOST_STEPS = 10_000;

export interface Forecast {
  readonly stretches: readonly Stretch[];
  /** UTC ms up to which was looked: the end of the period, or earlier where too much changes. */
  readonly until: number;
}

type Surroundings = Omit<World, 'now'>;

const at = (utc: number) => ({ now: { wall: utc, counted: utc } });

/** The facts tell of the future as well: instants of both clocks are UTC ms. */
export function forecast(
  own: Rules,
  world: Surroundings,
  { from, until }: Period,
  most = MOST_STEPS,
): Forecast {
  const rules = { ...own, buttonMs: 0, mayUnmute: [], maxGrantMs: 0, readyAfterMs: 0 };
  const stretches: Stretch[] = [];
  let utc = from;
  for (let steps = 0; utc < until; steps++) {
    if (steps === most) return { stretches, until: utc };
    const verdict = decide({ ...world, ...at(utc), rules, override: null, locked: false, fault: null });
    const next = Math.min(verdict.lookAt ?? until, until);
    const { listen, decisive } = verdict;
    const reason = { code: verdict.reason.code, text: verdict.reason.text };
    const last = stretches.at(-1);
    if (last && last.listen === listen && isSame(last, { reason, decisive }))
      stretches[stretches.length - 1] = { ...last, until: next };
    else stretches.push({ from: utc, until: next, listen, reason, decisive });
    utc = next;
  }
  return { stretches, until };
}

const isSame = (a: Pick<Stretch, 'reason' | 'decisive'>, b: Pick<Stretch, 'reason' | 'decisive'>): boolean =>
  a.reason.code === b.reason.code && a.decisive.join() === b.decisive.join();

export interface RuleStretch extends Period {
  /** Null is unknown. */
  readonly value: Truth;
}

/** When a rule is true or unknown within a period. */
export function ruleStretches(rule: Rule, world: Surroundings, { from, until }: Period): RuleStretch[] {
  const stretches: RuleStretch[] = [];
  let utc = from;
  for (let steps = 0; utc < until && steps < MOST_STEPS; steps++) {
    const span = weigh(rule, { ...world, ...at(utc) }, utc, 'ageing');
    const next = Math.min(span.until ?? until, until);
    const last = stretches.at(-1);
    if (span.value === false) {
      // Nothing to tell.
    } else if (last && last.until === utc && last.value === span.value)
      stretches[stretches.length - 1] = { ...last, until: next };
    else stretches.push({ from: utc, until: next, value: span.value });
    utc = next;
  }
  return stretches;
}

/** How long it listens within a period, in ms. */
export function listeningMs(stretches: readonly Stretch[], { from, until }: Period): number {
  return stretches
    .filter(({ listen }) => listen)
    .map((stretch) => Math.max(0, Math.min(stretch.until, until) - Math.max(stretch.from, from)))
    .reduce((sum, ms) => sum + ms, 0);
}
