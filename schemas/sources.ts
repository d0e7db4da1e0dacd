/** Where facts come from, and what they are called. */

/**
 * What is asked of a value that a source told. `is: 1` and `is: "1"` ask the same. Bounds are open: `above: 300` is false at
 * 300.
 */
export interface Comparison {
  readonly is?: string | number | boolean;
  readonly above?: number;
  readonly below?: number;
}

/** Where a fact comes from. */
export type Source =
  | { readonly kind: 'input'; readonly gate: string; readonly name: string }
  | {
      readonly kind: 'sensor';
      readonly gate: string;
      readonly name: string;
      readonly compare: Comparison;
    }
  | {
      readonly kind: 'mqtt';
      readonly topic: string;
      /** Into a JSON payload, such as `battery.level`; null: the payload as it is. */
      readonly path: string | null;
      readonly compare: Comparison;
      /** What the broker kept counts as told when it is received. */
      readonly retained: boolean;
    }
  | {
      readonly kind: 'homeassistant';
      /** Such as `person.anna`. */
      readonly entity: string;
      /** One of its attributes; null: its state. */
      readonly attribute: string | null;
      readonly compare: Comparison;
    }
  | { readonly kind: 'host'; readonly address: string; readonly port: number }
  | {
      readonly kind: 'manual';
      /** Name of the presence it stands under. */
      readonly name: string;
      /** Its value as long as nobody has set it. */
      readonly usually: boolean;
    };

/** States of Home Assistant that say that it does not know. */
export const NOT_KNOWN: readonly string[] = ['unknown', 'unavailable'];
/** Knocked at unless `port` says otherwise: iPhones answer there also while they sleep; what answers by refusing is there as well. */
export const DEFAULT_PORT = 62_078;

/** What a fact is called: one name per source, for people and for finding it again. Two sources never share one. */
export function factName(source: Source): string {
  switch (source.kind) {
    case 'input':
      return `input ${source.gate}.${source.name}`;
    case 'sensor':
      return `sensor ${source.gate}.${source.name} ${comparisonText(source.compare)}`;
    case 'mqtt':
      return [
        `mqtt ${word(source.topic)}`,
        ...(source.path === null ? [] : [word(source.path)]),
        comparisonText(source.compare),
        ...(source.retained ? ['retained'] : []),
      ].join(' ');
    case 'homeassistant':
      return [
        `homeassistant ${source.entity}`,
        ...(source.attribute === null ? [] : [word(source.attribute)]),
        comparisonText(source.compare),
      ].join(' ');
    case 'host':
      return `host ${source.address}${source.port === DEFAULT_PORT ? '' : ` port ${source.port}`}`;
    case 'manual':
      return `manual ${source.name}`;
  }
}

/** A text with spaces in it is quoted, so that it cannot be taken for two. */
const word = (text: string): string => (/^[^\s"]+$/.test(text) ? text : JSON.stringify(text));

function comparisonText({ is, above, below }: Comparison): string {
  if (is !== undefined) return `is ${word(String(is))}`;
  return [above === undefined ? [] : [`above ${above}`], below === undefined ? [] : [`below ${below}`]]
    .flat()
    .join(' and ');
}
