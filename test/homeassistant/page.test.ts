/** docs/homeassistant.md: what it shows is what Home Assistant takes and Earlid knows. `test/docs` runs its commands. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../controller/config/file.ts';
import { decisionEvent, stateOf } from '../../controller/homeassistant/state.ts';
import { EXIT } from '../../schemas/errors.ts';
import { DECISION_EVENTS, topicsOf } from '../../schemas/homeassistant-mqtt.ts';
import { configOf, gateConfig, House } from '../cli/harness.ts';
import { gateView } from '../daemon/gate-view.ts';
import { FILES, FOLDER } from './blueprints.ts';
import { attributesIn, BLOCKS, COMMANDS, entitiesIn, type Kind, TEXT } from './page.ts';
import { action, automation } from './syntax/automation.ts';
import { card } from './syntax/card.ts';
import { ENTITIES } from './syntax/known.ts';
import { sentBy } from './syntax/sent.ts';

const VIEW = gateView();
const REFUSAL = { at: '', command: 'unmute', by: 'may_unmute', message: '' };
/** Attributes by entity, as they are told. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  'sensor.kitchen_reason': Object.keys(
    stateOf({
      view: VIEW,
      firmware: null,
      rules: [],
      listensUntil: null,
      exposure: { live: 0, unknown: 0 },
      lastRefusal: REFUSAL,
      refusals: 1,
    }).attributes,
  ),
  'sensor.kitchen_exposure_today': ['live', 'unknown'],
  'event.kitchen_decision': [
    ...Object.keys(REFUSAL),
    ...Object.keys(decisionEvent({ ...VIEW, state: 'live' }, VIEW, '') ?? {}),
  ],
  'binary_sensor.earlid_problem': ['problems'],
};
/** What somebody who reads this has at home; everything else is Earlid's. */
const OF_THE_READER = [
  'person.anna',
  'person.ben',
  'calendar.work',
  'binary_sensor.desk_camera',
  'input_boolean.guests',
  'media_player.tv',
  'event.desk_button',
];

const of = (kind: Kind) => BLOCKS.filter((block) => block.kind === kind);
/** Commands that are sent where templates are rendered by Home Assistant. */
const messages = [...of('automation'), ...of('action')].flatMap(({ value, kind }) =>
  kind === 'automation' ? automation.parse(value).actions : [action.parse(value)],
);

describe('what the page about Home Assistant shows', () => {
  test.each(BLOCKS)('YAML is of a kind that is known: $line', ({ kind, value, text }) => {
    if (kind === 'automation') automation.parse(value);
    else if (kind === 'action') action.parse(value);
    else if (kind === 'card') card.parse(value);
    else if (kind !== 'configuration') throw new Error(`what is this? ${text}`);
    else if (text.includes('gates:')) expect(parseConfig(text, '/earlid.yaml').gates).toHaveLength(1);
  });

  test('there is something of every kind', () => {
    for (const kind of ['configuration', 'automation', 'action', 'card'] as const)
      expect(of(kind).length).toBeGreaterThan(0);
    expect(of('automation').length).toBeGreaterThanOrEqual(5);
  });

  test('every entity is one that Earlid shows, or the reader’s own', () => {
    const used = new Set(entitiesIn(TEXT));
    expect([...used].filter((id) => !ENTITIES.has(id) && !OF_THE_READER.includes(id))).toEqual([]);
    for (const id of ['button.kitchen_mute_now', 'binary_sensor.kitchen_microphone_live'])
      expect(used).toContain(id);
  });

  test('every attribute is one that is told', () => {
    const used = BLOCKS.flatMap(({ value }) => attributesIn(value));
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter(({ entity, attribute }) => !ATTRIBUTES[entity]?.includes(attribute))).toEqual([]);
  });

  test('events are waited for by names that there are', () => {
    const awaited = of('automation').flatMap(({ value }) =>
      (automation.parse(value).conditions ?? []).flatMap((each) =>
        typeof each === 'object' && 'attribute' in each && each.attribute === 'event_type'
          ? [each.state].flat()
          : [],
      ),
    );
    expect(awaited).toEqual(['refused']);
    expect(Object.keys(DECISION_EVENTS)).toEqual(expect.arrayContaining(awaited));
  });

  test('commands go to topics that are listened to', () => {
    const { gate, muteEverything } = topicsOf('earlid');
    const taken = ['kitchen', 'living-room'].flatMap((name) =>
      (['microphone', 'mute', 'unmute', 'mode'] as const).map((command) => gate(name).set(command)),
    );
    const variables = {
      '{"for": "20m", "sent": utcnow().isoformat(), "id": utcnow().isoformat()} | tojson': '',
    };
    const sent = messages.flatMap((each) => sentBy([each], variables));
    expect(sent.length).toBeGreaterThan(5);
    for (const { topic } of sent) expect([...taken, muteEverything]).toContain(topic);
    for (const command of COMMANDS.typed)
      for (const [, topic] of command.matchAll(/mosquitto_pub .*-t (\S+)/g)) expect(taken).toContain(topic);
  });

  test('the table of wishes is long, and every link leads somewhere', () => {
    const rows = TEXT.slice(TEXT.indexOf('| I want | do |'), TEXT.indexOf('## Rules that ask'));
    expect(rows.trim().split('\n').length - 2).toBeGreaterThanOrEqual(15);
    const anchors = [...TEXT.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor] of TEXT.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
    for (const [, file] of TEXT.matchAll(/\]\((?!https|#)([^)#]+)/g))
      expect(() => readFileSync(`docs/${file}`)).not.toThrow();
  });

  test('every blueprint can be imported from the address that it names itself', () => {
    const linked = [...TEXT.matchAll(/blueprint_url=([^)\s]+)\)/g)].map(([, url]) =>
      decodeURIComponent(url!),
    );
    const named = FILES.map(
      (file) => /source_url: (\S+)/.exec(readFileSync(`${FOLDER}/${file}`, 'utf8'))?.[1],
    );
    expect([...linked].sort()).toEqual(named.sort());
  });
});

describe('the commands of the page about Home Assistant', () => {
  const house = new House();
  beforeAll(async () => {
    await house.start(configOf(gateConfig('kitchen')));
  });
  afterAll(() => house.end());

  test.each([...new Set(COMMANDS.named)])('earlid %s is one', async (command) => {
    const { code } = await house.earlid(...command.split(' '));
    expect(code).not.toBe(EXIT.usage);
  });
});
