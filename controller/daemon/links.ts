/** Links through the broker as a daemon has them: one connection while a gate of the configuration is reached so. */
import { isDeepStrictEqual } from 'node:util';
import { linkPlace } from '../../schemas/link-mqtt.ts';
import { type Connection, LinkError } from '../link/link.ts';
import type { MqttLinks, MqttLinksOptions } from '../link/mqtt.ts';
import type { BrokerPlace } from '../mqtt/connection.ts';
import type { Hardware } from './hardware.ts';
import { InTurn } from './in-turn.ts';

export interface GateLinksOptions extends Omit<MqttLinksOptions, 'broker' | 'prefix'> {
  readonly onError: (error: unknown) => void;
}

/** Has no effect until `follow`. */
export class GateLinks {
  readonly #options: GateLinksOptions;
  #links: MqttLinks | null = null;
  #broker: BrokerPlace | null = null;
  readonly #turns = new InTurn();

  constructor(options: GateLinksOptions) {
    this.#options = options;
  }

  /** From now on this broker leads to the gates; null: none is needed. Links through another one end. Never rejects. */
  follow(broker: BrokerPlace | null): Promise<void> {
    return this.#change(async () => {
      if (isDeepStrictEqual(broker, this.#broker)) return;
      this.#broker = broker;
      await this.#leave();
      if (!broker) return;
      const { MqttLinks } = await import('../link/mqtt.ts');
      this.#links = new MqttLinks({ ...this.#options, broker, prefix: broker.prefix });
      this.#links.start();
    });
  }

  /** What a gate with this name at the broker is reached by. */
  hardware(name: string, prefix: string): Hardware {
    const open = async (options?: { readonly baud?: number }): Promise<Connection> => {
      await this.#turns.ended();
      if (!this.#links) throw new LinkError('broker-away', 'the configuration names none');
      return this.#links.link(name)(options);
    };
    const place = linkPlace(prefix, name);
    return { link: open, place, port: null, via: 'mqtt', press: null, start() {}, stop: async () => {} };
  }

  /** Never rejects. */
  stop(): Promise<void> {
    this.#broker = null;
    return this.#change(() => this.#leave());
  }

  async #leave(): Promise<void> {
    const links = this.#links;
    this.#links = null;
    await links?.stop();
  }

  #change(change: () => Promise<void>): Promise<void> {
    return this.#turns.run(change).catch(this.#options.onError);
  }
}
