import { afterEach, describe, expect, test } from '@jest/globals';
import { houseOf, ZONE } from '../policy/house.ts';
import { momentsOf } from '../policy/worlds.ts';
import { House } from './harness.ts';

let house: House;
afterEach(() => house.end());

/** A daemon whose gate `kitchen` has these rules; the time is known. */
async function start(kitchen: string, rest = ''): Promise<House> {
  house = new House();
  const { config } = houseOf({ kitchen, rest });
  await house.start({ ...config, site: { ...config.site!, clock: 'trusted' } });
  return house;
}

describe('commands at a gate with rules', () => {
  test('S4 unmute against a never rule: exit 77, and words that say which and where to look', async () => {
    await start('never:\n  - { schedule: "24/7" }');
    const said = await house.earlid('unmute', 'kitchen');
    expect(said).toMatchObject({ code: 77, out: '' });
    expect(said.err).toContain('never rule 1 (24/7) holds');
    const { code, out } = await house.earlid('unmute', 'kitchen', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([
      77,
      { error: { code: 'never-rule' }, refusedBy: 'never 1', ok: false },
    ]);
  });

  test("every mute prints its end: the begin of a schedule, its length, or nobody's but a person's", async () => {
    await start('listen:\n  - { schedule: "07:00-08:30" }');
    const { until } = (await house.earlid('mute', 'kitchen', '--json')).json() as { until: string };
    expect(momentsOf('07:00-08:30', ZONE).since(Date.parse(until))).toBe(Date.parse(until));
    expect((await house.earlid('mute', 'kitchen')).out).toMatch(
      /^kitchen: muted, sensed, until .* left\)\n$/,
    );
    expect((await house.earlid('mute', 'kitchen', '--for', '20m')).out).toMatch(
      /until .* \((20m|19m\d+s) left\)\n$/,
    );
    await house.end();
    await start('');
    expect((await house.earlid('mute', 'kitchen')).out).toBe(
      'kitchen: muted, sensed, until somebody resumes or unmutes it\n',
    );
    expect((await house.earlid('resume', 'kitchen')).out).toMatch(/^kitchen: muted, sensed/);
  });

  test('a grant that a never rule will end says that end, not the one that was asked for', async () => {
    const soon = new Date(Date.now() + 90 * 60_000);
    const wall = soon.toLocaleTimeString('de', {
      timeZone: 'Europe/Berlin',
      hour: '2-digit',
      minute: '2-digit',
    });
    const hour = (Number(wall.slice(0, 2)) + 1) % 24;
    await start(`never:\n  - { schedule: "${wall}-${String(hour).padStart(2, '0')}${wall.slice(2)}" }`);
    const { code, out } = await house.earlid('unmute', 'kitchen', '--for', '3h');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^kitchen: live, sensed.*until .*\(1h(28|29|30)m.*left\)\n$/),
    ]);
  });

  test('S4 a source that may not unmute may not resume either: exit 77 with those that may', async () => {
    await start('may_unmute: [button]');
    for (const command of ['unmute', 'resume']) {
      const { code, err } = await house.earlid(command, 'kitchen');
      expect([code, err]).toEqual([77, expect.stringContaining('button')]);
    }
    expect((await house.earlid('mute', 'kitchen')).code).toBe(0);
  });
});
