/** Somebody on the wire of gates with keys, without any key: keeps every message of a session, and makes attempts of them. */
import { type Random, seededRandom } from '../../../controller/bench/random.ts';
import { BYTE_MS, type Rig } from '../../../controller/bench/rig.ts';
import type { GateKey } from '../../../schemas/authenticator.ts';
import { encodeFrame, SYSEX_END, SYSEX_START } from '../../../schemas/codec.ts';
import {
  type HostMessage,
  LIMITS,
  MESSAGES,
  type MessageOf,
  type Unsent,
} from '../../../schemas/protocol.ts';
import { SETTINGS } from '../../../schemas/settings.ts';
import { borrowed, contentBits, NO_KEY, put, renamed, shortened, tampered } from './keyed-gates.ts';

/** What is tried: one frame each. */
export const TRICKS = [
  'repeated',
  'in another order',
  'cut short',
  'changed',
  'made up',
  'held back',
] as const;
export type Trick = (typeof TRICKS)[number];

/** A frame is judged, and what else the gate has to sign meanwhile has been sent. */
const JUDGED_MS = 26;
const MOST_AT_ONCE = 8;
const MOST_KEPT = 4000;
const LEASE_MS = 6000;
const BUTTON_MS = 60_000;
const { floor } = Math;

const idOf = (frame: Uint8Array): number => frame[1]!;

export class Eavesdropper {
  /** What was overheard of the controller, oldest first, and of the gate. */
  readonly sent: Uint8Array[] = [];
  readonly #told: Uint8Array[] = [];
  readonly attempts = Object.fromEntries(TRICKS.map((trick) => [trick, 0])) as Record<Trick, number>;
  /** How often each refusal was the answer. */
  readonly answers: Record<string, number> = {};
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  get total(): number {
    return Object.values(this.attempts).reduce((sum, count) => sum + count, 0);
  }

  #below(n: number): number {
    return floor(this.#random() * n);
  }

  #any<T>(of: readonly T[]): T {
    return of[this.#below(of.length)]!;
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#below(256));
  }

  #keep(frame: Uint8Array, frames = this.sent): Uint8Array {
    if (frames.length === MOST_KEPT) frames.splice(this.#below(MOST_KEPT), 1);
    frames.push(frame);
    return frame;
  }

