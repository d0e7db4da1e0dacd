/** The daemon's own log: one line an entry, to wherever the sink leads. */
import { Allowance } from './allowance.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  /** Decoded frames, discarded garbage. Left out where nobody wants them: they are not even put into words. */
  readonly debug?: (text: string) => void;
  /** Who muted or unmuted what, why, until when. */
  info(text: string): void;
  /** What a person should look at. */
  warn(text: string): void;
  error(text: string): void;
  /** The same log with a name before every text. */
  named(name: string): Log;
}

/** How an entry begins: its time and level, or the level as journald reads it, which notes the time itself. */
export type LogForm = 'plain' | 'journal';

/** Priorities of syslog. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

export interface LogOptions {
  readonly level: LogLevel;
  readonly form?: LogForm;
  readonly sink: (line: string) => void;
  readonly now?: () => number;
}

/** As many lines of one level and name are written in a minute. */
const MOST_LINES = 120;

/** Text may come from a wire or a file: control characters are shown, not obeyed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
const visible = (text: string): string =>
  text.replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** A log that passes entries of `level` and above to the sink. It never throws (S10). */
export function createLog({ level, form = 'plain', sink, now = Date.now }: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(level);
  const write = (at: LogLevel, text: string) => {
    if (LOG_LEVELS.indexOf(at) < least) return;
    const start =
      form === 'journal' ? `<${PRIORITIES[at]}>` : `${new Date(now()).toISOString()} ${at.padEnd(5)} `;
    try {
      sink(`${start}${visible(text)}`);
    } catch {
      // Whoever has something to say goes on, heard or not.
    }
  };
  /** Writes what one name has to say at one level, and how much of it was left out. */
  const bounded = (at: LogLevel, prefix: string) => {
    const allowance = new Allowance({ ms: 60_000, most: MOST_LINES });
    let left = 0;
    return (text: string) => {
      if (!allowance.take(now())) {
        if (left++ === 0) write('warn', `${prefix}too much to say: further lines are left out for a minute`);
        return;
      }
      if (left > 0) write('warn', `${prefix}${left} lines were left out`);
      left = 0;
      write(at, `${prefix}${text}`);
    };
  };
  const named = (prefix: string): Log => {
    const entry = (at: LogLevel) => (text: string) => write(at, `${prefix}${text}`);
    // Only what a gate does can come without end.
    const limited = prefix === '' ? entry : (at: LogLevel) => bounded(at, prefix);
    return {
      ...(least === 0 && { debug: entry('debug') }),
      info: limited('info'),
      warn: limited('warn'),
      error: entry('error'),
      named: (name) => named(`${prefix}${name}: `),
    };
  };
  return named('');
}
