/** The tables of `docs/protocol.md`, `docs/errors.md` and `docs/configuration.md`. */
import { configJsonSchema } from './config.ts';
import { ERRORS } from './errors.ts';
import {
  BUTTON_EVENTS,
  COMMAND_TOPICS,
  DECISION_EVENTS,
  DROPPED,
  REASON_STATES,
} from './homeassistant-mqtt.ts';
import { DEFAULT_PREFIX, LINK_LIMITS, LINK_TOPICS, type LinkTopic, linkTopic } from './link-mqtt.ts';
import { ENUMS, FLAGS, LIMITS, MESSAGES, type MessageDefinition } from './protocol.ts';
import { EEPROM, SETTINGS } from './settings.ts';

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  `${[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;

/** Section name → Markdown. */
export function protocolTables(): Record<string, string> {
  return {
    messages: Object.entries(MESSAGES)
      .map(([name, definition]: [string, MessageDefinition]) =>
        [
          `#### \`${name}\` (0x${definition.id.toString(16).padStart(2, '0')}, ${definition.from === 'host' ? 'host to gate' : 'gate to host'})\n`,
          `${definition.meaning}.\n`,
          table(
            ['field', 'type', 'meaning'],
            Object.entries(definition.fields).map(([field, [type, meaning]]) => [
              `\`${field}\``,
              type,
              meaning,
            ]),
          ),
        ].join('\n'),
      )
      .join('\n'),
    codes: Object.entries(ENUMS)
      .map(
        ([name, codes]) =>
          `#### \`${name}\`\n\n${table(
            ['code', 'name', 'meaning'],
            Object.entries(codes).map(([key, [code, meaning]]) => [code, `\`${key}\``, meaning]),
          )}`,
      )
      .join('\n'),
    flags: Object.entries(FLAGS)
      .map(
        ([name, flags]) =>
          `#### \`${name}\`\n\n${table(
            ['bit', 'name', 'meaning'],
            Object.entries(flags).map(([flag, meaning], i) => [i, `\`${flag}\``, meaning]),
          )}`,
      )
      .join('\n'),
    limits: table(
      ['figure', 'value', 'meaning'],
      Object.entries(LIMITS).map(([name, { value, meaning }]) => [`\`${name}\``, value, meaning]),
    ),
    settings: table(
      ['id', 'setting', 'type', 'unit', 'range', 'default (relay / servo)', 'needs a press', 'meaning'],
      Object.entries(SETTINGS).map(([name, s]) => [
        s.id,
        `\`${name}\``,
        s.type,
        s.unit,
        s.type === 'bytes8' ? '' : `${s.min}–${s.max}`,
        s.type === 'bytes8' ? 'empty' : `${s.default['uno-relay']} / ${s.default['uno-servo']}`,
        s.confirm ? 'yes' : 'no',
        s.meaning,
      ]),
    ),
    eeprom: table(
      ['place', 'value', 'meaning'],
      Object.entries(EEPROM).map(([name, { value, meaning }]) => [
        `\`${name}\``,
        `0x${value.toString(16)}`,
        meaning,
      ]),
    ),
  };
}

/** Sections of `docs/protocol.md` about the link over MQTT: name → Markdown. */
export function linkTables(): Record<string, string> {
  return {
    'link-topics': table(
      ['topic', 'published by', 'retained', 'payload'],
      Object.entries(LINK_TOPICS).map(([topic, { from, retained, meaning }]) => [
        `\`${linkTopic(DEFAULT_PREFIX, '<gate>', topic as LinkTopic)}\``,
        from,
        retained ? 'yes' : 'never',
        meaning,
      ]),
    ),
    'link-limits': table(
      ['figure', 'value', 'meaning'],
      Object.entries(LINK_LIMITS).map(([name, { value, meaning }]) => [`\`${name}\``, value, meaning]),
    ),
  };
}

/** The error table of `docs/errors.md`: in the texts, `…` stands for what the case fills in. */
export function errorTable(): string {
  const text = (template: string): string => template.replace(/\{(\w+)\}/g, '…').replaceAll('|', '\\|');
  return table(
    ['code', 'exit', 'what happened', 'next step'],
    Object.entries(ERRORS).map(([code, { exit, cause, hint }]) => [
      `\`${code}\``,
      exit,
      text(cause),
      text(hint),
    ]),
  );
}

/** Sections of `docs/homeassistant.md`: name → Markdown. */
export function homeAssistantTables(): Record<string, string> {
  const rows = (words: Readonly<Record<string, string>>) =>
    Object.entries(words).map(([word, meaning]) => [`\`${word}\``, meaning]);
  const events = (entity: string, words: Readonly<Record<string, string>>) =>
    rows(words).map((row) => [entity, ...row]);
  return {
    reasons: table(['reason', 'meaning'], rows(REASON_STATES)),
    events: table(
      ['entity', 'event', 'meaning'],
      [...events('Button', BUTTON_EVENTS), ...events('Decision', DECISION_EVENTS)],
    ),
    commands: table(['command', 'what it does'], rows(COMMAND_TOPICS)),
    dropped: table(['`by`', 'meaning'], rows(DROPPED)),
  };
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described | boolean;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
  readonly $defs?: Readonly<Record<string, Described>>;
}

/** The keys of a condition: under a name in `presence`, and as the `if` of a rule. */
export function conditionTable(): string {
  const defined = Object.values((configJsonSchema() as Described).$defs ?? {});
  const condition = defined
    .flatMap((each) => [each, ...(each.anyOf ?? [])])
    .find(({ properties }) => properties && 'linger' in properties);
  if (!condition) throw new Error('the schema of the configuration defines no condition');
  return table(
    ['key', 'meaning'],
    Object.entries(condition.properties ?? {}).map(([key, { description }]) => [
      `\`${key}\``,
      description ?? '',
    ]),
  );
}

/** Every key of `earlid.yaml` with its meaning. */
export function configurationTable(): string {
  const rows: string[][] = [];
  const walk = (schema: Described, path: string): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const here = path ? `${path}.${key}` : key;
      rows.push([`\`${here}\``, child.description ?? '']);
      walk(child, here);
    }
    const { additionalProperties: each } = schema;
    if (typeof each === 'object') walk(each, `${path}.<name>`);
    if (schema.items) walk(schema.items, `${path}[]`);
  };
  walk(configJsonSchema() as Described, '');
  return table(['key', 'meaning'], rows);
}
