/** Cuts a Firmata stream into whole messages, whichever side it comes from. Memory is bounded whatever comes. */
import { SYSEX_END, SYSEX_START } from '../../schemas/codec.ts';
import { FIRMATA } from '../link/pin-message.ts';

/** No message that is understood here is longer. */
const MAX_BYTES = 64;

/** How many data bytes follow a command that is no sysex. */
function dataBytes(command: number): number {
  switch (command & 0xf0) {
    case FIRMATA.digital:
    case FIRMATA.analog:
      return 2;
    case FIRMATA.reportAnalog:
    case FIRMATA.reportDigital:
      return 1;
    default:
      return command === FIRMATA.pinMode || command === FIRMATA.pinValue ? 2 : 0;
  }
}

export class FirmataReader {
  /** The message being received, its command first. */
  #message: number[] = [];
  #missing = 0;

  /** Whole messages in order, each with its command first; a sysex without its end. What is cut off is dropped. */
  push(bytes: Uint8Array): number[][] {
    const whole: number[][] = [];
    for (const byte of bytes) {
      if (byte >= 0x80) this.#command(byte, whole);
      else if (this.#message.length > 0) this.#data(byte, whole);
    }
    return whole;
  }

  #command(byte: number, whole: number[][]): void {
    if (byte === SYSEX_END) {
      if (this.#message[0] === SYSEX_START && this.#message.length > 1) whole.push(this.#message);
      this.#message = [];
      return;
    }
    this.#message = [byte];
    this.#missing = byte === SYSEX_START ? MAX_BYTES : dataBytes(byte);
    if (this.#missing === 0) this.#take(whole);
  }

  #data(byte: number, whole: number[][]): void {
    this.#message.push(byte);
    if (--this.#missing > 0) return;
    // A sysex that is this long is none that is known.
    if (this.#message[0] === SYSEX_START) this.#message = [];
    else this.#take(whole);
  }

  #take(whole: number[][]): void {
    whole.push(this.#message);
    this.#message = [];
  }
}
