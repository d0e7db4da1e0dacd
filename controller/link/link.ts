/** What every link provides: a factory of a byte source and sink. Framing, handshake and reconnection stand above it. */

/** One open connection. It ends once, by `close()` or by itself; after that nothing is delivered and writes are dropped. */
export interface Connection {
  /** Bytes as they arrive; the source ends when the connection ends and throws a `LinkError` when it breaks. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Hands bytes to the operating system at once, in order; never waits. */
  readonly sink: (bytes: Uint8Array) => void;
  /** Closes for good; resolves when the port can be opened again. */
  close(): Promise<void>;
}

/** Opens a connection; rejects with a `LinkError`. Has no effect until it is called. */
export type LinkFactory = (options?: { readonly baud?: number }) => Promise<Connection>;

/** Codes of `schemas/errors.ts` that a link can fail with. */
export type LinkErrorCode =
  | 'port-missing'
  | 'port-busy'
  | 'port-forbidden'
  | 'port-silent'
  | 'wrong-firmware'
  | 'broker-away'
  | 'gate-not-served'
  | 'link-failed';

export class LinkError extends Error {
  readonly code: LinkErrorCode;
  /** What the operating system or the other side said, for the log. */
  readonly detail: string;
  constructor(code: LinkErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'LinkError';
    this.code = code;
    this.detail = detail;
  }
}
