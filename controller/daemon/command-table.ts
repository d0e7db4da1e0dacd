/** What each command does, whoever gives it. */
import type { CommandName, CommandView } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { CommandContext, EventSource } from './answer.ts';
import type { CommandBody } from './api.ts';
import { type CommandSource, lock, mute, press, reclaim, release, resumeRules, unmute } from './commands.ts';
import type { Hardware } from './hardware.ts';
import type { Keeper } from './keeper.ts';

export interface CommandCall<C extends CommandName> {
  readonly context: CommandContext;
  readonly keeper: Keeper;
  readonly hardware: Hardware;
  readonly events: EventSource;
  readonly body: CommandBody<C>;
  /** Whether it may is for the configuration to say. */
  readonly source: CommandSource;
}

/** The button has come to rest this long after it was let go. */
const BOUNCE_MS = 50;

export const COMMANDS: { readonly [C in CommandName]: (call: CommandCall<C>) => Promise<CommandView> } = {
  mute: ({ context, keeper, body, source }) => mute(context, keeper, { source, ...body }),
  unmute: ({ context, keeper, body, source }) => unmute(context, keeper, { source, ...body }),
  resume: ({ context, keeper, body, source }) => resumeRules(context, keeper, { source, ...body }),
  lock: ({ context, keeper, body }) => lock(context, keeper, body),
  release: async ({ context, keeper, hardware, body }) => {
    if (hardware.port === null) throw new EarlidError('nothing-to-flash', { gate: keeper.name });
    return release(context, keeper, body);
  },
  reclaim: ({ context, keeper, body }) => reclaim(context, keeper, body),
  press: async ({ context, keeper, hardware, events, body: { ms, timeoutMs } }) => {
    const push = hardware.press;
    if (!push) throw new EarlidError('not-emulated', { gate: keeper.name });
    // A press tells its result when it ends, and one that locks before: the next one must find the button up.
    const released = new Promise<void>((resolve) => void context.after(ms + BOUNCE_MS, resolve));
    const result = await press(context, keeper, { timeoutMs: timeoutMs + ms, push: () => push(ms), events });
    if (result.ok) await released;
    return result;
  },
};
