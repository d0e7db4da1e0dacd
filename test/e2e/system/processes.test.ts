import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { thoroughTest } from '../../thorough.ts';
import { Household, until } from './household.ts';

interface EventView {
  readonly kind: string;
  readonly cause: string;
  readonly at: string;
  readonly atErrorMs: number;
}

describe('daemon, command line and a board on a device path, each a process of its own', () => {
  let home: Household;
  beforeEach(() => {
    home = new Household();
  });
  afterEach(() => home.end());

  const oneGate = (path: string): string => `gates:\n  kitchen:\n    link: { serial: ${path} }\n`;

  test('S3: SIGTERM of the daemon mutes every live gate first', async () => {
    const bench = await home.bench('kitchen');
    const daemon = await home.daemon(oneGate(bench.path));
    await home.reaches('kitchen', (view) => view.state === 'muted');
    await home.earlid('unmute', 'kitchen', '--for', '5m');
    expect(bench.level('contact')).toBe(1);
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    expect(await ended).toBe(0);
    await until(() => bench.level('contact') === 0, 500);
  });

  test('S9: a path closed in the middle of a command and a press meanwhile: reconnected, and the press is known at its time', async () => {
    const bench = await home.bench('kitchen', '--clock-ppm', '5000');
    await home.daemon(oneGate(bench.path));
    await home.reaches('kitchen', (view) => view.state === 'muted');
    const command = home.earlid('unmute', 'kitchen', '--for', '1h');
    bench.line('close');
    expect([0, 75]).toContain((await command).code);
    await home.reaches('kitchen', (view) => view.link === 'down');
    expect((await home.earlid('mute', 'kitchen', '--timeout', '1s')).code).toBe(75);
    await until(() => bench.level('contact') === 0, 12_000);
    const pressed = Date.now();
    bench.line('press 400');
    await new Promise((resolve) => setTimeout(resolve, 600));
    bench.line('open');
    await home.reaches('kitchen', (view) => view.link === 'up' && view.state !== 'unknown');
    let events: EventView[] = [];
    await until(
      async () => {
        events = JSON.parse((await home.earlid('events', '--json')).out) as EventView[];
        return events.some(
          (event) =>
            Math.abs(Date.parse(event.at) - (pressed + 400)) < 1000 && ['press', 'live'].includes(event.kind),
        );
      },
      5000,
      () => JSON.stringify(events),
    );
    for (const { atErrorMs } of events) expect(atErrorMs).toBeGreaterThanOrEqual(0);
  });

  thoroughTest(
    'S10: a gate whose path is missing and one that dies take nothing from the others',
    async () => {
      const kitchen = await home.bench('kitchen');
      const hall = await home.bench('hall');
      await home.daemon(
        `gates:\n  kitchen: { link: { serial: ${kitchen.path} } }\n  hall: { link: { serial: ${hall.path} } }\n  attic: { link: { serial: ${home.folder}/none } }\n`,
      );
      await home.reaches('kitchen', (view) => view.state === 'muted');
      await home.reaches('hall', (view) => view.state === 'muted');
      expect(await home.status('attic')).toMatchObject({ state: 'unknown', link: 'down' });
      await home.earlid('unmute', 'hall', '--for', '5m');
      hall.line('power off');
      await home.reaches('hall', (view) => view.state === 'unknown');
      expect(hall.level('contact')).toBe(0);
      expect((await home.earlid('unmute', 'kitchen', '--for', '5m')).code).toBe(0);
      expect(kitchen.level('contact')).toBe(1);
      expect((await home.earlid('mute', 'kitchen')).code).toBe(0);
      expect(kitchen.level('contact')).toBe(0);
      const attic = await home.earlid('mute', 'attic', '--timeout', '1s', '--json');
      expect(attic.code).toBe(75);
      expect(JSON.parse(attic.out)).toMatchObject({ gate: 'attic', ok: false, state: 'unknown' });
      hall.line('power on');
      await home.reaches('hall', (view) => view.link === 'up', 15_000);
    },
  );
});
