/** What docs/homeassistant.md shows: its YAML by kind, its commands, and the names in it. */
import { readFileSync } from 'node:fs';
import { readYaml } from './syntax/yaml.ts';

export const PAGE = 'docs/homeassistant.md';
export const TEXT = readFileSync(PAGE, 'utf8');

export type Kind = 'configuration' | 'automation' | 'action' | 'card';
/** Null: it is nothing that this page shows. */
function kindOf(value: unknown): Kind | null {
  const has = (key: string) => typeof value === 'object' && value !== null && key in value;
  if (has('gates') || has('mqtt')) return 'configuration';
  if (has('triggers')) return 'automation';
  if (has('action')) return 'action';
  return has('type') ? 'card' : null;
}

export const BLOCKS = [...TEXT.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => {
  const value = readYaml(text!);
  return { text: text!, value, kind: kindOf(value), line: text!.split('\n')[0]! };
});

/** Every line that is typed, and every command that is named in a sentence. */
export const COMMANDS = {
  typed: [...TEXT.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command!),
  named: [...TEXT.matchAll(/`(?:npx )?earlid ([a-z][^`]*)`/g)].map(([, command]) => command!),
};

/** Ids of entities in a text or in anything made of texts. */
export function entitiesIn(value: unknown): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const domains =
    'binary_sensor|button|calendar|device_tracker|event|input_boolean|light|media_player|person|select|sensor|switch';
  const called = [...text.matchAll(/action"?: "?([a-z_]+\.[a-z_]+)/g)].map(([, name]) => name!);
  return [...text.matchAll(new RegExp(`\\b(?:${domains})\\.[a-z0-9_]+`, 'g'))].flatMap(([id]) =>
    called.includes(id) ? [] : [id],
  );
}

/** Attributes that templates and conditions ask for, with their entities. */
export function attributesIn(value: unknown): { readonly entity: string; readonly attribute: string }[] {
  const found: { entity: string; attribute: string }[] = [];
  const walk = (each: unknown): void => {
    if (typeof each === 'string')
      for (const [, entity, attribute] of each.matchAll(/state_attr\('([^']+)', '([^']+)'\)/g))
        found.push({ entity: entity!, attribute: attribute! });
    if (typeof each !== 'object' || each === null) return;
    if ('attribute' in each) {
      const { attribute, ...rest } = each as Record<string, unknown>;
      found.push({ entity: String(rest.entity ?? rest.entity_id), attribute: String(attribute) });
    }
    for (const inner of Object.values(each)) walk(inner);
  };
  walk(value);
  return found;
}
