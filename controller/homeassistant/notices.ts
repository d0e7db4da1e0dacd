/** Everything the broker is to keep about gates and controller, and what of it it does not know yet. Pure, but for its own memory. */
import type { ErrorView } from '../../schemas/errors.ts';
import { OFF, OFFLINE, ON, ONLINE, type RefusalPayload, topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import type { Place, Published } from './discovery.ts';
import type { HouseGate } from './house.ts';
import { stateOf } from './state.ts';

export interface Refusals {
  readonly last: RefusalPayload | null;
  readonly count: number;
}

/** Home Assistant takes attributes of some kilobytes; a text of ours is a sentence. */
const MOST_PROBLEMS = 20;

/** State and availability of one gate, to be kept by the broker. */
export function gateNotices({ topic }: Place, gate: HouseGate, { last, count }: Refusals): Published[] {
  const own = topicsOf(topic).gate(gate.name);
  const state = stateOf({
    view: gate.view,
    firmware: gate.board?.firmware ?? null,
    rules: gate.rules,
    listensUntil: gate.listensUntil,
    exposure: gate.exposure,
    lastRefusal: last,
    refusals: count,
  });
  return [
    { topic: own.availability, payload: gate.view.link === 'up' ? ONLINE : OFFLINE },
    { topic: own.state, payload: JSON.stringify(state) },
  ];
}

/** What is wrong with the daemon itself, to be kept by the broker. */
export function controllerNotice({ topic }: Place, problems: readonly ErrorView[]): Published {
  const attributes = {
    problems: problems.slice(0, MOST_PROBLEMS).map(({ code, message, hint }) => ({ code, message, hint })),
  };
  return {
    topic: topicsOf(topic).problems,
    payload: JSON.stringify({ state: problems.length > 0 ? ON : OFF, attributes }),
  };
}

/** Everything that the broker was to keep about a gate is taken back. */
export function withdrawn({ topic }: Place, gate: string): Published[] {
  const own = topicsOf(topic).gate(gate);
  return [own.availability, own.state].map((each) => ({ topic: each, payload: '' }));
}

/** What was published last on each topic. */
export class Kept {
  readonly #kept = new Map<string, string>();

  /** True when this is new; it counts as published from now on. */
  isNews({ topic, payload }: Published): boolean {
    if (this.#kept.get(topic) === payload) return false;
    if (payload === '') this.#kept.delete(topic);
    else this.#kept.set(topic, payload);
    return true;
  }

  /** The broker may have forgotten everything. */
  forget(): void {
    this.#kept.clear();
  }
}
