import { afterAll, expect, test } from '@jest/globals';
import { Evening } from './page.ts';

const evening = new Evening();
afterAll(() => evening.end());

test('the first ten minutes are as docs/start.md prints them', async () => {
  const [, port] = / -p (\d+) /.exec(await evening.start('npx earlid demo', 'muted, sensed'))!;
  const demo = await evening.follow('docs/start.md', { stands: { 1883: port! } });
  expect(demo.length).toBeGreaterThan(6);
  for (const { command, printed, came } of demo)
    expect(`$ ${command}\n${came}`).toBe(`$ ${command}\n${printed}`);
});
