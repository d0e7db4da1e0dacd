import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Board } from '../../controller/bench/board.ts';
import { boardLink } from '../../controller/bench/board-link.ts';
import { imagePath } from '../../controller/bench/images.ts';
import { Pacer } from '../../controller/bench/pacer.ts';
import {
  type FlashSurroundings,
  type FlashTarget,
  flashBoard,
  type Step,
} from '../../controller/flash/flash.ts';
import { type Clock, systemClock } from '../../controller/link/clock.ts';
import { LinkError, type LinkFactory } from '../../controller/link/link.ts';
import { memoryLink } from '../../controller/link/memory.ts';
import { thoroughTest } from '../thorough.ts';

const FAKE = fileURLToPath(new URL('fake-avrdude.mjs', import.meta.url));
const PATH = '/nowhere/gate';
const RELAY: FlashTarget = { path: PATH, product: null, programmer: null, skipCurrent: false, force: false };
/** For boards that do not answer: silence lasts eight seconds. */
const HURRIED: Clock = {
  ...systemClock,
  now: () => performance.now() * 50,
  after: (ms, run) => systemClock.after(ms / 50, run),
};

let folder: string;
let pacer: Pacer;
let board: Board;
let steps: Step[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-fake-'));
  board = new Board({ product: 'uno-relay' });
  pacer = new Pacer(board);
  pacer.start();
  steps = [];
});
afterEach(() => {
  pacer.stop();
  rmSync(folder, { recursive: true });
});

type FakeStep = { says: string; exit: number };
const silent: LinkFactory = memoryLink({ opened() {}, received() {}, closed() {} }).open;

function flash(
  avrdude: readonly FakeStep[],
  target: Partial<FlashTarget> = {},
  around: Partial<FlashSurroundings> & { link?: LinkFactory } = {},
) {
  writeFileSync(join(folder, 'steps.json'), JSON.stringify(avrdude));
  const { link = boardLink(board).open, ...rest } = around;
  return flashBoard(
    { ...RELAY, ...target },
    {
      env: { ...process.env, EARLID_AVRDUDE: FAKE, FAKE_AVRDUDE: folder },
      clock: systemClock,
      controllerId: 7,
      linkTo: () => link,
      signal: new AbortController().signal,
      onStep: (step) => steps.push(step),
      ...rest,
    },
  );
}
const calls = (): string[][] => {
  const file = join(folder, 'calls.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as string[]);
};
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it went well',
    (error) => error,
  );

