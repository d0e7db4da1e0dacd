import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_PREFIX,
  LINK_TOPICS,
  type LinkTopic,
  linkFilter,
  linkOfTopic,
  linkTopic,
  PREFIX,
} from '../../schemas/link-mqtt.ts';
import { NAME } from '../../schemas/name.ts';

describe('topics of a link', () => {
  test('belong to one gate each, and are found again', () => {
    for (const topic of Object.keys(LINK_TOPICS) as LinkTopic[]) {
      expect(linkOfTopic('home/earlid', linkTopic('home/earlid', 'kitchen', topic))).toEqual({
        gate: 'kitchen',
        topic,
      });
      expect(linkFilter(DEFAULT_PREFIX, topic)).toBe(`earlid/links/+/${topic}`);
    }
    expect(linkTopic(DEFAULT_PREFIX, 'kitchen', 'down')).toBe('earlid/links/kitchen/down');
  });

  test.each([
    'earlid/links/kitchen',
    'earlid/links/kitchen/down/more',
    'earlid/links/Kitchen/down',
    'earlid/links//down',
    'earlid/links/kitchen/toString',
    'earlid/gates/kitchen/down',
    'other/links/kitchen/down',
    'earlid/links/+/down',
  ])('%s is none', (topic) => {
    expect(linkOfTopic(DEFAULT_PREFIX, topic)).toBeNull();
  });

  test('a prefix or a name has no wildcards in it', () => {
    expect(PREFIX.test('home/earlid')).toBe(true);
    for (const text of ['', '/', 'a//b', 'a/', '/a', '+', 'a/#', '$SYS', 'a b', 'a/b/c/d/e'])
      expect(PREFIX.test(text)).toBe(false);
    for (const text of ['', '+', '#', 'a/b', 'Kitchen', 'a'.repeat(33)]) expect(NAME.test(text)).toBe(false);
  });

  test('only what says who serves a gate is kept by the broker: nothing retained acts (S7)', () => {
    const kept = Object.entries(LINK_TOPICS).filter(([, { retained }]) => retained);
    expect(kept.map(([topic]) => topic)).toEqual(['online']);
  });
});
