/** What Home Assistant is told of a gate and of the controller, so that it shows them as devices. Pure. */
import {
  BUTTON_EVENTS,
  DECISION_EVENTS,
  discoveryTopic,
  HERE_LASTS_MS,
  MODES,
  OFF,
  OFFLINE,
  ON,
  ONLINE,
  PRESS,
  REASON_STATES,
  topicsOf,
} from '../../schemas/homeassistant-mqtt.ts';
import type { Board } from '../link/board.ts';

export interface Place {
  /** Where Home Assistant looks, such as `homeassistant`. */
  readonly discovery: string;
  /** What all topics of this controller begin with, such as `earlid`. */
  readonly topic: string;
}

export interface Origin extends Place {
  readonly version: string;
  /** The id of this controller: what it published it may clear. */
  readonly controllerId: number;
}

export interface DiscoveredGate {
  readonly name: string;
  /** What stands behind it, such as `echo-dot-5`. */
  readonly speaker: string | null;
  readonly area: string | null;
  /** Null until it has answered. */
  readonly board: Board | null;
}

/** A message that the broker keeps. */
export interface Published {
  readonly topic: string;
  readonly payload: string;
}

type Component = Readonly<Record<string, unknown>>;

const SUPPORT = 'https://github.com/earlid/earlid';
const REFUSALS =
  "{{ {'last_refusal': value_json.attributes.last_refusal, 'seq': value_json.attributes.seq} | tojson }}";

/** What marks a device as published by this controller, beside the identifier that it has for ever. */
const markOf = ({ controllerId }: Origin, id: string): string =>
  `${id}@${controllerId.toString(16).padStart(8, '0')}`;

export const gateId = ({ topic }: Place, gate: string): string => `${topic}_gate_${gate}`;
export const controllerDeviceId = ({ topic }: Place): string => `${topic}_controller`;

/** One message for a gate with everything it shows. */
export function gateDiscovery(origin: Origin, gate: DiscoveredGate): Published {
  const topics = topicsOf(origin.topic);
  const own = topics.gate(gate.name);
  const id = gateId(origin, gate.name);
  const slug = slugOf(gate.name);
  const running = { availability: [availability(topics.status)], availability_mode: 'all' };
  const entity = (key: string, platform: string, name: string, more: Component): Component => ({
    platform,
    unique_id: `${id}_${key}`,
    default_entity_id: `${platform}.${slug}_${slugOf(name)}`,
    name,
    ...more,
  });
  const shows = (key: string): Component => ({
    state_topic: own.state,
    value_template: `{{ value_json.${key} }}`,
  });
  const onOff = { payload_on: ON, payload_off: OFF };
  // Nobody is to believe for ever what a broker keeps of a controller that is gone, and whose will it has lost.
  const whileHere = { expire_after: HERE_LASTS_MS / 1_000 };
  // Dashboards show what was asked for until anything of the entity changes, or for two seconds: a refusal changes `seq`.
  const showsRefusals = {
    json_attributes_topic: own.state,
    json_attributes_template: REFUSALS,
  };
  const diagnostic = { entity_category: 'diagnostic' };
  const trigger = (topic: string, type: string, subtype: string): Component => ({
    platform: 'device_automation',
    automation_type: 'trigger',
    topic,
    type,
    subtype,
    payload: type,
    value_template: '{{ value_json.event_type }}',
  });
  const components: Record<string, Component> = {
    microphone: entity('microphone', 'switch', 'Microphone', {
      ...shows('microphone'),
      ...onOff,
      ...running,
      command_topic: own.set('microphone'),
      optimistic: false,
      ...showsRefusals,
      icon: 'mdi:microphone',
    }),
    mute: entity('mute', 'button', 'Mute now', {
      ...running,
      command_topic: own.set('mute'),
      payload_press: PRESS,
      icon: 'mdi:microphone-off',
    }),
    live: entity('live', 'binary_sensor', 'Microphone live', {
      ...shows('live'),
      ...onOff,
      ...running,
      ...whileHere,
      icon: 'mdi:microphone',
    }),
    mode: entity('mode', 'select', 'Mode', {
      ...shows('mode'),
      ...running,
      command_topic: own.set('mode'),
      options: [...MODES],
      optimistic: false,
      ...showsRefusals,
    }),
    listens_until: entity('listens_until', 'sensor', 'Listens until', {
      ...shows('listens_until'),
      ...running,
      device_class: 'timestamp',
    }),
    reason: entity('reason', 'sensor', 'Reason', {
      ...shows('reason'),
      ...running,
      ...whileHere,
      device_class: 'enum',
      options: Object.keys(REASON_STATES),
      json_attributes_topic: own.state,
      json_attributes_template: '{{ value_json.attributes | tojson }}',
    }),
    exposure_today: entity('exposure_today', 'sensor', 'Exposure today', {
      ...shows('exposure_today'),
      ...running,
      device_class: 'duration',
      unit_of_measurement: 's',
      state_class: 'total_increasing',
      json_attributes_topic: own.state,
      json_attributes_template: '{{ value_json.exposure | tojson }}',
    }),
    lock: entity('lock', 'binary_sensor', 'Lock', { ...shows('lock'), ...onOff, device_class: 'lock' }),
    fault: entity('fault', 'binary_sensor', 'Fault', {
      ...shows('fault'),
      ...onOff,
      ...diagnostic,
      device_class: 'problem',
    }),
    link: entity('link', 'binary_sensor', 'Link', {
      ...shows('link'),
      ...onOff,
      ...running,
      ...diagnostic,
      device_class: 'connectivity',
    }),
    firmware: entity('firmware', 'sensor', 'Firmware', { ...shows('firmware'), ...diagnostic }),
    button: entity('button', 'event', 'Button', {
      state_topic: own.button,
      event_types: Object.keys(BUTTON_EVENTS),
      device_class: 'button',
    }),
    decision: entity('decision', 'event', 'Decision', {
      ...running,
      state_topic: own.decision,
      event_types: Object.keys(DECISION_EVENTS),
    }),
  };
  for (const type of Object.keys(BUTTON_EVENTS))
    components[`trigger_button_${type}`] = trigger(own.button, type, 'button');
  for (const type of Object.keys(DECISION_EVENTS))
    components[`trigger_decision_${type}`] = trigger(own.decision, type, 'microphone');
  return deviceMessage(origin, id, {
    device: {
      name: nameOf(gate.name),
      model: `${gate.board?.product ?? 'gate'}${gate.speaker === null ? '' : ` for ${gate.speaker}`}`,
      ...(gate.board && { sw_version: gate.board.firmware }),
      ...(gate.board?.gateId && { serial_number: gate.board.gateId }),
      ...(gate.area !== null && { suggested_area: gate.area }),
    },
    availability: [availability(topics.status), availability(own.availability)],
    components,
  });
}

