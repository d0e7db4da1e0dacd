/** A scripted gate at the other end of a memory link, in virtual time: bytes in, bytes out. */

import { needsSeal } from '../../controller/gate/seal.ts';
import { FrameSplitter } from '../../controller/link/frames.ts';
import { type MemoryLink, memoryLink } from '../../controller/link/memory.ts';
import { decodeFrame, encodeFrame, isAuthentic } from '../../schemas/codec.ts';
import { type GateMessage, type HostMessage, MESSAGES, type Reason } from '../../schemas/protocol.ts';
import { ScriptedGate } from './scripted-gate.ts';
import type { VirtualClock } from './virtual-clock.ts';

const TICK_MS = 20;

export class GateOnWire {
  readonly gate: ScriptedGate;
  readonly link: MemoryLink;
  /** Bytes from the controller vanish while true. */
  deaf = false;
  /** The key that it holds: it signs what it says, and takes what matters only signed. */
  key: Uint8Array | null = null;
  gateId = '';
  /** The protocol version that it speaks; it takes no other. */
  version = 2;
  /** Bytes from the controller that are no guard messages, since they were last taken out. */
  readonly firmata: number[] = [];
  readonly #clock: VirtualClock;
  readonly #splitter = new FrameSplitter();
  #send: ((bytes: Uint8Array) => void) | null = null;
  #count = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.gate = new ScriptedGate(clock.now() - 60_000);
    this.gate.run(clock.now());
    this.link = memoryLink({
      opened: (send) => {
        this.#send = send;
      },
      received: (bytes) => this.#receive(bytes),
      closed: () => {
        this.#send = null;
      },
    });
    this.#tick();
  }

  say(messages: readonly GateMessage[]): void {
    for (const message of messages) {
      const by = message.type === 'nak' ? null : this.#by();
      this.raw(encodeFrame(message, this.#count++ & 0xff, { version: this.version, by }));
    }
  }

  #by() {
    return this.key && { key: this.key, gateId: text8(this.gateId) };
  }

  #answer(message: HostMessage, frame: Uint8Array, version: number): GateMessage[] {
    const nak = (reason: Reason): GateMessage[] => [
      { type: 'nak', message: MESSAGES[message.type].id, seq: 'seq' in message ? message.seq : 0, reason },
    ];
    if (version !== this.version) return nak('malformed');
    const by = this.#by();
    if (by && needsSeal(message) && !isAuthentic(frame, by)) return nak('unauthenticated');
    const told = this.gate.answer(message);
    return told.map((each) => (each.type === 'identity' ? { ...each, gate: text8(this.gateId) } : each));
  }

  raw(bytes: Uint8Array): void {
    this.#send?.(bytes);
  }

  #receive(bytes: Uint8Array): void {
    const { frames, firmata } = this.#splitter.push(bytes);
    this.firmata.push(...firmata);
    for (const frame of frames) {
      const result = decodeFrame(frame);
      if ('error' in result) throw new Error(`the controller sent ${result.error}`);
      if (this.deaf) continue;
      this.say(this.#answer(result.message as HostMessage, frame, result.version));
    }
  }

  #tick(): void {
    this.say(this.gate.run(this.#clock.now()));
    this.#clock.after(TICK_MS, () => this.#tick());
  }
}

const text8 = (text: string): Uint8Array => Uint8Array.from({ length: 8 }, (_, i) => text.charCodeAt(i) || 0);
