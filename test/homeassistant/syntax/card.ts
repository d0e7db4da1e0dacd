/** Rules for cards of a dashboard, written down from Home Assistant's documentation: cards that come with it, and of them what Earlid shows. */
import { z } from 'zod';
import { entityId } from './automation.ts';

const text = z.string().min(1);
const row = z.union([
  entityId,
  z.strictObject({
    entity: entityId,
    name: text.optional(),
    icon: z.string().startsWith('mdi:').optional(),
    secondary_info: z.literal(['entity-id', 'last-changed', 'last-updated', 'last-triggered']).optional(),
    format: z.literal(['relative', 'total', 'date', 'time', 'datetime']).optional(),
  }),
  z.strictObject({
    type: z.literal('attribute'),
    entity: entityId,
    attribute: text,
    name: text.optional(),
    icon: z.string().startsWith('mdi:').optional(),
  }),
]);
const entities = z.strictObject({
  type: z.literal('entities'),
  title: text.optional(),
  show_header_toggle: z.boolean().optional(),
  state_color: z.boolean().optional(),
  entities: z.array(row).nonempty(),
});
const markdown = z.strictObject({ type: z.literal('markdown'), title: text.optional(), content: text });

export const card = z.strictObject({
  type: z.literal('vertical-stack'),
  title: text.optional(),
  cards: z.array(z.discriminatedUnion('type', [entities, markdown])).nonempty(),
});
