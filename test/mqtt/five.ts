/** A broker that speaks as much of MQTT 5 as a test asks for, byte by byte. */
import { createServer, type Server, type Socket } from 'node:net';

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PING = 12;
export const DISCONNECT = 14;

/** Reason codes in place of 0. */
export interface Answers {
  readonly connect?: number;
  readonly subscribe?: (topic: string) => number;
}

export class FiveBroker {
  /** Type of each packet that came, with what followed its length. */
  readonly packets: { readonly type: number; readonly body: Buffer }[] = [];
  readonly #answers: Answers;
  readonly #server: Server;
  #socket: Socket | null = null;
  /** It does not part when it is left. */
  hangs = false;

  constructor(answers: Answers = {}) {
    this.#answers = answers;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#socket = socket;
      let bytes = Buffer.alloc(0);
      socket.on('error', () => {}).on('end', () => this.hangs || socket.end());
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        // Every packet of these tests is shorter than 128 bytes.
        while (bytes.length >= 2 && bytes.length >= 2 + bytes[1]!) {
          const end = 2 + bytes[1]!;
          this.#take(bytes[0]! >> 4, Buffer.from(bytes.subarray(2, end)));
          bytes = bytes.subarray(end);
        }
      });
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as { port: number }).port;
  }

  of(type: number): Buffer[] {
    return this.packets.filter((packet) => packet.type === type).map(({ body }) => body);
  }
  get connect(): Buffer | undefined {
    return this.of(CONNECT)[0];
  }
  get published(): Buffer[] {
    return this.of(PUBLISH);
  }

  #take(type: number, body: Buffer): void {
    this.packets.push({ type, body });
    if (type === CONNECT) {
      this.send(0x20, [0, this.#answers.connect ?? 0, 0]);
      if (this.#answers.connect) this.#socket!.end();
    }
    if (type === SUBSCRIBE) {
      const properties = body[2]!;
      const at = 3 + properties;
      const topic = body.toString('utf8', at + 2, at + 2 + body.readUInt16BE(at));
      this.send(0x90, [body[0]!, body[1]!, 0, this.#answers.subscribe?.(topic) ?? 0]);
    }
    if (type === PING) this.send(0xd0, []);
    if (type === DISCONNECT && !this.hangs) this.#socket!.end();
  }

  send(first: number, body: readonly number[]): void {
    this.#socket!.write(Uint8Array.of(first, body.length, ...body));
  }
  /** `flags`: 1 retained, 8 perhaps repeated. */
  publish(topic: string, payload: string, flags = 0): void {
    this.send(0x30 | flags, [0, topic.length, ...Buffer.from(topic), 0, ...Buffer.from(payload)]);
  }
  /** Ends the connection with this reason code. */
  part(reason: number): void {
    this.send(0xe0, [reason, 0]);
    this.#socket!.end();
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
