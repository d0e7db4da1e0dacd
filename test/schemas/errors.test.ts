import { readFileSync } from 'node:fs';
import { expect, describe as group, test } from '@jest/globals';
import { configJsonSchema } from '../../schemas/config.ts';
import { formatDuration, parseDuration } from '../../schemas/duration.ts';
import { BOARD_ERRORS } from '../../schemas/errors/boards.ts';
import { COMMAND_ERRORS } from '../../schemas/errors/commands.ts';
import { CONFIGURATION_ERRORS } from '../../schemas/errors/configuration.ts';
import { HOMEASSISTANT_ERRORS } from '../../schemas/errors/homeassistant.ts';
import { KEY_ERRORS } from '../../schemas/errors/keys.ts';
import { STATE_ERRORS } from '../../schemas/errors/state.ts';
import { describe, EarlidError, ERRORS, exitOf } from '../../schemas/errors.ts';
import { configurationTable, errorTable } from '../../schemas/generate-docs.ts';

group('the error table', () => {
  test('knows only exit codes that are documented', () => {
    const page = readFileSync('docs/errors.md', 'utf8');
    for (const { exit } of Object.values(ERRORS)) expect(page).toContain(`| ${exit} | `);
  });

  test('has every code once', () => {
    const areas = [
      COMMAND_ERRORS,
      BOARD_ERRORS,
      KEY_ERRORS,
      STATE_ERRORS,
      CONFIGURATION_ERRORS,
      HOMEASSISTANT_ERRORS,
    ];
    expect(areas.flatMap((area) => Object.keys(area))).toEqual(Object.keys(ERRORS));
  });

  test('gives every code a cause and a next step', () => {
    for (const [code, { cause, hint }] of Object.entries(ERRORS)) {
      expect([code, cause.length > 0, hint.length > 0]).toEqual([code, true, true]);
      expect(`${code} ${cause}`).not.toMatch(/[.]$/);
    }
  });

  test('fills in details, and shows what a case lacks', () => {
    const { view, exit } = new EarlidError('port-missing', { path: '/dev/x' }, { gate: 'kitchen' });
    expect(view).toEqual({
      code: 'port-missing',
      message: 'there is nothing at /dev/x',
      hint: 'Plug the gate in, with a cable that carries data; `earlid ports` shows which paths there are. A running daemon goes on trying.',
      gate: 'kitchen',
    });
    expect(exit).toBe(75);
    expect(describe('port-missing').message).toBe('there is nothing at ?');
  });

  test('shows a code that it does not know with its detail', () => {
    expect(describe('new-code', { detail: 'as it was said' })).toEqual({
      code: 'new-code',
      message: 'as it was said',
      hint: '',
    });
    expect(exitOf('new-code')).toBe(70);
  });
});

group('what is made from the definitions and checked in', () => {
  const section = (page: string, name: string): string =>
    readFileSync(page, 'utf8').split(`<!-- generated:${name} -->`)[1]!.split('<!-- /')[0]!.trim();

  test.each([
    ['docs/errors.md', 'errors', errorTable],
    ['docs/configuration.md', 'keys', configurationTable],
  ])('%s is what `npm run generate` makes', (page, name, make) => {
    expect(section(page, name)).toBe(make().trim());
  });

  test('the JSON Schema is what `npm run generate` makes', () => {
    const file = JSON.parse(readFileSync('schemas/generated/earlid.schema.json', 'utf8'));
    expect(file).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });
});

group('a duration', () => {
  test.each([
    ['90s', 90_000],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['0s', 0],
  ])('%s is %d ms, and is written the same way', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  test.each(['', '90', 's', '-5m', '5 m', '1m1h', '1.5h', '5min', '9999999999s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test('is rounded to seconds for people, but never to nothing', () => {
    expect(formatDuration(89_600)).toBe('1m30s');
    expect(formatDuration(200)).toBe('0.2s');
    expect(formatDuration(1)).toBe('0.1s');
  });
});
