/** Commands: each acts at once, is written down, and answers when the gate's own report shows the result. */
import type { CommandView } from '../../schemas/api.ts';
import { formatDuration } from '../../schemas/duration.ts';
import { REASONS } from '../../schemas/protocol.ts';
import type { GateEvent, GateStatus } from '../gate/gate.ts';
import { refuseGrant } from '../policy/decide.ts';
import { endGrant, grant, hold, holdLonger, type Instant, resume } from '../policy/override.ts';
import {
  answer,
  type CommandContext,
  type EventSource,
  explain,
  type Outcome,
  refused,
  view,
} from './answer.ts';
import type { Keeper } from './keeper.ts';
import { isUnproven } from './views.ts';

/** Who gives a command. */
export type CommandSource = 'cli' | 'homeassistant';
interface Asked {
  readonly source: CommandSource;
  readonly timeoutMs: number;
  /** How long it is to last; left out: as long as usual. */
  readonly forMs?: number | undefined;
}

/** Mutes and holds. Asks nobody (S3). */
export async function mute(context: CommandContext, keeper: Keeper, options: Asked): Promise<CommandView> {
  return (await muteAll(context, [keeper], options))[0]!;
}

/** The same of many; answers in their order. */
export async function muteAll(
  context: CommandContext,
  keepers: readonly Keeper[],
  options: Asked,
): Promise<CommandView[]> {
  const now = context.clock.now();
  // First the gates, each of them: the event then names who muted, and nothing is waited for.
  for (const { gate } of keepers) gate.mute(options.source);
  return Promise.all(keepers.map((keeper) => holdMuted(context, keeper, options, now)));
}

function holdMuted(
  context: CommandContext,
  keeper: Keeper,
  options: Asked,
  now: Instant,
): Promise<CommandView> {
  const until = options.forMs === undefined ? keeper.holdEnd(now.wall) : now.wall + options.forMs;
  const mayEndHold = keeper.rules.mayUnmute.includes(options.source);
  keeper.decide(
    mayEndHold ? hold(now, until, options.source) : holdLonger(keeper.decision, now, until, options.source),
  );
  const shows = (status: GateStatus) => status.state === 'muted' && isShown(status, now.wall);
  return answer(context, keeper, 'mute', options.timeoutMs, (status) => shows(status) && 'done');
}

/** The same, as a mute button on the free pins of gate `from` asks for; nobody waits for an answer. */
export function muteByButton(keepers: readonly Keeper[], from: string): void {
  for (const { gate } of keepers) gate.mute('policy');
  for (const keeper of keepers) keeper.holdByButton(from);
}

/** Nothing proves that what answers is the gate: it is given no lease, whatever is decided. */
const NOT_ITSELF = [
  'gate-needs-key',
  'gate-unpaired',
  'gate-keyed',
  'gate-unauthenticated',
  'keys-unusable',
] as const;

/** Grants, unless something stands against it. */
export async function unmute(context: CommandContext, keeper: Keeper, options: Asked): Promise<CommandView> {
  const lengthMs = options.forMs ?? context.defaultGrantMs;
  if (keeper.port.holder !== null) return refused(keeper, 'released', 'released');
  const { problem } = keeper.gate.status();
  const unproven = NOT_ITSELF.find((code) => code === problem?.code);
  if (unproven) return refused(keeper, 'key', unproven, { detail: problem!.detail });
  const refusal = refuseGrant({ ...keeper.input(), source: options.source, lengthMs });
  if (refusal) {
    const details = {
      asked: formatDuration(lengthMs),
      source: options.source,
      rule: keeper.verdict.reason.text,
    };
    return refused(keeper, refusal.who, refusal.code, details);
  }
  const now = context.clock.now();
  keeper.decide(grant(now, lengthMs + untilReady(keeper, now.wall), options.source));
  return answer(context, keeper, 'unmute', options.timeoutMs, (status) => {
    // Live under the lease that this grant brought, not still under another.
    if (status.state === 'live' && !status.pending.lease) return 'done';
    if (status.locked) return { refusedBy: 'lock', error: explain(keeper, 'locked') };
    if (status.fault) return { refusedBy: 'fault', error: explain(keeper, 'fault') };
    const { decisive, reason } = keeper.verdict;
    if (keeper.decision.override === null && reason.code.startsWith('never-'))
      return {
        refusedBy: decisive[0] ?? 'never',
        error: explain(keeper, 'never-rule', { rule: reason.text }),
      };
    // Somebody muted meanwhile, or the grant is over already.
    return keeper.decision.override?.kind === 'grant' ? false : 'late';
  });
}

/** How long the speaker takes to answer when it is unmuted now, in ms: a grant counts from there. */
function untilReady({ gate, rules }: Keeper, now: number): number {
  const { state, starting } = gate.status();
  if (state !== 'live') return rules.readyAfterMs;
  return starting ? Math.max(0, starting.until - now) : 0;
}

