/** Noise for the wire of a gate: random bytes, damaged and spliced guard frames, Firmata messages at any pin. Repeatable by seed. */
import { type Random, seededRandom } from '../../controller/bench/random.ts';
import type { GateKey } from '../../schemas/authenticator.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import type { HostMessage } from '../../schemas/protocol.ts';
import { FIRMATA_TYPES, firmataMessage } from './firmata-messages.ts';

/** What the noise knows of the gate, so that its frames are not refused for the first reason already. */
export interface Target {
  readonly boot: number;
  readonly newest: number;
  /** With it some are leases that are right but for their authenticator. */
  readonly uptime?: number;
}

const PINS = 20;
/** A 40-bit time so far ahead that no gate accepts it. */
const FAR = 2 ** 39;

export class Noise {
  readonly #random: Random;

  readonly #forger: GateKey | null;

  /** With a forger half of the frames carry its authenticator. */
  constructor(seed: number, forger: GateKey | null = null) {
    this.#random = seededRandom(seed);
    this.#forger = forger;
  }

  /** A whole number from 0 to below `below`. */
  pick(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** Random bytes, the ones that mean something to a parser more often. */
  bytes(length: number): Uint8Array {
    const special = [0xf0, 0xf7, 0xff, 0x90, 0xe0, 0x03, 0x02];
    return Uint8Array.from({ length }, () =>
      this.pick(8) === 0 ? special[this.pick(special.length)]! : this.pick(256),
    );
  }

  /** A whole, valid frame of random content; no mute, and no lease that a gate may accept but for its authenticator. */
  frame(target: Target): Uint8Array {
    const boot = this.pick(2) === 0 ? target.boot : this.pick(2 ** 24);
    const seq = this.pick(2 ** 32);
    const messages: readonly (() => HostMessage)[] = [
      () => ({ type: 'hello', controller: seq, challenge: this.bytes(8) }),
      () => ({
        type: 'allow',
        boot,
        seq,
        seen: this.pick(2) === 0 ? target.newest : this.pick(2 ** 24),
        liveUntil: this.pick(3) === 0 ? 0 : FAR + seq,
        buttonUntil: this.pick(2 ** 24),
        buttonMs: this.pick(2 ** 24),
        flags: { night: this.pick(2) === 0, starting: this.pick(2) === 0 },
        challenge: this.bytes(8),
      }),
      () => ({ type: 'lock', boot: boot === target.boot ? boot + 1 : boot, seq }),
      () => ({ type: 'setting', boot, seq: 0, op: 'read', setting: this.pick(256), value: this.bytes(8) }),
      () => ({ type: 'stored', boot, event: this.pick(2 ** 24) }),
      () => ({ type: 'pair', key: this.bytes(32) }),
    ];
    const { uptime } = target;
    const isForged = uptime !== undefined && this.pick(3) === 0;
    const message = isForged ? this.#lease({ ...target, uptime }) : messages[this.pick(messages.length)]!();
    const by = this.#forger && this.pick(2) === 0 ? this.#forger : null;
    return encodeFrame(message, this.pick(256), { by });
  }

  #lease({ boot, newest, uptime }: Required<Target>): HostMessage {
    return {
      type: 'allow',
      boot,
      seq: this.pick(2 ** 32),
      seen: newest,
      liveUntil: uptime + 1000 + this.pick(20_000),
      buttonUntil: 0,
      buttonMs: 0,
      flags: { night: false, starting: false },
      challenge: this.bytes(8),
    };
  }

  /** A frame with bits flipped, bytes lost, doubled or put in, cut short, or continued by another one. */
  damaged(target: Target): Uint8Array {
    const bytes = [...this.frame(target)];
    const at = this.pick(bytes.length);
    switch (this.pick(6)) {
      case 0:
        for (let i = this.pick(3); i >= 0; i--) bytes[this.pick(bytes.length)]! ^= 1 << this.pick(8);
        break;
      case 1:
        bytes.splice(at, 1 + this.pick(3));
        break;
      case 2:
        bytes.splice(at, 0, ...bytes.slice(at, at + 1 + this.pick(4)));
        break;
      case 3:
        bytes.splice(at, 0, ...this.bytes(1 + this.pick(3)));
        break;
      case 4:
        bytes.length = at;
        break;
      default:
        bytes.splice(at, bytes.length, ...this.frame(target).subarray(this.pick(10)));
    }
    return Uint8Array.from(bytes);
  }

  /** A Firmata message of any type at any pin, sometimes cut short. */
  firmata(): Uint8Array {
    const type = FIRMATA_TYPES[this.pick(FIRMATA_TYPES.length)]!;
    const bytes = firmataMessage(type, this.pick(PINS), this.pick(1 << 14));
    return this.pick(8) === 0 ? bytes.subarray(0, this.pick(bytes.length)) : bytes;
  }

  /** The next piece of any kind. */
  piece(target: Target): Uint8Array {
    switch (this.pick(5)) {
      case 0:
        return this.bytes(1 + this.pick(40));
      case 1:
        return this.frame(target);
      case 2:
        return this.firmata();
      default:
        return this.damaged(target);
    }
  }
}
