/** What a command may touch of the world around it; tests pass their own. */
import { homedir } from 'node:os';
import type { Surroundings } from '../daemon/places.ts';

export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
}

export interface Io extends Surroundings {
  readonly out: Output;
  readonly err: Output;
  readonly now: () => number;
  /** Calls `run` when the process is asked to end (SIGINT, SIGTERM); returns the way to stop listening. */
  onEnd(run: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
}

const output = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  get isTTY() {
    return stream.isTTY === true;
  },
  get columns() {
    return stream.columns || 80;
  },
});

/** The real process. */
export function processIo(): Io {
  return {
    env: process.env,
    platform: process.platform,
    home: homedir(),
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    out: output(process.stdout),
    err: output(process.stderr),
    now: Date.now,
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
