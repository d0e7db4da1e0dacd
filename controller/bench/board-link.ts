/** A link to an emulated board within the process. */
import { type MemoryLink, memoryLink } from '../link/memory.ts';
import type { Board } from './board.ts';
import { WIRE_BAUD } from './wire.ts';

export interface BoardLinkOptions {
  /** Opening the link resets the board, as the serial port of most boards does. Default false. */
  readonly resetOnOpen?: boolean;
}

/**
 * The serial port of a board; one connection at a time. `open` is the `LinkFactory`; `unplug` and `plug` pull the cable
 * while the board stays powered. Bytes that the board sends while nothing is open are lost.
 */
export function boardLink(board: Board, { resetOnOpen = false }: BoardLinkOptions = {}): MemoryLink {
  let stop = () => {};
  return memoryLink({
    opened(send, { baud = WIRE_BAUD }) {
      board.wire.baud = baud;
      stop = board.onBytes(inBatches(send));
      if (resetOnOpen) board.reset();
    },
    received: (bytes) => board.send(bytes),
    closed: () => stop(),
  });
}

/** Hands on what arrives within one turn of the event loop at once: a board delivers byte by byte. */
export function inBatches(send: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  let batch: number[] = [];
  return (bytes) => {
    if (batch.length === 0) {
      queueMicrotask(() => {
        const whole = Uint8Array.from(batch);
        batch = [];
        send(whole);
      });
    }
    batch.push(...bytes);
  };
}
