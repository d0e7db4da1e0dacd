/** The settings of a gate for people. Pure. */
import type { SettingsAnswer, SettingView } from '../../schemas/api.ts';
import { defaultSetting, formOf } from '../../schemas/setting-values.ts';
import { SETTINGS } from '../../schemas/settings.ts';

const STATUS = { current: '', pending: ' (waits for a press)', writing: ' (being stored)' } as const;
const HEAD = ['  setting', 'value', 'default', 'expected'] as const;

/** Several as a table, `!` before what only a press changes; one with what it means. */
export function settingLines({ product, settings }: SettingsAnswer): string[] {
  const [only] = settings;
  if (settings.length === 1 && only) return one(only, product);
  const rows = settings
    // A relay has no ends.
    .filter(({ name }) => product === 'uno-servo' || !name.startsWith('servo_'))
    .map(({ name, value, status }) => [
      `${SETTINGS[name].confirm ? '!' : ' '} ${name}`,
      `${value}${STATUS[status]}`,
      defaultSetting(name, product),
      formOf(name),
    ]);
  const table = [HEAD, ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    ...table.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    '! changed only while muted and unlocked, and after a press of the button of the gate',
  ];
}

function one({ name, value, status }: SettingView, product: SettingsAnswer['product']): string[] {
  const { confirm, meaning } = SETTINGS[name];
  return [
    `${name}: ${value}${STATUS[status]}`,
    `  ${meaning}`,
    `  expected: ${formOf(name)}; default ${defaultSetting(name, product)}`,
    ...(confirm
      ? ['  changed only while muted and unlocked, and after a press of the button of the gate']
      : []),
  ];
}
