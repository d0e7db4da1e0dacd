/** What is written down while a board runs: everything that went in and everything that could be seen, in board time. */
import type { GateMessage } from '../../schemas/protocol.ts';
import type { Input } from './guard-model.ts';

export interface TimedInput {
  readonly atUs: number;
  readonly input: Input;
  /** After a reset or the return of power: until the first instruction, and for a hung gate since it hung. */
  readonly lostUs?: number;
  /** It is acted on some ms later, after so many or more: a frame that has to be verified. */
  readonly delaysMs?: readonly number[];
}

export interface TimedFrame {
  /** When its first byte began, less the time that its authenticator takes. */
  readonly atUs: number;
  readonly message: GateMessage;
  /** It carries an authenticator. */
  readonly signed: boolean;
}

export interface TimedEdge {
  readonly atUs: number;
  readonly high: boolean;
}

/** The board's clock runs in µs from its making, whatever happens to its supply. */
export interface RunLog {
  /** Levels of the sense pin are among them, because they are the world's doing and not the guard's. */
  inputs: TimedInput[];
  readonly frames: TimedFrame[];
  readonly actuator: TimedEdge[];
  /** The controller that was heard last says hello once more at the end, so that the gate tells every event it still has. */
  lastHelloUs: number;
  endUs: number;
}
