/** Every source of facts that a configuration names: a new kind is a file of its own and one entry here. */

import type { HomeAssistantApi } from '../../schemas/homeassistant.ts';
import type { Source } from '../../schemas/sources.ts';
import type { BrokerPlace } from '../mqtt/connection.ts';
import { homeAssistantSource } from './homeassistant/source.ts';
import { hostSource } from './host.ts';
import { type InputGate, inputSource } from './input.ts';
import { mqttSource } from './mqtt.ts';
import { type Network, systemNetwork } from './network.ts';
import { type Reading, sensorSource } from './sensor.ts';
import type { Asked, FactSource, SourceContext } from './source.ts';

export interface PresenceOptions extends SourceContext {
  /** By the name of the fact. */
  readonly sources: ReadonlyMap<string, { readonly source: Source }>;
  readonly gates: ReadonlyMap<string, InputGate>;
  /** Readings of analog sensors, as they arrive; returns the way to stop. */
  readonly onReading: (listener: (reading: Reading) => void) => () => void;
  readonly mqtt: BrokerPlace | null;
  readonly homeassistant: HomeAssistantApi | null;
  readonly network?: Network;
}

/** Has no effect until `start()`. What is set by hand is told by `ManualPresence`. */
export function presenceSources(options: PresenceOptions): FactSource {
  const { sources, gates, onReading, mqtt, homeassistant, network = systemNetwork } = options;
  const asked = <K extends Source['kind']>(kind: K) =>
    [...sources].flatMap(([fact, { source }]) =>
      source.kind === kind ? [{ fact, source }] : [],
    ) as unknown as Asked<K>;
  const kinds: Record<Exclude<Source['kind'], 'manual'>, () => FactSource | null> = {
    input: () => inputSource(asked('input'), gates, options),
    sensor: () => sensorSource(asked('sensor'), onReading, options),
    host: () => hostSource(asked('host'), network, options),
    homeassistant: () => homeassistant && homeAssistantSource(asked('homeassistant'), homeassistant, options),
    mqtt: () => mqtt && mqttSource(asked('mqtt'), mqtt, options),
  };
  const running = Object.entries(kinds).flatMap(([kind, create]) =>
    asked(kind as Source['kind']).length > 0 ? (create() ?? []) : [],
  );
  return {
    start() {
      for (const source of running) source.start();
    },
    async stop() {
      await Promise.allSettled(running.map((source) => source.stop()));
    },
  };
}
