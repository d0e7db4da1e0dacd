/** The command line's side of the local API. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import type { FailureAnswer } from '../../schemas/api.ts';
import { EarlidError, type ErrorView, exitOf } from '../../schemas/errors.ts';
import { isOwnFolder } from '../daemon/own-folder.ts';
import { SYSTEM_STATE, socketIsAway, socketPath, stateFolder } from '../daemon/places.ts';
import type { Io } from './io.ts';

/** Longest answer read; the largest is a list of events. */
const MAX_ANSWER = 16 * 1024 * 1024;
/** An answer that is due comes within this time. */
const GRACE_MS = 5_000;

/** An error as the daemon told it. */
export class ToldError extends Error {
  readonly view: ErrorView;
  readonly exit: number;
  constructor(view: ErrorView) {
    super(view.message);
    this.name = 'ToldError';
    this.view = view;
    this.exit = exitOf(view.code);
  }
}

export interface Client {
  readonly socket: string;
  /** `waitMs` is how long the daemon itself may take; as a rule it answers at once. */
  get<T>(path: string, waitMs?: number): Promise<T>;
  post<T>(path: string, body: unknown, waitMs: number): Promise<T>;
  /** Each line of an endless answer as JSON; ends when the daemon ends it or `stop` resolves. */
  lines<T>(path: string, stop: Promise<unknown>): AsyncGenerator<T>;
}

/** Nothing is told to somebody else's daemon, and nothing of what it says is believed. */
function checkPlace(socket: string, lost: (error: NodeJS.ErrnoException) => EarlidError): void {
  const folder = dirname(socket);
  let isOurs: boolean;
  try {
    isOurs = isOwnFolder(folder);
  } catch (error) {
    throw lost(error as NodeJS.ErrnoException);
  }
  if (!isOurs) throw new EarlidError('socket-path', { socket, detail: `${folder} belongs to somebody else` });
}

export function createClient(io: Io): Client {
  const folder = stateFolder(io);
  const socket = socketPath(folder, io);
  const others = io.systemService && !io.env.EARLID_HOME && folder !== SYSTEM_STATE;
  const lost = (error: NodeJS.ErrnoException): EarlidError => {
    const { code = error.message } = error;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') {
      if (others) return new EarlidError('system-service', { home: SYSTEM_STATE });
      return new EarlidError('no-daemon', { socket }, { socket });
    }
    if (code === 'EACCES' || code === 'EPERM')
      return new EarlidError('socket-forbidden', { socket }, { socket });
    return new EarlidError('daemon-lost', { socket, detail: code }, { socket });
  };

  const open = (method: string, path: string, body: unknown, timeoutMs: number) =>
    new Promise<{ call: ClientRequest; answer: IncomingMessage }>((resolve, reject) => {
      if (socketIsAway(socket, folder)) checkPlace(socket, lost);
      const call = httpRequest(
        {
          socketPath: socket,
          agent: false,
          method,
          path,
          headers: { host: 'earlid', ...(body !== undefined && { 'content-type': 'application/json' }) },
        },
        (answer) => resolve({ call, answer }),
      );
      call.setTimeout(timeoutMs, () => call.destroy(new Error('no answer in time')));
      call.once('error', (error) => reject(lost(error)));
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });

  const whole = async <T>(method: string, path: string, body: unknown, waitMs: number): Promise<T> => {
    const { answer } = await open(method, path, body, waitMs + GRACE_MS);
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_ANSWER) throw new Error('an answer of endless length');
      }
      const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as T | FailureAnswer;
      if (answer.statusCode !== 200) throw new ToldError((value as FailureAnswer).error);
      return value as T;
    } catch (error) {
      throw error instanceof ToldError ? error : lost(error as Error);
    }
  };

  return {
    socket,
    get: (path, waitMs = 0) => whole('GET', path, undefined, waitMs),
    post: (path, body, waitMs) => whole('POST', path, body, waitMs),
    async *lines<T>(path: string, stop: Promise<unknown>) {
      const { call, answer } = await open('GET', path, undefined, 0);
      call.setTimeout(0);
      let stopped = false;
      void stop.then(() => {
        stopped = true;
        call.destroy();
      });
      try {
        let rest = '';
        answer.setEncoding('utf8');
        for await (const chunk of answer as AsyncIterable<string>) {
          const parts = (rest + chunk).split('\n');
          rest = parts.pop()!;
          if (rest.length > MAX_ANSWER) throw new Error('a line of endless length');
          for (const part of parts) yield JSON.parse(part) as T;
        }
      } catch (error) {
        if (!stopped) throw lost(error as Error);
      } finally {
        call.destroy();
      }
      if (!stopped) throw new EarlidError('daemon-lost', { socket, detail: 'it has stopped' }, { socket });
    },
  };
}
