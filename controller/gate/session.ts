/** Runs the twin of one gate on a link, with clocks, timers and the log passed in. */
import { type Clock, systemClock } from '../link/clock.ts';
import type { LinkFactory } from '../link/link.ts';
import type { EventSink, Gate } from './gate.ts';

/** Where a gate writes what it does; a namespace per gate is up to the caller. */
export interface GateLog {
  /** Decoded frames, discarded garbage. */
  debug(text: string): void;
  /** Who muted or unmuted what, why, until when; link changes. */
  info(text: string): void;
  /** What a person should look at: faults, a failing disk, wrong firmware. */
  warn(text: string): void;
}

export interface GateOptions {
  /** Name in the configuration. */
  readonly name: string;
  readonly link: LinkFactory;
  /** Random id (u32) of this controller, the same for its whole life and for all its gates. */
  readonly controllerId: number;
  readonly sink: EventSink;
  /** The wiring of this gate has passed `earlid verify`; without it a gate that has no sense is never called muted. */
  readonly verified: boolean;
  /** Declared inputs in order (input 0 first), at most four; omitted: the gate's own settings are left alone. */
  readonly inputs?: readonly { readonly pin: number }[];
  readonly log?: GateLog;
  readonly clock?: Clock;
  /** Gets the bytes of the stream that are not guard messages, intact and in order. */
  readonly onFirmata?: (bytes: Uint8Array) => void;
}

/** A gate on a link. Has no effect until `start()`. */
export function createGate(options: GateOptions): Gate {
  const clock = options.clock ?? systemClock;
  throw new Error(`${options.name}: not complete at ${clock.utc()}`);
}
