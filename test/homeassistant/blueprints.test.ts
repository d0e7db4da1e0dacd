import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CommandReader } from '../../controller/homeassistant/commands.ts';
import { controllerDiscovery, gateDiscovery } from '../../controller/homeassistant/discovery.ts';
import { topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import { automationIn, blueprintIn, CHOSEN, FILES, FOLDER, running, topicsBy } from './blueprints.ts';
import { type Automation, automation } from './syntax/automation.ts';
import { inputsOf } from './syntax/blueprint.ts';
import { DEVICES } from './syntax/known.ts';
import { type Sent, sentBy, type Variables } from './syntax/sent.ts';

const LIVES = topicsOf('earlid');
const MUTES = FILES.filter((file) => file.startsWith('mute_'));
const sent = (file: string, change?: Variables): Sent[] => {
  const { made, variables } = running(file, change);
  return sentBy(made.actions, variables);
};
const set = (gate: string, payload: string) => ({ topic: LIVES.gate(gate).set('mute'), payload });
/** What the controller makes of a message. */
const asked = ({ topic, payload }: Sent) =>
  new CommandReader('earlid').read(
    { topic, payload: new TextEncoder().encode(payload), retained: false, repeated: false, transitMs: 0 },
    { wall: 0, counted: 0 },
  );

describe('the blueprints', () => {
  test('are those of which it is known what somebody chooses', () => {
    expect(FILES).toEqual(Object.keys(CHOSEN).sort());
  });

  test.each(FILES)('%s is one that Home Assistant takes', (file) => {
    const { repository } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      repository: { url: string };
    };
    const address = repository.url.replaceAll(/^git\+|\.git$/g, '');
    const { source_url, homeassistant } = blueprintIn(file).blueprint;
    expect(source_url).toBe(`${address}/blob/main/${FOLDER}/${file}`);
    expect(homeassistant.min_version).toBe('2024.11.0');
    expect(automationIn(file).actions.length).toBeGreaterThan(0);
  });

  test.each(FILES)('%s asks for entities and devices that Earlid shows, for several of them', (file) => {
    const asksFor = [...inputsOf(blueprintIn(file)).values()].flatMap(
      ({ selector }) => (Object.values(selector)[0] as { filter?: Record<string, unknown>[] })?.filter ?? [],
    );
    const devices = Object.values(DEVICES);
    for (const { integration, manufacturer, domain } of asksFor) {
      if (integration !== 'mqtt') continue;
      if (manufacturer !== undefined)
        expect(devices.map((each) => each.manufacturer)).toContain(manufacturer);
      else
        expect(devices.flatMap(({ components }) => components.map(({ platform }) => platform))).toContain(
          domain,
        );
    }
    for (const [name, { selector }] of inputsOf(blueprintIn(file)))
      if (['gates', 'decisions', 'microphones'].includes(name))
        expect(Object.values(selector)[0]).toHaveProperty('multiple', true);
  });

  test('S3 what mutes says where by what Home Assistant keeps of devices, never by a state', () => {
    const texts = MUTES.flatMap((file) => automationIn(file).variables?.topics ?? []);
    expect(texts).toHaveLength(3);
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).not.toMatch(/state|expand|is_/);
  });

  test.each([
    ['earlid', 'kitchen'],
    ['earlid', 'hall_controller'],
    ['house_2', 'living-room'],
    ['earlid', 'a_gate_b'],
  ])('S3 a gate is found by its identifiers: topic %s, gate %s', (topic, name) => {
    const origin = { discovery: 'homeassistant', topic, version: '1', controllerId: 7 };
    const identifiersOf = ({ payload }: { readonly payload: string }) =>
      (JSON.parse(payload) as { device: { identifiers: string[] } }).device.identifiers;
    const template = String(automationIn('mute_for_guests.yaml').variables?.topics);
    const found = (identifiers: readonly string[]) => topicsBy(template, identifiers);
    const gate = gateDiscovery(origin, { name, speaker: null, area: null, board: null });
    expect(found(identifiersOf(gate))).toEqual([topicsOf(topic).gate(name).set('mute')]);
    expect(found(identifiersOf(controllerDiscovery(origin)))).toEqual([topicsOf(topic).muteEverything]);
  });
});

