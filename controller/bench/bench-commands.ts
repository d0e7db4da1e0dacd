/** The lines that `earlid bench run` reads from its standard input. */
import type { Board } from './board.ts';
import { FAULTS, type Fault } from './wiring.ts';

/** What a line may do beyond the board itself. */
export interface BenchPath {
  open(): void;
  close(): void;
}

const LONGEST_PRESS_MS = 600_000;
const MOST_PPM = 100_000;

interface BenchCommand {
  readonly usage: string;
  /** Returns why the words cannot be carried out, or null when they were. */
  run(words: readonly string[], board: Board, path: BenchPath): string | null;
}

const COMMANDS: Readonly<Record<string, BenchCommand>> = {
  press: {
    usage: 'press MS',
    run([text = ''], board) {
      const ms = Number(text);
      if (!/^\d+$/.test(text) || ms < 1 || ms > LONGEST_PRESS_MS) return `MS is 1 to ${LONGEST_PRESS_MS}`;
      board.press(ms);
      return null;
    },
  },
  power: {
    usage: 'power on|off',
    run([state = ''], board) {
      if (state !== 'on' && state !== 'off') return 'on or off is expected';
      board.power(state === 'on');
      return null;
    },
  },
  reset: {
    usage: 'reset',
    run(_, board) {
      board.reset();
      return null;
    },
  },
  fault: {
    usage: 'fault none|welded|open|jammed|miswired',
    run([fault = ''], board) {
      const possible = FAULTS[board.product];
      if (!possible.includes(fault as Fault)) return `a ${board.product} has: ${possible.join(', ')}`;
      board.fault(fault as Fault);
      return null;
    },
  },
  input: {
    usage: 'input NAME 0|1',
    run([name = '', level = ''], board) {
      if (level !== '0' && level !== '1') return '0 or 1 is expected after the name';
      try {
        board.input(name, level === '1' ? 1 : 0);
      } catch (error) {
        return (error as Error).message;
      }
      return null;
    },
  },
  clock: {
    usage: 'clock PPM',
    run([text = ''], board) {
      const ppm = Number(text);
      if (!/^-?\d+$/.test(text) || Math.abs(ppm) > MOST_PPM) return `PPM is -${MOST_PPM} to ${MOST_PPM}`;
      board.setClockError(ppm);
      return null;
    },
  },
  close: {
    usage: 'close',
    run(_words, _board, path) {
      path.close();
      return null;
    },
  },
  open: {
    usage: 'open',
    run(_words, _board, path) {
      path.open();
      return null;
    },
  },
};

/** Every line that is understood, for help texts. */
export const BENCH_LINES: readonly string[] = Object.values(COMMANDS).map(({ usage }) => usage);

/** Carries out one line. Returns what is wrong with it, or null; an empty line does nothing. */
export function runBenchLine(line: string, board: Board, path: BenchPath): string | null {
  const [name = '', ...words] = line.trim().split(/\s+/);
  if (name === '') return null;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : null;
  if (!command) return `unknown line '${line.trim()}'; known are: ${BENCH_LINES.join(', ')}`;
  const expected = command.usage.split(' ').length - 1;
  const problem =
    words.length === expected ? command.run(words, board, path) : `${expected} word(s) expected after it`;
  return problem === null ? null : `'${line.trim()}': ${problem} (${command.usage})`;
}
