/** Lines of the standard input, one for each time that somebody asks. */
import { createInterface, type Interface } from 'node:readline';

/** Reads nothing before the first call; afterwards the input keeps the process alive only while a line is waited for. */
export function lineReader(input: NodeJS.ReadStream): (end?: AbortSignal) => Promise<string | null> {
  const typed: string[] = [];
  let lines: Interface | null = null;
  let ended = false;
  let waiting: ((line: string | null) => void) | null = null;
  const settle = (line: string | null) => {
    const resolve = waiting;
    waiting = null;
    input.unref?.();
    resolve?.(line);
  };
  const open = () => {
    lines = createInterface({ input });
    lines.on('line', (line) => {
      if (waiting) settle(line);
      // An answer given before the question may be meant for another.
      else if (!input.isTTY) typed.push(line);
    });
    lines.on('close', () => {
      ended = true;
      if (waiting) settle(null);
    });
  };
  return (end) =>
    new Promise((resolve) => {
      const next = typed.shift();
      if (next !== undefined) return resolve(next);
      if (ended || end?.aborted) return resolve(null);
      const stop = () => settle(null);
      end?.addEventListener('abort', stop);
      // However many questions are asked, one listens.
      waiting = (line) => {
        end?.removeEventListener('abort', stop);
        resolve(line);
      };
      input.ref?.();
      if (!lines) open();
    });
}