/** One message for the controller itself. */
export function controllerDiscovery(origin: Origin): Published {
  const topics = topicsOf(origin.topic);
  const id = controllerDeviceId(origin);
  const slug = slugOf(origin.topic);
  return deviceMessage(origin, id, {
    device: { name: nameOf(origin.topic), model: 'controller', sw_version: origin.version },
    availability: [availability(topics.status)],
    components: {
      mute_everything: {
        platform: 'button',
        unique_id: `${id}_mute_everything`,
        default_entity_id: `button.${slug}_mute_everything`,
        name: 'Mute everything',
        command_topic: topics.muteEverything,
        payload_press: PRESS,
        icon: 'mdi:microphone-off',
      },
      problem: {
        platform: 'binary_sensor',
        unique_id: `${id}_problem`,
        default_entity_id: `binary_sensor.${slug}_problem`,
        name: 'Problem',
        state_topic: topics.problems,
        value_template: '{{ value_json.state }}',
        payload_on: ON,
        payload_off: OFF,
        device_class: 'problem',
        entity_category: 'diagnostic',
        json_attributes_topic: topics.problems,
        json_attributes_template: '{{ value_json.attributes | tojson }}',
      },
    },
  });
}

/** True for a discovery message that this controller has published, whichever configuration it had then. */
export function isOurs(origin: Origin, id: string, payload: Uint8Array): boolean {
  try {
    const { device } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as {
      device?: { identifiers?: unknown };
    };
    return Array.isArray(device?.identifiers) && device.identifiers.includes(markOf(origin, id));
  } catch {
    return false;
  }
}

const availability = (topic: string): Component => ({
  topic,
  payload_available: ONLINE,
  payload_not_available: OFFLINE,
});

/** `living-room` is shown as `Living room`. */
function nameOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').trim();
  return words === '' ? name : `${words[0]!.toUpperCase()}${words.slice(1)}`;
}

/** As it stands in the id of an entity. */
const slugOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

function deviceMessage(
  origin: Origin,
  id: string,
  {
    device,
    ...rest
  }: {
    readonly device: Component;
    readonly availability: readonly Component[];
    readonly components: Component;
  },
): Published {
  const message = {
    device: { identifiers: [id, markOf(origin, id)], manufacturer: 'Earlid', ...device },
    origin: { name: 'Earlid', sw_version: origin.version, support_url: SUPPORT },
    availability_mode: 'all',
    ...rest,
  };
  return { topic: discoveryTopic(origin.discovery, id), payload: JSON.stringify(message) };
}
