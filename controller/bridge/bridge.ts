/** The gates of this computer, offered to a controller elsewhere. It holds no key and decides nothing. */
import type { BridgeConfig } from '../../schemas/bridge.ts';
import type { Log } from '../daemon/log.ts';
import type { Clock } from '../link/clock.ts';
import type { LinkFactory } from '../link/link.ts';
import { BridgedGate } from './bridged-gate.ts';

/** How long a gate is given to show that it is muted before its port is closed. */
const STOP_MS = 1_500;

export interface BridgeOptions {
  readonly config: BridgeConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly linkTo: (path: string) => LinkFactory;
}

/** Has no effect until `start`. */
export class Bridge {
  readonly #gates: readonly BridgedGate[];

  constructor({ config, clock, log, linkTo }: BridgeOptions) {
    this.#gates = config.gates.map(
      ({ name, serial }) =>
        new BridgedGate({
          name,
          place: serial,
          link: linkTo(serial),
          broker: config.mqtt,
          clock,
          log: log.named(name),
        }),
    );
  }

  start(): void {
    for (const gate of this.#gates) gate.start();
  }

  /** Mutes every gate first. Never rejects. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#gates.map((gate) => gate.stop(STOP_MS)));
  }
}
