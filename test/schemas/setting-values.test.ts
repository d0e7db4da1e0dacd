import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatSetting, parseSetting } from '../../schemas/setting-values.ts';
import { SETTINGS, type SettingName } from '../../schemas/settings.ts';

const names = Object.keys(SETTINGS) as SettingName[];
const MOST_PIN = 19;

test('what a gate stores is written in words and read back as the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.integer({ min: 0, max: 0xffff }), (name, any) => {
      const { type, min, max, unit } = SETTINGS[name];
      if (type === 'bytes8') return;
      const pinned = any % 2 ? 255 : (any & 0xc0) | (any % (MOST_PIN + 1));
      const number = unit === 'pin' ? pinned : min + (any % (max - min + 1));
      const bytes = Uint8Array.of(number & 0xff, number >> 8, 0, 0, 0, 0, 0, 0);
      expect([...parseSetting(name, formatSetting(name, bytes))!]).toEqual([...bytes]);
    }),
  );
});

test.each(['1000', '1000ms', '1000 ms', '1s'])('a travel of a second may be written %s', (text) => {
  expect(parseSetting('travel', text)).toEqual(Uint8Array.of(0xe8, 3, 0, 0, 0, 0, 0, 0));
});

test('nothing that is typed is stored outside its range', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string({ maxLength: 10 }), (name, text) => {
      const bytes = parseSetting(name, text);
      if (!bytes) return;
      const { min, max, type } = SETTINGS[name];
      const number = bytes[0]! + (type === 'u16' ? bytes[1]! * 0x100 : 0);
      expect(bytes).toHaveLength(8);
      if (type === 'bytes8') expect(formatSetting(name, bytes)).toBe(text);
      else expect(number >= min && number <= max).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['gate_id', 'kitchen1', 'kitchen1'],
  ['input0', 'A1, pullup', 'A1,pullup'],
  ['servo_open', '2000us', '2000 µs'],
  ['button_alone', '1m30s', '1m30s'],
] as const)('%s: `%s` is %s', (name, typed, shown) => {
  expect(formatSetting(name, parseSetting(name, typed)!)).toBe(shown);
});
