/** The blueprints, with what somebody may choose in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Automation, automation } from './syntax/automation.ts';
import { automationOf, type Blueprint, blueprint } from './syntax/blueprint.ts';
import { DEVICES } from './syntax/known.ts';
import type { Variables } from './syntax/sent.ts';
import { readYaml } from './syntax/yaml.ts';

export const FOLDER = 'blueprints/automation/earlid';
export const FILES = readdirSync(FOLDER).sort();

export const blueprintIn = (file: string): Blueprint =>
  blueprint.parse(readYaml(readFileSync(`${FOLDER}/${file}`, 'utf8')));

/** What a user chooses; devices by the names of their checked-in discovery messages. */
export const CHOSEN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'mute_for_meetings.yaml': { calendar: 'calendar.work', gates: ['kitchen', 'living-room'] },
  'mute_in_calls.yaml': {
    calls: ['binary_sensor.desk_camera', 'binary_sensor.desk_microphone'],
    gates: ['kitchen', 'living-room'],
  },
  'mute_for_guests.yaml': { guests: ['input_boolean.guests', 'person.ben'], gates: ['controller'] },
  'mute_everything.yaml': {
    pressed: [{ trigger: 'state', entity_id: 'event.desk_button', not_from: 'unavailable' }],
  },
  'tell_refusals.yaml': { decisions: ['event.kitchen_decision', 'event.living_room_decision'] },
  'tell_when_live.yaml': {
    microphones: ['binary_sensor.kitchen_microphone_live', 'binary_sensor.living_room_microphone_live'],
  },
};

/** Throws where Home Assistant would not take it. */
export const automationIn = (file: string): Automation =>
  automation.parse(automationOf(blueprintIn(file), CHOSEN[file] ?? {}));

/** `topics` of a blueprint: its expressions run over the identifiers of devices, as Home Assistant's filters do. */
export function topicsBy(template: string, identifiers: readonly string[]): string[] {
  const steps = [...template.matchAll(/map\('regex_replace', '([^']+)', '([^']+)'\)/g)];
  return identifiers
    .filter((id) => !id.includes('@'))
    .map((id) =>
      steps.reduce(
        (text, [, find, by]) => text.replaceAll(new RegExp(find!, 'g'), by!.replaceAll(/\\\\(\d)/g, '$$$1')),
        id,
      ),
    )
    .filter((topic) => topic.endsWith('/set'));
}

/** The automation of a blueprint with its variables as they are when it runs. */
export function running(file: string, change: Variables = {}): { made: Automation; variables: Variables } {
  const made = automationIn(file);
  const { topics, gates } = (made.variables ?? {}) as {
    readonly topics?: string;
    readonly gates?: readonly (keyof typeof DEVICES)[];
  };
  const found = topics &&
    gates && {
      topics: topicsBy(
        topics,
        gates.flatMap((gate) => DEVICES[gate].identifiers),
      ),
    };
  return { made, variables: { ...made.variables, ...found, ...change } };
}
