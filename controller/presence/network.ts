/** The network as `host` uses it: names, and TCP connections that are closed as soon as they are answered. */
import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';

/** `connected`, `timeout`, `stopped`, or what the operating system said, such as ECONNREFUSED. */
export type Outcome = string;

export interface Network {
  isAddress(text: string): boolean;
  /** Addresses of a name, or why there are none. Never rejects. */
  lookUp(name: string): Promise<readonly string[] | Outcome>;
  /** Never rejects, and sends no data. */
  connect(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Outcome>;
}

const codeOf = (error: unknown): Outcome => (error as NodeJS.ErrnoException).code ?? String(error);

export const systemNetwork: Network = {
  isAddress: (text) => isIP(text) !== 0,
  async lookUp(name) {
    try {
      const found = await lookup(name, { all: true });
      return found.map(({ address }) => address);
    } catch (error) {
      return codeOf(error);
    }
  },
  connect: (host, port, timeoutMs, signal) =>
    new Promise((resolve) => {
      const socket = connect({ host, port });
      const end = (outcome: Outcome) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        socket.destroy();
        resolve(outcome);
      };
      const stop = () => end('stopped');
      const timer = setTimeout(() => end('timeout'), timeoutMs);
      signal.addEventListener('abort', stop);
      socket.once('connect', () => end('connected'));
      socket.on('error', (error) => end(codeOf(error)));
      if (signal.aborted) stop();
    }),
};
