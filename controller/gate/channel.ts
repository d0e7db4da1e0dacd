/** What a gate and its session say to each other: frames in a version that both speak, with authenticators where there is a key. */
import { encodeFrame } from '../../schemas/codec.ts';
import { type GateMessage, type HostMessage, PROTOCOL_VERSION } from '../../schemas/protocol.ts';
import type { Clock } from '../link/clock.ts';
import type { Origin } from '../link/frames.ts';
import type { LinkFactory } from '../link/link.ts';
import { KeptLink } from '../link/reconnect.ts';
import type { LinkHandlers } from '../link/use.ts';
import type { GateLog } from './options.ts';
import { type KeyRing, type Proof, Seal } from './seal.ts';

export interface ChannelOptions extends Pick<LinkHandlers, 'up' | 'down' | 'foreign' | 'firmata'> {
  readonly link: LinkFactory;
  readonly clock: Clock;
  readonly keys: KeyRing;
  readonly log: GateLog;
  /** Whether only an authenticator makes what the gate says count. */
  readonly needsProof: () => boolean;
  readonly message: (message: GateMessage, proof: Proof) => void;
}

/** Has no effect until `start()`; connected again for ever until `stop()`. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #link: KeptLink;
  readonly #seal: Seal;
  /** The protocol version that the gate speaks. */
  #version: number = PROTOCOL_VERSION;
  #frames = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const { link, clock, keys, log, up, down, foreign, firmata } = options;
    this.#seal = new Seal(keys);
    this.#link = new KeptLink(link, clock, {
      up: () => {
        this.#seal.begin();
        this.#version = PROTOCOL_VERSION;
        up();
      },
      down,
      foreign,
      firmata,
      message: (message, origin) => this.#heard(message, origin),
      discarded: (totals) => log.debug?.(`discarded so far: ${JSON.stringify(totals)}`),
    });
  }

  start(): void {
    this.#link.start();
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  /** There are other keys: the gate has not shown yet which it holds. */
  keysChanged(): void {
    this.#seal.begin();
  }

  send(message: HostMessage): void {
    this.#debug('→', message);
    const version = this.#options.needsProof() ? PROTOCOL_VERSION : this.#version;
    const by = this.#seal.by(message);
    this.#link.send(encodeFrame(message, this.#frames++ & 0xff, { version, by }));
  }

  /** Bytes that are none of the guard's. */
  sendBytes(bytes: Uint8Array): void {
    this.#link.send(bytes);
  }

  #heard(message: GateMessage, origin: Origin): void {
    this.#debug('←', message);
    const proof = this.#seal.proofOf(message, origin);
    // Nobody talks a gate with a key into a version that knows no authenticator.
    if (!this.#options.needsProof()) this.#version = origin.version;
    this.#options.message(message, proof);
  }

  #debug(direction: string, message: GateMessage | HostMessage): void {
    const { log } = this.#options;
    if (!log.debug) return;
    const { type, ...fields } = message;
    const text = JSON.stringify(fields, (_, value) => (value instanceof Uint8Array ? [...value] : value));
    log.debug(`${direction} ${type} ${text}`);
  }
}
