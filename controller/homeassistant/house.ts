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
  /** Names of all gates, without looking at any. */
  names(): readonly string[];
  /** In the order of the configuration. */
  gates(): readonly HouseGate[];
  /** What is wrong with the daemon itself. */
  problems(): readonly ErrorView[];
  /** Called after every change of what the others return; returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** News of the gates as they tell them; returns the way to stop. */
  onEvent(listener: (event: GateEvent) => void): () => void;
  /** What the command line does as well, in the name of Home Assistant. `forMs` null: as long as the configuration says. */
  command(gate: string, name: 'mute' | 'unmute' | 'resume', forMs: number | null): Promise<CommandView>;
}
