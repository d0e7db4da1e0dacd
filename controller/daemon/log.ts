/** The daemon's own log: one line an entry, to wherever the sink leads. */

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  /** Decoded frames, discarded garbage. */
  debug(text: string): void;
  /** Who muted or unmuted what, why, until when. */
  info(text: string): void;
  /** What a person should look at. */
  warn(text: string): void;
  error(text: string): void;
  /** The same log with a name before every text. */
  named(name: string): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly sink: (line: string) => void;
  readonly now?: () => number;
}

/** Text may come from a wire or a file: control characters are shown, not obeyed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
const visible = (text: string): string =>
  text.replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** A log that passes entries of `level` and above to the sink. It never throws (S10). */
export function createLog({ level, sink, now = Date.now }: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(level);
  const named = (prefix: string): Log => {
    const entry = (at: LogLevel) => (text: string) => {
      if (LOG_LEVELS.indexOf(at) < least) return;
      const line = `${new Date(now()).toISOString()} ${at.padEnd(5)} ${prefix}${visible(text)}`;
      try {
        sink(line);
      } catch {
        // Whoever has something to say goes on, heard or not.
      }
    };
    return {
      debug: entry('debug'),
      info: entry('info'),
      warn: entry('warn'),
      error: entry('error'),
      named: (name) => named(`${prefix}${name}: `),
    };
  };
  return named('');
}
