/** What Home Assistant tells, at the contact of a gate on the real firmware: over a real WebSocket, in virtual time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configOf } from '../../../schemas/config.ts';
import { FakeHomeAssistant } from '../../presence/fake-homeassistant.ts';
import { VirtualHouse } from './house.ts';

const bench = { bench: 'uno-relay' } as const;
/** For whatever needs the network, which keeps its own time. */
const SOME_TIME_MS = 20_000;
const SOON_MS = 200;
const MAX_AGE_MS = 30_000;

let folder: string;
let ha: FakeHomeAssistant;
let house: VirtualHouse;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  writeFileSync(join(folder, 'token'), 'open-sesame\n', { mode: 0o600 });
  ha = new FakeHomeAssistant();
  ha.set('person.anna', 'home');
  ha.set('calendar.work', 'off');
});
afterEach(async () => {
  await house.end();
  await ha.stop();
  rmSync(folder, { recursive: true });
});

async function move(): Promise<void> {
  house = await new VirtualHouse(
    configOf({
      homeassistant: { url: `ws://127.0.0.1:${ha.port}`, token_file: join(folder, 'token') },
      presence: {
        anna: { homeassistant: 'person.anna', is: 'home', max_age: '30s' },
        in_call: { homeassistant: 'calendar.work', is: 'on', max_age: '30s' },
        awake: { manual: 'on' },
      },
      gates: {
        kitchen: { link: bench, listen: [{ if: 'anna' }] },
        study: { link: bench, listen: [{ if: 'awake' }], never: [{ if: 'in_call' }] },
      },
    }),
  ).start();
}
const hears = () => [house.hears('kitchen'), house.hears('study')];
const becomes = (kitchen: boolean, study: boolean, withinMs = SOME_TIME_MS) =>
  house.until(() => house.hears('kitchen') === kitchen && house.hears('study') === study, withinMs);
const codes = () => house.daemon.service.status().problems.map(({ code }) => code);

describe('Home Assistant', () => {
  test('S4 mutes within a second of its message: somebody leaves, a meeting begins', async () => {
    await ha.listen();
    await move();
    expect(await becomes(true, true)).not.toBeNull();
    let said = Date.now();
    ha.set('person.anna', 'not_home');
    expect(await becomes(false, true)).toBeLessThan(1_000);
    expect(Date.now() - said).toBeLessThan(1_000);
    said = Date.now();
    ha.set('calendar.work', 'on');
    expect(await becomes(false, false)).toBeLessThan(1_000);
    expect(Date.now() - said).toBeLessThan(1_000);
    ha.set('person.anna', 'home');
    ha.set('calendar.work', 'off');
    expect(await becomes(true, true)).not.toBeNull();
    expect(codes()).toEqual([]);
  });

  test('S4 S10 that is away is unknown after its time, which mutes; what was deleted meanwhile stays unknown', async () => {
    await ha.listen();
    await move();
    expect(await becomes(true, true)).not.toBeNull();
    const { port } = ha;
    await ha.stop();
    // Asked at most 15 s before, so it is believed for at least 15 s.
    await house.pass(MAX_AGE_MS - 20_000);
    expect(hears()).toEqual([true, true]);
    expect(await becomes(false, false, 20_000 + SOON_MS)).not.toBeNull();
    await house.pass(SOON_MS);
    expect(house.view('kitchen').reason.code).toBe('no-rule');
    expect(house.view('study').reason.code).toBe('never-unknown');
    expect(codes()).toEqual(['homeassistant-unreachable']);
    ha.forget('person.anna');
    await ha.listen({ port });
    expect(await becomes(false, true, 2 * SOME_TIME_MS)).not.toBeNull();
    await house.pass(1_000);
    expect(hears()).toEqual([false, true]);
    expect(codes()).toEqual(['homeassistant-entities']);
  });

  test('S4 S10 that refuses the token is said in status and log, without the token, and lets nothing listen', async () => {
    await ha.listen();
    ha.token = 'another';
    await move();
    expect(await house.until(() => codes().includes('homeassistant-token'), SOME_TIME_MS)).not.toBeNull();
    expect(hears()).toEqual([false, false]);
    expect(house.view('kitchen')).toMatchObject({ state: 'muted', link: 'up' });
    expect(house.log.join('\n')).toContain('refuses the token');
    expect(house.log.join('\n')).not.toContain('sesame');
    expect(JSON.stringify(house.daemon.service.status())).not.toContain('sesame');
  });
});
