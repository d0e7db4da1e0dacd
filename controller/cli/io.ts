/** What a command may touch of the world around it; tests pass their own. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { type Surroundings, SYSTEM_UNIT } from '../daemon/places.ts';
import { lineReader } from './input.ts';
import { type Output, Outputs } from './outputs.ts';

export interface Io extends Surroundings {
  readonly out: Output;
  readonly err: Output;
  /** From now on an output that cannot be written only goes silent; until then it ends the process. */
  outliveOutputs(): void;
  readonly now: () => number;
  /** The next line of the standard input, null at the end of it or when `end` is aborted. At a terminal what was typed before it was asked for does not count. */
  readLine(end?: AbortSignal): Promise<string | null>;
  /** Calls `run` when the process is asked to end (SIGINT, SIGTERM); returns the way to stop listening. */
  onEnd(run: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
}

/** The real process. */
export function processIo(outputs = new Outputs([process.stdout, process.stderr], () => process.exit())): Io {
  return {
    env: process.env,
    platform: process.platform,
    home: homedir(),
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    systemService: existsSync(SYSTEM_UNIT),
    out: outputs.of(process.stdout),
    err: outputs.of(process.stderr),
    outliveOutputs: () => outputs.outlive(),
    now: Date.now,
    readLine: lineReader(process.stdin),
    onEnd(run) {
      const stop = () => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, listener);
      };
      const listener = (signal: NodeJS.Signals) => run(signal as 'SIGINT' | 'SIGTERM');
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener);
      return stop;
    },
  };
}

/** Colour only for people who look at a terminal and have not asked for none (https://no-color.org). */
export function useColour(io: Io): boolean {
  return io.out.isTTY && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
}
