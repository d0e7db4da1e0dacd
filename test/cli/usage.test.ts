import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { House } from './harness.ts';

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.end());

describe('without a daemon', () => {
  test('every command says so, and how to start one', async () => {
    for (const args of [['status'], ['mute', 'x'], ['unmute', 'x'], ['events'], ['watch'], ['press', 'x']]) {
      const { code, json } = await house.earlid(...args, '--json');
      expect(code).toBe(69);
      expect(json()).toMatchObject({
        error: { code: 'no-daemon', message: `no Earlid daemon answers at ${house.folder}/earlid.sock` },
      });
    }
  });
});

describe('wrong usage', () => {
  test.each([
    [['mut', 'kitchen'], "unknown command 'mut'"],
    [['unmute', 'kitchen', '--for', '5x'], "option '--for <duration>' argument '5x' is invalid"],
    [['status', '--nope'], "unknown option '--nope'"],
    [['press', 'kitchen', '--ms', '-5'], '--ms'],
    [['unmute'], "missing required argument 'gate'"],
  ])('%j exits with 64, as JSON when asked', async (args, text) => {
    const { code, json } = await house.earlid(...args, '--json');
    expect(code).toBe(64);
    expect(json()).toMatchObject({ error: { code: 'usage', message: expect.stringContaining(text) } });
    const human = await house.earlid(...args);
    expect(human).toMatchObject({ code: 64, out: '', err: expect.stringContaining(text) });
  });

  test('what a configuration of somebody else holds does not take hold of the terminal', async () => {
    const file = join(house.folder, 'earlid.yaml');
    writeFileSync(file, 'gates: { kitchen: { link: { bench: "x\\e]0;y\\a" }, "li\\e[31m\\u0085": 1 } }\n');
    const { code, err } = await house.earlid('config', 'check');
    expect(code).toBe(78);
    expect(err.split('\n')).toHaveLength(5);
    expect(err.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  test('help is no error', async () => {
    const { code, out } = await house.earlid('--help');
    expect(code).toBe(0);
    expect(out).toContain('unmute <gate>');
  });

  test('help goes down to what is asked for, and fits a terminal of 80 columns', async () => {
    const { code, out } = await house.earlid('help', 'config', 'check');
    expect([code, out]).toEqual([0, expect.stringContaining('Usage: earlid config check')]);
    const texts = [(await house.earlid('help')).out];
    for (const [, name] of texts[0]!.matchAll(/^ {2}([a-z]+)\b.* {2}/gm))
      texts.push((await house.earlid('help', name!)).out);
    expect(texts.length).toBeGreaterThan(15);
    expect(texts.join('\n').match(/^.{81,}$/gm)).toBeNull();
  });

  test.each([
    [['nope'], '`earlid help` shows'],
    [['help', 'nope'], '`earlid help` shows'],
    [['config', 'chek'], '`earlid help config` shows'],
    [['config', 'check', 'a', '--config', 'b'], '`earlid help config check` shows'],
  ])('%j says which help to ask for', async (args, hint) => {
    expect(await house.earlid(...args)).toMatchObject({ code: 64, err: expect.stringContaining(hint) });
  });
});

describe('config check', () => {
  test('takes the file by name or with the option that `start` has, but once', async () => {
    const file = join(house.folder, 'other.yaml');
    writeFileSync(file, 'gates: { kitchen: { link: { bench: uno-relay } } }\n');
    const fine = { ok: true, file, gates: ['kitchen'], notes: [expect.objectContaining({ code: 'outage' })] };
    expect((await house.earlid('config', 'check', '--config', 'other.yaml', '--json')).json()).toEqual(fine);
    expect((await house.earlid('config', 'check', 'other.yaml', '--json')).json()).toEqual(fine);
    const { code, err } = await house.earlid('config', 'check', 'other.yaml', '--config', 'other.yaml');
    expect([code, err]).toEqual([64, expect.stringContaining('name the file once')]);
    expect((await house.earlid('config', 'check', '--config', 'missing.yaml')).code).toBe(78);
  });
});

test('docs/cli.md tells of every command', async () => {
  const page = readFileSync('docs/cli.md', 'utf8');
  const { out } = await house.earlid('--help');
  const names = [...out.matchAll(/^ {2}([a-z]+)(?: \[| {2,}| <)/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect([name, page.includes(`\`earlid ${name}`)]).toEqual([name, true]);
});
