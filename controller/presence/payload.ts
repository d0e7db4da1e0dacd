/** The value in an MQTT message. Pure. */
import { MAX_PAYLOAD } from '../mqtt/packet-limit.ts';
import type { Told } from './compare.ts';

/** The value at `path` of a JSON payload, or the whole payload as text where `path` is null; else why there is none. */
export function valueIn(payload: Uint8Array, path: string | null): { value: Told } | { missing: string } {
  if (payload.length > MAX_PAYLOAD) return { missing: `a message of more than ${MAX_PAYLOAD / 1024} KB` };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return { missing: 'a message that is no text' };
  }
  if (path === null) return { value: text };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { missing: 'a message that is not JSON' };
  }
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      return { missing: `a message without \`${path}\`` };
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { value };
  return { missing: value === null ? `\`${path}\` is null` : `\`${path}\` is no single value` };
}
