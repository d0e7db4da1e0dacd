/** What others at a broker see of a controller, and the daemon with fake gates that they see. */
import type { AedesPublishPacket } from 'aedes';
import type { DaemonOptions } from '../../controller/daemon/daemon.ts';
import type { Config } from '../../schemas/config.ts';
import type { GateConfig } from '../../schemas/gate-config.ts';
import type { HomeAssistantConfig } from '../../schemas/homeassistant.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';
import { configOf, gateConfig, House } from '../cli/harness.ts';
import { Broker, type BrokerOptions } from '../presence/broker.ts';

export const DEVICES: HomeAssistantConfig = {
  api: null,
  devices: { discovery: 'homeassistant', birth: 'homeassistant/status', topic: 'earlid' },
};

/** Everything that was published at a broker. */
export class Listener {
  readonly messages: { readonly topic: string; readonly payload: string; readonly retain: boolean }[] = [];

  constructor(broker: Broker) {
    broker.aedes.on('publish', ({ topic, payload, retain }: AedesPublishPacket) => {
      if (!topic.startsWith('$SYS')) this.messages.push({ topic, payload: payload.toString(), retain });
    });
  }

  of(topic: string): string[] {
    return this.messages.filter((message) => message.topic === topic).map(({ payload }) => payload);
  }
  last(topic: string): string | undefined {
    return this.of(topic).at(-1);
  }
  /** What stands on the state topic of a gate. */
  state(gate: string) {
    return JSON.parse(this.last(`earlid/gates/${gate}/state`) ?? '{}') as Record<string, unknown> & {
      readonly attributes: Record<string, unknown> & { readonly last_refusal: Record<string, unknown> };
    };
  }
  decisions(gate: string): { readonly event_type: string; readonly by?: string }[] {
    return this.of(`earlid/gates/${gate}/decision`).map((payload) => JSON.parse(payload) as never);
  }
}

/** Waits for what comes by itself. */
export async function until(condition: () => boolean, what = () => ''): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not in time ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** All pauses are shortened. */
export const quick: NonNullable<DaemonOptions['after']> = (ms, run) => {
  const timer = setTimeout(run, ms / 50);
  return () => clearTimeout(timer);
};

/** A broker, a daemon with fake gates that shows them to Home Assistant there, and somebody who listens. */
export class Home {
  readonly house = new House();
  broker!: Broker;
  listener!: Listener;
  /** How the controller comes to the broker, where that is not the usual way. */
  mqtt: Partial<MqttConfig> = {};

  async broking(options: BrokerOptions = {}): Promise<this> {
    this.broker = await Broker.start(options);
    this.listener = new Listener(this.broker);
    return this;
  }

  config(...gates: GateConfig[]): Config {
    return { ...configOf(...gates), mqtt: this.broker.config(this.mqtt), homeassistant: DEVICES };
  }

  async start(
    gates: readonly GateConfig[] = [gateConfig('kitchen', { mayUnmute: ['button', 'cli', 'homeassistant'] })],
    change: Partial<DaemonOptions> = {},
  ): Promise<this> {
    await this.house.start(this.config(...gates), () => {}, { after: quick, version: '1.2.3', ...change });
    await this.announced();
    return this;
  }

  /** Devices are told, and their states after that. */
  announced(gate = 'kitchen'): Promise<void> {
    const topic = `homeassistant/device/earlid_gate_${gate}/config`;
    return until(
      () => {
        const { messages } = this.listener;
        const told = messages.findLastIndex((message) => message.topic === topic);
        const state = messages.findLastIndex((message) => message.topic === `earlid/gates/${gate}/state`);
        return told >= 0 && state > told;
      },
      () => JSON.stringify([this.listener.messages.map(({ topic }) => topic), this.house.log]),
    );
  }

  send(command: string, payload: string | Buffer, retain = false): Promise<void> {
    return this.broker.publish(`earlid/gates/kitchen/${command}/set`, payload, retain);
  }

  async end(): Promise<void> {
    await this.house.end();
    await this.broker.stop();
  }
}
