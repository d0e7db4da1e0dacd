/** A scripted gate at the other end of a memory link, in virtual time: bytes in, bytes out. */
import { FrameSplitter } from '../../controller/link/frames.ts';
import { type MemoryLink, memoryLink } from '../../controller/link/memory.ts';
import { decodeFrame, encodeFrame } from '../../schemas/codec.ts';
import type { GateMessage, HostMessage } from '../../schemas/protocol.ts';
import { ScriptedGate } from './scripted-gate.ts';
import type { VirtualClock } from './virtual-clock.ts';

const TICK_MS = 20;

export class GateOnWire {
  readonly gate: ScriptedGate;
  readonly link: MemoryLink;
  /** Bytes from the controller vanish while true. */
  deaf = false;
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
    for (const message of messages) this.raw(encodeFrame(message, this.#count++ & 0xff));
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
      if (!this.deaf) this.say(this.gate.answer(result.message as HostMessage));
    }
  }

  #tick(): void {
    this.say(this.gate.run(this.#clock.now()));
    this.#clock.after(TICK_MS, () => this.#tick());
  }
}
