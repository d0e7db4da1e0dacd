/** Facts from Home Assistant in virtual time: what is known, for how long, and what is not believed. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { timelineOf, valueAt } from '../../controller/policy/conditions.ts';
import type { Truth } from '../../controller/policy/facts.ts';
import { FactBook } from '../../controller/presence/fact-book.ts';
import { homeAssistantSource } from '../../controller/presence/homeassistant/source.ts';
import type { FactSource } from '../../controller/presence/source.ts';
import { factName, type Source } from '../../schemas/sources.ts';
import { VirtualClock } from '../gate/virtual-clock.ts';
import { FakeHomeAssistant } from './fake-homeassistant.ts';
import { tellings } from './tellings.ts';

type HomeAssistantFact = Extract<Source, { kind: 'homeassistant' }>;
const MINUTE = 60_000;
const MAX_AGE = MINUTE;
const fact = (
  entity: string,
  compare: HomeAssistantFact['compare'],
  attribute: string | null = null,
): HomeAssistantFact => ({ kind: 'homeassistant', entity, attribute, compare });
const ANNA = fact('person.anna', { is: 'home' });
const AWAY = fact('person.anna', { is: 'not_home' });
const CHARGED = fact('person.anna', { above: 20 }, 'battery_level');
const MEETING = fact('calendar.work', { is: 'on' });
const CALL = fact('binary_sensor.call', { is: 'on' });
const CODES = (problems: ReadonlyMap<string, { readonly code: string }>) =>
  [...problems.values()].map(({ code }) => code);

let folder: string;
let clock: VirtualClock;
let slept: number;
let ha: FakeHomeAssistant;
let book: FactBook;
let told: ReturnType<typeof tellings>;
let source: FactSource | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  clock = new VirtualClock(Date.UTC(2026, 10, 21, 12));
  slept = 0;
  ha = new FakeHomeAssistant();
  ha.set('person.anna', 'home', { battery_level: 80 });
  book = new FactBook();
  writeToken('open-sesame\n');
  source = null;
});
afterEach(async () => {
  await source?.stop();
  rmSync(folder, { recursive: true });
});

const tokenFile = () => join(folder, 'token');
function writeToken(text: string, mode = 0o600): void {
  writeFileSync(tokenFile(), text);
  chmodSync(tokenFile(), mode);
}

function follow(...facts: HomeAssistantFact[]): void {
  book.ask(new Map(facts.map((each) => [factName(each), MAX_AGE])));
  const counted = () => clock.now() + slept;
  told = {
    ...tellings(clock),
    now: () => ({ wall: clock.utc() + slept, counted: counted() }),
    tell: (...telling) => {
      told.told.push([telling[0], telling[1], telling[2], telling[3]]);
      book.tell(...telling);
    },
  };
  source = homeAssistantSource(
    facts.map((each) => ({ fact: factName(each), source: each })),
    { url: 'ws://ha:8123/api/websocket', tokenFile: tokenFile(), ca: null },
    told,
    ha.open,
  );
  source.start();
}

/** What a rule would be told now, or at another instant from now. */
function value(of: HomeAssistantFact, ahead = 0): Truth {
  const at = clock.now() + slept;
  const condition = { kind: 'fact', name: null, fact: factName(of), maxAgeMs: MAX_AGE } as const;
  return valueAt(timelineOf(condition, book.facts(), at, 'ageing'), at + ahead).value;
}

