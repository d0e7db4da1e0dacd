/**
 * Everybody who drives free pins of one gate, at its end of the wire. Guard messages never wait for them: what they send
 * goes out a little at a time, and what is too much is left out until the pins are as they should be.
 */
import { ANALOG_FIRST, freePinsOf, hasPwm, pinName } from '../../schemas/pins.ts';
import type { Product } from '../../schemas/protocol.ts';
import type { PinSender, PinUser } from '../gate/free-pins.ts';
import type { Clock } from '../link/clock.ts';
import { FIRMATA, type PinMessage, PORT_COUNT } from '../link/pin-message.ts';
import { FirmataReader } from './firmata-reader.ts';

/** A mute waits behind at most this many messages of three bytes: 2.6 ms. The gate takes 64 bytes at a time. */
const BURST = 10;
/** 3 KB/s, a quarter of the wire. */
const BURST_MS = 10;
/** More than this many waiting messages are dropped. */
const MAX_WAITING = 256;
/** A client that can wait does so from here on. */
const BUSY = 64;

/** One who drives some of the free pins, and remembers what it wants of them. */
export interface PinClient {
  /** All that brings freshly reset pins to what this client wants. */
  wanted(): readonly PinMessage[];
  wantsPort(port: number): boolean;
  /** Levels of a port as the gate reports them, bit 0 its first pin. */
  digital(port: number, levels: number): void;
  /** A reading of an analog pin, 0 to 1023. */
  analog(pin: number, value: number): void;
  /** There is room again, or nothing needs to be waited for. */
  drained(): void;
}

export interface FreePinsOptions {
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** Has no effect until a client sends something or the gate comes up. */
export class FreePins implements PinUser {
  readonly #options: FreePinsOptions;
  readonly #clients = new Set<PinClient>();
  readonly #refused = new Set<number>();
  #reader = new FirmataReader();
  #product: Product | null = null;
  #sender: PinSender | null = null;
  #waiting: PinMessage[] = [];
  #dropped = false;
  #cancel: (() => void) | null = null;

  constructor(options: FreePinsOptions) {
    this.#options = options;
  }

  /** What the board said it is; null when none has answered yet. */
  get product(): Product | null {
    return this.#product;
  }

  /** So much waits that more had better not come. */
  get isBusy(): boolean {
    return this.#waiting.length > BUSY;
  }

  attach(client: PinClient): void {
    this.#clients.add(client);
    this.submit(client.wanted());
  }

  /** What the client wanted of its pins must be undone before. */
  detach(client: PinClient): void {
    this.#clients.delete(client);
  }

  /** Sends in order, as soon as there is a board and room; without a board nothing needs to be sent. */
  submit(messages: readonly PinMessage[]): void {
    if (!this.#sender) return;
    for (const message of messages) if (this.#maySend(message)) this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) {
      // The pins end up right, only not by way of every step.
      this.#waiting = [];
      this.#dropped = true;
    }
    this.#pump();
  }

  up(product: Product, send: PinSender): void {
    this.#product = product;
    this.#sender = send;
    this.#reader = new FirmataReader();
    this.#waiting = [];
    this.#submitAll();
  }

  down(): void {
    this.#sender = null;
    this.#waiting = [];
    this.#dropped = false;
    this.#cancel?.();
    this.#cancel = null;
    this.#tell((client) => client.drained());
  }

  /** Lamps off, whoever lit them. */
  closing(): void {
    const send = this.#sender;
    this.down();
    send?.([{ type: 'reset' }]);
  }

  received(bytes: Uint8Array): void {
    for (const [command = 0, low = 0, high = 0] of this.#reader.push(bytes)) {
      const kind = command & 0xf0;
      const index = command & 0x0f;
      const value = low | (high << 7);
      if (kind === FIRMATA.digital && index < PORT_COUNT)
        this.#tell((client) => client.digital(index, value));
      else if (kind === FIRMATA.analog) this.#tell((client) => client.analog(ANALOG_FIRST + index, value));
    }
  }

  #submitAll(): void {
    this.submit([{ type: 'reset' }]);
    for (const client of this.#clients) this.submit(client.wanted());
  }

  #maySend(message: PinMessage): boolean {
    switch (message.type) {
      case 'reset':
        return true;
      case 'report-digital':
        // A port is shared: whoever still wants it goes on being told.
        return message.on || ![...this.#clients].some((client) => client.wantsPort(message.port));
      default:
        return this.#isFree(message.pin, message.type === 'pwm');
    }
  }

  #isFree(pin: number, pwm: boolean): boolean {
    const product = this.#product;
    if (product && freePinsOf(product).includes(pin) && (!pwm || hasPwm(product, pin))) return true;
    if (!this.#refused.has(pin))
      this.#options.warn(`${pinName(pin)} cannot be used like this on a ${product}`);
    this.#refused.add(pin);
    return false;
  }

  #pump(): void {
    if (this.#cancel || !this.#sender) return;
    if (this.#waiting.length === 0) {
      if (!this.#dropped) return;
      this.#dropped = false;
      this.#submitAll();
      return;
    }
    const burst = this.#waiting.splice(0, BURST);
    this.#cancel = this.#options.clock.after(BURST_MS, () => {
      this.#cancel = null;
      this.#pump();
      if (!this.isBusy) this.#tell((client) => client.drained());
    });
    this.#sender(burst);
  }

  /** One client's failure is not another's. */
  #tell(run: (client: PinClient) => void): void {
    for (const client of [...this.#clients]) {
      try {
        run(client);
      } catch (error) {
        this.#options.warn(`free pins: ${String(error)}`);
      }
    }
  }
}

/** The message that tells the levels of a port, bit 0 its first pin. */
export function portLevels(port: number, levels: number): Uint8Array {
  return Uint8Array.of(FIRMATA.digital | port, levels & 0x7f, (levels >> 7) & 0x7f);
}
