/** One WebSocket to Home Assistant: the only place that knows of sockets. */
import type { ErrorView } from '../../../schemas/errors.ts';
import { describe } from '../../../schemas/errors.ts';
import { shown } from '../../network/shown.ts';
import { isOfNetwork, troubleText } from '../../network/trouble.ts';
import { MAX_MESSAGE } from './messages.ts';

/** Of a message in parts. */
const MOST_PARTS = 1024;

export interface WireHandlers {
  message(text: string): void;
  /** The other side asked whether we are there; it was answered. */
  pinged(): void;
  /** It is over, and why. Called once. */
  ended(problem: ErrorView): void;
}
export interface Wire {
  send(text: string): void;
  /** Nothing is handed over afterwards. */
  close(): void;
}
export interface WireTarget {
  readonly url: string;
  /** Certificates (PEM). */
  readonly ca: string | null;
}
/** Rejects only for certificates that are none. */
export type OpenWire = (target: WireTarget, handlers: WireHandlers) => Promise<Wire>;

export const openWire: OpenWire = async ({ url, ca }, handlers) => {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(url, {
    maxPayload: MAX_MESSAGE,
    maxFragments: MOST_PARTS,
    // A small message could become a large one.
    perMessageDeflate: false,
    followRedirects: false,
    ...(ca !== null && { ca }),
  });
  let isOver = false;
  let isOpen = false;
  const end = (problem: ErrorView) => {
    if (isOver) return;
    isOver = true;
    socket.terminate();
    handlers.ended(problem);
  };
  const garbled = (detail: string) => end(describe('homeassistant-garbled', { url, detail }));
  socket.on('open', () => {
    isOpen = true;
  });
  socket.on('message', (data: Buffer, isBinary) => {
    if (isOver) return;
    if (isBinary) garbled('it sends what is no text');
    else handlers.message(data.toString('utf8'));
  });
  socket.on('ping', () => {
    if (!isOver) handlers.pinged();
  });
  socket.on('unexpected-response', (request, { statusCode }) => {
    request.destroy();
    garbled(`it answers with the HTTP status ${statusCode}`);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const { code = '', message } = error;
    if (isOfNetwork(code)) end(describe('homeassistant-unreachable', { url, detail: troubleText(code) }));
    else if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      garbled('it sends a message that is far too large');
    else if (isOpen || code === '' || /^(WS_ERR|HPE)_/.test(code)) garbled(shown(message));
    else
      end(
        describe(url.startsWith('wss:') ? 'homeassistant-tls' : 'homeassistant-unreachable', {
          url,
          detail: troubleText(code),
        }),
      );
  });
  socket.on('close', () =>
    end(describe('homeassistant-unreachable', { url, detail: 'it closed the connection' })),
  );
  return {
    send(text) {
      if (!isOver) socket.send(text, () => {});
    },
    close() {
      isOver = true;
      socket.terminate();
    },
  };
};
