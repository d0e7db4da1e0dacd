import { expect, test } from '@jest/globals';
import { configChange } from '../../controller/daemon/config-change.ts';
import { configOf } from '../../schemas/config.ts';

const config = (host: string, button = '90s') =>
  configOf({
    mqtt: { url: `mqtt://${host}` },
    gates: { kitchen: { link: { mqtt: true }, button }, hall: { link: { bench: 'uno-relay' } } },
  });
const names = (gates: readonly { readonly name: string }[]) => gates.map(({ name }) => name);

test('S1 a gate that another broker leads to is muted and reached anew; the others stay connected', () => {
  const { kept, anew } = configChange(config('a'), config('b'));
  expect([names(kept), names(anew)]).toEqual([['hall'], ['kitchen']]);
});

test('a gate over MQTT whose rules change stays connected', () => {
  const { kept, anew } = configChange(config('a'), config('a', '60s'));
  expect([names(kept), names(anew)]).toEqual([['kitchen', 'hall'], []]);
});
