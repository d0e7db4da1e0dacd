/** The sending side of the property test: what a controller knows of the gate, and the frames it makes of a command. */
import type { GateKey } from '../../schemas/authenticator.ts';
import { encodeFrame } from '../../schemas/codec.ts';
import { type GateMessage, type HostMessage, MESSAGES, type MessageOf } from '../../schemas/protocol.ts';
import type { AllowFlaw, Command } from './commands.ts';

const bytes = (n: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (i + 1) * n);
/** The keys that are given; the first is none, and the last is given to no gate. */
export const KEYS = [bytes(0), bytes(1), bytes(3), bytes(7)] as const;
const gateKey = (key: Uint8Array): GateKey => ({ key, gateId: new Uint8Array(0) });
/** Whom a gate with this key speaks for; null: it has none. */
export const keyOf = (key: Uint8Array): GateKey | null =>
  key.some((byte) => byte !== 0) ? gateKey(key) : null;

type Of<K extends Command['do']> = Extract<Command, { do: K }>;

export class Host {
  /** The key of the gate, which whoever runs the sequence knows. */
  by: GateKey | null;
  #boot = 0;
  #newest = 0;
  #clockMs = 0;
  #seq = 0;
  #muteSeq = 0;
  #count = 0;
  #challenges = 0;
  #controller = 1;
  #drawer: Uint8Array | null = null;
  readonly #sent: Uint8Array[] = [];

  constructor(by: GateKey | null) {
    this.by = by;
  }

  /** A frame of the gate whose first byte began at `atMs`. */
  hear(message: GateMessage, atMs: number): void {
    if (message.type !== 'state') return;
    if (message.boot !== this.#boot) this.#seq = 0;
    this.#boot = message.boot;
    this.#newest = message.newest;
    this.#clockMs = atMs - message.uptime;
  }

  /** The bytes of a command; null when there is nothing to send. */
  frame(command: Command, nowMs: number): Uint8Array | null {
    switch (command.do) {
      case 'allow': {
        const bytes = this.#encode(
          this.#allow(command, Math.round(nowMs - this.#clockMs)),
          this.#key(command.flaw),
        );
        if (!command.later) return bytes;
        this.#drawer = bytes;
        return null;
      }
      case 'deliver': {
        const bytes = this.#drawer;
        this.#drawer = null;
        return bytes && this.#keep(bytes);
      }
      case 'copy':
        return this.#sent.at(-1 - command.back) ?? null;
      case 'mute':
        if (!command.again) this.#muteSeq++;
        return this.#encode({ type: 'mute', seq: this.#muteSeq, reason: command.reason });
      case 'mutes': {
        const mutes = Array.from({ length: command.count }, () =>
          this.frame({ do: 'mute', again: false, reason: 'policy' }, nowMs),
        );
        return Uint8Array.from(mutes.flatMap((bytes) => [...bytes!]));
      }
      case 'garble':
        return this.#garbled(command);
      case 'lock':
        return this.#encode({ type: 'lock', ...this.#order(command.flaw) }, this.#key(command.flaw));
      case 'hello':
        this.#controller = command.who;
        return this.lastHello();
      case 'stored':
        return this.#encode(
          {
            type: 'stored',
            boot: this.#boot + (command.wrongBoot ? 1 : 0),
            event: Math.max(0, this.#newest - command.back),
          },
          this.by,
        );
      case 'write':
        return this.#encode(this.#setting(command), this.#key(command.flaw));
      case 'read':
        return this.#encode(this.#setting(command));
      case 'pair':
        return this.#encode({ type: 'pair', key: KEYS[command.key] });
      default:
        return null;
    }
  }

  /** The controller that spoke last, once more. */
  lastHello(): Uint8Array {
    return this.#encode({ type: 'hello', controller: this.#controller, challenge: this.#challenge() });
  }

  #keep(bytes: Uint8Array): Uint8Array {
    this.#sent.push(bytes);
    return bytes;
  }

  #key(flaw: AllowFlaw): GateKey | null {
    if (flaw === 'no-key') return null;
    return flaw === 'wrong-key' ? gateKey(KEYS[3]) : this.by;
  }

  #encode(message: HostMessage, by: GateKey | null = null): Uint8Array {
    return this.#keep(encodeFrame(message, this.#count++ & 0xff, { by }));
  }

  /** Another one for every message. */
  #challenge(): Uint8Array {
    const n = ++this.#challenges;
    return Uint8Array.of(n & 0xff, n >> 8, 0, 0, 0, 0, 0, 0xc4);
  }

  /** A stale sequence does not advance the counter, so that the next order is valid again. */
  #order(flaw: string): { boot: number; seq: number } {
    const stale = flaw === 'stale-seq';
    if (!stale) this.#seq++;
    return {
      boot: this.#boot + (flaw === 'wrong-boot' ? 1 : 0),
      seq: stale ? Math.min(1, this.#seq) : this.#seq,
    };
  }

  #allow(command: Of<'allow'>, uptime: number): MessageOf<'allow'> {
    const { lease, buttonMs, buttonFor, flaw } = command;
    return {
      type: 'allow',
      ...this.#order(flaw),
      seen: flaw === 'unseen' ? Math.max(0, this.#newest - 1) : this.#newest,
      liveUntil: lease === 0 ? 0 : Math.max(1, uptime + lease),
      buttonUntil: Math.max(0, uptime + buttonFor),
      buttonMs,
      flags: { night: false, starting: false },
      challenge: this.#challenge(),
    };
  }

  #setting(command: Of<'write' | 'read'>): MessageOf<'setting'> {
    const value = new Uint8Array(8);
    const number = command.do === 'write' ? command.value : 0;
    value[0] = number & 0xff;
    value[1] = number >> 8;
    const order = this.#order(command.do === 'write' ? command.flaw : 'none');
    return { type: 'setting', ...order, op: command.do, setting: command.setting, value };
  }

  #garbled({ how, at }: Of<'garble'>): Uint8Array {
    const whole = encodeFrame({ type: 'mute', seq: ++this.#muteSeq, reason: 'policy' }, this.#count++ & 0xff);
    const inner = whole.subarray(2, -1);
    const head = [0xf0, MESSAGES.mute.id];
    switch (how) {
      case 'bit': {
        const bytes = whole.slice();
        bytes[2 + (at % inner.length)]! ^= 1 << (at % 7);
        return bytes;
      }
      case 'cut':
        return Uint8Array.of(...head, ...inner.subarray(0, at % inner.length), 0xf7);
      case 'end':
        return Uint8Array.of(...head, ...inner, [0xf0, 0xff, 0xe0, 0x90][at % 4]!, 0, 0);
      case 'long':
        return Uint8Array.of(...head, ...inner, ...new Array<number>(50 + (at % 60)).fill(0x2a), 0xf7);
    }
  }
}
