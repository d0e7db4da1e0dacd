/** Somebody between a twin and a gate with a key: holds back, drops, repeats, reorders and makes up whatever passes, without the key. */

import { initialTwin } from '../../controller/gate/twin-state.ts';
import type { GateMessage, HostMessage } from '../../schemas/protocol.ts';
import { Pair, type PairOptions } from './pair.ts';

/** What is made up of a message that was overheard. */
export type Forgery = 'as it is' | 'muted now' | 'with the newest challenge';

export class Adversary {
  readonly pair: Pair;
  /** Everything overheard, oldest first: what the gate said is authentic, and may be told again at any time. */
  readonly said: GateMessage[] = [];
  readonly commanded: HostMessage[] = [];
  /** Held back until somebody lets go of it. */
  readonly #up: GateMessage[] = [];
  readonly #down: HostMessage[] = [];
  holdsUp = false;
  holdsDown = false;
  /** States that were repeated or made up. */
  attempts = 0;

  constructor(options: PairOptions = {}) {
    this.pair = new Pair(options);
    const { pair } = this;
    pair.gate.keyed = true;
    pair.proof = 'right';
    pair.take({ type: 'keys', keyring: 'held' });
    pair.carryUp = (messages) => {
      this.said.push(...messages);
      if (this.holdsUp) this.#up.push(...messages);
      else pair.hear(messages);
    };
    pair.carryDown = (message) => {
      this.commanded.push(message);
      if (this.holdsDown) this.#down.push(message);
      else this.#give(message);
    };
  }

  /** Lets go of what was held back from the `from`-th on, in any order: `turn` says which is next. */
  letGo(side: 'up' | 'down', turn: number, most = Number.POSITIVE_INFINITY): void {
    const held: unknown[] = side === 'up' ? this.#up : this.#down;
    for (let i = 0; i < most && held.length > 0; i++) {
      const [next] = held.splice(turn % held.length, 1);
      if (side === 'up') this.pair.hear([next as GateMessage]);
      else this.#give(next as HostMessage);
    }
  }

  drop(side: 'up' | 'down'): void {
    (side === 'up' ? this.#up : this.#down).length = 0;
  }

  /** Tells the twin again what the gate once said; a forgery carries no right authenticator. */
  tellTwin(which: number, forgery: Forgery): void {
    const heard = this.said[which % this.said.length];
    if (!heard) return;
    this.attempts++;
    if (forgery === 'as it is') {
      this.pair.hear([heard]);
      return;
    }
    const { twin } = this.pair;
    const challenge = twin.challenges[0]?.bytes ?? new Uint8Array(8);
    const made = heard.type === 'state' || heard.type === 'identity' ? { ...heard, challenge } : heard;
    const forged = forgery === 'muted now' ? this.#mutedNow(challenge) : made;
    this.pair.hear([forged], which % 2 ? 'wrong' : 'none');
  }

  /** Tells the gate again what the twin once sent. */
  tellGate(which: number): void {
    const sent = this.commanded[which % this.commanded.length];
    if (sent) this.#give(sent);
  }

  /** A greeting needs no key: anybody may put an overheard challenge into one. */
  greet(which: number): void {
    const asked = this.commanded.filter((message) => message.type === 'hello' || message.type === 'allow');
    const { challenge } = asked[which % asked.length] ?? {};
    if (challenge) this.#give({ type: 'hello', controller: 7, challenge });
  }

  /** The controller is started again: it remembers nothing of the gate but its key. */
  restart(): void {
    const { pair } = this;
    const { challenge, ...config } = pair.twin.config;
    // Nobody foresees the challenges of another run either.
    const another = (number: number) => challenge(number + 2 ** 16);
    pair.twin = initialTwin({ ...config, challenge: another }, null, pair.at);
    pair.take({ type: 'keys', keyring: 'held' });
    pair.up();
  }

  #mutedNow(challenge: Uint8Array): GateMessage {
    const state = this.pair.gate.state();
    const flags = { ...state.flags, senseHears: false };
    return { ...state, phase: 'muted', leaseLeftMs: 0, flags, challenge };
  }

  #give(message: HostMessage): void {
    this.pair.carryUp(this.pair.gate.answer(message));
  }
}
