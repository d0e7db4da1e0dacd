/** An emulated board with a bare host at the other end of the wire: for tests that say exactly what is sent when. */

import type { GateKey } from '../../schemas/authenticator.ts';
import { decodeFrame, encodeFrame, isAuthentic, SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import {
  type GateMessage,
  type HostMessage,
  LIMITS,
  type Message,
  type MessageOf,
  SENSE_KINDS,
  type Unsent,
} from '../../schemas/protocol.ts';
import { SETTINGS, type SettingName } from '../../schemas/settings.ts';
import { Board, type BoardOptions } from './board.ts';
import { eepromImage } from './eeprom-image.ts';

export const CONTROLLER = 0x0c0ffee0;
/** A byte on the wire at 115200 baud. */
export const BYTE_MS = 10 / 115.2;
/** How often a condition is looked at. */
const STEP_MS = 0.5;
/** What a gate with a key takes from anybody, as long as it carries no authenticator. */
const OPEN: ReadonlySet<Message['type']> = new Set(['hello', 'mute', 'pair']);
/** Longer than the gate takes to act on a frame and to send what it has to say of it. */
const ANSWER_MS = 12;

type Of<T extends GateMessage['type']> = Extract<GateMessage, { type: T }>;

export interface Heard {
  /** Board time in ms at which its last byte came. */
  readonly atMs: number;
  readonly message: GateMessage;
  /** It carried the right authenticator of `by`. */
  readonly authentic: boolean;
}

export class Rig {
  readonly board: Board;
  /** With it everything is sent with its authenticator that a gate does not take from anybody. */
  by: GateKey | null = null;
  /** Every decoded message of the gate. */
  readonly received: Heard[] = [];
  /** Every byte of the gate that is no guard frame. */
  readonly firmata: number[] = [];
  #onMessage: (message: GateMessage) => void = () => {};
  #frame: number[] | null = null;
  #count = 0;
  #sequence = 0;

  constructor(options: Partial<BoardOptions> = {}) {
    this.board = new Board({ product: 'uno-relay', ...options });
    this.board.onBytes((bytes) => {
      for (const byte of bytes) this.#byte(byte);
    });
  }

  #byte(byte: number): void {
    if (byte === SYSEX_START) this.#frame = [];
    else if (byte === SYSEX_END && this.#frame) this.#whole(this.#frame);
    else if (this.#frame && byte < 0x80) this.#frame.push(byte);
    else {
      this.#frame = null;
      this.firmata.push(byte);
    }
  }

  #whole(inner: number[]): void {
    this.#frame = null;
    const bytes = Uint8Array.from(inner);
    const decoded = decodeFrame(bytes);
    if ('message' in decoded) {
      const authentic = this.by !== null && isAuthentic(bytes, this.by);
      this.received.push({ atMs: this.board.timeMs, message: decoded.message as GateMessage, authentic });
      this.#onMessage(decoded.message as GateMessage);
    } else this.firmata.push(SYSEX_START, ...inner, SYSEX_END);
  }

  /** The frame of a message, not yet sent. */
  frame(message: Unsent<Message>, by = OPEN.has(message.type) ? null : this.by): Uint8Array {
    return encodeFrame(message, this.#count++, { by });
  }

  send(message: Unsent<HostMessage>): void {
    this.board.send(this.frame(message));
  }

  /** Sends and lets the gate act on it and answer. */
  tell(message: Unsent<HostMessage>): void {
    this.send(message);
    this.board.runUntil(() => this.board.wire.pending === 0, 100, STEP_MS);
    this.board.runFor(ANSWER_MS);
  }

  /** The newest message of a kind, or undefined. */
  last<T extends GateMessage['type']>(type: T): Of<T> | undefined {
    return this.received.findLast(({ message }) => message.type === type)?.message as Of<T> | undefined;
  }

  /** Runs until a new message of this kind arrives that satisfies the test; throws after `withinMs`. */
  next<T extends GateMessage['type']>(
    type: T,
    test: (message: Of<T>) => boolean = () => true,
    withinMs = 2500,
  ): Of<T> {
    let found: Of<T> | undefined;
    this.#onMessage = (message) => {
      if (!found && message.type === type && test(message as Of<T>)) found = message as Of<T>;
    };
    this.board.runUntil(() => found !== undefined, withinMs, STEP_MS);
    this.#onMessage = () => {};
    if (!found) {
      throw new Error(
        `no such ${type} within ${withinMs} ms; last state ${JSON.stringify(this.last('state'))}`,
      );
    }
    return found;
  }

  state(): Of<'state'> {
    return this.next('state');
  }

  /** Says hello until the gate has started and answered. */
  hello(controller = CONTROLLER): Of<'identity'> {
    let identity: Of<'identity'> | undefined;
    for (let i = 0; i < 20 && !identity; i++) {
      this.send({ type: 'hello', controller });
      try {
        identity = this.next('identity', () => true, 200);
      } catch {
        // The board may still be in its reset, with nothing listening.
      }
    }
    if (!identity) throw new Error(`no identity; last state ${JSON.stringify(this.last('state'))}`);
    if (this.last('state')?.phase === 'starting') this.next('state', (state) => state.phase !== 'starting');
    return identity;
  }

  /** A valid `allow` by the newest state, with overrides; `liveMs` and `buttonLeftMs` are from now. */
  allow(
    overrides: Partial<MessageOf<'allow'>> & {
      readonly liveMs?: number;
      readonly buttonLeftMs?: number;
    } = {},
  ): MessageOf<'allow'> {
    const state = this.last('state');
    if (!state) throw new Error('no state yet');
    const { liveMs, buttonLeftMs, ...fields } = overrides;
    const stateAt = this.received.findLast(({ message }) => message === state)!.atMs;
    const uptime = state.uptime + Math.round(this.board.timeMs - stateAt);
    this.#sequence = Math.max(this.#sequence + 1, fields.seq ?? 0);
    return {
      type: 'allow',
      boot: state.boot,
      seq: this.#sequence,
      seen: this.newest(),
      liveUntil: liveMs === undefined ? 0 : uptime + liveMs,
      buttonUntil: buttonLeftMs === undefined ? 0 : uptime + buttonLeftMs,
      buttonMs: 0,
      flags: { night: false, starting: false },
      challenge: new Uint8Array(LIMITS.challengeBytes.value),
      ...fields,
    };
  }

  /** Sequence for the next command after the last allow. */
  sequence(): number {
    return ++this.#sequence;
  }

  newest(): number {
    return this.last('state')?.newest ?? 0;
  }

  /** Opens the gate with a lease and returns when `state` says live. */
  goLive(liveMs = 9000): void {
    this.send(this.allow({ liveMs }));
    this.next('state', (state) => state.phase === 'live');
  }

  /** All distinct events heard so far, oldest first. */
  events(): Of<'event'>[] {
    const byKey = new Map<string, Of<'event'>>();
    for (const { message } of this.received) {
      if (message.type === 'event') byKey.set(`${message.boot}/${message.seq}`, message);
    }
    return [...byKey.values()].sort((a, b) => a.boot - b.boot || a.seq - b.seq);
  }

  /** Board time in ms of the edges of a signal to a level. */
  edges(signal: 'actuator' | 'contact' | 'red' | 'green', level: 0 | 1): number[] {
    return this.board.trace.filter((e) => e.signal === signal && e.level === level).map((e) => e.tUs / 1000);
  }

  /** Writes a setting as a person does: over the wire, then confirmed by a press where it needs one. */
  configure(name: SettingName, value: number): void {
    const { id, confirm } = SETTINGS[name];
    const bytes = Uint8Array.of(value & 0xff, value >> 8, 0, 0, 0, 0, 0, 0);
    const boot = this.last('state')!.boot;
    this.send({ type: 'setting', boot, seq: this.sequence(), op: 'write', setting: id, value: bytes });
    if (confirm) {
      this.next('value', (answer) => answer.status === 'pending');
      this.board.press(200);
    }
    this.next('value', (answer) => answer.setting === id && answer.status === 'current');
    this.next('state', (state) => state.phase === 'muted');
  }

  /** A gate with a sense that reads back the contact: started, greeted, configured. */
  static withSense(options: Partial<BoardOptions> = {}): Rig {
    const rig = new Rig(options);
    rig.hello();
    rig.board.runFor(300);
    rig.configure('sense', SENSE_KINDS['high-hears'][0]);
    return rig;
  }

  /** A gate with such a sense, a gate id and this key: started and greeted. */
  static keyed(by: GateKey, options: Partial<BoardOptions> = {}): Rig {
    const product = options.product ?? 'uno-relay';
    const settings = {
      sense: SENSE_KINDS['high-hears'][0],
      gate_id: Buffer.from(by.gateId).toString('ascii'),
    };
    const rig = new Rig({ eeprom: eepromImage({ product, settings, key: by.key }), ...options });
    rig.by = by;
    rig.hello();
    rig.board.runFor(300);
    return rig;
  }

  /** Holds the button until the gate is locked, and waits until the lock is shown. */
  lockByHand(): void {
    this.board.press(3200);
    this.next('state', (state) => state.flags.locked, 5000);
    this.board.runFor(300);
  }

  /** Throws when the actuator or the contact has ever moved towards live. */
  goneDark(): void {
    const moved = this.board.trace.filter(
      (e) => (e.signal === 'actuator' || e.signal === 'contact') && e.level === 1,
    );
    if (moved.length > 0) throw new Error(`moved towards live: ${JSON.stringify(moved)}`);
  }
}
