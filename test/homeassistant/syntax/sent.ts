/** The messages that Home Assistant sends to the broker when it performs actions, by what discovery has told it. */
import type { Action, Call } from './automation.ts';
import { type Component, ENTITIES } from './known.ts';

export interface Sent {
  readonly topic: string;
  readonly payload: string;
}
/** By name. */
export type Variables = Readonly<Record<string, unknown>>;

/** Throws where an entity is not there, or a template asks for more than the value of a variable. */
export const sentBy = (actions: readonly Action[], variables: Variables = {}): Sent[] =>
  actions.flatMap((each) =>
    'repeat' in each ? repeated(each.repeat, variables) : performed(each, variables),
  );

type Repeat = Extract<Action, { readonly repeat: unknown }>['repeat'];

function repeated({ for_each, sequence }: Repeat, variables: Variables): Sent[] {
  const items = typeof for_each === 'string' ? rendered(for_each, variables) : for_each;
  if (!Array.isArray(items)) throw new Error(`${for_each} is no list`);
  return items.flatMap((item: unknown) => sentBy(sequence, { ...variables, 'repeat.item': item }));
}

function performed(call: Call, variables: Variables): Sent[] {
  switch (call.action) {
    case 'mqtt.publish': {
      const { topic, payload = '', retain = false } = call.data;
      if (retain) throw new Error('a command is never kept');
      return [{ topic: String(rendered(topic, variables)), payload: String(rendered(payload, variables)) }];
    }
    case 'button.press':
      return to(call.target.entity_id, ({ payload_press }) => payload_press);
    case 'switch.turn_on':
      return to(call.target.entity_id, ({ payload_on }) => payload_on);
    case 'switch.turn_off':
      return to(call.target.entity_id, ({ payload_off }) => payload_off);
    case 'select.select_option': {
      const { option } = call.data;
      return to(call.target.entity_id, ({ options = [] }) => (options.includes(option) ? option : undefined));
    }
    default:
      return [];
  }
}

function to(ids: string | readonly string[], payloadOf: (entity: Component) => string | undefined): Sent[] {
  return [ids].flat().map((id) => {
    const entity = ENTITIES.get(id);
    const payload = entity && payloadOf(entity);
    if (!entity?.command_topic || payload === undefined) throw new Error(`${id} does not take that`);
    return { topic: entity.command_topic, payload };
  });
}

/** Text with `{{ name }}` in it; a text that is nothing else is the value itself. */
function rendered(text: string, variables: Variables): unknown {
  const lookUp = (name: string) => {
    if (!(name in variables)) throw new Error(`nothing is known of ${name}`);
    return variables[name];
  };
  const [, only] = /^\{\{ ([^{}]+) \}\}$/.exec(text) ?? [];
  return only
    ? lookUp(only)
    : text.replaceAll(/\{\{ ([^{}]+) \}\}/g, (_, name: string) => String(lookUp(name)));
}
