/** A text that is no schedule, told with marks under what is wrong. */
import { describe, EXIT } from '../../schemas/errors.ts';
import type { ScheduleError } from '../schedule/schedule.ts';
import { type CommandContext, printJson } from './command.ts';
import { markedLines } from './schedule-words.ts';

/** Tells it to people or to a program, and sets the exit code. `text` is what positions count in. */
export function tellScheduleError(
  { io, exit }: CommandContext,
  text: string,
  { problem }: ScheduleError,
  json: boolean,
): void {
  const { position, length, hint: advice } = problem;
  const { message, hint } = describe('bad-schedule', { detail: problem.message, hint: advice });
  exit(EXIT.data);
  if (json) {
    printJson(io, { error: { code: 'bad-schedule', message, position, length, hint } });
    return;
  }
  const lines = [`earlid: ${message}`, ...markedLines(text, position, length), `  ${hint}`];
  io.err.write(`${lines.join('\n')}\n`);
}
