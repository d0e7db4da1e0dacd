/** Fetches an ICS file from a web server into a file. Runs apart: what a server answers is what a stranger wrote. */
import { open } from 'node:fs/promises';
import { LIMIT_BYTES, LIMIT_TEXT } from './limit.ts';
import { UnreadableError } from './unreadable.ts';

export interface Download {
  readonly url: string;
  /** What the server said of the version that is kept: it then need not send it again. */
  readonly etag: string | null;
  readonly modified: string | null;
  /** Written anew. */
  readonly to: string;
}

/** `unchanged`: the version that is kept is still the one. */
export type Downloaded =
  | { readonly unchanged: true }
  | { readonly unchanged: false; readonly etag: string | null; readonly modified: string | null };

const MOST_REDIRECTS = 5;
/** Of the whole download. */
export const DOWNLOAD_MS = 30_000;
/** A tag is kept on disk and sent back. */
const MOST_TAG = 256;

/** Throws an `UnreadableError` whose words never hold the address: it may be a secret. */
export async function download({ url, etag, modified, to }: Download): Promise<Downloaded> {
  const answer = await get(new URL(url), {
    accept: 'text/calendar, text/plain;q=0.5, */*;q=0.1',
    'user-agent': 'earlid',
    ...(etag !== null && { 'if-none-match': etag }),
    ...(modified !== null && { 'if-modified-since': modified }),
  });
  if (answer.status === 304) return { unchanged: true };
  if (answer.status !== 200) throw new UnreadableError(refusal(answer.status));
  await save(answer, to);
  const tag = (name: string) => {
    const value = answer.headers.get(name);
    return value !== null && value.length <= MOST_TAG ? value : null;
  };
  return { unchanged: false, etag: tag('etag'), modified: tag('last-modified') };
}

async function get(start: URL, plain: Record<string, string>): Promise<Response> {
  let url = start;
  const { username, password, origin } = start;
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  for (let i = 0; i <= MOST_REDIRECTS; i++) {
    const headers = { ...plain };
    if ((username || password) && url.origin === origin) {
      const named = [username, password].map(decodeURIComponent).join(':');
      headers.authorization = `Basic ${Buffer.from(named).toString('base64')}`;
    }
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    const answer = await fetch(bare, { headers, redirect: 'manual', signal }).catch((error) => {
      throw new UnreadableError(failure(error));
    });
    const place = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || answer.status === 304 || place === null) return answer;
    await answer.body?.cancel();
    const next = URL.canParse(place, String(url)) ? new URL(place, url) : null;
    if (next?.protocol !== 'https:' && !(next?.protocol === 'http:' && url.protocol === 'http:'))
      throw new UnreadableError('it redirects to an address that is not safe');
    url = next;
  }
  throw new UnreadableError(`it redirects more than ${MOST_REDIRECTS} times`);
}

async function save(answer: Response, to: string): Promise<void> {
  const file = await open(to, 'w', 0o600);
  try {
    let length = 0;
    for await (const chunk of answer.body ?? []) {
      length += chunk.length;
      if (length > LIMIT_BYTES) throw new UnreadableError(`it is larger than ${LIMIT_TEXT}`);
      await file.write(chunk);
    }
    await file.sync();
  } catch (error) {
    throw error instanceof UnreadableError ? error : new UnreadableError(failure(error));
  } finally {
    await file.close();
  }
}

function refusal(status: number): string {
  if (status === 401 || status === 403) return `the server refuses it (${status})`;
  if (status === 404 || status === 410) return `there is nothing at this address (${status})`;
  return `the server answers ${status}`;
}

function failure(error: unknown): string {
  const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return 'the server takes too long';
  const code = cause?.code ?? (error as NodeJS.ErrnoException).code ?? name;
  if (code === 'EAFNOSUPPORT' || code === 'EACCES' || code === 'EPERM')
    return `this computer does not let Earlid into the network (${code}); a service has to be installed again`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its server is not found (${code})`;
  if (/^(ERR_TLS|CERT|DEPTH|SELF|UNABLE)|_CERT/.test(code)) return `its server cannot be trusted (${code})`;
  return `its server cannot be reached (${code})`;
}
