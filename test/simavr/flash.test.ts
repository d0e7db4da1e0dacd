import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Holder, holdersOf } from '../../controller/link/holders.ts';
import { until } from '../e2e/system/household.ts';
import { describeEmulated, type SimBoard, Workshop } from './sim-board.ts';

/** An address in the middle of the image. */
const HALF = 0x2000;
const isAvrdude = ({ program }: Holder): boolean => program === 'avrdude';
const NOW = 'now  Earlid firmware 0.1.0, uno-relay, written, read back and answering';

describeEmulated('the real avrdude into a board emulated by simavr, through Optiboot', () => {
  let shop: Workshop;
  beforeEach(() => {
    shop = new Workshop();
  });
  afterEach(() => shop.end());

  const kitchen = ({ path }: SimBoard) => `gates:\n  kitchen: { link: { serial: ${path} } }\n`;

  test('a new board: written, shaken hands with, and a gate from then on', async () => {
    const board = await shop.board('Arduino_Uno_1');
    expect(await shop.earlid('flash')).toMatchObject({ code: 64 });
    expect(await shop.earlid('flash', '--product', 'uno-relay')).toEqual({
      code: 0,
      err: '',
      out: `${board.path}: nothing proved that it was muted; its reset opens the contact\n  was  nothing answers\n  ${NOW}\n`,
    });
    await shop.daemon(kitchen(board));
    await shop.reaches('kitchen', ({ link, reason }) => link === 'up' && reason.code === 'unverified');
    expect(await shop.earlid('unmute', 'kitchen', '--for', '1m')).toMatchObject({ code: 0, err: '' });
    await board.contactIs([1]);
    board.line('press 200');
    await board.contactIs([1, 0]);
  }, 60_000);

  test('S1, S5: a live gate of a running daemon is muted first, a locked one is still locked afterwards', async () => {
    const board = await shop.board('Arduino_Uno_2', { runs: 'uno-relay' });
    await shop.daemon(kitchen(board));
    await shop.reaches('kitchen', ({ state }) => state === 'muted');
    expect((await shop.earlid('unmute', 'kitchen', '--for', '5m')).code).toBe(0);
    const first = await shop.earlid('flash', 'kitchen');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toBe(`kitchen: muted, sensed\n  was  Earlid firmware 0.1.0, uno-relay\n  ${NOW}\n`);
    await board.contactIs([1, 0]);
    expect(await shop.status('kitchen')).toMatchObject({ state: 'muted', link: 'up', override: null });

    await shop.earlid('lock', 'kitchen');
    expect((await shop.earlid('flash', 'kitchen')).code).toBe(0);
    const after = await shop.reaches('kitchen', ({ state }) => state === 'muted');
    expect(after).toMatchObject({ locked: true, link: 'up' });
    await board.contactIs([1, 0]);
  }, 60_000);

  test('S1: reset and unplugged in the middle: said, muted and silent, and whole after the next flash', async () => {
    const board = await shop.board('Arduino_Uno_3', { runs: 'uno-relay' });
    board.line(`reset-at ${HALF}`);
    const reset = await shop.earlid('flash', '--json');
    expect(reset.code).toBe(75);
    expect(JSON.parse(reset.out)).toMatchObject({ error: { code: 'flash-interrupted' } });
    board.line('press 200');
    const ports = JSON.parse((await shop.earlid('ports', '--json')).out);
    expect(ports).toMatchObject([{ answer: { kind: 'silent' } }]);

    expect((await shop.earlid('flash', '--product', 'uno-relay')).code).toBe(0);
    board.line(`unplug-at ${HALF}`);
    const unplugged = await shop.earlid('flash', '--json');
    expect(JSON.parse(unplugged.out)).toMatchObject({ error: { code: 'flash-interrupted' } });
    board.line('plug');
    await until(() => board.lines.filter((line) => line.startsWith('ready')).length === 2, 3_000);
    expect((await shop.earlid('flash', '--product', 'uno-relay')).code).toBe(0);
    expect(board.contact).toEqual([]);
  }, 120_000);

  test('S1: Ctrl-C in the middle: the daemon has its port back at once, and the gate can be flashed again', async () => {
    const board = await shop.board('Arduino_Uno_4', { runs: 'uno-relay' });
    await shop.daemon(kitchen(board));
    await shop.reaches('kitchen', ({ state }) => state === 'muted');
    const flashing = shop.begin('flash', 'kitchen');
    await until(async () => (await holdersOf(board.path)).some(isAvrdude), 20_000);
    flashing.process.kill('SIGINT');
    expect(await flashing.outcome).toMatchObject({
      code: 75,
      err: expect.stringContaining('it was stopped'),
    });
    expect((await shop.status('kitchen')).reason.code).not.toBe('released');
    expect((await shop.earlid('flash', 'kitchen', '--product', 'uno-relay')).code).toBe(0);
    await shop.reaches('kitchen', ({ state }) => state === 'muted');
    expect(board.contact).toEqual([]);
  }, 60_000);
});
