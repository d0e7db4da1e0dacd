import { describe, expect, test } from '@jest/globals';
import { Board } from '../../../controller/bench/board.ts';
import { eepromImage } from '../../../controller/bench/eeprom-image.ts';
import type { Product } from '../../../controller/bench/images.ts';
import { Kitchen } from './kitchen.ts';

const unsensed = (product: Product = 'uno-relay') =>
  new Board({ product, eeprom: eepromImage({ product, settings: { travel: 50 } }) });
const shown = ({ status: { state, evidence } }: Kitchen) => `${state} ${evidence}`;

describe('a gate without a sense', () => {
  test('is unknown until somebody stands for its wiring, and muted (driven) from then on', async () => {
    const kitchen = new Kitchen();
    await kitchen.replace(unsensed());
    await kitchen.start();
    expect(shown(kitchen)).toBe('unknown none');
    kitchen.gate.trustWiring({ product: 'uno-relay', gateId: '' });
    expect(shown(kitchen)).toBe('muted driven');
    await kitchen.run('unmute');
    expect(shown(kitchen)).toBe('live driven');
    await kitchen.run('mute');
    expect(shown(kitchen)).toBe('muted driven');
    kitchen.gate.trustWiring(null);
    expect(shown(kitchen)).toBe('unknown none');
  });

  test.each([
    ['another product', { product: 'uno-servo', gateId: '' } as const],
    ['another gate id', { product: 'uno-relay', gateId: 'hall' } as const],
  ])('what was checked at a board of %s proves nothing', async (_, wiring) => {
    const kitchen = new Kitchen();
    await kitchen.replace(unsensed());
    await kitchen.start();
    kitchen.gate.trustWiring(wiring);
    expect(shown(kitchen)).toBe('unknown none');
  });

  test('S1: a servo without a sense stays unknown, whoever stands for it', async () => {
    const kitchen = new Kitchen();
    await kitchen.replace(unsensed('uno-servo'));
    await kitchen.start();
    await kitchen.pass(2_000);
    kitchen.gate.trustWiring({ product: 'uno-servo', gateId: '' });
    expect(shown(kitchen)).toBe('unknown none');
  });
});
