/** The seam between a gate's session and whoever drives its free pins: they share a wire, and nothing else. */
import type { Product } from '../../schemas/protocol.ts';
import { encodePinMessage, type PinMessage } from '../link/pin-message.ts';
import type { TwinState } from './twin-state.ts';

export type PinSender = (messages: readonly PinMessage[]) => void;

/** Drives the free pins of one gate. None of its failures reaches the gate (S10). */
export interface PinUser {
  /**
   * A gate has said what it is, and its free pins are to be set up from the beginning. `send` puts messages on the wire
   * behind what the gate was just sent; it throws `RangeError` for one that cannot be sent, and does nothing after `down`.
   */
  up(product: Product, send: PinSender): void;
  /** Bytes that are not guard messages, intact and in order. */
  received(bytes: Uint8Array): void;
  /** The gate is muted and the link about to be closed: what is sent within this call still arrives. */
  closing(): void;
  /** Nothing sent arrives any more. Follows every `up`. */
  down(): void;
}

/** Follows the twin of a gate and tells a `PinUser` when there is a board to talk to. */
export class PinSeam {
  readonly #user: PinUser;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #guarded: (run: () => void) => void;
  /** The board that was last told: a new connection or a new boot is another. */
  #board: string | null = null;

  constructor(user: PinUser, write: (bytes: Uint8Array) => void, guarded: (run: () => void) => void) {
    this.#user = user;
    this.#write = write;
    this.#guarded = guarded;
  }

  follow({ connected, connection, greeted, identity }: TwinState): void {
    const board = connected && greeted && identity ? `${connection}/${identity.boot}` : null;
    if (board === this.#board) return;
    if (this.#board !== null) this.#guarded(() => this.#user.down());
    this.#board = board;
    if (board === null || !identity) return;
    this.#guarded(() => this.#user.up(identity.product, (messages) => this.#send(board, messages)));
  }

  received(bytes: Uint8Array): void {
    if (this.#board !== null) this.#guarded(() => this.#user.received(bytes));
  }

  closing(): void {
    if (this.#board !== null) this.#guarded(() => this.#user.closing());
  }

  #send(board: string, messages: readonly PinMessage[]): void {
    if (board !== this.#board || messages.length === 0) return;
    this.#write(Uint8Array.from(messages.flatMap((message) => [...encodePinMessage(message)])));
  }
}
