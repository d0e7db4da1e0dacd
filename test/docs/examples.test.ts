import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../controller/config/file.ts';

/** Whole configurations, not the pieces of some. */
const examples = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => ({
      page,
      text: text!,
    })),
  )
  .filter(({ text }) => /^gates:/m.test(text));

describe('an earlid.yaml that is shown can be copied', () => {
  test.each(examples)('in $page', ({ text }) => {
    expect(parseConfig(text, '/earlid.yaml').gates.length).toBeGreaterThan(0);
  });

  test('and there are some', () => {
    expect(examples.length).toBeGreaterThan(5);
  });
});
