import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LIMITS } from '../../../schemas/protocol.ts';
import { Household, until } from './household.ts';

describe('a daemon that dies without a word', () => {
  let home: Household;
  beforeEach(() => {
    home = new Household();
  });
  afterEach(() => home.end());

  test('S2: kill -9 of a daemon that holds a gate live opens the contact within the lease', async () => {
    const bench = await home.bench('kitchen');
    const daemon = await home.daemon(`gates:\n  kitchen:\n    link: { serial: ${bench.path} }\n`);
    await home.reaches('kitchen', (view) => view.state === 'muted');
    expect((await home.earlid('unmute', 'kitchen', '--for', '5m')).code).toBe(0);
    expect(bench.level('contact')).toBe(1);
    const killed = Date.now();
    daemon.kill('SIGKILL');
    await until(() => bench.level('contact') === 0, LIMITS.leaseMs.value + 1000);
    expect(Date.now() - killed).toBeLessThan(LIMITS.leaseMs.value + 500);
  });
});
