/** A link within the process: two ends of a pipe, for tests and for emulated boards. */
import { LinkError, type LinkFactory } from './link.ts';
import { Pipe } from './pipe.ts';

/** The other end of a memory link: what a board, emulated or scripted, does with it. */
export interface MemoryPeer {
  /** Called for every opened connection with what the controller may receive from it. */
  opened(send: (bytes: Uint8Array) => void, options: { readonly baud?: number }): void;
  /** Bytes that the controller sent. */
  received(bytes: Uint8Array): void;
  closed(): void;
}

/** A memory link and what may happen to it. */
export interface MemoryLink {
  readonly open: LinkFactory;
  /** Breaks the open connection, as when the cable is pulled; opening fails with `error` until `plug`. */
  unplug(error?: LinkError): void;
  plug(): void;
  readonly connected: boolean;
}

/** Only one connection is open at a time, as on a serial port; a second one is refused with `port-busy`. */
export function memoryLink(peer: MemoryPeer): MemoryLink {
  let current: Pipe | null = null;
  let refused: LinkError | null = null;
  return {
    open: async (options = {}) => {
      if (refused) throw refused;
      if (current) throw new LinkError('port-busy', 'the memory link is open already');
      const pipe = new Pipe(peer.received, () => {
        if (current !== pipe) return;
        current = null;
        peer.closed();
      });
      current = pipe;
      peer.opened((bytes) => pipe.deliver(bytes), options);
      return pipe;
    },
    unplug: (error = new LinkError('port-missing', 'unplugged')) => {
      refused = error;
      current?.end(new LinkError('link-failed', 'unplugged'));
    },
    plug: () => {
      refused = null;
    },
    get connected() {
      return current !== null;
    },
  };
}