/** Ends an override; the rules decide again. */
export async function resumeRules(
  context: CommandContext,
  keeper: Keeper,
  options: Omit<Asked, 'forMs'>,
): Promise<CommandView> {
  if (!keeper.rules.mayUnmute.includes(options.source))
    return refused(keeper, 'may_unmute', 'not-permitted', { source: options.source });
  const now = context.clock.now();
  keeper.decide(resume(now));
  const wanted = () => (keeper.verdict.listen ? 'live' : 'muted');
  return answer(
    context,
    keeper,
    'resume',
    options.timeoutMs,
    (status) => status.state === wanted() && isShown(status, now.wall) && 'done',
  );
}

/** Mutes and locks; only the button of the gate unlocks. */
export async function lock(
  context: CommandContext,
  keeper: Keeper,
  options: { readonly timeoutMs: number },
): Promise<CommandView> {
  const now = context.clock.now();
  keeper.decide({ ...endGrant(keeper.decision), at: now.wall, countedAt: now.counted, byEvent: false });
  keeper.gate.lock();
  const off = (status: GateStatus) => status.state === 'muted' || isUnproven(status);
  return answer(context, keeper, 'lock', options.timeoutMs, (status) =>
    status.locked === true && off(status) && isShown(status, now.wall) ? 'done' : false,
  );
}

/** Mutes and lets go of the port. A grant ends: nothing is given back by itself after the board was flashed. */
export async function release(
  context: CommandContext,
  keeper: Keeper,
  options: { readonly holder: string; readonly timeoutMs: number; readonly forMs: number },
): Promise<CommandView> {
  if (isHeldByOther(keeper, options)) return refused(keeper, 'released', 'released');
  const withoutGrant = () => {
    const now = context.clock.now();
    keeper.decide({ ...endGrant(keeper.decision), at: now.wall, countedAt: now.counted, byEvent: false });
  };
  withoutGrant();
  const { state, evidence } = await keeper.port.release(options);
  // Its button may have been pressed meanwhile.
  withoutGrant();
  await context.saved();
  return { ...view(keeper), ok: true, state, evidence, refusedBy: null };
}

/** Two programs that flash one board would write over each other. */
const isHeldByOther = (keeper: Keeper, { holder }: { readonly holder: string }): boolean =>
  keeper.port.holder !== null && keeper.port.holder !== holder;

/** Takes the port back, and answers when the board on it does. */
export async function reclaim(
  context: CommandContext,
  keeper: Keeper,
  options: { readonly holder: string; readonly timeoutMs: number },
): Promise<CommandView> {
  if (isHeldByOther(keeper, options)) return refused(keeper, 'released', 'released');
  const since = context.clock.now().wall;
  await keeper.port.reclaim();
  const isBack = ({ link, identity, reported }: GateStatus) =>
    link === 'up' && identity !== null && reported !== null && reported.at >= since;
  return answer(context, keeper, 'reclaim', options.timeoutMs, (status) => isBack(status) && 'done');
}

/** Presses the button of an emulated gate; `events` hears what the gate tells of it. */
export async function press(
  context: CommandContext,
  keeper: Keeper,
  options: { readonly timeoutMs: number; readonly push: () => void; readonly events: EventSource },
): Promise<CommandView> {
  let told: GateEvent | null = null;
  const unsubscribe = options.events((event) => {
    // A press that begins while live mutes; one that locks does both: the newest event tells how it ended.
    if (event.gate === keeper.name && isOfPress(event)) told = event;
  });
  options.push();
  try {
    return await answer(
      context,
      keeper,
      'press',
      options.timeoutMs,
      (status) => told !== null && pressOutcome(keeper, told, status),
      options.events,
    );
  } finally {
    unsubscribe();
  }
}

const PRESS_KINDS: ReadonlySet<string> = new Set(['press', 'lock', 'unlock', 'fault', 'cleared']);
const PRESS_REASONS: ReadonlySet<string> = new Set(['press', 'button', 'button-alone']);

/** What somebody else asked for a moment before may be told only now. */
const isOfPress = ({ kind, reason }: GateEvent): boolean =>
  PRESS_KINDS.has(kind) || ((kind === 'live' || kind === 'mute') && PRESS_REASONS.has(reason));

function pressOutcome(keeper: Keeper, { kind, reason }: GateEvent, status: GateStatus): Outcome | false {
  if (kind === 'press') {
    const error = explain(keeper, 'press-refused', { detail: REASONS[reason][1] });
    return { refusedBy: reason, error: { ...error, cause: reason } };
  }
  if (kind === 'live') return status.state === 'live' && 'done';
  return (status.state === 'muted' || isUnproven(status)) && 'done';
}

/** What was asked for is shown by a report that the gate made afterwards, not by one that was on its way. */
function isShown({ reported, pending }: GateStatus, since: number): boolean {
  if (pending.mute || pending.lock) return false;
  return reported !== null && reported.at >= since;
}
