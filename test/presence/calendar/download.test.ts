/** Fetching from servers that answer in every way (S10), in a process of its own, from `dist/`. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { askApart } from '../../../controller/presence/calendar/apart.ts';
import { isThorough } from '../../thorough.ts';
import { ics } from './ics.ts';

const TEXT = ics('SUMMARY:x\nDTSTART:20261021T100000Z\nDURATION:PT1H');
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let server: Server;
let base: string;
const asked: IncomingMessage[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-download-'));
  server = createServer((request, response) => {
    asked.push(request);
    (pages[new URL(request.url!, 'http://x').pathname] ?? missing)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const missing: Handler = (_, response) => response.writeHead(404).end();
const redirect =
  (to: () => string): Handler =>
  (_, response) =>
    response.writeHead(302, { location: to() }).end();
const pages: Record<string, Handler> = {
  '/tagged': (request, response) =>
    request.headers['if-none-match'] === '"1"'
      ? response.writeHead(304).end()
      : response.writeHead(200, { etag: '"1"', 'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT' }).end(TEXT),
  '/private': (request, response) =>
    request.headers.authorization === `Basic ${Buffer.from('anna:p@ss').toString('base64')}`
      ? response.end(TEXT)
      : response.writeHead(401).end(),
  '/elsewhere': redirect(() => `${base.replace('127.0.0.1', 'localhost')}/private`),
  '/here': redirect(() => '/tagged'),
  '/loop': redirect(() => '/loop'),
  '/local': redirect(() => 'file:///etc/passwd'),
  '/broken': (_, response) => response.writeHead(500).end('oh'),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('BEGIN');
    setTimeout(() => response.destroy(), 20);
  },
  '/endless': (_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 20, 65)));
    };
    response.on('drain', more);
    more();
  },
  '/slow': (_, response) => {
    const timer = setInterval(() => response.write('A'), 50);
    response.on('close', () => clearInterval(timer));
  },
};

let files = 0;
async function fetched(url: string, { etag = null as string | null, timeoutMs = 20_000 } = {}) {
  const to = join(folder, `${files++}`);
  const answer = await askApart({ ask: 'download', url, etag, modified: null, to }, { timeoutMs });
  return { to, answer };
}

test('a file and what the server says of it, readable for nobody else; the same version is not sent again', async () => {
  const { to, answer } = await fetched(`${base}/tagged`);
  expect(answer).toEqual({
    found: { unchanged: false, etag: '"1"', modified: 'Sat, 21 Nov 2026 10:00:00 GMT' },
  });
  expect(readFileSync(to, 'utf8')).toBe(TEXT);
  expect(statSync(to).mode & 0o777).toBe(0o600);
  expect((await fetched(`${base}/tagged`, { etag: '"1"' })).answer).toEqual({ found: { unchanged: true } });
});

test('a name and a password in the address go to that server, and to no other', async () => {
  const address = (path: string) => `${base.replace('//', '//anna:p%40ss@')}${path}`;
  const answers = await Promise.all([fetched(address('/private')), fetched(address('/elsewhere'))]);
  expect(answers.map(({ answer }) => answer)).toEqual([
    { found: { unchanged: false, etag: null, modified: null } },
    { problem: 'the server refuses it (401)' },
  ]);
});

test('S10: servers that fail, lead astray or never end', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const closed = (gone.address() as AddressInfo).port;
  gone.close();
  // Each is a process.
  const urls: [url: string, why: string, timeoutMs?: number][] = [
    [`${base}/missing?secret`, 'there is nothing at this address (404)'],
    [`${base}/local`, 'it redirects to an address that is not safe'],
    [`${base}/endless`, 'it is larger than 10 MB'],
    [`${base}/slow`, 'it takes too long to read', 1_000],
    [`http://127.0.0.1:${closed}/secret`, 'its server cannot be reached (ECONNREFUSED)'],
  ];
  if (isThorough) {
    urls.push(
      [`${base}/broken`, 'the server answers 500'],
      [`${base}/loop`, 'it redirects more than 5 times'],
      [`${base}/cut`, 'its server cannot be reached (UND_ERR_SOCKET)'],
      [`${base.replace('http:', 'https:')}/tagged`, 'its server cannot be reached'],
    );
  }
  const answers = await Promise.all(
    urls.map(([url, , timeoutMs]) => fetched(url, timeoutMs === undefined ? {} : { timeoutMs })),
  );
  for (const [i, { answer }] of answers.entries())
    expect(answer).toEqual({ problem: expect.stringContaining(urls[i]![1]) });
  expect(JSON.stringify(answers.map(({ answer }) => answer))).not.toContain('secret');
  expect((await fetched(`${base}/here`)).answer).toMatchObject({ found: { unchanged: false } });
});

test('a server whose certificate nobody vouches for is not trusted', async () => {
  const certificate = (name: string) =>
    readFileSync(new URL(`../certificates/${name}`, import.meta.url), 'utf8');
  const options = { key: certificate('broker.key'), cert: certificate('broker.pem') };
  const secure = createTlsServer(options, (_, response) => response.end(TEXT));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { answer } = await fetched(`https://127.0.0.1:${(secure.address() as AddressInfo).port}/`);
  secure.close();
  expect(answer).toEqual({ problem: expect.stringMatching(/^its server cannot be trusted \([A-Z_]+\)$/) });
});
