import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { needsOf } from '../../controller/service/needs.ts';
import { configOf, type configSchema } from '../../schemas/config.ts';

const site = { timezone: 'Europe/Berlin', holidays: { ics: '/etc/earlid/holidays.ics' } };
const needs = (file: Partial<z.input<typeof configSchema>>, rule?: object) =>
  needsOf(
    configOf({
      ...file,
      gates: { kitchen: { link: { bench: 'uno-relay' }, ...(rule && { never: [rule] }) } },
    }),
  );

test.each([
  ['nothing', {}, undefined, false],
  ['a calendar in a file', { site, calendars: { work: { file: '/etc/earlid/work.ics' } } }, undefined, false],
  [
    'a calendar with an address',
    { site, calendars: { work: { url: 'https://a.b/c.ics' } } },
    undefined,
    true,
  ],
  ['one whose address is a secret', { site, calendars: { work: { url_file: '/etc/x' } } }, undefined, true],
  ['a broker', { mqtt: { url: 'mqtt://broker' } }, undefined, true],
  ['Home Assistant', { homeassistant: { url: 'ws://ha', token_file: '/t' } }, undefined, true],
  ['a phone', { presence: { home: { any: [{ not: { host: 'phone' } }] } } }, undefined, true],
  ['a phone that a rule names itself', {}, { if: { host: 'phone', linger: '10m' } }, true],
  ['what is set by hand', { presence: { guests: { manual: 'off' as const } } }, { if: 'guests' }, false],
])('the network is needed for %s: %#', (_, file, rule, network) => {
  expect(needs(file, rule).network).toBe(network);
});

test('every file that the configuration names is known', () => {
  const mqtt = {
    url: 'mqtts://broker',
    username: 'earlid',
    password_file: '/etc/earlid/password',
    ca: '/etc/earlid/ca',
    cert: '/etc/earlid/cert',
    key: '/etc/earlid/key',
  };
  const homeassistant = { url: 'wss://ha', token_file: '/etc/earlid/token', ca: '/etc/earlid/ha-ca' };
  const calendars = { work: { file: '/etc/earlid/work.ics' }, mine: { url_file: '/etc/earlid/url' } };
  expect(needs({ site, mqtt, homeassistant, calendars }).files).toEqual(
    ['work.ics', 'url', 'holidays.ics', 'password', 'ca', 'cert', 'key', 'token', 'ha-ca'].map(
      (name) => `/etc/earlid/${name}`,
    ),
  );
});
