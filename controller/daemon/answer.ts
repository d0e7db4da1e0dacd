/** What a command is answered with, once the gate's own report shows the result or the time for it is over. */
import type { CommandView } from '../../schemas/api.ts';
import { formatDuration } from '../../schemas/duration.ts';
import { describe, type ErrorCode, type ErrorDetails, type ErrorView } from '../../schemas/errors.ts';
import { REASONS, type Reason } from '../../schemas/protocol.ts';
import type { GateEvent, GateStatus } from '../gate/gate.ts';
import type { After, Clock } from './clock.ts';
import type { WriteProblem } from './durable-file.ts';
import type { Keeper } from './keeper.ts';
import { iso, isUnproven, overrideView } from './views.ts';

export interface CommandContext {
  readonly clock: Clock;
  readonly after: After;
  /** Writes every decision down; null when they are on disk. */
  readonly saved: () => Promise<WriteProblem | null>;
  readonly home: string;
  readonly defaultGrantMs: number;
}

/** How a command ended: done, not proven in time, or refused after all. */
export type Outcome = 'done' | 'late' | { readonly refusedBy: string; readonly error: ErrorView };

/** Calls the listener with events of all gates; returns the way to stop that. */
export type EventSource = (listener: (event: GateEvent) => void) => () => void;

/** An error about this gate in words. */
export function explain(keeper: Keeper, code: ErrorCode, details: ErrorDetails = {}): ErrorView {
  const { fault } = keeper.gate.status();
  return describe(code, {
    gate: keeper.name,
    fault: fault ?? 'none',
    detail: REASONS[(fault ?? 'none') as Reason][1],
    allowed: keeper.rules.mayUnmute.join(', ') || 'nobody',
    max: formatDuration(keeper.rules.maxGrantMs),
    ...details,
  });
}

/** What is shown of a gate after a command. */
export function view(keeper: Keeper): Omit<CommandView, 'ok' | 'refusedBy'> {
  const { state, evidence } = keeper.gate.status();
  const override = keeper.override;
  return {
    gate: keeper.name,
    state,
    evidence,
    until: iso(override?.until ?? null),
    override: overrideView(override),
  };
}

/** Nothing was done; `refusedBy` is what stands against it. */
export function refused(
  keeper: Keeper,
  refusedBy: string,
  code: ErrorCode,
  details: ErrorDetails = {},
): CommandView {
  const { gate, state, evidence, until, override } = view(keeper);
  const error = explain(keeper, code, details);
  return { gate, ok: false, state, evidence, until, override, refusedBy, error };
}

/** Waits for `judge` to be satisfied by the gate's status, then tells how it went. */
export async function answer(
  context: CommandContext,
  keeper: Keeper,
  command: 'mute' | 'unmute' | 'resume' | 'lock' | 'reclaim' | 'press',
  timeoutMs: number,
  judge: (status: GateStatus) => Outcome | false,
  events?: EventSource,
): Promise<CommandView> {
  const written = command === 'press' ? Promise.resolve(null) : context.saved();
  const outcome = await new Promise<Outcome>((settle) => {
    const stops: (() => void)[] = [];
    const finish = (result: Outcome) => {
      for (const stop of stops.splice(0)) stop();
      settle(result);
    };
    const look = () => {
      const result = judge(keeper.gate.status());
      if (result) finish(result);
    };
    stops.push(
      context.after(timeoutMs, () => finish('late')),
      keeper.gate.onChange(look),
    );
    if (events) stops.push(events(look));
    look();
  });
  const problem = await written;
  const { gate, ...now } = view(keeper);
  const shown = { gate, ok: outcome === 'done', ...now };
  if (typeof outcome === 'object') return { ...shown, ...outcome };
  const warning = problem && { warning: unsaved(context, problem, now.state) };
  if (outcome === 'done') return { ...shown, refusedBy: null, ...warning };
  const details = {
    gate: keeper.name,
    command,
    timeout: formatDuration(timeoutMs),
    standing: standing(keeper, command),
  };
  return { ...shown, refusedBy: null, error: describe('not-proven', details), ...warning };
}

function unsaved(context: CommandContext, { code, detail }: WriteProblem, state: string): ErrorView {
  const why = describe(code, { home: context.home, detail });
  return { ...why, message: `${state}, but this will not survive a restart: ${why.message}` };
}

function standing(keeper: Keeper, command: string): string {
  const status = keeper.gate.status();
  if (command === 'mute' && isUnproven(status))
    return 'It says that it is off, but nothing can prove it: it has no sense, and its wiring was not verified.';
  const seen = `\`earlid status ${status.gate}\` shows what is known of it.`;
  if (command === 'mute') return `The mute stands and is sent again until the gate shows it. ${seen}`;
  if (command === 'lock')
    return `The lock is sent again until the gate shows it, but only as long as this daemon runs: lock it again after a restart. ${seen}`;
  if (command !== 'unmute') return seen;
  if (keeper.decision.override?.kind !== 'grant') return `The grant has ended meanwhile. ${seen}`;
  return `The grant stands until its end; \`earlid mute ${status.gate}\` ends it. ${seen}`;
}
