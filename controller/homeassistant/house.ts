/** What the rest of the controller is for Home Assistant: gates to be shown, and commands for them. */
import type { CommandView, GateView } from '../../schemas/api.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import type { ExposurePayload } from '../../schemas/homeassistant-mqtt.ts';
import type { GateEvent } from '../gate/gate.ts';
import type { DiscoveredGate } from './discovery.ts';

/** A gate as it is now. */
export interface HouseGate extends DiscoveredGate {
  readonly view: GateView;
  /** The rules that decide, such as `never 2`. */
  readonly rules: readonly string[];
  /** When it stops to listen by itself, as policy decides now; null: it does not, or must not listen. */
  readonly listensUntil: string | null;
  readonly exposure: ExposurePayload;
}

export interface House {
  /** Names of all gates in the order of the configuration, without looking at any. */
  names(): readonly string[];
  /** Null: there is none with this name. */
  gate(name: string): HouseGate | null;
  /** What is wrong with the daemon itself. */
  problems(): readonly ErrorView[];
  /** Called after every change of what the others return, with the gate or null for anything; returns the way to stop. */
  onChange(listener: (gate: string | null) => void): () => void;
  /** News of the gates as they tell them; returns the way to stop. */
  onEvent(listener: (event: GateEvent) => void): () => void;
  /** Mutes these, all of them at once. `forMs` null: as long as the configuration says. */
  mute(gates: readonly string[], forMs: number | null): Promise<unknown>;
  /** What the command line does as well, in the name of Home Assistant. */
  command(gate: string, name: 'unmute' | 'resume', forMs: number | null): Promise<CommandView>;
}