describe('what a blueprint sends', () => {
  test('S3 a meeting mutes until it ends, or without an end where that is not known', () => {
    const file = 'mute_for_meetings.yaml';
    expect(sent(file, { length: '3300s' })).toEqual([set('kitchen', '3300s'), set('living-room', '3300s')]);
    expect(asked(sent(file, { length: '3300s' })[0]!)).toMatchObject({ ask: 'mute', forMs: 3_300_000 });
    expect(asked(sent(file, { length: 'PRESS' })[1]!)).toMatchObject({ gate: 'living-room', forMs: null });
    expect(asked(sent(file, { length: '100000s' })[0]!)).toMatchObject({ ask: 'mute', forMs: null });
  });

  test('S3 S4 a call mutes, and its end asks for the rules again only where that was chosen', () => {
    const file = 'mute_in_calls.yaml';
    const { made, variables } = running(file);
    const { topics } = variables as { topics: string[] };
    const begun = sent(file, { to: topics, payload: 'PRESS' });
    expect(begun).toEqual([set('kitchen', 'PRESS'), set('living-room', 'PRESS')]);
    const modes = topics.map((topic) => topic.replace(/mute\/set$/, 'mode/set'));
    expect(sent(file, { to: modes, payload: 'auto' }).map(asked)).toEqual([
      { ask: 'resume', gate: 'kitchen' },
      { ask: 'resume', gate: 'living-room' },
    ]);
    expect(variables).toMatchObject({ afterwards: false });
    expect(JSON.stringify(made.conditions)).toContain('is_over and afterwards');
  });

  test('S3 guests mute what was chosen, here the device of the controller: every gate', () => {
    expect(sent('mute_for_guests.yaml')).toEqual([{ topic: LIVES.muteEverything, payload: 'PRESS' }]);
    expect(sent('mute_for_guests.yaml').map(asked)).toEqual([{ ask: 'mute', gate: null, forMs: null }]);
  });

  test('S3 the button mutes every gate, whatever its topic is', () => {
    const [message] = sent('mute_everything.yaml', { topic: 'house' });
    expect(message).toEqual({ topic: topicsOf('house').muteEverything, payload: 'PRESS' });
    expect(sent('mute_everything.yaml').map(asked)).toEqual([{ ask: 'mute', gate: null, forMs: null }]);
  });

  test('what only tells sends nothing', () => {
    for (const file of ['tell_refusals.yaml', 'tell_when_live.yaml']) expect(sent(file)).toEqual([]);
  });

  test('nothing of it ever unmutes for a while', () => {
    const everything = FILES.map((file) => readFileSync(`${FOLDER}/${file}`, 'utf8')).join('');
    expect(everything).not.toMatch(/unmute\/set|microphone\/set|turn_on|payload: .?ON\b/);
  });
});

describe('the model of Home Assistant is strict', () => {
  const made = automationIn('mute_for_guests.yaml');
  const isTaken = (change: (automation: Automation) => unknown) =>
    automation.safeParse(change(structuredClone(made))).success;

  test.each<[string, (automation: Automation) => unknown]>([
    ['the names of before 2024.10', ({ triggers, ...rest }) => ({ ...rest, trigger: triggers })],
    ['`on` without quotes', (all) => ({ ...all, triggers: [{ ...all.triggers[0], to: true }] })],
    ['`platform`', (all) => ({ ...all, triggers: [{ platform: 'homeassistant', event: 'start' }] })],
    ['`service`', (all) => ({ ...all, actions: [{ service: 'button.press' }] })],
    ['no such action', (all) => ({ ...all, actions: [{ action: 'button.push' }] })],
    [
      'an entity of another kind',
      (all) => ({ ...all, actions: [{ action: 'button.press', target: { entity_id: 'switch.a' } }] }),
    ],
    ['a bracket that is not closed', (all) => ({ ...all, conditions: ["{{ is_state('a.b', 'on') }"] })],
    ['an unknown key', (all) => ({ ...all, condition_mode: 'any' })],
  ])('it refuses %s', (_, change) => {
    expect(isTaken((all) => all)).toBe(true);
    expect(isTaken(change)).toBe(false);
  });
});
