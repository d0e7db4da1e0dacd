/**
 * Reads what strangers wrote, in a process of its own: one question as JSON on the standard input, one answer on the
 * standard output. Started by `apart.ts`, which ends it when it takes too long or too much.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { zoneOf } from '../../schedule/zone.ts';
import type { Answer, Question } from './apart.ts';
import { type DateHolidaysClass, holidaysAt } from './country.ts';
import { DOWNLOAD_MS, download } from './download.ts';
import { expand, holidaysIn } from './expand.ts';
import { LIMIT_BYTES, LIMIT_TEXT } from './limit.ts';
import { UnreadableError } from './unreadable.ts';

/** Whoever started it may be gone, and nothing else ends a pattern that explodes. */
const LIFE_MS = DOWNLOAD_MS + 10_000;
new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${LIFE_MS})`, { eval: true }).unref();

const question: Question = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(await answerOf(question)));

async function answerOf(question: Question): Promise<Answer<Question>> {
  try {
    switch (question.ask) {
      case 'events': {
        const { file, zone, matches, from, to } = question;
        return { found: expand(textOf(file), zoneOf(zone)!, matches, { from, to }) };
      }
      case 'holidays': {
        const { file, zone, first, last } = question;
        return { found: holidaysIn(textOf(file), zoneOf(zone)!, first, last) };
      }
      case 'download':
        return { found: await download(question) };
      case 'country':
        return { found: holidaysAt(await dateHolidays(), question.place, question.first, question.last) };
    }
  } catch (error) {
    if (error instanceof UnreadableError) return { problem: error.message };
    if (error instanceof RangeError && /stack/.test(error.message))
      return { problem: 'it is nested too deeply' };
    return { problem: `Earlid failed at it (${(error as Error).message.slice(0, 200)})` };
  }
}

async function dateHolidays(): Promise<DateHolidaysClass> {
  // Not a name that is looked for when this is compiled: the package is optional.
  const name: string = 'date-holidays';
  try {
    return (await import(name)).default;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new UnreadableError(
      isMissing
        ? `the package \`date-holidays\` is not installed: ${installation()}`
        : `the package \`date-holidays\` does not work (${(error as Error).message})`,
    );
  }
}

/** In a clone npm takes an optional package for installed unless it is named as one of development. */
function installation(): string {
  return import.meta.url.includes('/node_modules/')
    ? '`npm install date-holidays` beside Earlid'
    : '`npm install --no-save --save-dev date-holidays`';
}

function textOf(file: string): string {
  let handle: number;
  try {
    // Something that nobody writes into must not hold it up.
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnreadableError(
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(code),
    );
  }
  try {
    if (!fstatSync(handle).isFile()) throw new UnreadableError('it is not a regular file');
    const bytes = Buffer.alloc(LIMIT_BYTES + 1);
    let length = 0;
    for (let n = 1; n > 0 && length < bytes.length; length += n)
      n = readSync(handle, bytes, length, bytes.length - length, null);
    if (length > LIMIT_BYTES) throw new UnreadableError(`it is larger than ${LIMIT_TEXT}`);
    return decoded(bytes.subarray(0, length));
  } finally {
    closeSync(handle);
  }
}

/** Old programs write what Windows used to. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
