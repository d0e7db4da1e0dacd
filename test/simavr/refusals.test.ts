import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DevicePath } from '../../controller/bench/pty.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import { describeEmulated, Workshop } from './sim-board.ts';

/** An address that the firmware needs only after a while. */
const LATE = 0x3d00;

describeEmulated('what the real avrdude cannot or must not flash', () => {
  let shop: Workshop;
  beforeEach(() => {
    shop = new Workshop();
  });
  afterEach(() => shop.end());

  async function refused(...args: string[]): Promise<{ code: number | null; error: ErrorView }> {
    const { code, out } = await shop.earlid('flash', '--json', ...args);
    return { code, ...(JSON.parse(out) as { error: ErrorView }) };
  }

  test('the old bootloader of the Nano: refused with the remedy', async () => {
    await shop.board('Nano', { bootloader: 'old' });
    const { code, error } = await refused('--product', 'uno-relay');
    expect({ code, told: error.code }).toEqual({ code: 77, told: 'flash-old-bootloader' });
    expect(error.hint).toContain('Burn Bootloader');
  }, 90_000);

  test('another chip', async () => {
    await shop.board('Diecimila', { bootloader: 'otherChip' });
    const { code, error } = await refused('--product', 'uno-relay');
    expect({ code, told: error.code }).toEqual({ code: 77, told: 'flash-wrong-board' });
    expect(error.message).toContain('m168');
  }, 60_000);

  test('another product than it runs', async () => {
    const board = await shop.board('Uno', { runs: 'uno-relay' });
    expect(await refused('--product', 'uno-servo')).toMatchObject({
      code: 77,
      error: { code: 'product-differs' },
    });
    expect(board.contact).toEqual([]);
  });

  test('a flash that does not keep what was written', async () => {
    const board = await shop.board('Uno', { runs: 'uno-relay' });
    board.line(`stuck ${LATE}`);
    expect(await refused('--product', 'uno-relay')).toMatchObject({
      code: 75,
      error: { code: 'flash-mismatch' },
    });
    expect(board.contact).toEqual([]);
  }, 60_000);

  test('a port that another program has open', async () => {
    const board = await shop.board('Uno', { runs: 'uno-relay' });
    const held = openSync(board.path, 'r+');
    const { code, error } = await refused();
    closeSync(held);
    expect({ code, told: error.code }).toEqual({ code: 75, told: 'port-busy' });
    expect(error.message).toContain(`process ${process.pid} (`);
  });

  test('a board that answers garbage', async () => {
    const path = join(shop.folder, 'garbage');
    const device = new DevicePath(path);
    const noise = setInterval(() => {
      device.poll();
      device.write(Buffer.from('temp 21 C\r\n'));
    }, 20);
    const { code, error } = await refused('--port', path, '--product', 'uno-relay');
    clearInterval(noise);
    device.close();
    expect({ code, error }).toMatchObject({ code: 75, error: { code: 'flash-no-answer' } });
    expect(error.message).toContain('something else answers');
  }, 90_000);
});
