/** What a board says of itself, in words. */
import type { BROWN_OUT_LEVELS, MessageOf, Product, Reason } from '../../schemas/protocol.ts';

/** The answer of a board that runs the Earlid firmware. */
export interface Board {
  readonly product: Product;
  /** Version such as `0.1.0`. */
  readonly firmware: string;
  /** Hash of the protocol definition it was built from. */
  readonly schema: number;
  /** Empty when it has none. */
  readonly gateId: string;
  readonly boot: number;
  readonly reset: Reason;
  readonly brownOut: keyof typeof BROWN_OUT_LEVELS;
  readonly bootloader: boolean;
  /** It holds a key. */
  readonly keyed: boolean;
}

/** What an identity says never changes, and every status of a gate tells it. */
const boards = new WeakMap<MessageOf<'identity'>, Board>();

export function boardOf(identity: MessageOf<'identity'>): Board {
  const known = boards.get(identity);
  if (known) return known;
  const { product, firmware, schema, boot, reset, brownOut, flags } = identity;
  const board: Board = {
    product,
    firmware: [0, 8, 16].map((shift) => (firmware >> shift) & 0xff).join('.'),
    schema,
    gateId: gateIdOf(identity),
    boot,
    reset,
    brownOut,
    bootloader: flags.bootloader,
    keyed: flags.keyed,
  };
  boards.set(identity, board);
  return board;
}

/** The id of a board; empty when it has none. */
export function gateIdOf({ gate }: MessageOf<'identity'>): string {
  return [...gate].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '')).join('');
}
