/** Runs avrdude, and ends it where it would go on for nothing. */
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { EarlidError } from '../../schemas/errors.ts';
import { type AvrdudeRun, type Ending, isHopeless, type Progress, progressOf } from './output.ts';

/** Between two `#` of a bar lie at most 2 s, between two attempts to connect 6 s. */
const STALL_MS = 10_000;
const KILL_MS = 1_000;
const MAX_TEXT = 256 * 1024;

export interface AvrdudeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (progress: Progress) => void;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

const nameOf = ({ EARLID_AVRDUDE }: AvrdudeOptions['env']): string => EARLID_AVRDUDE || 'avrdude';

/** Where avrdude lies; rejects with `no-avrdude`. Asked before a gate is disturbed for nothing. */
export async function findAvrdude(env: AvrdudeOptions['env']): Promise<string> {
  const program = nameOf(env);
  const folders = program.includes('/') ? [''] : (env.PATH ?? '').split(delimiter);
  for (const folder of folders) {
    const path = join(folder, program);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new EarlidError('no-avrdude', { program, detail: 'not found' });
}

/** Resolves with how it went. Rejects with `no-avrdude` when it cannot be started. */
export function runAvrdude(args: readonly string[], options: AvrdudeOptions): Promise<AvrdudeRun> {
  const { env, onProgress, signal } = options;
  const program = nameOf(env);
  return new Promise((resolve, reject) => {
    // In English, whatever the language of the user.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, LC_ALL: 'C' } });
    let text = '';
    let ending: Ending = 'exited';
    let killing: NodeJS.Timeout | undefined;
    const end = (why: Ending) => {
      if (ending !== 'exited') return;
      ending = why;
      child.kill('SIGTERM');
      killing = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
    };
    let stall = setTimeout(() => end('stalled'), STALL_MS);
    const stop = () => end('stopped');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const take = (chunk: Buffer) => {
      clearTimeout(stall);
      stall = setTimeout(() => end('stalled'), STALL_MS);
      if (text.length < MAX_TEXT) text += chunk.toString('latin1');
      const progress = progressOf(text);
      if (progress) onProgress(progress);
      if (isHopeless(text)) end('hopeless');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const finish = () => {
      clearTimeout(stall);
      clearTimeout(killing);
      signal.removeEventListener('abort', stop);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      reject(new EarlidError('no-avrdude', { program, detail: error.code ?? error.message }));
    });
    child.once('close', (exit) => {
      finish();
      resolve({ text, exit, ending });
    });
  });
}
