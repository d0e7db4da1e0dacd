/** The same as a household has it: the daemon, a board behind a device path, the command line. */
import { afterEach, expect } from '@jest/globals';
import { thoroughTest } from '../../thorough.ts';
import { Household, until } from '../system/household.ts';

let house: Household;
afterEach(() => house.end());

thoroughTest('an on-air lamp, a mute-all button and a cable that is pulled', async () => {
  house = new Household();
  const bench = await house.bench('kitchen', '--input', 'mute=8', '--lamp', 'sign=5');
  bench.line('input mute 1');
  const accessories = '[{ led: 5, shows: live }, { button: 8, does: mute-all }]';
  const daemon = await house.daemon(
    `gates: { kitchen: { link: { serial: ${bench.path} }, accessories: ${accessories} } }\n`,
  );
  await house.reaches('kitchen', ({ state }) => state === 'muted');
  await until(() => bench.level('lamp:sign') === 0, 5_000);
  expect((await house.earlid('unmute', 'kitchen')).code).toBe(0);
  await until(() => bench.level('lamp:sign') === 1, 5_000);

  bench.line('close');
  await house.reaches('kitchen', ({ state }) => state === 'unknown');
  bench.line('open');
  await house.reaches('kitchen', ({ state }) => state === 'live');
  await until(() => bench.level('lamp:sign') === 1, 5_000);

  bench.line('input mute 0');
  await until(() => bench.level('contact') === 0, 5_000);
  const held = await house.reaches(
    'kitchen',
    ({ state, override }) => state === 'muted' && override !== null,
  );
  expect(held.reason.text).toBe('held muted by the mute button on kitchen');
  await until(() => bench.level('lamp:sign') === 0, 5_000);
  expect((await house.earlid('status')).out).toContain('held muted by the mute button on kitchen');

  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  expect(await gone).toBe(0);
});
