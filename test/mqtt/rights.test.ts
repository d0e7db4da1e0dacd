import { describe, expect, test } from '@jest/globals';
import { kindOfTopic } from '../../controller/homeassistant/topics.ts';
import { floodEnds, floodWaits } from '../../controller/mqtt/pace.ts';
import { fateOf, KeptOfOthers, mayRead } from '../../controller/mqtt/rights.ts';

const kindOf = kindOfTopic({ discovery: 'homeassistant', topic: 'earlid' }, 'earlid');
const message = (topic: string, retain = true, bytes = 10) => ({ topic, retain, bytes });

describe('what others may do at the embedded broker', () => {
  test.each([
    ['earlid/gates/kitchen/state', 'told'],
    ['earlid/status', 'told'],
    ['earlid', 'told'],
    ['homeassistant/device/earlid_gate_kitchen/config', 'told'],
    ['earlid/gates/kitchen/mute/set', 'command'],
    ['earlid/mute_everything/set', 'command'],
    ['earlid/links/kitchen/down', 'command'],
    ['earlid/links/kitchen/up', 'command'],
    ['earlid/links/kitchen/online', 'free'],
    ['earlid/links/kitchen/other', 'told'],
    ['earlid2/status', 'free'],
    ['homeassistant/status', 'free'],
    ['house/mode', 'free'],
  ])('%s is %s', (topic, kind) => {
    expect(kindOf(topic)).toBe(kind);
  });

  test('they tell nothing in the name of Earlid or of the broker', () => {
    const kept = new KeptOfOthers();
    for (const topic of ['earlid/gates/kitchen/state', '$SYS/x/new/clients'])
      expect(fateOf(message(topic), kindOf, kept)).toEqual({ dropped: expect.any(String) });
  });

  test('S7 no command is kept', () => {
    expect(fateOf(message('earlid/gates/kitchen/unmute/set'), kindOf, new KeptOfOthers())).toBe('pass');
  });

  test('so much is kept and no more, until something is taken back', () => {
    const kept = new KeptOfOthers();
    const fates = Array.from({ length: 600 }, (_, i) => fateOf(message(`a/${i}`), kindOf, kept));
    expect([fates.filter((fate) => fate === 'keep').length, fates.at(-1)]).toEqual([
      500,
      { dropped: expect.any(String) },
    ]);
    expect(fateOf(message('a/0'), kindOf, kept)).toBe('keep');
    expect(fateOf(message('a/0', true, 0), kindOf, kept)).toBe('keep');
    expect(fateOf(message('b'), kindOf, kept)).toBe('keep');
    expect(fateOf(message('b', false), kindOf, kept)).toBe('pass');
  });

  test('so many bytes are kept and no more, a topic counted once', () => {
    const kept = new KeptOfOthers();
    const [large, small] = [800 * 1024, 300 * 1024];
    expect(kept.take('a', large)).toBe(true);
    expect(kept.take('a', large)).toBe(true);
    expect(kept.take('b', small)).toBe(false);
    expect(kept.take('a', small)).toBe(true);
    expect(kept.take('b', small)).toBe(true);
  });

  test('they read no topic of the broker itself, and have no more filters than anybody needs', () => {
    expect([mayRead('#', 0), mayRead('$SYS/#', 0), mayRead('a', 200)]).toEqual([true, false, false]);
  });
});

describe('how fast packets may come', () => {
  test('who sends faster has to wait, and larger packets count as more', () => {
    let now = 0;
    const pace = floodWaits(10, 3, () => now);
    expect([pace(10), pace(10), pace(10)]).toEqual([null, null, null]);
    expect([pace(10), pace(2048)]).toEqual([{ waitMs: 100 }, { waitMs: 400 }]);
    now = 60_000;
    expect([pace(10), pace(10), pace(10), pace(10)]).toEqual([null, null, null, { waitMs: 100 }]);
  });

  test('at a broker elsewhere a flood ends the connection', () => {
    let now = 0;
    const pace = floodEnds(() => now);
    const second = () => Array.from({ length: 3_000 }, () => pace(10)).every((each) => each === null);
    expect(second()).toBe(true);
    now = 1_000;
    expect(second()).toBe(true);
    expect(pace(10)).toEqual({ problem: expect.stringContaining('3000 messages a second') });
  });
});
