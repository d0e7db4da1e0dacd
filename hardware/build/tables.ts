/** The tables of a build's page. */
import type { Circuit } from './circuit.ts';
import type { Measure } from './deck.ts';
import { formatQuantity, type Limit, type Part } from './parts.ts';
import { limitsOf } from './simulation.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;

/** What to buy. */
export const partsTable = (parts: readonly Part[]): string =>
  table(
    ['reference', 'part', 'value', 'or instead', 'note'],
    parts.map(({ ref, part, values, alternatives, note, fitted }) => {
      const value = values.resistance ?? values.capacitance;
      return [
        fitted ? ref : `${ref} (not fitted)`,
        part,
        value ? formatQuantity(value) : '',
        alternatives.join('; '),
        note,
      ];
    }),
  );

/** What a person calls a leg. */
function legName(leg: string, parts: readonly Part[]): string {
  const [ref, name] = leg.split('.') as [string, string];
  const part = parts.find((p) => p.ref === ref)!;
  switch (part.kind) {
    case 'resistor':
    case 'button':
    case 'switch':
    case 'jumper':
      return `${ref} ${name === '1' ? 'one end' : 'other end'}`;
    case 'capacitor':
      if ((part.values.capacitance?.value ?? 0) < 1e-6)
        return `${ref} ${name === '+' ? 'one end' : 'other end'}`;
      return `${ref} ${name === '+' ? 'plus (long leg)' : 'minus (stripe)'}`;
    case 'diode':
      return `${ref} ${name}${name === 'cathode' ? ' (ring)' : ''}`;
    case 'led':
      return `${ref} ${name} (${name === 'cathode' ? 'short' : 'long'} leg)`;
    case 'relay':
      return `${ref} ${name.startsWith('coil') ? 'coil' : name}`;
    default:
      return `${ref} ${name === '-' ? '−' : name.replace(/coil-/, 'coil −').replace(/coil\+/, 'coil +')}`;
  }
}

/** Every wire; a row joins all that it names. */
export function wiringTable(circuit: Circuit, parts: readonly Part[]): string {
  const rows = Object.entries(circuit.nets).map(([net, { says = '', legs }]) => [
    net === '+5V' ? '+5 V' : net,
    says,
    legs.map((leg) => legName(leg, parts)).join(' · '),
  ]);
  const free = circuit.free.map((leg) => legName(leg, parts)).join(' · ');
  return `${table(['wire', 'what it is', 'joins'], rows)}${free ? `\nStays free: ${free}.\n` : ''}`;
}

const limitText = ({ min, max }: Limit, unit: string): string => {
  const said = unit === '×' ? '' : ` ${unit}`;
  if (min === undefined) return `at most ${max}${said}`;
  return max === undefined ? `at least ${min}${said}` : `${min} to ${max}${said}`;
};

/** What the simulation measured, beside the limit it must keep. */
export function measurementTable(
  parts: readonly Part[],
  measures: readonly Measure[],
  measured: Readonly<Record<string, number>>,
): string {
  const limits = limitsOf(parts);
  return table(
    ['what', 'simulated', 'limit', 'where the limit is from'],
    measures.map(({ name, unit, meaning }) => {
      const limit = limits.find(({ measure }) => measure === name);
      return [
        meaning,
        measured[name] === undefined ? 'not yet' : `${Number(measured[name].toPrecision(3))} ${unit}`,
        limit ? limitText(limit, unit) : '',
        limit ? `${limit.from} (${limit.ref})` : '',
      ];
    }),
  );
}
