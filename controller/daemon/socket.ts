/** An HTTP application on a Unix socket that only its owner may use. */
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { EarlidError } from '../../schemas/errors.ts';

export interface SocketServer {
  stop(): Promise<void>;
}

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
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<SocketServer> {
  const fail = (detail: string) => new EarlidError('socket-path', { socket: path, detail });
  if (shared) prepareFolder(dirname(path), fail);
  try {
    unlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw fail(String(code));
  }
  const server = createAdaptorServer({ fetch }) as Server;
  server.maxConnections = 128;
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(fail(error.code ?? error.message)));
    server.listen(path, () => resolve());
  });
  server.on('error', () => {});
  chmodSync(path, 0o600);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Under /tmp anybody could have made the folder first: it must be ours alone. */
function prepareFolder(folder: string, fail: (detail: string) => EarlidError): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  const ours = stat.isDirectory() && stat.uid === process.getuid?.();
  if (!ours || (stat.mode & 0o077) !== 0) throw fail(`${folder} belongs to somebody else`);
}
