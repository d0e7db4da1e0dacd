/** What a gate is made of. */
import type { Clock } from '../link/clock.ts';
import type { LinkFactory } from '../link/link.ts';
import type { PinUser } from './free-pins.ts';
import type { EventSink } from './gate.ts';
import type { KeyRing } from './seal.ts';

/** Where a gate writes what it does; a namespace per gate is up to the caller. */
export interface GateLog {
  /** Decoded frames, discarded garbage. Left out, they are not even put into words. */
  readonly debug?: (text: string) => void;
  /** Who muted or unmuted what, why, until when; link changes. */
  readonly info: (text: string) => void;
  /** What a person should look at: another board, a failing disk, wrong firmware. */
  readonly warn: (text: string) => void;
}

export interface GateOptions {
  /** Name in the configuration. */
  readonly name: string;
  readonly link: LinkFactory;
  /** Random id (u32) of this controller, the same for its whole life and for all its gates. */
  readonly controllerId: number;
  readonly sink: EventSink;
  /** How long the speaker takes to answer once it has its supply; 0 when the gate does not switch that. */
  readonly readyAfterMs?: number;
  /** Declared inputs in order (input 0 first), at most four; omitted: the gate's own settings are left alone. */
  readonly inputs?: readonly { readonly pin: number }[];
  /** The keys of this gate; omitted: it has none. */
  readonly keys?: KeyRing;
  /** Others than the gate may speak on this link: one without a key is given nothing and believed nothing. Default false. */
  readonly needsKey?: boolean;
  readonly log?: GateLog;
  readonly clock?: Clock;
  /** Drives the free pins of the board. */
  readonly pins?: PinUser;
}
