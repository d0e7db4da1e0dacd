/** The C side of the definitions: one header with codes, limits, storage layout, and message readers and writers. */
import { LINK_LIMITS, LINK_TOPICS, type LinkTopic, linkTopic, OFFLINE, ONLINE } from './link-mqtt.ts';
import {
  ENUMS,
  FIRMWARE_VERSION,
  FLAGS,
  type FlagsName,
  isBytes,
  LIMITS,
  MESSAGES,
  type MessageDefinition,
  PROTOCOL_VERSION,
  SENSE_KINDS,
  type WireType,
  widthOf,
} from './protocol.ts';
import { schemaHash } from './schema-hash.ts';
import { EEPROM, SETTINGS, SETTINGS_VERSION } from './settings.ts';
import type { Vector } from './vectors.ts';

const constant = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
const snake = (name: string): string => name.replace(/([A-Z])/g, '_$1').toLowerCase();
const define = (name: string, value: number | string, meaning = ''): string =>
  `#define ${name} ${value}${meaning ? ` /* ${meaning} */` : ''}`;
const unsigned = (value: number): string => (value > 0x7fff ? `${value}UL` : `${value}`);

const C_TYPES: Record<string, string> = {
  u8: 'uint8_t',
  u16: 'uint16_t',
  u24: 'uint32_t',
  u32: 'uint32_t',
  u40: 'ms40_t',
};
const cType = (type: WireType): string => C_TYPES[type] ?? 'uint8_t';
const wire = (type: WireType): string => (C_TYPES[type] ? type : 'u8');

function messageCode(name: string, definition: MessageDefinition): string[] {
  const fields = Object.entries(definition.fields).map(([field, [type]]) => ({ field: snake(field), type }));
  const type = `msg_${snake(name)}_t`;
  const struct = fields.map(({ field, type }) =>
    isBytes(type) ? `    uint8_t ${field}[${widthOf(type)}];` : `    ${cType(type)} ${field};`,
  );
  const offsets = fields.map((_, i) => fields.slice(0, i).reduce((sum, { type }) => sum + widthOf(type), 0));
  const at = fields.reduce((sum, { type }) => sum + widthOf(type), 0);
  const read = fields.map(({ field, type }, i) =>
    isBytes(type)
      ? `    memcpy(m->${field}, p + ${offsets[i]}, ${widthOf(type)});`
      : `    m->${field} = get_${wire(type)}(p + ${offsets[i]});`,
  );
  const write = fields.map(({ field, type }, i) =>
    isBytes(type)
      ? `    memcpy(p + ${offsets[i]}, m->${field}, ${widthOf(type)});`
      : `    put_${wire(type)}(p + ${offsets[i]}, m->${field});`,
  );
  return [
    `/* ${definition.meaning} */`,
    define(`MSG_${constant(name)}`, `0x${definition.id.toString(16).padStart(2, '0')}`),
    define(`MSG_${constant(name)}_BYTES`, at),
    ...fields.map(({ field }, i) => define(`MSG_${constant(name)}_${field.toUpperCase()}_AT`, offsets[i]!)),
    'typedef struct {',
    ...struct,
    `} ${type};`,
    `static inline void msg_${snake(name)}_read(const uint8_t *p, ${type} *m)\n{`,
    ...read,
    '}',
    `static inline void msg_${snake(name)}_write(uint8_t *p, const ${type} *m)\n{`,
    ...write,
    '}',
    '',
  ];
}

function enumCode(name: string, codes: Readonly<Record<string, readonly [number, string]>>): string[] {
  return [
    ...Object.entries(codes).map(([key, [code, meaning]]) =>
      define(`${constant(name)}_${constant(key)}`, code, meaning),
    ),
    '',
  ];
}

