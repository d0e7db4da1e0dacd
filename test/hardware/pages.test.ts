/** The pages: made from their sources, linked to what exists, and honest about what was tried. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { outputs } from '../../hardware/build/outputs.ts';
import { BUILDS, HARDWARE, readText } from '../../hardware/build/read.ts';
import { parseSpeakers } from '../../hardware/build/speakers.ts';
import { parseSetting } from '../../schemas/setting-values.ts';
import type { SettingName } from '../../schemas/settings.ts';

const made = outputs();

test.each(Object.keys(made))('hardware/%s is what `npm run generate` makes', (path) => {
  expect(readText(path)).toBe(made[path]);
});

const pages = [
  'docs/wiring.md',
  ...['README.md', ...BUILDS.map((name) => `${name}/README.md`)].map((path) => `hardware/${path}`),
  ...readdirSync(join(HARDWARE, 'speakers')).map((name) => `hardware/speakers/${name}`),
];

/** GitHub's anchors of a page. */
const anchorsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  test('links to what exists', () => {
    const broken = [...text.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !target.startsWith('http'))
      .filter((target) => {
        const [path, anchor] = target.split('#') as [string, string | undefined];
        const file = path === '' ? page : join(dirname(page), path);
        return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
      });
    expect(broken).toEqual([]);
  });

  test('says that nothing was tried on real parts', () => {
    expect(text).toMatch(
      /not(hing here has been)? tried on real parts|Nothing on this page has been tried|on emulated boards and in circuit simulations only/,
    );
  });
});

test('every setting that a page asks for is one that `earlid settings` takes', () => {
  const asked = pages.flatMap((page) => [
    ...readFileSync(page, 'utf8').matchAll(/earlid settings kitchen (\w+) ([\w-]+)/g),
  ]);
  expect(asked.length).toBeGreaterThan(4);
  for (const [line, name, value] of asked)
    expect([line, parseSetting(name as SettingName, value!) !== null]).toEqual([line, true]);
});

describe('the speakers', () => {
  const speakers = parseSpeakers(readText('speakers.json'));

  test('have one page each and no other', () => {
    expect(readdirSync(join(HARDWARE, 'speakers')).sort()).toEqual(
      speakers.map(({ id }) => `${id}.md`).sort(),
    );
  });

  test('say of their supply and of their own mute what is known, with its evidence', () => {
    for (const { id, facts } of speakers) {
      const about = facts.map((fact) => fact.about);
      expect([id, about.includes('own mute'), about.includes('supply')]).toEqual([id, true, true]);
    }
  });

  test('with a slide switch get the servo; one fed by Power Delivery gets nothing', () => {
    for (const { id, build, facts } of speakers) {
      const said = facts.map(({ says }) => says).join(' ');
      if (said.includes('slide switch')) expect([id, build]).toEqual([id, 'servo-slide']);
      if (said.includes('Power Delivery')) expect([id, build]).toEqual([id, null]);
    }
  });
});

test('S1: the servo build is called not fail-safe in its first lines', () => {
  expect(readText('servo-slide/README.md').split('\n').slice(0, 3).join(' ')).toContain('Not fail-safe');
});

test('the build that switches the speaker off says so in its first lines', () => {
  expect(readText('relay-supply/README.md').split('\n').slice(0, 3).join(' ')).toMatch(
    /speaker is off.*ready_after/,
  );
});