describe('flashing a board', () => {
  test('product from the running firmware, three parts in order, then a handshake', async () => {
    const flashed = await flash([{ says: 'done', exit: 0 }]);
    expect(flashed).toMatchObject({
      product: 'uno-relay',
      skipped: false,
      before: { kind: 'earlid', state: { phase: 'muted' } },
      after: { product: 'uno-relay', firmware: '0.1.0' },
    });
    const [args] = calls();
    const parts = args!.filter((arg) => arg.startsWith('flash:w:'));
    expect(parts.map((part) => part.replace(/.*\/(\w+)\.hex:i$/, '$1'))).toEqual(['stop', 'rest', 'first']);
    expect(steps[0]).toEqual({ doing: 'asking' });
    expect(steps).toContainEqual({ doing: 'verifying', percent: 100 });
    expect(steps.at(-1)).toEqual({ doing: 'starting-again' });
    for (const part of parts) expect(existsSync(part.replace(/^flash:w:(.*):i$/, '$1'))).toBe(false);
  });

  test('what is current already is left alone when that was asked for', async () => {
    expect(await flash([], { skipCurrent: true })).toMatchObject({ skipped: true });
    expect(calls()).toEqual([]);
  });

  test.each([
    ['mismatch', 'flash-mismatch'],
    ['reset', 'flash-interrupted'],
    ['missing', 'port-missing'],
  ])('avrdude fails with %s: %s', async (says, code) => {
    expect(await failure(flash([{ says, exit: 1 }]))).toMatchObject({ code });
    expect(calls()).toHaveLength(1);
  });

  thoroughTest(
    'no bootloader at 115200: the old one answers at 57600 and is refused, or nothing does',
    async () => {
      const none = { says: 'old-at-115200', exit: 1 };
      expect(await failure(flash([none, { says: 'old-at-57600', exit: 0 }]))).toMatchObject({
        code: 'flash-old-bootloader',
      });
      expect(calls()[1]).toContain('57600');
      rmSync(join(folder, 'calls.jsonl'));
      expect(await failure(flash([none, none]))).toMatchObject({ code: 'flash-no-answer' });
    },
  );

  test('another product than the board says is refused before anything is written, unless forced', async () => {
    const refused = await failure(flash([], { product: 'uno-servo' }));
    expect(refused).toMatchObject({ code: 'product-differs' });
    expect(calls()).toEqual([]);
    const forced = await failure(flash([{ says: 'done', exit: 0 }], { product: 'uno-servo', force: true }));
    // This board is still what it was.
    expect(forced).toMatchObject({ code: 'flash-not-shown', message: expect.stringContaining('uno-relay') });
  });

  test('a board that says nothing needs a product, and must answer afterwards', async () => {
    const around = { link: silent, clock: HURRIED };
    expect(await failure(flash([], {}, around))).toMatchObject({ code: 'product-unknown' });
    const done = [{ says: 'done', exit: 0 }];
    expect(await failure(flash(done, { product: 'uno-relay' }, around))).toMatchObject({
      code: 'flash-not-shown',
      message: expect.stringContaining('silent'),
    });
  });

  test.each([
    ['port-missing', 'port-missing'],
    ['port-busy', 'port-busy'],
    ['port-forbidden', 'port-forbidden'],
    ['link-failed', 'link-failed'],
  ] as const)('a port that cannot be opened: %s', async (code, told) => {
    const link: LinkFactory = async () => {
      throw new LinkError(code, 'so it is');
    };
    expect(await failure(flash([], {}, { link }))).toMatchObject({ code: told });
    expect(calls()).toEqual([]);
  });

  test('without avrdude it is said how to get it', async () => {
    const env = { ...process.env, EARLID_AVRDUDE: join(folder, 'none') };
    expect(await failure(flash([], {}, { env }))).toMatchObject({
      code: 'no-avrdude',
      view: { hint: expect.stringContaining('sudo apt install avrdude') },
    });
  });

  test('stopped by its user it says so', async () => {
    const signal = AbortSignal.abort();
    const stopped = flash([{ says: 'done', exit: 0 }], {}, { signal });
    expect(await failure(stopped)).toMatchObject({
      code: 'flash-interrupted',
      view: { hint: expect.stringContaining('`--product uno-relay`') },
    });
  });

  test('S5: with a programmer the fuses are written and verified before the chip is erased', async () => {
    const programmer = { name: 'usbasp', port: null } as const;
    await flash(
      [
        { says: 'done', exit: 0 },
        { says: 'done', exit: 0 },
      ],
      { programmer },
    );
    const [fuses, image] = calls();
    expect(fuses).toContain('hfuse:w:0xD7:m');
    expect(fuses).not.toContain('-e');
    expect(image).toContain('-e');
    expect(image).toContain(`flash:w:${imagePath('uno-relay')}:i`);
    rmSync(join(folder, 'calls.jsonl'));
    const failed = failure(flash([{ says: 'mismatch', exit: 1 }], { programmer }));
    expect(await failed).toMatchObject({ code: 'flash-mismatch' });
    expect(calls()).toHaveLength(1);
  });

  test('a board that only a programmer reaches is written without a handshake', async () => {
    const done = { says: 'done', exit: 0 };
    const target = { path: null, product: 'uno-relay', programmer: { name: 'usbasp', port: null } } as const;
    expect(await flash([done, done], target)).toEqual({
      product: 'uno-relay',
      before: null,
      after: null,
      skipped: false,
    });
  });
});
