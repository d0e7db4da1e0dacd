import { describe, expect, test } from '@jest/globals';
import { gateView } from '../../../controller/daemon/views.ts';
import { thoroughTest } from '../../thorough.ts';
import { Kitchen } from './kitchen.ts';

const READY_MS = 20_000;
const MIN = 60_000;

const view = ({ status, keeper }: Kitchen) =>
  gateView({ status, verdict: keeper.verdict, override: keeper.override, place: 'a bench' });

/** Shares of 1.2 s in which the green LED is bright. */
async function brightness(kitchen: Kitchen): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let i = 0; i < 24; i++) {
    await kitchen.pass(50);
    seen.push(kitchen.board.brightness('green'));
  }
  return seen;
}

describe('a gate that switches the supply of its speaker', () => {
  test('counts a grant from when the speaker has started, and says so until then', async () => {
    const kitchen = await new Kitchen({ readyAfterMs: READY_MS }).start();
    const asked = kitchen.clock.utc();
    const answer = await kitchen.run('unmute', MIN);
    expect(answer).toMatchObject({ ok: true, state: 'live' });
    expect(Date.parse(answer.until!) - asked).toBe(MIN + READY_MS);
    expect(view(kitchen).reason).toMatchObject({
      code: 'starting',
      text: 'unmuted from the command line; the speaker is starting',
    });
    expect(Date.parse(view(kitchen).reason.until!) - asked).toBeGreaterThan(READY_MS - 100);
    expect(Math.min(...(await brightness(kitchen)))).toBeLessThan(0.2);
    await kitchen.pass(READY_MS);
    expect(view(kitchen).reason).toMatchObject({ code: 'grant', until: answer.until });
    expect(Math.min(...(await brightness(kitchen)))).toBe(1);
    // Once it runs, another grant counts from now.
    const again = await kitchen.run('unmute', MIN);
    expect(Date.parse(again.until!) - kitchen.clock.utc()).toBeLessThan(MIN + 1);
  });

  thoroughTest('gives a press the time to start as well; the gate itself ends it', async () => {
    const kitchen = await new Kitchen({ readyAfterMs: READY_MS, buttonMs: 30_000 }).start();
    kitchen.board.press(200);
    expect(await kitchen.reaches(() => kitchen.status.state === 'live', 1_000)).toBe(true);
    const opened = kitchen.clock.now();
    expect(view(kitchen).reason.code).toBe('starting');
    expect(await kitchen.reaches(() => kitchen.board.level('contact') === 0, 3 * MIN)).toBe(true);
    expect(kitchen.clock.now() - opened).toBeGreaterThan(30_000 + READY_MS - 1_000);
    expect(kitchen.clock.now() - opened).toBeLessThan(30_000 + READY_MS + 1_000);
    expect(await kitchen.reaches(() => view(kitchen).reason.code === 'no-rule', 200)).toBe(true);
  });

  test('S3: a mute while the speaker starts acts at once, and the next start counts anew', async () => {
    const kitchen = await new Kitchen({ readyAfterMs: READY_MS }).start();
    await kitchen.run('unmute', MIN);
    await kitchen.pass(12_000);
    expect(await kitchen.run('mute')).toMatchObject({ ok: true, state: 'muted' });
    expect(kitchen.board.level('contact')).toBe(0);
    await kitchen.run('unmute', MIN);
    await kitchen.pass(12_000);
    expect(view(kitchen).reason.code).toBe('starting');
  });
});
