/** Reading and writing what a gate stores, in words. The gate itself has the last word: muted, unlocked, confirmed by a press. */
import type { SettingsAnswer, SettingView } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { REASONS } from '../../schemas/protocol.ts';
import { formatSetting, formOf, parseSetting } from '../../schemas/setting-values.ts';
import { SETTINGS, type SettingName } from '../../schemas/settings.ts';
import type { SettingAnswer } from '../gate/exchange.ts';
import type { Gate } from '../gate/gate.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];
const NOTHING = new Uint8Array(8);

/** Asks the gate for one setting, or for all. Throws `gate-away` when it does not answer. */
export async function readSettings(gate: Gate, name?: SettingName): Promise<SettingsAnswer> {
  const settings: SettingView[] = [];
  for (const each of name ? [name] : NAMES) {
    const answer = await gate.exchange({ op: 'read', setting: SETTINGS[each].id, value: NOTHING });
    settings.push(view(gate, each, answer));
  }
  return answerOf(gate, settings);
}

/**
 * Asks the gate to store `value`; what needs a press is answered with the status `pending`. `configured` names settings
 * that the configuration decides. Throws an `EarlidError`; then nothing has been changed.
 */
export async function writeSetting(
  gate: Gate,
  name: SettingName,
  value: string,
  configured: (name: SettingName) => boolean,
): Promise<SettingsAnswer> {
  const { confirm, id } = SETTINGS[name];
  const bytes = parseSetting(name, value);
  if (!bytes) throw new EarlidError('bad-setting', { setting: name, value, expected: formOf(name) });
  if (configured(name)) {
    const key = name === 'button_alone' ? name : 'inputs';
    throw new EarlidError('setting-configured', { setting: name, gate: gate.name, key });
  }
  const { locked, state, reported } = gate.status();
  if (locked) throw new EarlidError('locked', { gate: gate.name });
  const isOff = reported?.state === 'muted' && state !== 'live';
  if (confirm && reported && !isOff)
    throw new EarlidError('setting-live', { setting: name, gate: gate.name });
  const answer = await gate.exchange({ op: 'write', setting: id, value: bytes });
  return answerOf(gate, [view(gate, name, answer)]);
}

function answerOf(gate: Gate, settings: readonly SettingView[]): SettingsAnswer {
  return { gate: gate.name, product: gate.status().identity!.product, settings };
}

function view(gate: Gate, name: SettingName, answer: SettingAnswer): SettingView {
  if ('value' in answer) return { name, value: formatSetting(name, answer.value), status: answer.status };
  if (answer.refused === 'silent') throw new EarlidError('gate-away', { gate: gate.name });
  if (answer.refused === 'locked') throw new EarlidError('locked', { gate: gate.name });
  if (answer.refused === 'not-muted')
    throw new EarlidError('setting-live', { setting: name, gate: gate.name });
  const detail = REASONS[answer.refused][1];
  throw new EarlidError('setting-refused', { gate: gate.name, setting: name, detail });
}
