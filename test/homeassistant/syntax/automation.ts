/** Home Assistant's rules for automations, written down from its schemas: strict, in the syntax since 2024.10, and knowing only what Earlid shows. */
import { z } from 'zod';

const ID = /^[a-z_0-9]+\.[a-z0-9_]+$/;
export const entityId = z.string().regex(ID);
const entityIds = z.union([entityId, z.array(entityId).nonempty()]);
const text = z.string().min(1);
/** Texts on purpose: `on` without quotes is none. */
const states = z.union([text, z.array(text).nonempty()]);
const topic = text.max(256);
const qos = z.literal([0, 1, 2]);
/** A template whose brackets close. */
const template = text.refine((value) => {
  const opened = value.match(/\{\{|\{%/g) ?? [];
  return opened.length > 0 && opened.length === (value.match(/\}\}|%\}/g) ?? []).length;
}, 'a template');
const period = z.union([
  z.number().nonnegative(),
  z.string().regex(/^\d\d:\d\d(:\d\d)?$/),
  z
    .strictObject({
      days: z.number().nonnegative().optional(),
      hours: z.number().nonnegative().optional(),
      minutes: z.number().nonnegative().optional(),
      seconds: z.number().nonnegative().optional(),
    })
    .refine((value) => Object.keys(value).length > 0, 'a length of time'),
]);
const variables = z.record(z.string().regex(/^[a-z_][a-z0-9_]*$/), z.unknown());
const limits = { above: z.number().optional(), below: z.number().optional() };
const isLimited = ({ above, below }: { above?: number | undefined; below?: number | undefined }) =>
  above !== undefined || below !== undefined;

const TRIGGER = { id: text.optional(), alias: text.optional(), enabled: z.boolean().optional() };
const trigger = z.union([
  z
    .strictObject({
      ...TRIGGER,
      trigger: z.literal('state'),
      entity_id: entityIds,
      attribute: text.optional(),
      from: states.optional(),
      not_from: states.optional(),
      to: states.optional(),
      not_to: states.optional(),
      for: period.optional(),
    })
    .refine(({ from, not_from }) => from === undefined || not_from === undefined, '`from` beside `not_from`')
    .refine(({ to, not_to }) => to === undefined || not_to === undefined, '`to` beside `not_to`'),
  z
    .strictObject({
      ...TRIGGER,
      trigger: z.literal('numeric_state'),
      entity_id: entityIds,
      ...limits,
      for: period.optional(),
    })
    .refine(isLimited, '`above` or `below`'),
  z.strictObject({
    ...TRIGGER,
    trigger: z.literal('calendar'),
    entity_id: entityId,
    event: z.literal(['start', 'end']).optional(),
    offset: z
      .string()
      .regex(/^-?\d\d:\d\d:\d\d$/)
      .optional(),
  }),
  z.strictObject({
    ...TRIGGER,
    trigger: z.literal('homeassistant'),
    event: z.literal(['start', 'shutdown']),
  }),
  z.strictObject({
    ...TRIGGER,
    trigger: z.literal('event'),
    event_type: text,
    event_data: z.record(z.string(), z.unknown()).optional(),
  }),
]);

const CONDITION = { alias: text.optional(), enabled: z.boolean().optional() };
const condition = z.union([
  template,
  z.strictObject({ ...CONDITION, condition: z.literal('template'), value_template: template }),
  z.strictObject({
    ...CONDITION,
    condition: z.literal('state'),
    entity_id: entityIds,
    attribute: text.optional(),
    state: states,
    for: period.optional(),
  }),
  z.strictObject({
    ...CONDITION,
    condition: z.literal('trigger'),
    id: z.union([text, z.array(text)]),
  }),
]);

const target = (domain: string) =>
  z.strictObject({
    entity_id: z.union([
      z.string().startsWith(`${domain}.`).regex(ID),
      z.array(z.string().startsWith(`${domain}.`).regex(ID)).nonempty(),
    ]),
  });
const call = <Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.strictObject({
    alias: text.optional(),
    enabled: z.boolean().optional(),
    continue_on_error: z.boolean().optional(),
    action: z.literal(name),
    ...shape,
  });
const told = { title: text.optional(), message: text };
const ACTIONS = [
  call('button.press', { target: target('button') }),
  call('switch.turn_on', { target: target('switch') }),
  call('switch.turn_off', { target: target('switch') }),
  call('select.select_option', {
    target: target('select'),
    data: z.strictObject({ option: text }),
  }),
  call('mqtt.publish', {
    data: z.strictObject({
      topic,
      payload: z.string().optional(),
      qos: qos.optional(),
      retain: z.boolean().optional(),
    }),
  }),
  call('persistent_notification.create', {
    data: z.strictObject({ ...told, notification_id: text.optional() }),
  }),
  call('notify.send_message', { target: target('notify'), data: z.strictObject(told) }),
] as const;
const simple = z.discriminatedUnion('action', ACTIONS);
const repeat = z.strictObject({
  repeat: z.strictObject({
    for_each: z.union([template, z.array(z.unknown())]),
    sequence: z.array(simple).nonempty(),
  }),
});

export const action = z.union([simple, repeat]);
export type Action = z.infer<typeof action>;
export type Call = z.infer<typeof simple>;

/** `trigger:`, `condition:`, `action:` and `service:` are the names of before 2024.10. */
export const automation = z.strictObject({
  id: text.optional(),
  alias: text.optional(),
  description: z.string().optional(),
  mode: z.literal(['single', 'restart', 'queued', 'parallel']).optional(),
  max: z.int().min(2).optional(),
  triggers: z.array(trigger).nonempty(),
  variables: variables.optional(),
  conditions: z.array(condition).optional(),
  actions: z.array(action).nonempty(),
});
export type Automation = z.infer<typeof automation>;
