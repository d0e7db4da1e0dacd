/** Asking a board that does not speak the guard protocol whether it speaks Firmata, to name what it runs. */
import { SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './link.ts';

/** The speed of StandardFirmata, which most boards of people who used johnny-five before run. */
export const FIRMATA_BAUD = 57_600;
const REPORT_VERSION = 0xf9;
const REPORT_FIRMWARE = 0x79;

/** Asks for the protocol version and for the name of the firmware. */
export const FIRMATA_QUERY = Uint8Array.of(REPORT_VERSION, SYSEX_START, REPORT_FIRMWARE, SYSEX_END);

/** A board that was reset as its port was opened misses the first question. */
const ASK_EVERY_MS = 1_000;

/** More than a firmware report with a long name. */
const KEPT_BYTES = 512;
const MAX_NAME = 60;

/** Collects Firmata bytes in search of an answer to `FIRMATA_QUERY`. Memory is bounded, garbage is passed over. */
export class FirmataAnswer {
  #bytes: number[] = [];

  /** Anything came at all. */
  get sawBytes(): boolean {
    return this.#bytes.length > 0;
  }

  push(bytes: Uint8Array): void {
    this.#bytes = [...this.#bytes, ...bytes.subarray(-KEPT_BYTES)].slice(-KEPT_BYTES);
  }

  /** Name and version of the firmware, such as `StandardFirmata.ino 2.5`; null while it has not come. */
  get firmware(): string | null {
    const all = this.#bytes;
    for (let start = 0; start < all.length; start++) {
      if (all[start] !== SYSEX_START || all[start + 1] !== REPORT_FIRMWARE) continue;
      const end = all.indexOf(SYSEX_END, start);
      // A board that echoes the question has not answered it.
      if (end < start + 4) continue;
      const name = text(all.slice(start + 4, end));
      return `${name || 'Firmata'} ${all[start + 2]}.${all[start + 3]}`;
    }
    return null;
  }

  /** The protocol version alone, for a firmware that does not tell its name; there has only been major version 2. */
  get version(): string | null {
    const isVersion = (byte: number, i: number, all: number[]) =>
      byte === REPORT_VERSION && all[i + 1] === 2 && (all[i + 2] ?? 0x80) < 0x80;
    const at = this.#bytes.findIndex(isVersion);
    return at < 0 ? null : `Firmata ${this.#bytes[at + 1]}.${this.#bytes[at + 2]}`;
  }
}

/** A question asked again every second until it is answered or `end` is called. */
export interface FirmataQuestion {
  readonly answer: FirmataAnswer;
  /** Resolves when the board has told its name, rejects when the connection breaks. */
  readonly answered: Promise<void>;
  end(): void;
}

/** Asks on an open connection; closing it is up to the caller. */
export function askFirmata(connection: Connection, clock: Clock): FirmataQuestion {
  const answer = new FirmataAnswer();
  let cancel = () => {};
  const ask = () => {
    connection.sink(FIRMATA_QUERY);
    cancel = clock.after(ASK_EVERY_MS, ask);
  };
  ask();
  return { answer, answered: listen(connection, answer), end: () => cancel() };
}

async function listen(connection: Connection, answer: FirmataAnswer): Promise<void> {
  for await (const bytes of connection.source) {
    answer.push(bytes);
    if (answer.firmware) return;
  }
}

/** Firmata sends every byte of a text as two 7-bit bytes. What cannot be printed is left out. */
function text(pairs: readonly number[]): string {
  let name = '';
  for (let i = 0; i + 1 < pairs.length && name.length < MAX_NAME; i += 2) {
    const code = (pairs[i]! & 0x7f) | ((pairs[i + 1]! & 1) << 7);
    if (code >= 0x20 && code < 0x7f) name += String.fromCharCode(code);
  }
  return name;
}
