import type { SettingsAnswer, SettingView } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import type { SettingName } from '../../schemas/settings.ts';
import type { Client } from './client.ts';
import {
  type CommandContext,
  gatePath,
  JSON_OPTION,
  print,
  printJson,
  type Register,
  usageError,
} from './command.ts';

const LOOK_MS = 500;
/** The gate itself waits 30 s for the press; its answer comes a little later. */
const CONFIRM_MS = 35_000;
/** Reading all settings takes a second or two, each with its own patience. */
const READ_MS = 60_000;

const HELP = `
Without NAME it lists what the gate stores, with units and ranges. A value that
touches the actuator, the sense or button_alone is stored only while the gate is
muted and unlocked, and only after a press of its button within 30 s: whoever
sits at a computer cannot change it alone. What is not confirmed is as it was
before.

Examples:
  $ earlid settings kitchen
  $ earlid settings kitchen sense high-hears
  $ earlid settings kitchen travel 80ms
  $ earlid settings kitchen button_alone off`;

/** `earlid settings <gate> [name] [value]` */
export const registerSettings: Register = (program, context) => {
  program
    .command('settings')
    .description('read and change what a gate stores')
    .argument('<gate>')
    .argument('[name]', 'the setting')
    .argument('[value]', 'its new value')
    .option(...JSON_OPTION)
    .addHelpText('after', HELP)
    .action(async (gate: string, name?: string, value?: string, { json }: { json?: true } = {}) => {
      const { SETTINGS } = await import('../../schemas/settings.ts');
      if (name !== undefined && !Object.hasOwn(SETTINGS, name)) {
        const detail = `there is no setting \`${name}\`; there are: ${Object.keys(SETTINGS).join(', ')}`;
        throw usageError(detail, 'settings');
      }
      const client = await context.client();
      const path = gatePath(gate, 'settings');
      const known = name as SettingName | undefined;
      if (known && value !== undefined)
        return change(context, client, { gate, path, name: known, value }, json);
      const answer = await client.get<SettingsAnswer>(known ? `${path}?name=${known}` : path, READ_MS);
      if (json) return printJson(context.io, { gate: answer.gate, settings: await told(answer) });
      const { settingLines } = await import('./setting-words.ts');
      for (const line of settingLines(answer)) print(context.io, line);
    });
};

interface Change {
  readonly gate: string;
  readonly path: string;
  readonly name: SettingName;
  readonly value: string;
}

/** Asks for a change, and waits for the press that it may need. */
async function change(
  { io }: CommandContext,
  client: Client,
  { gate, path, name, value }: Change,
  json?: true,
): Promise<void> {
  const one = ({ settings }: SettingsAnswer): SettingView => settings[0]!;
  const read = async () => one(await client.get<SettingsAnswer>(`${path}?name=${name}`, READ_MS));
  const before = await read();
  let now = one(await client.post<SettingsAnswer>(path, { name, value }, READ_MS));
  const wanted = now.value;
  // With --json this goes where it is no part of the answer.
  if (now.status === 'pending')
    (json ? io.err : io.out).write(
      `Press the button of ${gate} once within 30 s: ${name} ${before.value} → ${wanted}\n`,
    );
  const end = io.now() + CONFIRM_MS;
  while (now.status !== 'current' && io.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    now = await read();
  }
  if (now.status !== 'current' || now.value !== wanted)
    throw new EarlidError('setting-unconfirmed', { gate, setting: name, value: now.value });
  if (json) printJson(io, { gate, name, value: now.value, before: before.value });
  else print(io, `${gate}: ${name} is ${now.value}`);
}

/** With what a program needs to make sense of them. */
async function told({ product, settings }: SettingsAnswer) {
  const { SETTINGS } = await import('../../schemas/settings.ts');
  const { defaultSetting, formOf } = await import('../../schemas/setting-values.ts');
  return settings.map(({ name, value, status }) => ({
    name,
    value,
    status,
    default: defaultSetting(name, product),
    expected: formOf(name),
    needsPress: SETTINGS[name].confirm,
    meaning: SETTINGS[name].meaning,
  }));
}
