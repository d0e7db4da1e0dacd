/**
 * A backup as one file: a line that names format and checksum, then, compressed, a line of JSON with the names and lengths of
 * what is in it, and the bytes of it one after the other. Pure.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { EarlidError } from '../../schemas/errors.ts';
import { instantSchema } from '../../schemas/instant.ts';

/** What is kept of the state folder; the configuration besides. */
export const STATE_FILES = [
  'keys.json',
  'overrides.json',
  'wiring.json',
  'events.jsonl',
  'exposure.json',
] as const;
const NAMES = ['earlid.yaml', ...STATE_FILES] as const;
export type PartName = (typeof NAMES)[number];

export interface Archive {
  /** UTC ms. */
  readonly madeAt: number;
  /** Of this package. */
  readonly version: string;
  /** Where the configuration was. */
  readonly config: string;
  readonly parts: ReadonlyMap<PartName, Uint8Array>;
}

const VERSION = 1;
const FIRST_LINE = /^earlid-backup (\d{1,6}) ([0-9a-f]{64})\n/;
const FIRST_LINE_BYTES = 96;
/** More than the record of many years; what unpacks to more is no backup of ours. */
const MAX_BYTES = 1024 * 1024 * 1024;

const index = z.strictObject({
  madeAt: instantSchema,
  /** It is shown on terminals. */
  version: z.string().regex(/^[\w.+-]{1,64}$/),
  config: z.string().max(4096),
  parts: z.array(z.strictObject({ name: z.enum(NAMES), bytes: z.int().min(0).max(MAX_BYTES) })),
});

export function pack({ madeAt, version, config, parts }: Archive): Uint8Array {
  const listed = [...parts].map(([name, { length }]) => ({ name, bytes: length }));
  const head: z.input<typeof index> = { madeAt, version, config, parts: listed };
  const body = gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...parts.values()]));
  return Buffer.concat([Buffer.from(`earlid-backup ${VERSION} ${checksum(body)}\n`), body]);
}

/** Throws `backup-foreign`, `backup-newer` or `backup-damaged`; nothing of the file is quoted in that. */
export function unpack(file: string, bytes: Uint8Array): Archive {
  const first = FIRST_LINE.exec(Buffer.from(bytes.subarray(0, FIRST_LINE_BYTES)).toString('latin1'));
  if (!first) throw new EarlidError('backup-foreign', { file });
  const [line, version, sum] = first as unknown as [string, string, string];
  if (Number(version) !== VERSION) throw new EarlidError('backup-newer', { file, version });
  const body = bytes.subarray(line.length);
  if (checksum(body) !== sum) throw new EarlidError('backup-damaged', { file });
  try {
    return parsed(gunzipSync(body, { maxOutputLength: MAX_BYTES }));
  } catch {
    throw new EarlidError('backup-damaged', { file });
  }
}

function parsed(content: Buffer): Archive {
  const end = content.indexOf('\n');
  const { parts: listed, ...rest } = index.parse(JSON.parse(content.toString('utf8', 0, end)));
  let at = end + 1;
  const parts = new Map<PartName, Uint8Array>();
  for (const { name, bytes } of listed) {
    parts.set(name, content.subarray(at, at + bytes));
    at += bytes;
  }
  if (at !== content.length || parts.size !== listed.length) throw new Error('of another length');
  return { ...rest, parts };
}

const checksum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
