/** The tables of `docs/protocol.md`. */
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
