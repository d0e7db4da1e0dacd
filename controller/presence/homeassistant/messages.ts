/** What Home Assistant sends over its WebSocket API, as far as Earlid reads it. Pure. */
import { z } from 'zod';

/** Largest message that is looked at, in bytes. */
export const MAX_MESSAGE = 1024 * 1024;

const attributes = z.record(z.string(), z.unknown());
const entity = z.object({ s: z.string(), a: attributes.default({}) });
const change = z.object({
  '+': z.object({ s: z.string().optional(), a: attributes.default({}) }).optional(),
  '-': z.object({ a: z.array(z.string()).default([]) }).optional(),
});
const entitiesEvent = z.object({
  a: z.record(z.string(), entity).default({}),
  c: z.record(z.string(), change).default({}),
  r: z.array(z.string()).default([]),
});
/** Entities that are new (`a`), that changed (`c`) and that are gone (`r`), as `subscribe_entities` tells them. */
export type EntitiesEvent = z.output<typeof entitiesEvent>;

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auth_required') }),
  z.object({ type: z.literal('auth_ok') }),
  z.object({ type: z.literal('auth_invalid') }),
  z.object({
    type: z.literal('result'),
    id: z.number(),
    success: z.boolean(),
    result: z.unknown(),
    error: z.object({ message: z.string() }).optional(),
  }),
  z.object({ type: z.literal('event'), id: z.number(), event: entitiesEvent }),
]);
const KNOWN = new Set(message.options.map(({ shape }) => shape.type.value as string));
const anyMessage = z.object({ type: z.string() });
/** `other`: of a kind that Earlid does not ask for. */
export type Message = z.output<typeof message> | { readonly type: 'other' };

/** What `get_config` says. */
export const configResult = z.object({ state: z.string(), time_zone: z.string().default('') });

/** Null: nothing that Home Assistant sends. */
export function messageIn(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    const any = anyMessage.safeParse(value).data;
    if (!any) return null;
    return KNOWN.has(any.type) ? (message.safeParse(value).data ?? null) : { type: 'other' };
  } catch {
    return null;
  }
}
