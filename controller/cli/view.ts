/** A few lines at the end of a terminal that are drawn anew in place. */
import type { StatusAnswer } from '../../schemas/api.ts';
import type { Io } from './io.ts';
import { gateLine, nameWidth } from './words.ts';

export interface View {
  /** Draws `lines` over the ones drawn before. */
  draw(lines: readonly string[]): void;
  /** Leaves what is drawn and goes below it. */
  end(): void;
}

const ESC = '\u001b[';
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours start with one
const COLOUR = /(\u001b\[[0-9;]*m)/;

/** On a terminal only. A line too long for it is cut, so that the lines drawn can be counted. */
export function terminalView(io: Io): View {
  let height = 0;
  return {
    draw(lines) {
      const up = height > 0 ? `${ESC}${height}A\r${ESC}J` : '';
      io.out.write(`${up}${lines.map((line) => `${cut(line, io.out.columns)}\n`).join('')}`);
      height = lines.length;
    },
    end() {
      height = 0;
    },
  };
}

/** The first `width` columns of `line`; colours take none. */
export function cut(line: string, width: number): string {
  const parts = line.split(COLOUR);
  const isText = (part: string) => !part.startsWith('\u001b');
  const columns = (part: string) => [...part].length;
  if (parts.filter(isText).reduce((sum, part) => sum + columns(part), 0) <= width) return line;
  let left = width - 1;
  const kept = parts.map((part) => {
    if (!isText(part)) return part;
    const shown = [...part].slice(0, left).join('');
    left -= columns(shown);
    return shown;
  });
  return `${kept.join('')}…`;
}

/** One line a gate and one a problem. */
export function statusLines({ gates, problems }: StatusAnswer, now: number, colour: boolean): string[] {
  const width = nameWidth(gates);
  return [
    ...gates.map((gate) => gateLine(gate, now, colour, width)),
    ...problems.map(({ message }) => `! ${message}`),
  ];
}

/** Calls back every second, for what counts down on the screen. */
export function everySecond(run: () => void): () => void {
  const timer = setInterval(run, 1_000);
  return () => clearInterval(timer);
}