const HELPERS = `
/* Uptime in ms: 40 bits, so that it never wraps in the life of a gate. */
typedef struct {
    uint32_t low;
    uint8_t high;
} ms40_t;

static inline uint8_t get_u8(const uint8_t *p) { return p[0]; }
static inline uint16_t get_u16(const uint8_t *p) { return (uint16_t)(p[0] | (uint16_t)p[1] << 8); }
static inline uint32_t get_u24(const uint8_t *p) { return get_u16(p) | (uint32_t)p[2] << 16; }
static inline uint32_t get_u32(const uint8_t *p) { return get_u24(p) | (uint32_t)p[3] << 24; }
static inline ms40_t get_u40(const uint8_t *p) { return (ms40_t){get_u32(p), p[4]}; }
static inline void put_u8(uint8_t *p, uint8_t v) { p[0] = v; }
static inline void put_u16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static inline void put_u24(uint8_t *p, uint32_t v) { put_u16(p, (uint16_t)v); p[2] = (uint8_t)(v >> 16); }
static inline void put_u32(uint8_t *p, uint32_t v) { put_u24(p, v); p[3] = (uint8_t)(v >> 24); }
static inline void put_u40(uint8_t *p, ms40_t v) { put_u32(p, v.low); p[4] = v.high; }
`;

/** `firmware/generated/protocol.h`. */
export function cHeader(): string {
  const settingsBytes = Object.values(SETTINGS).reduce((sum, s) => sum + widthOf(s.type), 0);
  let offset = 0;
  return [
    '/* Generated from schemas/ by `npm run generate`; do not edit. */',
    '#ifndef EARLID_PROTOCOL_H\n#define EARLID_PROTOCOL_H',
    '#include <stdint.h>\n#include <string.h>\n',
    define('PROTOCOL_VERSION', PROTOCOL_VERSION),
    define('SCHEMA_HASH', `0x${schemaHash().toString(16).padStart(8, '0')}UL`),
    define(
      'FIRMWARE_VERSION',
      `0x${FIRMWARE_VERSION.toReversed()
        .map((n) => n.toString(16).padStart(2, '0'))
        .join('')}UL`,
    ),
    '',
    ...Object.entries(LIMITS).map(([name, { value, meaning }]) =>
      define(`LIMIT_${constant(name)}`, unsigned(value), meaning),
    ),
    '',
    ...Object.entries(ENUMS).flatMap(([name, codes]) => enumCode(name, codes)),
    ...enumCode('sense', SENSE_KINDS),
    ...Object.keys(FLAGS).flatMap((name) => [
      ...Object.entries(FLAGS[name as FlagsName] as Record<string, string>).map(([flag, meaning], i) =>
        define(
          `${constant(name).replace('_FLAGS', '')}_${constant(flag)}`,
          `0x${(1 << i).toString(16).padStart(2, '0')}`,
          meaning,
        ),
      ),
      '',
    ]),
    HELPERS,
    ...Object.entries(MESSAGES).flatMap(([name, definition]) => messageCode(name, definition)),
    ...Object.entries(EEPROM).map(([name, { value, meaning }]) =>
      define(`EEPROM_${constant(name)}`, value, meaning),
    ),
    '',
    define('SETTINGS_VERSION', SETTINGS_VERSION),
    define('SETTINGS_BYTES', settingsBytes, 'all settings one after another'),
    define('SETTINGS_COUNT', Object.keys(SETTINGS).length),
    ...Object.entries(SETTINGS).flatMap(([name, setting]) => {
      const code = [
        define(`SETTING_${constant(name)}`, setting.id, `${setting.meaning}, ${setting.unit}`),
        define(`SETTING_${constant(name)}_AT`, offset, 'place in the settings'),
      ];
      offset += widthOf(setting.type);
      return code;
    }),
    '',
    '/* id, offset, width, needs a press, min, max, default of uno-relay, default of uno-servo */',
    '#define SETTINGS_TABLE(X) \\',
    ...settingRows(),
    '',
    '#endif',
    '',
  ].join('\n');
}

function settingRows(): string[] {
  let offset = 0;
  return Object.values(SETTINGS).map((setting, i, all) => {
    const width = widthOf(setting.type);
    const row = [
      setting.id,
      offset,
      width,
      setting.confirm ? 1 : 0,
      setting.min,
      setting.max,
      setting.default['uno-relay'],
      setting.default['uno-servo'],
    ].join(', ');
    offset += width;
    return `    X(${row})${i < all.length - 1 ? ' \\' : ''}`;
  });
}

const cBytes = (hex: string): string =>
  hex
    .match(/../g)!
    .map((byte) => `0x${byte}`)
    .join(', ');

