/** The policy of one gate: what was asked for and what stands against it, to a verdict (design section 7). Pure. */
import { REASONS, type Reason } from '../../schemas/protocol.ts';
import { MOST_STEPS, neverFrom } from './ahead.ts';
import type { Outlook } from './conditions.ts';
import { endOf, expire, type Override, UNDECIDED } from './override.ts';
import type { Rule, Rules } from './rules.ts';
import type { Verdict } from './verdict.ts';
import { ageingAt, earliest, later, rulesThat, sooner, type World } from './weigh.ts';
import { grantedBy, heldBy, ruleWords } from './words.ts';

/** What the configuration says of one gate, as far as policy asks. */
export interface GateRules extends Rules {
  readonly buttonMs: number;
  readonly mayUnmute: readonly string[];
  readonly maxGrantMs: number;
  /** How long the speaker takes to answer once it has its supply: a grant counts from then. */
  readonly readyAfterMs: number;
}

export interface PolicyInput extends World {
  readonly rules: GateRules;
  readonly override: Override | null;
  /** As the gate reports it; null while it is not heard. The gate itself refuses every lease while locked or faulty. */
  readonly locked: boolean | null;
  readonly fault: Reason | null;
}

/** What decides at an instant. */
type Level =
  | { readonly kind: 'fault'; readonly fault: Reason }
  | { readonly kind: 'locked' | 'none' }
  | { readonly kind: 'override'; readonly override: Override }
  /** The rules that are true, or else those that are unknown. */
  | { readonly kind: 'never' | 'listen'; readonly rules: readonly Rule[]; readonly value: true | null };

interface Moment {
  readonly level: Level;
  readonly listen: boolean;
  /** UTC ms until which all of this surely stays, null: for good. */
  readonly until: number | null;
  /** UTC ms until which surely no never rule stands against listening, null: for good. */
  readonly clearUntil: number | null;
  /** UTC ms until which `listen` surely stays, null: for good. */
  readonly sideUntil: number | null;
}

const FOR_GOOD = { listen: false, until: null, clearUntil: null, sideUntil: null };

/** Highest first: fault, lock → muted; never rule true or unknown → muted; override; listen rule true → listen; otherwise muted. */
export function decide(input: PolicyInput): Verdict {
  const { rules, now } = input;
  const override = standing(input);
  const here = momentAt(input, now.wall, 'ageing', override);
  const until = endOfSide(input, here, 'ageing', override).at;
  const standingEnd = endOfSide(input, here, 'standing', override);
  const changesAt = standingEnd.isCertain ? standingEnd.at : null;
  const mayPress = rules.mayUnmute.includes('button') && mayBegin(here.level);
  const buttonMs = mayPress ? Math.min(rules.buttonMs, rules.maxGrantMs) + rules.readyAfterMs : 0;
  const night = input.clockKnown ? (rules.night?.spanAt(now.wall) ?? null) : null;
  return {
    listen: here.listen,
    until,
    changesAt,
    reason: reasonOf(here.level, shownEnd(input, here, changesAt), rules.listen.length > 0),
    decisive: 'rules' in here.level ? here.level.rules.map(({ name }) => name) : [],
    buttonMs,
    buttonUntil: buttonMs > 0 ? neverFrom(rules, input, here.clearUntil) : null,
    night: night?.value === true,
    // An override ends at its end also while something above it decides.
    lookAt: earliest([here.until, endOf(override, now), ageingAt(rules, input), night?.until ?? null]),
  };
}

const mayBegin = ({ kind }: Level): boolean => kind !== 'fault' && kind !== 'locked' && kind !== 'never';

function standing({ override, now }: PolicyInput): Override | null {
  return override && expire({ ...UNDECIDED, override }, now).override;
}

