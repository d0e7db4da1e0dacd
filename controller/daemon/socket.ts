/** Carries the local API over a Unix socket that only its owner may use. */
import { chmodSync, mkdirSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { MAX_BODY } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { type ApiAnswer, type ApiRequest, badRequest, failure } from './api.ts';
import { isOwnFolder } from './own-folder.ts';

export interface SocketServer {
  stop(): Promise<void>;
}

const MAX_CONNECTIONS = 128;
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;

/** True when a process accepts connections at `path`. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Listens at `path`; what lies there must be known to be stale. `shared`: others may write beside its folder. */
export async function listenAt(
  path: string,
  shared: boolean,
  api: (request: ApiRequest) => Promise<ApiAnswer>,
): Promise<SocketServer> {
  const server = createServer((request, response) => void serve(request, response, api));
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  await openFor(server, path, shared);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lets a server listen at `path` for this user only. Throws `socket-path`. */
export async function openFor(server: Server, path: string, shared: boolean): Promise<void> {
  const fail = (detail: string) => new EarlidError('socket-path', { socket: path, detail });
  if (shared) prepareFolder(dirname(path), fail);
  try {
    unlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw fail(String(code));
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(fail(error.code ?? error.message)));
    server.listen(path, () => resolve());
  });
  server.on('error', () => {});
  chmodSync(path, 0o600);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  api: (request: ApiRequest) => Promise<ApiAnswer>,
): Promise<void> {
  // A client that goes away takes only its own answer with it.
  request.on('error', () => {});
  response.on('error', () => {});
  const body = await readBody(request);
  // Half a command may mean more than the whole: less time, another gate.
  if (body === 'cut off') return;
  const answer =
    body === 'too large'
      ? failure(badRequest(`the body is larger than ${MAX_BODY} bytes`))
      : await api({ method: request.method ?? '', url: request.url ?? '/', body: body.text });
  if ('lines' in answer) return stream(response, answer.lines);
  const text = JSON.stringify(answer.json);
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // What is left of a body that was too large is not waited for.
    ...(body === 'too large' && { connection: 'close' }),
  });
  response.end(text);
}

type Body = { readonly text: string } | 'too large' | 'cut off';

function readBody(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // The rest is read and dropped, or the client could not read the answer.
      if (length > MAX_BODY) resolve('too large');
      else chunks.push(chunk);
    });
    request.on('end', () => resolve({ text: Buffer.concat(chunks).toString('utf8') }));
    request.on('close', () => resolve('cut off'));
  });
}

/** Whoever watches takes at most a tenth of the time: a line about a thousand gates is long in the making. */
const REST = 9;
/** A shorter rest is none. */
const LEAST_REST_MS = 1;

/** One value a line at every change; a slow reader, and one of many gates, gets fewer of them, never older ones. */
function stream(response: ServerResponse, lines: Extract<ApiAnswer, { lines: unknown }>['lines']): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let changed = false;
  /** What the next line waits for. */
  const waits = new Set<'reader' | 'rest'>();
  let rest: NodeJS.Timeout | undefined;
  const write = () => {
    changed = true;
    if (waits.size > 0) return;
    changed = false;
    const from = performance.now();
    if (!response.write(`${JSON.stringify(lines.value())}\n`)) waits.add('reader');
    const restMs = REST * (performance.now() - from);
    if (restMs < LEAST_REST_MS) return;
    waits.add('rest');
    rest = setTimeout(over, restMs, 'rest');
  };
  const over = (what: 'reader' | 'rest') => {
    waits.delete(what);
    if (changed) write();
  };
  const remove = lines.onChange(write);
  response.on('drain', () => over('reader'));
  response.on('close', () => {
    remove();
    clearTimeout(rest);
  });
  write();
}

/** Under /tmp anybody could have made the folder first: it must be ours alone. */
function prepareFolder(folder: string, fail: (detail: string) => EarlidError): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOwnFolder(folder)) throw fail(`${folder} belongs to somebody else`);
}