/** Topics and figures of the MQTT link; the topics are formats for prefix and name of a gate. */
export function cLinkHeader(): string {
  const topics = (Object.keys(LINK_TOPICS) as LinkTopic[]).map((topic) =>
    define(`LINK_${constant(topic)}`, `"${linkTopic('%s', '%s', topic)}"`, `from ${LINK_TOPICS[topic].from}`),
  );
  const figures = Object.entries(LINK_LIMITS).map(([name, { value, meaning }]) =>
    define(`LINK_${constant(name)}`, unsigned(value), meaning),
  );
  const lines = [
    '/* Generated from schemas/ by `npm run generate`; do not edit. */',
    '#ifndef EARLID_LINK_H',
    '#define EARLID_LINK_H',
    '',
    ...topics,
    define('LINK_IS_ONLINE', `"${ONLINE}"`),
    define('LINK_IS_OFFLINE', `"${OFFLINE}"`),
    ...figures,
    '',
    '#endif',
  ];
  return `${lines.join('\n')}\n`;
}

/** `firmware/generated/vectors.h`: each vector as a check that reads every field and writes the frame again. */
export function cVectors(vectors: readonly Vector[]): string {
  const checks = vectors.map((vector, i) => {
    const name = vector.message.type as keyof typeof MESSAGES;
    const definition: MessageDefinition = MESSAGES[name];
    const expectations = Object.entries(definition.fields).map(([field, [type]]) =>
      expectation(snake(field), type, vector.message[field]),
    );
    return [
      `/* ${vector.name} */`,
      `static void vector_${i}(void)\n{`,
      `    static const uint8_t frame[] = {${cBytes(vector.frame)}};`,
      `    msg_${snake(name)}_t m;`,
      `    const uint8_t *body = vector_body("${vector.name}", frame, sizeof frame, MSG_${constant(name)}, ${vector.count}, MSG_${constant(name)}_BYTES, ${vector.by !== null});`,
      `    msg_${snake(name)}_read(body, &m);`,
      ...expectations,
      `    uint8_t again[MSG_${constant(name)}_BYTES];`,
      `    msg_${snake(name)}_write(again, &m);`,
      ...(vector.by
        ? [
            `    static const uint8_t key[] = {${cBytes(vector.by.key)}}, gate_id[] = {${cBytes(vector.by.gateId)}};`,
            `    vector_authenticated(frame, sizeof frame, MSG_${constant(name)}, ${vector.count}, again, sizeof again, key, gate_id);`,
          ]
        : [
            `    vector_written(frame, sizeof frame, MSG_${constant(name)}, ${vector.count}, again, sizeof again);`,
          ]),
      '}',
      '',
    ].join('\n');
  });
  return [
    '/* Generated from schemas/ by `npm run generate`; do not edit. */',
    ...checks,
    `static void all_vectors(void)\n{\n${vectors.map((_, i) => `    vector_${i}();`).join('\n')}\n}`,
    '',
  ].join('\n');
}

function expectation(field: string, type: WireType, value: unknown): string {
  if (isBytes(type)) {
    const width = widthOf(type);
    return `    CHECK(memcmp(m.${field}, (const uint8_t[${width}]){${cBytes(value as string)}}, ${width}) == 0);`;
  }
  if (type === 'u40') {
    const number = value as number;
    return `    CHECK(m.${field}.low == ${number % 2 ** 32}UL && m.${field}.high == ${Math.floor(number / 2 ** 32)});`;
  }
  if (type.startsWith('enum:')) {
    const codes = ENUMS[type.slice(5) as keyof typeof ENUMS] as Record<string, readonly [number, string]>;
    return `    CHECK(m.${field} == ${codes[value as string]![0]});`;
  }
  if (type.startsWith('flags:')) {
    const names = Object.keys(FLAGS[type.slice(6) as FlagsName]);
    const bits = names.reduce(
      (sum, name, i) => sum | ((value as Record<string, boolean>)[name] ? 1 << i : 0),
      0,
    );
    return `    CHECK(m.${field} == ${bits});`;
  }
  return `    CHECK(m.${field} == ${value as number}UL);`;
}
