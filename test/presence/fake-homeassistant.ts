/** A small Home Assistant: its WebSocket API as `subscribe_entities` and `get_config` use it, in memory or at a free port. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type WebSocket, WebSocketServer } from 'ws';
import type { OpenWire } from '../../controller/presence/homeassistant/wire.ts';
import { describe } from '../../schemas/errors.ts';
import { CERTIFICATE } from './broker.ts';

const KEY = new URL('certificates/broker.key', import.meta.url);

interface Peer {
  readonly send: (text: string) => void;
  readonly close: () => void;
  subscription: number | null;
  wanted: readonly string[];
}
interface Command {
  readonly id: number;
  readonly type: string;
  readonly access_token?: string;
  readonly entity_ids?: readonly string[];
}
export interface FakeOptions {
  readonly tls?: true;
  /** A port that was free before, else any. */
  readonly port?: number;
}

export class FakeHomeAssistant {
  /** Its own state. */
  state = 'RUNNING';
  zone = 'Europe/Berlin';
  token = 'open-sesame';
  /** It refuses connections made in memory. */
  isAway = false;
  /** It answers nothing after signing in. */
  stalls = false;
  connections = 0;
  /** How often it was asked how it is. */
  asked = 0;
  /** Which entities each asked for. */
  readonly wanted: (readonly string[])[] = [];
  /** Said in place of the answer to a command of this type. */
  readonly lies = new Map<string, string>();
  readonly #entities = new Map<string, { s: string; a: Record<string, unknown> }>();
  readonly #peers = new Set<Peer>();
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;

  /** At a free port of this machine. */
  async listen({ tls, port = 0 }: FakeOptions = {}): Promise<this> {
    const server = tls
      ? createTlsServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) })
      : createServer();
    server.on('tlsClientError', () => {});
    this.#sockets = new WebSocketServer({ server, path: '/api/websocket' });
    this.#sockets.on('connection', (socket: WebSocket) => {
      const peer = this.#accept(
        (text) => socket.send(text),
        () => socket.terminate(),
      );
      socket.on('message', (data) => this.#hear(peer, String(data)));
      socket.on('close', () => this.#peers.delete(peer));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.#server = server as Server;
    return this;
  }

  get port(): number {
    return (this.#server!.address() as { port: number }).port;
  }

  /** Connects without a network. */
  readonly open: OpenWire = async ({ url }, handlers) => {
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#peers.delete(peer);
      handlers.ended(describe('homeassistant-unreachable', { url, detail: 'it closed the connection' }));
    };
    const peer: Peer = this.isAway
      ? { send: () => {}, close: () => {}, subscription: null, wanted: [] }
      : this.#accept(
          (text) => queueMicrotask(() => isOpen && handlers.message(text)),
          () => queueMicrotask(end),
        );
    if (this.isAway) setImmediate(end);
    return {
      send: (text) => isOpen && this.#hear(peer, text),
      close: () => {
        isOpen = false;
        this.#peers.delete(peer);
      },
    };
  };

  #accept(send: (text: string) => void, close: () => void): Peer {
    const peer: Peer = { send, close, subscription: null, wanted: [] };
    this.connections++;
    this.#peers.add(peer);
    setImmediate(() =>
      send(this.lies.get('greeting') ?? '{"type":"auth_required","ha_version":"2026.11.2"}'),
    );
    return peer;
  }

  #hear(peer: Peer, text: string): void {
    const command = JSON.parse(text) as Command;
    const { id, type } = command;
    if (type === 'get_config') this.asked++;
    const lie = this.lies.get(type);
    if (lie !== undefined) {
      peer.send(lie.replaceAll('$id', String(id)));
      return;
    }
    const answer = (body: object) => peer.send(JSON.stringify(body));
    if (type === 'auth') {
      const isKnown = command.access_token === this.token;
      answer(isKnown ? { type: 'auth_ok' } : { type: 'auth_invalid', message: 'Invalid access token' });
      if (!isKnown) peer.close();
    }
    if (this.stalls) return;
    if (type === 'subscribe_entities') {
      peer.subscription = id;
      peer.wanted = command.entity_ids ?? [];
      this.wanted.push(peer.wanted);
      answer({ id, type: 'result', success: true, result: null });
      const known = [...this.#entities].filter(([entity]) => peer.wanted.includes(entity));
      answer({ id, type: 'event', event: { a: Object.fromEntries(known) } });
    }
    if (type === 'get_config') {
      const result = {
        state: this.state,
        time_zone: this.zone,
        components: ['person'],
        version: '2026.11.2',
      };
      answer({ id, type: 'result', success: true, result });
    }
  }

  /** Sets an entity, and tells whoever asked for it. */
  set(id: string, state: string, attributes: Record<string, unknown> = {}): void {
    const isNew = !this.#entities.has(id);
    const gone = Object.keys(this.#entities.get(id)?.a ?? {}).filter((name) => !(name in attributes));
    this.#entities.set(id, { s: state, a: attributes });
    const change = { '+': { s: state, a: attributes, lc: 1 }, ...(gone.length > 0 && { '-': { a: gone } }) };
    this.#tell(
      id,
      isNew ? { a: { [id]: { s: state, a: attributes, c: 'x', lc: 1 } } } : { c: { [id]: change } },
    );
  }

  /** Forgets an entity; `silently`, so that nobody hears of it. */
  forget(id: string, { silently = false } = {}): void {
    this.#entities.delete(id);
    if (!silently) this.#tell(id, { r: [id] });
  }

  #tell(entity: string, event: object): void {
    for (const { send, subscription, wanted } of this.#peers)
      if (subscription !== null && wanted.includes(entity))
        send(JSON.stringify({ id: subscription, type: 'event', event }));
  }

  /** Sends this to everybody. */
  say(text: string): void {
    for (const { send } of this.#peers) send(text);
  }

  /** Cuts every connection; clients may come again. */
  cut(): void {
    for (const { close } of [...this.#peers]) close();
    this.#peers.clear();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#sockets?.close();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
    this.#server = null;
  }
}