/** What decides at `at`, which may lie ahead. `before`: what does earlier, under the same outlook. */
function momentAt(
  input: PolicyInput,
  at: number,
  outlook: Outlook,
  override: Override | null,
  before: Moment | null = null,
): Moment {
  const { rules, fault, locked } = input;
  if (fault) return { level: { kind: 'fault', fault }, ...FOR_GOOD };
  if (locked) return { level: { kind: 'locked' }, ...FOR_GOOD };
  let clearUntil = before?.clearUntil ?? null;
  if (!before || (clearUntil !== null && at >= clearUntil)) {
    const { held, unknown, until, anyUntil } = rulesThat(rules.never, input, at, outlook);
    const isHeld = held.length > 0;
    if (isHeld || unknown.length > 0) {
      const level: Level = { kind: 'never', rules: isHeld ? held : unknown, value: isHeld || null };
      return { level, listen: false, until, clearUntil: at, sideUntil: anyUntil };
    }
    clearUntil = until;
  }
  if (override) {
    const end = endOf(override, input.now);
    if (end === null || at < end) {
      const listen = override.kind === 'grant';
      const until = sooner(end, clearUntil);
      const level: Level = { kind: 'override', override };
      return { level, listen, until, clearUntil, sideUntil: listen ? until : end };
    }
  }
  const { held, until, heldUntil, noneUntil } = rulesThat(rules.listen, input, at, outlook);
  const listen = held.length > 0;
  return {
    level: listen ? { kind: 'listen', rules: held, value: true } : { kind: 'none' },
    listen,
    until: sooner(until, clearUntil),
    clearUntil,
    sideUntil: listen ? sooner(heldUntil, clearUntil) : noneUntil,
  };
}

/** An override lasts to its own end, or until a never rule ends it. */
function shownEnd({ now }: PolicyInput, { level, listen }: Moment, changesAt: number | null): number | null {
  if (level.kind !== 'override') return changesAt;
  const end = endOf(level.override, now);
  return listen ? sooner(end, changesAt) : end;
}

/** When it stops to listen, or begins to, by itself; not certain when more changes lie ahead than are looked through. */
function endOfSide(
  input: PolicyInput,
  here: Moment,
  outlook: Outlook,
  standing: Override | null,
): { readonly at: number | null; readonly isCertain: boolean } {
  let override = standing;
  let moment = outlook === 'ageing' ? here : momentAt(input, input.now.wall, outlook, override);
  for (let steps = 0; ; steps++) {
    // A never rule that takes effect ends a grant for good; a hold goes on under it.
    if (moment.level.kind === 'never' && override?.kind === 'grant') override = null;
    const at =
      override?.kind === 'hold' ? later(moment.sideUntil, endOf(override, input.now)) : moment.sideUntil;
    if (at === null || steps === MOST_STEPS) return { at, isCertain: at === null };
    moment = momentAt(input, at, outlook, override, moment);
    if (moment.listen !== here.listen) return { at, isCertain: true };
  }
}

function reasonOf(level: Level, until: number | null, hasRules: boolean): Verdict['reason'] {
  switch (level.kind) {
    case 'fault':
      return { code: 'fault', text: REASONS[level.fault][1], until };
    case 'locked':
      return { code: 'locked', text: 'locked; only its button unlocks it', until };
    case 'none':
      return { code: 'no-rule', text: hasRules ? 'no listen rule holds' : 'no rule lets it listen', until };
    case 'override': {
      const { override } = level;
      return override.kind === 'hold'
        ? { code: 'hold', text: heldBy(override), until }
        : { code: 'grant', text: grantedBy(override), until };
    }
    case 'listen':
      return { code: 'listen-rule', text: `${ruleWords(level.rules[0]!)} holds`, until };
    case 'never':
      return level.value === true
        ? { code: 'never-rule', text: `${ruleWords(level.rules[0]!)} holds`, until }
        : { code: 'never-unknown', text: `${ruleWords(level.rules[0]!)} may hold: it is not known`, until };
  }
}

/** Why a grant is refused. `who` is the word of `refusedBy`. */
export type Refusal = {
  readonly code: 'not-permitted' | 'locked' | 'fault' | 'grant-too-long' | 'never-rule';
  readonly who: string;
};

/** What stands against a grant from `source`, or null. */
export function refuseGrant(
  input: Omit<PolicyInput, 'override'> & { readonly source: string; readonly lengthMs: number },
): Refusal | null {
  const { rules, source, lengthMs, fault, locked } = input;
  if (!rules.mayUnmute.includes(source)) return { code: 'not-permitted', who: 'may_unmute' };
  if (lengthMs > rules.maxGrantMs) return { code: 'grant-too-long', who: 'grants.max' };
  if (fault) return { code: 'fault', who: 'fault' };
  if (locked) return { code: 'locked', who: 'lock' };
  const { held, unknown } = rulesThat(rules.never, input, input.now.wall, 'ageing');
  const [forbidding] = held.length > 0 ? held : unknown;
  return forbidding ? { code: 'never-rule', who: forbidding.name } : null;
}
