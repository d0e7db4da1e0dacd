/** What all commands share: their options, and how a result or a failure is told. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandView, StatusAnswer } from '../../schemas/api.ts';
import { parseDuration } from '../../schemas/duration.ts';
import { describe, EarlidError, type ErrorView, EXIT, exitOf } from '../../schemas/errors.ts';
import { formatProblem } from '../config/problem.ts';
import type { Client } from './client.ts';
import { type Io, useColour } from './io.ts';
import { commandLine, paint, reasonWords, stateWords } from './words.ts';

/** Handed to every command. */
export interface CommandContext {
  readonly io: Io;
  /** Loaded when first asked for. */
  client(): Promise<Client>;
  /** Sets the exit code of the process. */
  exit(code: number): void;
}

/** Adds one command to the program. */
export type Register = (program: Command, context: CommandContext) => void;

/** An option value such as `5m`. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms < 1_000)
    throw new InvalidArgumentError('Write durations like 90s, 2m or 1h30m, at least 1s.');
  return ms;
}

/** An option value such as `200`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`);
    return value;
  };
}

/** How long the command waits for the gate to show the result. */
export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'how long to wait for the proof')
    .argParser(durationMs)
    .default(5_000, '5s');
}

/** The end of an override as the daemon is told it: a length, or a time that it reads. */
export function endOption(
  command: string,
  forMs: number | undefined,
  until: string | undefined,
): { forMs?: number; until?: string } {
  if (forMs !== undefined && until !== undefined) throw usageError('say --for or --until, not both', command);
  return { ...(forMs !== undefined && { forMs }), ...(until !== undefined && { until }) };
}

export const JSON_OPTION = ['--json', 'print one JSON value'] as const;

/** One JSON value, or lines. */
export function print(io: Io, text: string): void {
  io.out.write(text.endsWith('\n') ? text : `${text}\n`);
}
export function printJson(io: Io, value: unknown): void {
  io.out.write(`${JSON.stringify(value)}\n`);
}

/** Tells an error to people (on the error output) or to a program (as the one JSON value). */
export function tellError(io: Io, error: ErrorView, json: boolean): void {
  const { message, hint } = error;
  if (json) printJson(io, { error });
  else
    io.err.write(
      harmless([`earlid: ${message}`, ...placesOf(error), ...(hint ? [hint] : [])].join('\n  ')).concat('\n'),
    );
}

/** Files and words of strangers may be quoted in it: nothing of them takes hold of the terminal. */
const harmless = (text: string): string => text.replaceAll(/[^\P{C}\n]/gu, '·');

/** One line for each mistake in a configuration. */
function placesOf({ problems }: ErrorView): string[] {
  return Array.isArray(problems) ? problems.map(formatProblem) : [];
}

/** Tells what a command did on one or all gates, and sets the exit code: the gravest of them. */
export function tellResults(
  context: CommandContext,
  results: readonly CommandView[],
  json: boolean,
  asArray: boolean,
): void {
  const { io } = context;
  if (json) printJson(io, asArray ? results : results[0]);
  else
    for (const result of results) {
      if (result.ok) print(io, commandLine(result, io.now(), useColour(io)));
      for (const problem of [result.error, result.warning]) if (problem) tellError(io, problem, false);
    }
  context.exit(Math.max(EXIT.done, ...results.map(({ error }) => (error ? exitOf(error.code) : EXIT.done))));
}

/** Like `tellResults` for one gate, with the reason of its state instead of the end of its override. */
export async function tellWithReason(
  context: CommandContext,
  client: Client,
  result: CommandView,
  json: boolean,
): Promise<void> {
  if (json || !result.ok) return tellResults(context, [result], json, false);
  const { at, gates } = await client.get<StatusAnswer>('/v1/status');
  const { io } = context;
  const { reason } = gates.find(({ gate }) => gate === result.gate) ?? {};
  const why = reason && reasonWords({ reason }, Date.parse(at));
  print(
    io,
    `${result.gate}: ${paint(stateWords(result), result.state, useColour(io))}${why ? `: ${why}` : ''}`,
  );
}

/** A command that was used wrongly; `command` is what `earlid help` is asked about: its words, or none for the list of all. */
export const usageError = (detail: string, ...command: readonly string[]): EarlidError =>
  new EarlidError('usage', { detail, help: ['earlid', 'help', ...command].join(' ') });

/** The view of anything that was thrown. */
export function viewOf(error: unknown): { readonly view: ErrorView; readonly exit: number } {
  if (error instanceof EarlidError || (error instanceof Error && 'view' in error && 'exit' in error))
    return error as unknown as { view: ErrorView; exit: number };
  const detail = error instanceof Error ? error.message : String(error);
  return { view: describe('internal', { detail }), exit: EXIT.internal };
}

/** Path of a command of one gate. */
export const gatePath = (gate: string, command: string): string =>
  `/v1/gates/${encodeURIComponent(gate)}/${command}`;
