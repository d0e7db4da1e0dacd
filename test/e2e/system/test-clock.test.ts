import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Household, until } from './household.ts';

describe('a daemon on a test clock', () => {
  let home: Household;
  let clock: string;
  beforeEach(() => {
    home = new Household();
    clock = join(home.folder, 'clock');
  });
  afterEach(() => home.end());

  test('S2: dates what happens by it, and a step beyond its end ends a grant', async () => {
    writeFileSync(clock, '2027-03-28T00:50:00Z');
    await home.daemon('gates:\n  kitchen:\n    link: { bench: uno-relay }\n', '--test-clock', clock);
    await home.reaches('kitchen', (view) => view.state === 'muted');
    const granted = JSON.parse((await home.earlid('unmute', 'kitchen', '--for', '30m', '--json')).out);
    expect(granted).toMatchObject({ state: 'live', override: { kind: 'grant' } });
    expect(granted.until).toMatch(/^2027-03-28T01:20:/);
    expect((await home.earlid('status')).out).toMatch(/\((30m|29m5\ds) left\)/);

    writeFileSync(clock, '2027-03-28T01:20:20Z');
    const over = await home.reaches('kitchen', (view) => view.state === 'muted', 4_000);
    expect(over.reason.code).toBe('no-rule');
    const events = JSON.parse((await home.earlid('events', '--json')).out) as { kind: string; at: string }[];
    expect(events.every(({ at }) => at.startsWith('2027-03-28T0'))).toBe(true);

    writeFileSync(clock, 'tomorrow');
    await until(async () => (await home.earlid('status')).err.includes('shows no time'), 5_000);
  });
});
