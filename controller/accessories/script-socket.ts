/** The free pins of a gate for a script of the user's own: a Firmata board behind a Unix socket, for one script at a time. */
import { createServer, type Server, type Socket } from 'node:net';
import { FirmataDevice } from './firmata-device.ts';
import type { FreePins } from './free-pins.ts';

/** A script that reads this much less than it is sent has stopped reading. */
const MAX_UNREAD_BYTES = 64 * 1024;

export interface ScriptSocketOptions {
  readonly gate: string;
  /** What the script may use. */
  readonly own: readonly number[];
  readonly pins: FreePins;
  readonly log: { info(text: string): void; warn(text: string): void };
  /** Makes a server listen where the script looks for it. */
  readonly open: (server: Server) => Promise<void>;
}

export class ScriptSocket {
  readonly #options: ScriptSocketOptions;
  readonly #server: Server;
  #script: Socket | null = null;

  constructor(options: ScriptSocketOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** Rejects when nothing can listen there. */
  start(): Promise<void> {
    return this.#options.open(this.#server);
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#script?.destroy();
    await closed;
  }

  #connected(socket: Socket): void {
    const { gate, own, pins, log } = this.#options;
    socket.on('error', () => {});
    if (this.#script) {
      log.warn('a second script was refused: the free pins are for one at a time');
      socket.destroy();
      return;
    }
    this.#script = socket;
    const device = new FirmataDevice({
      name: `Earlid ${gate}`,
      pins: own,
      gate: pins,
      reply: (bytes) => {
        if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
        else socket.write(bytes);
      },
      drained: () => socket.resume(),
    });
    socket.on('data', (bytes) => {
      device.receive(bytes);
      if (pins.isBusy) socket.pause();
    });
    socket.on('close', () => {
      this.#script = null;
      device.release();
      pins.detach(device);
      log.info('the script has let go of the free pins');
    });
    pins.attach(device);
    log.info('a script uses the free pins');
    device.announce();
  }
}
