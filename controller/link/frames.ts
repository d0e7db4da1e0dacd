/**
 * Splits what a gate sends into guard frames, Firmata bytes and garbage, so that a guard message never waits for
 * Firmata. The rules are those of docs/protocol.md: F0 always starts a new frame; any byte from 80H other than F7 ends a
 * sysex and is then taken for what it is; a frame that is too long is discarded. Memory is bounded whatever comes.
 */
import { decodeFrame, SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import { type GateMessage, LIMITS, MESSAGES } from '../../schemas/protocol.ts';

const FIRST_GUARD_ID = 0x01;
const LAST_GUARD_ID = 0x0f;
const GUARD_BYTES = LIMITS.frameBytes.value - 2;
/** The longest Firmata sysex is the capability response of a board with many pins, about 1 KB. */
const FIRMATA_BYTES = 2048;

/** Why bytes were discarded. `stray`: an F7 that ends nothing; `interrupted`: a sysex ended by a byte other than F7. */
export type GarbageKind = 'stray' | 'empty' | 'interrupted' | 'too-long';
export type GarbageCounts = Record<GarbageKind, number>;

export interface Split {
  /** Guard frames in order, each what stood between F0 and F7. */
  readonly frames: readonly Uint8Array[];
  /** Everything else in order; a Firmata sysex comes whole or not at all. */
  readonly firmata: Uint8Array;
}

/** Keeps at most one unfinished sysex between calls; how the stream is cut into chunks makes no difference. */
export class FrameSplitter {
  /** Discarded pieces since the beginning, by kind and together. */
  readonly garbage: GarbageCounts = { stray: 0, empty: 0, interrupted: 0, 'too-long': 0 };
  /** Bytes after F0 of the sysex being received; null outside of a sysex. */
  #inside: number[] | null = null;
  #tooLong = false;
  #discarded = 0;

  get discarded(): number {
    return this.#discarded;
  }

  push(bytes: Uint8Array): Split {
    const frames: Uint8Array[] = [];
    const firmata: number[] = [];
    for (const byte of bytes) {
      if (byte === SYSEX_START) {
        if (this.#inside) this.#discard();
        this.#inside = [];
        this.#tooLong = false;
      } else if (!this.#inside) {
        if (byte === SYSEX_END) this.#count('stray');
        else firmata.push(byte);
      } else if (byte < 0x80) {
        this.#collect(byte);
      } else if (byte === SYSEX_END) {
        this.#finish(frames, firmata);
      } else {
        this.#discard();
        firmata.push(byte);
      }
    }
    return { frames, firmata: Uint8Array.from(firmata) };
  }

  #collect(byte: number): void {
    const inside = this.#inside!;
    const limit = isGuardId(inside[0] ?? byte) ? GUARD_BYTES : FIRMATA_BYTES;
    if (inside.length < limit) inside.push(byte);
    else this.#tooLong = true;
  }

  #finish(frames: Uint8Array[], firmata: number[]): void {
    const inside = this.#inside!;
    if (this.#tooLong || inside.length === 0) this.#discard();
    else if (isGuardId(inside[0]!)) frames.push(Uint8Array.from(inside));
    else firmata.push(SYSEX_START, ...inside, SYSEX_END);
    this.#inside = null;
  }

  #discard(): void {
    this.#count(this.#tooLong ? 'too-long' : this.#inside?.length === 0 ? 'empty' : 'interrupted');
    this.#inside = null;
    this.#tooLong = false;
  }

  #count(kind: GarbageKind): void {
    this.garbage[kind]++;
    this.#discarded++;
  }
}

function isGuardId(byte: number): boolean {
  return byte >= FIRST_GUARD_ID && byte <= LAST_GUARD_ID;
}

/** Why a guard frame was not taken: it could not be decoded, or it is a message that only a controller sends. */
export type FrameFailure = 'length' | 'packing' | 'crc' | 'id' | 'value' | 'version' | 'direction';

/** How a message came. */
export interface Origin {
  /** The protocol version of its frame. */
  readonly version: number;
  /** It carries an authenticator; whether that is the right one is for whoever has the key. */
  readonly hasAuthenticator: boolean;
  /** What stood between F0 and F7. */
  readonly frame: Uint8Array;
}

export interface Heard {
  readonly message: GateMessage;
  readonly origin: Origin;
}

export interface Received {
  /** Guard frames in order, each what stood between F0 and F7. */
  readonly frames: readonly Uint8Array[];
  readonly messages: readonly Heard[];
  readonly firmata: Uint8Array;
  /** A protocol version that is not spoken, of a frame that is otherwise whole. */
  readonly foreignVersion: number | null;
}

/** Bytes of one connection to decoded messages of a gate. Never throws; counts what it cannot use. */
export class Receiver {
  readonly failures: Record<FrameFailure, number> = {
    length: 0,
    packing: 0,
    crc: 0,
    id: 0,
    value: 0,
    version: 0,
    direction: 0,
  };
  /** Frames that the gate sent and that did not arrive, by its frame counter. */
  lost = 0;
  readonly #splitter = new FrameSplitter();
  #count: number | null = null;
  #failed = 0;

  /** Everything that was discarded or lost. */
  get discarded(): number {
    return this.#splitter.discarded + this.#failed + this.lost;
  }

  get garbage(): Readonly<GarbageCounts> {
    return this.#splitter.garbage;
  }

  push(bytes: Uint8Array): Received {
    const { frames, firmata } = this.#splitter.push(bytes);
    const messages: Heard[] = [];
    let foreignVersion: number | null = null;
    for (const frame of frames) {
      const result = decodeFrame(frame);
      if ('error' in result) {
        this.#fail(result.error);
        if (result.error === 'version') foreignVersion = result.version;
        continue;
      }
      if (MESSAGES[result.message.type].from !== 'gate') {
        this.#fail('direction');
        continue;
      }
      this.#follow(result.count);
      const { version, hasAuthenticator } = result;
      messages.push({
        message: result.message as GateMessage,
        origin: { version, hasAuthenticator, frame },
      });
    }
    return { frames, messages, firmata, foreignVersion };
  }

  #fail(failure: FrameFailure): void {
    this.failures[failure]++;
    this.#failed++;
  }

  #follow(count: number): void {
    const missing = this.#count === null ? 0 : (count - this.#count - 1) & 0xff;
    // A large step is a counter that began anew after a reset, or a frame that came twice.
    if (missing < 0x80) this.lost += missing;
    this.#count = count;
  }
}
