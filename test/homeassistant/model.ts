/** Home Assistant's rules for a discovery message of a device, written down from its documentation: strict, and knowing only what Earlid uses. */

type Json = Readonly<Record<string, unknown>>;

interface Platform {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly deviceClasses: readonly string[];
}

/** Every entity may have these. */
const ENTITY = [
  'platform',
  'unique_id',
  'default_entity_id',
  'name',
  'icon',
  'entity_category',
  'availability',
  'availability_mode',
  'json_attributes_topic',
  'json_attributes_template',
] as const;

const PLATFORMS: Readonly<Record<string, Platform>> = {
  switch: {
    required: ['command_topic'],
    optional: ['state_topic', 'value_template', 'payload_on', 'payload_off', 'optimistic', 'device_class'],
    deviceClasses: ['outlet', 'switch'],
  },
  button: {
    required: ['command_topic'],
    optional: ['payload_press', 'device_class'],
    deviceClasses: ['identify', 'restart', 'update'],
  },
  binary_sensor: {
    required: ['state_topic'],
    optional: ['value_template', 'payload_on', 'payload_off', 'device_class', 'expire_after'],
    deviceClasses: ['lock', 'problem', 'connectivity', 'running'],
  },
  select: {
    required: ['command_topic', 'options'],
    optional: ['state_topic', 'value_template', 'optimistic'],
    deviceClasses: [],
  },
  sensor: {
    required: ['state_topic'],
    optional: [
      'value_template',
      'device_class',
      'options',
      'unit_of_measurement',
      'state_class',
      'expire_after',
    ],
    deviceClasses: ['timestamp', 'enum', 'duration'],
  },
  event: {
    required: ['state_topic', 'event_types'],
    optional: ['value_template', 'device_class'],
    deviceClasses: ['button', 'doorbell', 'motion'],
  },
};
const UNITS: Readonly<Record<string, readonly string[]>> = { duration: ['d', 'h', 'min', 's', 'ms'] };
/** What an event of the class `button` may be called since 2026. */
const BUTTON_EVENT_TYPES = [
  'press_start',
  'press_end',
  'long_press_start',
  'long_press_end',
  'multi_press_end',
];
const DEVICE = [
  'identifiers',
  'name',
  'manufacturer',
  'model',
  'sw_version',
  'serial_number',
  'suggested_area',
  'configuration_url',
];
/**
 * No `message_expiry_interval`: with it Home Assistant 2024.11 takes nothing of a device, and 2026.11, where it speaks MQTT 3.1.1 with its
 * broker, sends no command at all. Both were tried.
 */