/** Lets time pass until this holds; files are read meanwhile. */
async function until(condition: () => boolean, withinMs = 10 * MINUTE): Promise<void> {
  for (let ms = 0; !condition(); ms += 100) {
    if (ms > withinMs)
      throw new Error(
        `not in time: ${JSON.stringify([told.told.slice(-5), told.lines, [...told.problems]])}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.pass(100);
  }
}
const isUp = (times = 1) =>
  until(() => told.lines.filter((line) => line.startsWith('connected')).length >= times);

describe('facts from Home Assistant', () => {
  test('are its states and attributes, compared as the condition asks, and follow changes at once', async () => {
    follow(ANNA, AWAY, CHARGED);
    await isUp();
    expect([value(ANNA), value(AWAY), value(CHARGED)]).toEqual([true, false, true]);
    ha.set('person.anna', 'not_home', { battery_level: 12 });
    await clock.pass(0);
    expect([value(ANNA), value(AWAY), value(CHARGED)]).toEqual([false, true, false]);
    ha.set('person.anna', 'Work', {});
    await clock.pass(100);
    expect([value(ANNA), value(AWAY), value(CHARGED)]).toEqual([false, false, null]);
    expect(told.problems.size).toBe(0);
  });

  test.each(['unknown', 'unavailable'])('S4 are unknown at once when the state is %s', async (state) => {
    follow(ANNA, AWAY, CHARGED);
    await isUp();
    ha.set('person.anna', state, { battery_level: 80 });
    await clock.pass(0);
    expect([value(ANNA), value(AWAY), value(CHARGED)]).toEqual([null, null, null]);
  });

  test('S4 are unknown at once when the entity is gone, and the entity is named', async () => {
    follow(ANNA);
    await isUp();
    ha.forget('person.anna');
    await clock.pass(0);
    expect(value(ANNA)).toBeNull();
    expect(told.problems.get('homeassistant entities')?.message).toContain('person.anna');
    ha.set('person.anna', 'home');
    await clock.pass(100);
    expect(value(ANNA)).toBe(true);
    expect(told.problems.size).toBe(0);
  });

  test('are known for a week in which nothing changes, while Home Assistant answers', async () => {
    follow(ANNA);
    await isUp();
    for (let hour = 0; hour < 7 * 24; hour++) {
      await clock.pass(60 * MINUTE);
      expect(value(ANNA)).toBe(true);
    }
    expect(ha.connections).toBe(1);
    expect(ha.asked).toBeGreaterThan(40_000);
  });
});

describe('a connection that is lost', () => {
  test('S4 tells nothing, and what was known is unknown when it is too old', async () => {
    follow(ANNA);
    await isUp();
    ha.isAway = true;
    ha.cut();
    const before = told.told.length;
    await clock.pass(MAX_AGE - 1_000);
    expect(value(ANNA)).toBe(true);
    await clock.pass(2_000);
    expect(value(ANNA)).toBeNull();
    expect(told.told.length).toBe(before);
    expect(CODES(told.problems)).toEqual(['homeassistant-unreachable']);
    ha.isAway = false;
    await isUp(2);
    expect(value(ANNA)).toBe(true);
    expect(told.problems.size).toBe(0);
  });

  test('S4 what was said last before it is not lost with it', async () => {
    follow(ANNA);
    await isUp();
    ha.set('person.anna', 'home');
    await clock.pass(0);
    ha.set('person.anna', 'not_home');
    ha.isAway = true;
    ha.cut();
    await clock.pass(100);
    expect(value(ANNA)).toBe(false);
  });

  test('S4 an entity that was deleted meanwhile is unknown, and not what it was', async () => {
    follow(ANNA);
    await isUp();
    ha.isAway = true;
    ha.cut();
    ha.forget('person.anna', { silently: true });
    await clock.pass(3_000);
    expect(value(ANNA)).toBe(true);
    ha.isAway = false;
    await isUp(2);
    expect(value(ANNA)).toBeNull();
    expect(CODES(told.problems)).toEqual(['homeassistant-entities']);
  });

  test('S4 is given up when nothing is answered, although it stands', async () => {
    follow(ANNA);
    await isUp();
    ha.stalls = true;
    await clock.pass(15_000 + 10_000 + 500);
    expect(CODES(told.problems)).toEqual(['homeassistant-unreachable']);
    expect(value(ANNA)).toBe(true);
    await clock.pass(MAX_AGE - 25_000);
    expect(value(ANNA)).toBeNull();
    ha.stalls = false;
    await isUp(2);
    expect(value(ANNA)).toBe(true);
  });

  test('S4 what comes after the machine has slept is not believed until Home Assistant is asked anew', async () => {
    follow(ANNA, CALL);
    ha.set('binary_sensor.call', 'off');
    await isUp();
    slept = 8 * 60 * MINUTE;
    ha.set('binary_sensor.call', 'on');
    await clock.pass(0);
    expect([value(ANNA), value(CALL)]).toEqual([null, null]);
    await isUp(2);
    expect([value(ANNA), value(CALL)]).toEqual([true, true]);
    expect(told.problems.size).toBe(0);
  });

  test('S4 S7 what comes long after the machine has slept was under way meanwhile, and is not believed either', async () => {
    follow(ANNA, CALL);
    ha.set('binary_sensor.call', 'off');
    await isUp();
    slept = 10 * MINUTE;
    ha.stalls = true;
    await clock.pass(20_000);
    ha.set('binary_sensor.call', 'on');
    await clock.pass(0);
    expect(value(CALL)).toBeNull();
    ha.stalls = false;
    await isUp(2);
    expect(value(CALL)).toBe(true);
  });

  test('is tried again ever more seldom, for ever', async () => {
    ha.isAway = true;
    follow(ANNA);
    await until(() => CODES(told.problems).includes('homeassistant-unreachable'));
    await clock.pass(24 * 60 * MINUTE);
    ha.isAway = false;
    await isUp();
    expect(value(ANNA)).toBe(true);
  });
});

describe('Home Assistant that has not started', () => {
  test('S4 is not believed, at once, until it has', async () => {
    ha.state = 'STARTING';
    follow(ANNA);
    await until(() => CODES(told.problems).includes('homeassistant-starting'));
    expect(value(ANNA)).toBeNull();
    ha.set('person.anna', 'not_home');
    ha.set('person.anna', 'home');
    await clock.pass(1_000);
    expect(value(ANNA)).toBeNull();
    ha.state = 'RUNNING';
    await clock.pass(3_000);
    expect(value(ANNA)).toBe(true);
    expect(told.problems.size).toBe(0);
    ha.state = 'STOPPING';
    await clock.pass(15_000);
    expect(value(ANNA)).toBeNull();
    expect(told.problems.get('homeassistant api')?.message).toContain('STOPPING');
  });
});

describe('the token', () => {
  test('when refused is not tried again for a quarter of an hour; a new one is, and neither shows', async () => {
    writeToken('wrong-words\n');
    follow(ANNA);
    await until(() => CODES(told.problems).includes('homeassistant-token'));
    for (let minute = 0; minute < 14; minute++) {
      await clock.pass(MINUTE);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(ha.connections).toBe(1);
    expect(CODES(told.problems)).toEqual(['homeassistant-token']);
    writeToken('open-sesame\r\nand a second line\n');
    await isUp();
    expect(ha.connections).toBe(2);
    expect(told.problems.size).toBe(0);
    expect(JSON.stringify([told.lines, told.told])).not.toMatch(/wrong-words|sesame/);
  });

  test('that others may read is a problem, and works', async () => {
    writeToken('open-sesame', 0o640);
    follow(ANNA);
    await isUp();
    expect(value(ANNA)).toBe(true);
    expect(CODES(told.problems)).toEqual(['homeassistant-token-open']);
    expect(told.problems.get('homeassistant token')?.message).toContain(tokenFile());
  });

  test.each([
    ['no file', () => rmSync(tokenFile()), 'ENOENT'],
    ['an empty one', () => writeToken('\n'), 'no token'],
    ['one in two words', () => writeToken('open sesame\n'), 'no token'],
  ])('is missing in %s', async (_, spoil, message) => {
    spoil();
    follow(ANNA);
    await until(() => CODES(told.problems).includes('homeassistant-file'));
    expect(told.problems.get('homeassistant api')?.message).toContain(message);
    expect(ha.connections).toBe(0);
  });
});

describe('a calendar', () => {
  /** A time soon, before Home Assistant is asked again, as it writes it; and how far away it is. */
  const soon = () => {
    const instant = Math.ceil(clock.utc() / 1_000) * 1_000 + 5_000;
    return {
      left: instant - clock.utc(),
      inBerlin: new Date(instant + 60 * MINUTE).toISOString().slice(11, 19),
    };
  };
  const at = (text: string) => ({ start_time: `2026-11-21 ${text}`, end_time: '2026-11-21 15:00:00' });

  test('S4 is unknown from the begin of its next event on, until Home Assistant tells', async () => {
    ha.set('calendar.work', 'off');
    follow(MEETING);
    await isUp();
    const { left, inBerlin } = soon();
    ha.set('calendar.work', 'off', at(inBerlin));
    await clock.pass(0);
    expect([value(MEETING), value(MEETING, left - 1), value(MEETING, left)]).toEqual([false, false, null]);
    await clock.pass(left);
    expect(value(MEETING)).toBeNull();
    ha.set('calendar.work', 'on', at(inBerlin));
    await clock.pass(100);
    expect(value(MEETING)).toBe(true);
  });

  test('S4 is unknown from the end of its event on, for another one may follow', async () => {
    ha.set('calendar.work', 'on');
    follow(MEETING);
    await isUp();
    const { left, inBerlin } = soon();
    ha.set('calendar.work', 'on', {
      start_time: '2026-11-21 12:00:00',
      end_time: `2026-11-21 ${inBerlin}`,
    });
    await clock.pass(0);
    expect([value(MEETING), value(MEETING, left - 1), value(MEETING, left)]).toEqual([true, true, null]);
  });

  test.each([
    ['has begun by our clock', () => at('12:59:59'), 'Europe/Berlin'],
    ['has no time that can be read', () => ({ start_time: 'tomorrow' }), 'Europe/Berlin'],
    ['is of a zone that nobody knows', at, 'Mars/Olympus'],
    ['does not say', () => ({}), 'Europe/Berlin'],
    ['is of no zone', at, ''],
    ['is of a zone that is none', at, '+01:00'],
  ])('whose next event %s is what Home Assistant says', async (_, attributes, zone) => {
    ha.zone = zone;
    ha.set('calendar.work', 'off');
    follow(MEETING);
    await isUp();
    ha.set('calendar.work', 'off', attributes(soon().inBerlin));
    await clock.pass(0);
    expect([value(MEETING), value(MEETING, 40_000)]).toEqual([false, false]);
  });
});

describe('S10 a hostile Home Assistant', () => {
  const event = (body: string) => `{"id":1,"type":"event","event":${body}}`;

  test.each([
    ['no JSON', 'nonsense'],
    ['no mapping', '[]'],
    ['no message', '{"id":1}'],
    ['a state that is no text', event('{"c":{"person.anna":{"+":{"s":1}}}}')],
    ['an entity that is none', event('{"a":{"person.anna":1}}')],
    ['what is gone in no list', event('{"r":"person.anna"}')],
    ['an answer without a result', '{"id":7,"type":"result"}'],
    ['entities that are none', event('{"a":["person.anna"]}')],
    ['nothing at all', event('null')],
  ])('that sends %s is left, and tried again', async (_, text) => {
    follow(ANNA);
    await isUp();
    const before = told.told.length;
    ha.say(text);
    await clock.pass(0);
    expect(CODES(told.problems)).toEqual(['homeassistant-garbled']);
    expect(told.told.length).toBe(before);
    await isUp(2);
    expect(told.problems.size).toBe(0);
  });

  test.each([
    ['greeting', '{"type":"event","id":1,"event":{}}'],
    ['auth', '{"type":"result","id":1,"success":true}'],
    ['subscribe_entities', '{"type":"result","id":$id,"success":false,"error":{"message":"no"}}'],
    ['subscribe_entities', '{"type":"other"}'],
    ['get_config', '{"type":"result","id":$id,"success":true,"result":{"state":7}}'],
  ])('that lies in answer to %s tells nothing: %s', async (to, lie) => {
    ha.lies.set(to, lie);
    follow(ANNA);
    await until(() => CODES(told.problems).includes('homeassistant-garbled'));
    expect(told.told).toEqual([]);
  });

  test('that sends a message full of other things is read in a moment', async () => {
    follow(ANNA);
    await isUp();
    const others = Array.from({ length: 10_000 }, (_, i) => `"sensor.n${i}":1`).join(',');
    const before = process.cpuUsage();
    ha.say(event(`{"a":{${others}},"c":{${others},"person.anna":{"+":{"s":"not_home"}}}}`));
    await clock.pass(0);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
    expect(value(ANNA)).toBe(false);
  });

  test('that tells of entities nobody asked for changes nothing', async () => {
    follow(ANNA);
    await isUp();
    ha.say(event('{"a":{"__proto__":{"s":"home"},"person.eve":{"s":"home"}},"r":["person.eve"]}'));
    ha.say(event('{"c":{"person.eve":{"+":{"s":"home"}},"constructor":{"-":{"a":["x"]}}}}'));
    ha.say('{"type":"news"}');
    ha.say('{"id":99,"type":"result","success":true,"result":{"state":"STOPPING"}}');
    await clock.pass(1_000);
    expect(value(ANNA)).toBe(true);
    expect(told.problems.size).toBe(0);
  });

  test('that floods is left, and costs few looks', async () => {
    follow(ANNA);
    await isUp();
    const before = told.told.length;
    for (let i = 0; i < 3_000; i++) ha.set('person.anna', i % 2 === 0 ? 'home' : 'not_home');
    await clock.pass(0);
    expect(CODES(told.problems)).toEqual(['homeassistant-garbled']);
    expect(told.told.length - before).toBeLessThan(5);
  });

  test('of many changes at once the newest counts', async () => {
    follow(ANNA);
    await isUp();
    for (let i = 0; i < 500; i++) ha.set('person.anna', i % 2 === 0 ? 'home' : 'not_home');
    await clock.pass(100);
    expect(value(ANNA)).toBe(false);
    expect(told.problems.size).toBe(0);
  });
});

test('nothing is told and nothing is left running after it was stopped', async () => {
  follow(ANNA);
  await isUp();
  ha.set('person.anna', 'not_home');
  await clock.pass(0);
  await source!.stop();
  const before = told.told.length;
  ha.set('person.anna', 'home');
  await clock.pass(MINUTE);
  expect(told.told.length).toBe(before);
  expect(clock.pending).toBe(0);
});
