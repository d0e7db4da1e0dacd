/** The free pins of a gate for a script of the user's own: a Firmata board behind a Unix socket, for one script at a time. */
import { createServer, type Server, type Socket } from 'node:net';
import { FirmataDevice } from './firmata-device.ts';
import type { FreePins } from './free-pins.ts';

/** A script that reads this much less than it is sent has stopped reading. */
const MAX_UNREAD_BYTES = 64 * 1024;

/** Of a script's bytes are looked at before asking whether there is room for more. */
const PART_BYTES = 64;
/** So many of its bytes are taken before everything else has its turn: a flood of questions must not hold up a mute. */
const TURN_BYTES = 256;
const TURN_MS = 5;

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
      drained: () => feed(),
    });
    let unread: Buffer = Buffer.alloc(0);
    let turn: NodeJS.Timeout | null = null;
    /** Takes what there is room and time for; the rest waits, and more is not read. */
    const feed = () => {
      if (turn !== null) return;
      for (let taken = 0; taken < TURN_BYTES && unread.length > 0 && !pins.isBusy; taken += PART_BYTES) {
        const part = unread.subarray(0, PART_BYTES);
        unread = unread.subarray(PART_BYTES);
        device.receive(part);
      }
      if (socket.destroyed) return;
      if (unread.length === 0) socket.resume();
      else socket.pause();
      if (unread.length > 0 && !pins.isBusy)
        turn = setTimeout(() => {
          turn = null;
          feed();
        }, TURN_MS);
    };
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      feed();
    });
    socket.on('close', () => {
      this.#script = null;
      unread = Buffer.alloc(0);
      if (turn !== null) clearTimeout(turn);
      device.release();
      pins.detach(device);
      log.info('the script has let go of the free pins');
    });
    pins.attach(device);
    log.info('a script uses the free pins');
    device.announce();
  }
}
