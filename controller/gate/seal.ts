/** What proves that a frame comes from the gate that has the key, and signs what only the controller may say. */
import type { GateKey } from '../../schemas/authenticator.ts';
import { isAuthentic } from '../../schemas/codec.ts';
import type { GateMessage, HostMessage, Unsent } from '../../schemas/protocol.ts';
import { SETTINGS } from '../../schemas/settings.ts';
import type { Origin } from '../link/frames.ts';
import type { Secret } from './secret.ts';

/** `right`: its authenticator is that of this gate; `early`: it has one, but the gate has not identified itself yet. */
export type Proof = 'right' | 'wrong' | 'none' | 'early';

/** `unusable`: there may be a key, but the keys cannot be read. */
export type KeyringState = 'none' | 'held' | 'unusable';

/** The keys of one gate, as they are at the moment. */
export interface KeyRing {
  /** Unless `none`, what the gate says counts only with an authenticator. */
  state(): KeyringState;
  /** The keys that it may hold, the likeliest first. */
  keys(): readonly Secret[];
  /** It has proved that it holds this one. */
  shown(key: Secret): void;
}

export const NO_KEYS: KeyRing = { state: () => 'none', keys: () => [], shown: () => {} };

export class Seal {
  readonly #ring: KeyRing;
  /** What the gate holds, as of this connection; null until it has identified itself. */
  #shown: { readonly key: Secret; readonly gateId: Uint8Array } | null = null;
  /** The id that it was asked to take: what it says from then on is told by that. */
  #asked: Uint8Array | null = null;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** Another connection, or other keys: what answers has shown nothing yet. */
  begin(): void {
    this.#shown = null;
    this.#asked = null;
  }

  proofOf(message: GateMessage, { hasAuthenticator, frame }: Origin): Proof {
    if (!hasAuthenticator) return 'none';
    const keys = this.#ring.keys();
    const ids = this.#idsOf(message);
    if (keys.length > 0 && ids.length === 0) return 'early';
    for (const gateId of ids)
      for (const key of keys) {
        if (!isAuthentic(frame, { key: key.reveal(), gateId })) continue;
        const isNews = !this.#shown?.key.equals(key);
        if (message.type === 'identity' || gateId === this.#asked) this.#shown = { key, gateId };
        if (isNews) this.#ring.shown(key);
        return 'right';
      }
    return 'wrong';
  }

  /** With what this message is to be signed; null: it needs no authenticator, or there is no key. */
  by(message: Unsent<HostMessage>): GateKey | null {
    if (message.type === 'setting' && message.op === 'write' && message.setting === SETTINGS.gate_id.id)
      this.#asked = message.value;
    if (!this.#shown || !needsSeal(message)) return null;
    const { key, gateId } = this.#shown;
    return { key: key.reveal(), gateId };
  }

  /** An identity names the id that it is authenticated with. */
  #idsOf(message: GateMessage): Uint8Array[] {
    if (message.type === 'identity') return [message.gate];
    return [this.#shown?.gateId, this.#asked].flatMap((id) => id ?? []);
  }
}

/** Whether a gate with a key takes it only with an authenticator. A mute needs none from anybody (S3). */
export function needsSeal(message: Unsent<HostMessage>): boolean {
  switch (message.type) {
    case 'allow':
    case 'lock':
    case 'stored':
      return true;
    case 'setting':
      return message.op === 'write';
    default:
      return false;
  }
}