const ROOT = ['device', 'origin', 'availability', 'availability_mode', 'components'];
const TRIGGER = ['automation_type', 'topic', 'type', 'subtype'];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTopic = (value: unknown): boolean => isText(value) && !/[#+\0]/.test(value) && value.length < 256;
const VALUE = 'value_json(\\.[a-z_]+)+';
const TEMPLATE = new RegExp(
  `^\\{\\{ (${VALUE}|\\{'[a-z_]+': ${VALUE}(, '[a-z_]+': ${VALUE})*\\})( \\| tojson)? \\}\\}$`,
);
/** A placeholder of one value, or of a mapping of values, perhaps through a filter. */
const isTemplate = (value: unknown): boolean => isText(value) && TEMPLATE.test(value);

/** What Home Assistant would not take or would take otherwise than it is meant, over all messages of one controller. */
export function problemsOf(messages: readonly { readonly topic: string; readonly payload: string }[]) {
  const found: string[] = [];
  const seen = { ids: new Set<string>(), entities: new Set<string>(), devices: new Set<string>() };
  const once = (set: Set<string>, value: unknown, what: string) => {
    if (set.has(String(value))) found.push(`${what} ${value} is there twice`);
    set.add(String(value));
  };
  for (const { topic, payload } of messages) {
    const expect = (isRight: boolean, what: string) => {
      if (!isRight) found.push(`${topic}: ${what}`);
    };
    expect(
      /^[\w-]+(\/[\w-]+)*\/device\/[a-zA-Z0-9_-]+\/config$/.test(topic),
      'the topic is none of a device',
    );
    const message = JSON.parse(payload) as Json;
    const { device, origin, components } = message;
    expect(
      Object.keys(message).every((key) => ROOT.includes(key)),
      'unknown key at the root',
    );
    if (!isMap(device) || !isMap(origin) || !isMap(components)) {
      found.push(`${topic}: device, origin and components are required`);
      continue;
    }
    expect(
      Object.keys(device).every((key) => DEVICE.includes(key)),
      'unknown key of the device',
    );
    expect(
      Object.values(device).every((value) => isText(value) || Array.isArray(value)),
      'empty value of the device',
    );
    expect(isText(origin.name), 'origin without a name');
    const ids = device.identifiers;
    expect(Array.isArray(ids) && ids.length > 0 && ids.every(isText), 'identifiers of the device');
    for (const id of ids as string[]) once(seen.devices, id, 'device');
    checkAvailability(message, expect);
    for (const [key, component] of Object.entries(components)) {
      const say = (isRight: boolean, what: string) => expect(isRight, `${key}: ${what}`);
      if (!isMap(component)) {
        found.push(`${topic}: ${key} is no component`);
        continue;
      }
      if (component.platform === 'device_automation') checkTrigger(component, say);
      else {
        checkEntity(component, String(device.name), say);
        once(seen.ids, component.unique_id, 'unique id');
        once(seen.entities, component.default_entity_id, 'entity');
      }
    }
  }
  return found;
}

type Say = (isRight: boolean, what: string) => void;

function checkAvailability({ availability, availability_mode, availability_topic }: Json, say: Say): void {
  // A topic of its own and an inherited list exclude each other.
  say(availability_topic === undefined, 'availability_topic beside availability');
  say(Array.isArray(availability) && availability.length > 0, 'availability is a list');
  say(availability_mode === 'all', 'availability_mode is `all`');
  for (const each of (availability ?? []) as Json[])
    say(isTopic(each.topic) && isText(each.payload_available), 'availability without a topic');
}

function checkTrigger(component: Json, say: Say): void {
  for (const key of TRIGGER) say(isText(component[key]), `${key} is missing`);
  say(component.automation_type === 'trigger', 'automation_type is `trigger`');
  const known = [...TRIGGER, 'platform', 'payload', 'value_template', 'qos'];
  for (const key of Object.keys(component)) say(known.includes(key), `unknown key ${key}`);
  if (component.value_template !== undefined) say(isTemplate(component.value_template), 'value_template');
}

function checkEntity(component: Json, deviceName: string, say: Say): void {
  const platform = PLATFORMS[String(component.platform)];
  if (!platform) {
    say(false, `unknown platform ${component.platform}`);
    return;
  }
  const { required, optional, deviceClasses } = platform;
  for (const key of ['unique_id', 'name', 'default_entity_id', ...required])
    say(component[key] !== undefined && component[key] !== '', `${key} is missing`);
  const known: readonly string[] = [...ENTITY, ...required, ...optional];
  for (const key of Object.keys(component)) say(known.includes(key), `unknown key ${key}`);
  say(
    new RegExp(`^${component.platform}\\.[a-z0-9_]+$`).test(String(component.default_entity_id)),
    'default_entity_id with its domain',
  );
  say(!String(component.name).toLowerCase().startsWith(deviceName.toLowerCase()), 'name repeats the device');
  for (const key of ['state_topic', 'command_topic', 'json_attributes_topic'])
    if (component[key] !== undefined) say(isTopic(component[key]), key);
  for (const key of ['value_template', 'json_attributes_template'])
    if (component[key] !== undefined) say(isTemplate(component[key]), key);
  const { device_class: deviceClass, options, event_types: eventTypes } = component;
  if (deviceClass !== undefined) say(deviceClasses.includes(String(deviceClass)), `class ${deviceClass}`);
  if (component.entity_category !== undefined)
    say(component.entity_category === 'diagnostic', 'entity_category');
  if (component.availability !== undefined || component.availability_topic !== undefined)
    checkAvailability(component, say);
  if (options !== undefined) {
    say(Array.isArray(options) && options.length > 0 && options.every(isText), 'options');
    say(new Set(options as string[]).size === (options as string[]).length, 'options twice');
    if (component.platform === 'sensor') say(deviceClass === 'enum', 'options without the class enum');
  }
  if (component.platform === 'sensor' && deviceClass === 'enum')
    say(
      Array.isArray(options) &&
        component.state_class === undefined &&
        component.unit_of_measurement === undefined,
      'an enum has options, no unit and no state class',
    );
  const stateClass = component.state_class;
  if (stateClass !== undefined) {
    say(
      ['measurement', 'total', 'total_increasing'].includes(String(stateClass)),
      `state class ${stateClass}`,
    );
    say(deviceClass !== 'timestamp', 'a timestamp has no state class');
    say(deviceClass !== 'duration' || component.unit_of_measurement !== undefined, 'a duration has a unit');
  }
  const unit = component.unit_of_measurement;
  if (unit !== undefined) say((UNITS[String(deviceClass)] ?? []).includes(String(unit)), `unit ${unit}`);
  if (component.platform === 'event') {
    say(Array.isArray(eventTypes) && eventTypes.length > 0 && eventTypes.every(isText), 'event_types');
    if (deviceClass === 'button')
      say(
        (eventTypes as string[]).every((type) => BUTTON_EVENT_TYPES.includes(type)),
        'event types of a button',
      );
  }
  if (component.platform === 'switch' || component.platform === 'select') {
    say(component.optimistic === false, 'what may be refused is not optimistic');
    // Else a dashboard goes on to show what was asked for.
    say(
      String(component.json_attributes_template).includes('.seq'),
      'what may be refused has an attribute that a refusal changes',
    );
  }
}
