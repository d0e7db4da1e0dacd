/** The embedded broker as a daemon has it: it runs while the configuration asks for it, and is loaded only then. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../schemas/config.ts';
import { kindOfTopic } from '../homeassistant/topics.ts';
import type { BrokerOptions, EmbeddedBroker } from '../mqtt/broker.ts';
import type { BrokerPlace } from '../mqtt/connection.ts';
import { InTurn } from './in-turn.ts';

export interface OwnBrokerOptions extends BrokerOptions {
  readonly onError: (error: unknown) => void;
}

/** Has no effect until `follow`. */
export class OwnBroker {
  readonly #options: OwnBrokerOptions;
  readonly #dial = async () => (await this.#loaded()).dial();
  #broker: Promise<EmbeddedBroker> | null = null;
  #door: unknown = null;
  readonly #turns = new InTurn();

  constructor(options: OwnBrokerOptions) {
    this.#options = options;
  }

  /** Where the broker of this configuration is; one that is embedded is opened for others. One that is no longer asked for runs until `leave`. */
  follow({ mqtt, homeassistant }: Pick<Config, 'mqtt' | 'homeassistant'>): BrokerPlace | null {
    if (!mqtt?.embedded) {
      this.#door = null;
      return mqtt;
    }
    const { port, username, passwordFile, prefix } = mqtt;
    const login = username !== null && passwordFile !== null ? { username, passwordFile } : null;
    const devices = homeassistant?.devices ?? null;
    const door = { port, login, devices, prefix };
    if (!isDeepStrictEqual(door, this.#door))
      void this.#change(async () =>
        (await this.#loaded()).open({ port, login, kindOf: kindOfTopic(devices, prefix) }),
      );
    this.#door = door;
    return { ...mqtt, dial: this.#dial };
  }

  /** Nobody is connected any more with one that is no longer asked for: it ends. */
  leave(): void {
    if (this.#door === null) void this.stop();
  }

  /** Ends it, once everything that was said has been heard. Never rejects. */
  stop(): Promise<void> {
    this.#door = null;
    return this.#change(async () => {
      const broker = this.#broker;
      this.#broker = null;
      await (await broker)?.stop();
    });
  }

  #loaded(): Promise<EmbeddedBroker> {
    this.#broker ??= import('../mqtt/broker.ts').then(
      ({ EmbeddedBroker }) => new EmbeddedBroker(this.#options),
    );
    return this.#broker;
  }

  #change(change: () => Promise<void>): Promise<void> {
    return this.#turns.run(change).catch(this.#options.onError);
  }
}
