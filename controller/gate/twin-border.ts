/** What the twin of a gate is told, and what it wants done. Plain data: `twin.ts` has the transitions. */
import type { GateMessage, HostMessage, Reason } from '../../schemas/protocol.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { SettingAnswer, SettingAsk } from './exchange.ts';
import type { Doubt, GateEvent, Wiring } from './gate.ts';
import type { KeyringState, Proof } from './seal.ts';
import type { Instant } from './uptime.ts';

export type MuteReason = Extract<Reason, 'cli' | 'homeassistant' | 'policy' | 'stop'>;

export interface TwinConfig {
  readonly name: string;
  /** Random u32, the same for the whole life of the controller. */
  readonly controllerId: number;
  /** How long the speaker takes to answer once it has its supply; 0 when the gate does not switch that. */
  readonly readyAfterMs: number;
  /** Settings of inputs 0 to 3; null leaves the gate's own alone. */
  readonly inputs: readonly number[] | null;
  /** A gate without a key is given nothing over this link, and believed nothing. */
  readonly needsKey: boolean;
  /** The challenge with this number: nobody can foresee it. */
  readonly challenge: (number: number) => Uint8Array;
}

export interface Problem {
  readonly code: string;
  readonly detail: string;
}

/** What happens to a twin; every input carries the instant at which it happens. */
export type TwinInput = Instant &
  (
    | { readonly type: 'up' }
    | { readonly type: 'down'; readonly problem: Problem }
    | { readonly type: 'message'; readonly message: GateMessage; readonly proof: Proof }
    /** Whether there is a key of this gate; the gate is to identify itself anew. */
    | { readonly type: 'keys'; readonly keyring: KeyringState }
    /** A whole frame of a protocol version that is not spoken. */
    | { readonly type: 'foreign'; readonly version: number }
    | { readonly type: 'verdict'; readonly verdict: Verdict }
    | { readonly type: 'mute'; readonly reason: MuteReason }
    | { readonly type: 'lock' }
    | { readonly type: 'wiring'; readonly wiring: Wiring | null }
    /** Not before the one before it was answered. */
    | { readonly type: 'setting'; readonly id: number; readonly ask: SettingAsk }
    | { readonly type: 'stop' }
    /** The events of the last `deliver` are with policy, or could not be handed over. */
    | { readonly type: 'handed'; readonly taken: boolean }
    /** The events with these ids are on disk, or could not be written. */
    | { readonly type: 'written'; readonly ids: readonly number[]; readonly stored: boolean }
    /** Policy has decided anew after a `doubt`, or could not. */
    | { readonly type: 'doubted'; readonly taken: boolean }
    | { readonly type: 'tick' }
  );

export type TwinEffect =
  | { readonly type: 'send'; readonly message: HostMessage }
  /** To be answered with `handed` as soon as policy has them, and with `written` later. */
  | { readonly type: 'deliver'; readonly ids: readonly number[]; readonly events: readonly GateEvent[] }
  /** To be answered with `doubted`. */
  | { readonly type: 'doubt'; readonly doubt: Doubt }
  /** What came of the `setting` with this id. */
  | { readonly type: 'answered'; readonly id: number; readonly answer: SettingAnswer }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn'; readonly text: string }
  /** When the twin wants a `tick` at the latest, in monotonic ms; replaces the time asked for before. */
  | { readonly type: 'wake'; readonly at: number | null };
