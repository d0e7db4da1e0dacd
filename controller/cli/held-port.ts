/** A port that the daemon lets go of for as long as a command needs it (flashing, pairing). */
import { randomUUID } from 'node:crypto';
import { type CommandView, RELEASE_MS } from '../../schemas/api.ts';
import { ToldError } from './client.ts';
import { type CommandContext, gatePath } from './command.ts';

/** How long the daemon may take to mute with proof, and to find the board again. */
const RELEASE_TIMEOUT_MS = 5_000;
const RECLAIM_TIMEOUT_MS = 10_000;

export interface HeldPort {
  /** Resolves when the daemon has muted the gate and let go of its port. */
  release(): Promise<CommandView>;
  /** Gives it back; waits until the daemon hears the board, where it can. */
  giveBack(canAnswer: boolean): Promise<void>;
}

/** The port of a gate that the daemon holds. When this process dies the daemon takes it back by itself. */
export function holdPort(context: CommandContext, gate: string): HeldPort {
  const holder = randomUUID();
  const ask = async (command: 'release' | 'reclaim', timeoutMs: number) =>
    (await context.client()).post<CommandView>(gatePath(gate, command), { holder, timeoutMs }, timeoutMs);
  let timer: NodeJS.Timeout | undefined;
  let renewed: Promise<unknown> = Promise.resolve();
  const renew = () => {
    renewed = ask('release', 0).catch(() => {});
  };
  return {
    async release(): Promise<CommandView> {
      const view = await ask('release', RELEASE_TIMEOUT_MS);
      if (view.error) throw new ToldError(view.error);
      timer = setInterval(renew, RELEASE_MS / 3);
      return view;
    },
    async giveBack(canAnswer: boolean): Promise<void> {
      clearInterval(timer);
      await renewed;
      // A daemon that ended meanwhile will open the port when it starts again.
      await ask('reclaim', canAnswer ? RECLAIM_TIMEOUT_MS : 0).catch(() => {});
    },
  };
}
