/**
 * What strangers wrote is read in a process of its own, so that a pattern, a repetition or a file that explodes can neither
 * hang nor fatten the daemon.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DOWNLOAD_MS, type Download, type Downloaded } from './download.ts';
import type { Expanded, ListedDays } from './expand.ts';

/** What can be asked about an ICS file or its address, or about the holidays of a country. Zones are names, instants UTC ms, years inclusive. */
export type Question =
  | {
      readonly ask: 'events';
      readonly file: string;
      readonly zone: string;
      readonly matches: readonly (string | null)[];
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly ask: 'holidays';
      readonly file: string;
      readonly zone: string;
      readonly first: number;
      readonly last: number;
    }
  | ({ readonly ask: 'download' } & Download)
  | { readonly ask: 'country'; readonly place: string; readonly first: number; readonly last: number };

interface Answers {
  readonly events: readonly Expanded[];
  readonly holidays: ListedDays;
  readonly download: Downloaded;
  readonly country: ListedDays;
}
/** What was found, or why nothing was. */
export type Answer<Q extends Question> = { readonly found: Answers[Q['ask']] } | { readonly problem: string };

export interface AskOptions {
  readonly timeoutMs?: number;
  /** Ends the process when it is aborted. */
  readonly signal?: AbortSignal;
}
/** Never rejects; a process that cannot be started is a problem as well. */
export type Ask = <Q extends Question>(question: Q, options?: AskOptions) => Promise<Answer<Q>>;

const TIMEOUT_MS = 10_000;
/** More than the download has by itself. */
const DOWNLOAD_TIMEOUT_MS = DOWNLOAD_MS + 5_000;
const HEAP_MB = 192;
/** More than any honest answer. */
const MOST_BYTES = 8 * 1024 * 1024;

const TOO_LONG: Answer<never> = { problem: 'it takes too long to read' };
const TOO_MUCH: Answer<never> = { problem: 'too much is in it' };
const STOPPED: Answer<never> = { problem: 'the daemon stops' };
const DIED: Answer<never> = { problem: 'it takes too much memory to read' };

const timeoutOf = ({ ask }: Question): number => (ask === 'download' ? DOWNLOAD_TIMEOUT_MS : TIMEOUT_MS);

/** Found from the package root, so from the sources as well, once they are built. */
function entry(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist/controller/presence/calendar/apart-main.js');
}

const command = (): [string, string[]] => [
  process.execPath,
  [`--max-old-space-size=${HEAP_MB}`, '--no-warnings', entry()],
];
/** Nothing of this process is for strangers, but who may be trusted. */
const environment = () => {
  const trusted = process.env.NODE_EXTRA_CA_CERTS;
  return { TZ: 'UTC', ...(trusted !== undefined && { NODE_EXTRA_CA_CERTS: trusted }) };
};

/** Asks a process of its own. */
export const askApart: Ask = (question, { timeoutMs = timeoutOf(question), signal } = {}) =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve(STOPPED);
    const [node, args] = command();
    const child = spawn(node, args, { env: environment(), stdio: ['pipe', 'pipe', 'ignore'] });
    let told: Answer<never> | null = null;
    const end = (answer: Answer<never>) => {
      told ??= answer;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(TOO_LONG), timeoutMs);
    const stop = () => end(STOPPED);
    signal?.addEventListener('abort', stop);
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST_BYTES) end(TOO_MUCH);
      else chunks.push(chunk);
    });
    // It may have ended before it has read the question.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(question));
    child.on('error', (error) => end({ problem: `no process can be started for it (${error.message})` }));
    child.on('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(told ?? answerIn(code, Buffer.concat(chunks)));
    });
  });

/** The same, waited for: only for what is asked once, when a configuration is read. */
export function askApartNow<Q extends Question>(question: Q): Answer<Q> {
  const [node, args] = command();
  const { status, stdout, error } = spawnSync(node, args, {
    env: environment(),
    input: JSON.stringify(question),
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_BYTES,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ETIMEDOUT') return TOO_LONG;
  if (code === 'ENOBUFS') return TOO_MUCH;
  if (code !== undefined) return { problem: `no process can be started for it (${code})` };
  return answerIn(status, stdout);
}

function answerIn<Q extends Question>(code: number | null, bytes: Buffer): Answer<Q> {
  try {
    return code === 0 ? JSON.parse(bytes.toString('utf8')) : DIED;
  } catch {
    return DIED;
  }
}
