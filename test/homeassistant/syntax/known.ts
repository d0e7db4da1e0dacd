/** What Home Assistant knows of the gates and the controller: the discovery messages that are checked in. */
import { readFileSync } from 'node:fs';

export interface Component {
  readonly platform: string;
  readonly default_entity_id?: string;
  readonly command_topic?: string;
  readonly payload_press?: string;
  readonly payload_on?: string;
  readonly payload_off?: string;
  readonly options?: readonly string[];
  readonly event_types?: readonly string[];
}
export interface Device {
  readonly identifiers: readonly string[];
  readonly manufacturer: string;
  readonly components: readonly Component[];
}

function device(name: string): Device {
  const page = readFileSync(new URL(`../golden/${name}.txt`, import.meta.url), 'utf8');
  const { device: about, components } = JSON.parse(page.slice(page.indexOf('\n'))) as {
    readonly device: Omit<Device, 'components'>;
    readonly components: Readonly<Record<string, Component>>;
  };
  return { ...about, components: Object.values(components) };
}

export const DEVICES = {
  controller: device('controller'),
  kitchen: device('kitchen'),
  'living-room': device('living-room'),
} as const;

/** By their ids. */
export const ENTITIES: ReadonlyMap<string, Component> = new Map(
  Object.values(DEVICES).flatMap(({ components }) =>
    components.flatMap((each) => (each.default_entity_id ? [[each.default_entity_id, each] as const] : [])),
  ),
);