  get #overheard(): readonly Uint8Array[] {
    return this.#below(6) === 0 ? this.#told : this.sent;
  }

  /** Hears the gate from now on. */
  listen({ board }: Rig): void {
    let frame: number[] = [];
    board.onBytes((bytes) => {
      for (const byte of bytes) {
        if (byte === SYSEX_START) frame = [];
        frame.push(byte);
        if (byte === SYSEX_END && frame.length > 2) this.#keep(Uint8Array.from(frame), this.#told);
      }
    });
  }

  /** The gate's own controller says something that is overheard. */
  pass(rig: Rig, message: Unsent<HostMessage>): void {
    put(rig, this.#keep(rig.frame(message)));
  }

  /** Tries this many times to open a muted gate, or to make the lease of a live one longer. */
  attack(rig: Rig, count: number): void {
    for (let left = count; left > 0; ) left -= this.#attempt(rig, left);
  }

  repeat(rig: Rig, frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#try(rig, 'repeated', frame);
  }

  /** The controller's own frames are held back until they are void, and let go in any order. Returns how many there were. */
  letGoTooLate(rig: Rig, count: number): number {
    const held = Array.from({ length: count }, () => this.#keep(rig.frame(this.#allow(rig))));
    const { board } = rig;
    switch (this.#below(4)) {
      case 0:
        this.mute(rig);
        break;
      case 1:
        board.press(100);
        board.runFor(160);
        break;
      case 2:
        this.pass(rig, rig.allow());
        break;
      default:
        board.runFor(LEASE_MS + JUDGED_MS);
    }
    for (const frame of held.toSorted(() => this.#random() - 0.5)) this.#try(rig, 'held back', frame);
    return count;
  }

  /** Anybody mutes, behind what is on the wire already. Returns by how many ms later than promised the actuator is off: none when negative. */
  mute(rig: Rig): number {
    const { board } = rig;
    for (let i = this.#below(4); i > 0; i--) this.#try(rig, 'made up', this.#forged(rig), false);
    const message = { type: 'mute', seq: this.#below(2 ** 32), reason: 'cli' } as const;
    const frame = this.#keep(encodeFrame(message, this.#below(256), { by: this.#any([null, null, NO_KEY]) }));
    const from = board.timeMs + board.wire.pending * BYTE_MS;
    board.send(frame);
    board.runUntil(() => board.wire.pending === 0 && board.level('actuator') === 0, 500, 0.05);
    return board.timeMs - from - (1.2 * frame.length * BYTE_MS + 0.3);
  }

  #try(rig: Rig, trick: Trick, frame: Uint8Array, wait = true): void {
    this.attempts[trick]++;
    rig.board.send(frame);
    if (wait) this.#settle(rig);
  }

  #settle(rig: Rig): void {
    rig.board.runFor(rig.board.wire.pending * BYTE_MS + JUDGED_MS);
    const { received } = rig;
    for (const { message } of received)
      if (message.type === 'nak') this.answers[message.reason] = (this.answers[message.reason] ?? 0) + 1;
    const state = received.findLast(({ message }) => message.type === 'state');
    received.splice(0, received.length, ...(state ? [state] : []));
  }

  #attempt(rig: Rig, most: number): number {
    const trick = this.#any(TRICKS.slice(0, -1));
    switch (trick) {
      case 'repeated':
        this.#try(rig, trick, this.#any(this.#overheard));
        return 1;
      case 'in another order': {
        const overheard = this.#overheard;
        const at = this.#below(overheard.length);
        const frames = overheard.slice(at, at + 1 + this.#below(Math.min(most, MOST_AT_ONCE))).reverse();
        for (const frame of frames) this.#try(rig, trick, frame, false);
        this.#settle(rig);
        return frames.length;
      }
      case 'cut short':
        this.#try(rig, trick, this.#cut(this.#any(this.#overheard)));
        return 1;
      case 'changed':
        this.#try(rig, trick, this.#changed(this.#any(this.#overheard)));
        return 1;
      default:
        this.#try(rig, trick, this.#forged(rig));
        return 1;
    }
  }

  /** Without its last bytes of content and its CRC right, or just broken off, with the next one behind it. */
  #cut(frame: Uint8Array): Uint8Array {
    const bytes = contentBits(frame) / 8;
    if (this.#below(2) === 0) return shortened(frame, 1 + this.#below(bytes - 2));
    const broken = frame.subarray(0, 1 + this.#below(frame.length - 1));
    return Uint8Array.from([...broken, ...this.#any([[SYSEX_END], [...this.#any(this.#overheard)]])]);
  }

  /** Some bits turned and its CRC right, or the content of one message under the name of another. */
  #changed(frame: Uint8Array): Uint8Array {
    if (this.#below(8) === 0) return renamed(frame, this.#any(Object.values(MESSAGES)).id);
    let changed = frame;
    for (let bits = 1 + this.#below(3); bits > 0; bits--)
      changed = tampered(changed, this.#below(contentBits(frame)));
    // A greeting by another controller mutes the gate for a while, as anybody may.
    return idOf(changed) === MESSAGES.hello.id ? frame : changed;
  }

  /** What the controller might order now, with an authenticator of somebody else, of chance, of another frame, or none. */
  #forged(rig: Rig): Uint8Array {
    const order = this.#below(12) === 0 ? this.#key() : this.#order(rig);
    const chance: GateKey = { key: this.#bytes(32), gateId: this.#any([rig.by!.gateId, this.#bytes(8)]) };
    const count = this.#below(256);
    const by = this.#any([null, NO_KEY, chance, 'borrowed'] as const);
    if (by !== 'borrowed') return encodeFrame(order, count, { by });
    return borrowed(encodeFrame(order, count, { by: chance }), this.#any(this.#overheard));
  }

  #key(): HostMessage {
    return { type: 'pair', key: this.#any([NO_KEY.key, new Uint8Array(32)]) };
  }

  #allow(rig: Rig, ahead = 0): MessageOf<'allow'> {
    const seq = rig.sequence() + ahead;
    const challenge = this.#bytes(LIMITS.challengeBytes.value);
    return this.#any([
      () => rig.allow({ seq, challenge, liveMs: LEASE_MS - this.#below(3000) }),
      () => rig.allow({ seq, challenge, liveMs: LEASE_MS, buttonMs: BUTTON_MS, buttonLeftMs: LEASE_MS }),
      () => rig.allow({ seq, challenge, buttonMs: BUTTON_MS, buttonLeftMs: LEASE_MS }),
    ])();
  }

  #order(rig: Rig): Unsent<HostMessage> {
    const { boot, newest } = rig.last('state')!;
    const ahead = this.#below(2 ** 20);
    const seq = rig.sequence() + ahead;
    const { id } = this.#any([SETTINGS.button_alone, SETTINGS.sense, SETTINGS.led_day, SETTINGS.gate_id]);
    return this.#any<() => Unsent<HostMessage>>([
      () => this.#allow(rig, ahead),
      () => this.#allow(rig),
      () => ({ type: 'setting', boot, seq, op: 'write', setting: id, value: this.#bytes(8) }),
      () => ({ type: 'lock', boot, seq }),
      () => ({ type: 'stored', boot, event: newest }),
    ])();
  }
}
