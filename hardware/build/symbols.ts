/** How each kind of part is drawn: shapes around its centre in units of the grid (10 px), and where its legs end. */
import type { Place } from './circuit.ts';
import type { Kind, Part } from './parts.ts';

export type Point = readonly [number, number];
export interface PartSymbol {
  /** SVG in px around the centre, before it is turned. */
  readonly shapes: string;
  readonly legs: Readonly<Record<string, Point>>;
  /** Half width and half height of the body. */
  readonly body: Point;
  readonly label: readonly [number, number, 'start' | 'middle' | 'end'];
}

const line = (...points: readonly Point[]): string =>
  `<polyline points="${points.map(([x, y]) => `${x * 10},${y * 10}`).join(' ')}"/>`;
const solid = (...points: readonly Point[]): string =>
  `<polygon class="solid" points="${points.map(([x, y]) => `${x * 10},${y * 10}`).join(' ')}"/>`;
const rect = (x: number, y: number, w: number, h: number, cls = 'body'): string =>
  `<rect class="${cls}" x="${x * 10}" y="${y * 10}" width="${w * 10}" height="${h * 10}" rx="2"/>`;
const ring = (x: number, y: number, r: number): string =>
  `<circle class="body" cx="${x * 10}" cy="${y * 10}" r="${r * 10}"/>`;
const write = (x: number, y: number, text: string, anchor = 'middle', cls = 'leg'): string =>
  `<text class="${cls}" x="${x * 10}" y="${y * 10}" text-anchor="${anchor}">${text}</text>`;

const ends = (a: string, b: string): Record<string, Point> => ({ [a]: [-3, 0], [b]: [3, 0] });
const beside: PartSymbol['label'] = [0, -1.4, 'middle'];

const diode = line([-3, 0], [3, 0]) + solid([-1, -1], [1, 0], [-1, 1]) + line([1, -1], [1, 1]);
const arrow = (x: number): string =>
  line([x, -1.4], [x + 1, -2.4]) + line([x + 0.3, -2.4], [x + 1, -2.4], [x + 1, -1.7]);
const contact = (fixed: number, rest: number, work: number): string =>
  line([2, fixed], [5.6, rest + 0.35]) +
  line([5.2, rest], [8, rest]) +
  line([5.2, work], [8, work]) +
  `<circle class="solid" cx="20" cy="${fixed * 10}" r="3"/><circle class="solid" cx="54" cy="${rest * 10}" r="3"/><circle class="solid" cx="54" cy="${work * 10}" r="3"/>`;
const coil = (h: number): string =>
  rect(-6, -2.5, 3, 5, 'coil') +
  line([-8, -h], [-4.5, -h], [-4.5, -2.5]) +
  line([-8, h], [-4.5, h], [-4.5, 2.5]) +
  '<line class="dashed" x1="-30" y1="0" x2="36" y2="0"/>';

const FIXED: Readonly<Partial<Record<Kind, PartSymbol>>> = {
  resistor: {
    shapes: line([-3, 0], [3, 0]) + rect(-1.9, -0.7, 3.8, 1.4),
    legs: ends('1', '2'),
    body: [1.9, 0.7],
    label: beside,
  },
  capacitor: {
    shapes:
      line([-3, 0], [-0.4, 0]) +
      line([0.4, 0], [3, 0]) +
      line([-0.4, -1.3], [-0.4, 1.3]) +
      line([0.4, -1.3], [0.4, 1.3]),
    legs: ends('+', '-'),
    body: [0.6, 1.3],
    label: [0, -2, 'middle'],
  },
  diode: { shapes: diode, legs: ends('anode', 'cathode'), body: [1, 1], label: [0, -1.7, 'middle'] },
  led: {
    shapes: diode + arrow(-0.6) + arrow(0.8),
    legs: ends('anode', 'cathode'),
    body: [1, 2.4],
    label: [0, -2.75, 'middle'],
  },
  npn: {
    shapes:
      ring(0.2, 0, 2.3) +
      line([-3, 0], [-0.8, 0]) +
      line([-0.8, -1.4], [-0.8, 1.4]) +
      line([-0.8, -0.6], [1, -1.6], [1, -3]) +
      line([-0.8, 0.6], [1, 1.6], [1, 3]) +
      solid([1, 1.6], [0.15, 1.55], [0.5, 0.9]) +
      write(-2.2, -0.4, 'B', 'end') +
      write(1.5, -2.3, 'C', 'start') +
      write(1.5, 3, 'E', 'start'),
    legs: { B: [-3, 0], C: [1, -3], E: [1, 3] },
    body: [2.5, 2.3],
    label: [3.2, 0, 'start'],
  },
  pmos: {
    shapes:
      ring(0.2, 0, 2.3) +
      line([-3, 0], [-1.1, 0]) +
      line([-1.1, -1.3], [-1.1, 1.3]) +
      line([-0.5, -1.6], [-0.5, -0.8]) +
      line([-0.5, -0.4], [-0.5, 0.4]) +
      line([-0.5, 0.8], [-0.5, 1.6]) +
      line([-0.5, -1.2], [1, -1.2], [1, -3]) +
      line([-0.5, 1.2], [1, 1.2], [1, 3]) +
      line([-0.5, 0], [1, 0], [1, -1.2]) +
      solid([0.7, 0], [0, -0.4], [0, 0.4]) +
      write(-2.2, -0.4, 'G', 'end') +
      write(1.5, -2.3, 'S', 'start') +
      write(1.5, 3, 'D', 'start'),
    legs: { G: [-3, 0], S: [1, -3], D: [1, 3] },
    body: [2.5, 2.3],
    label: [3.2, 0, 'start'],
  },
  relay: {
    shapes:
      rect(-8, -5, 16, 10) +
      coil(3) +
      contact(0, -2.5, 2.5) +
      line([2, 0], [2, 5]) +
      write(-5.5, -3.5, 'coil', 'middle') +
      write(-5.5, 4.5, 'coil', 'middle') +
      write(1.2, 4.4, 'COM', 'end') +
      write(7.6, -3, 'NC', 'end') +
      write(7.6, 3.9, 'NO', 'end'),
    legs: { 'coil+': [-8, -3], 'coil-': [-8, 3], COM: [2, 5], NC: [8, -2.5], NO: [8, 2.5] },
    body: [8, 5],
    label: [0, -6.9, 'middle'],
  },
  'signal-relay': {
    shapes:
      rect(-8, -9, 16, 18) +
      coil(4) +
      contact(-5, -7, -3) +
      line([2, -5], [2, -9]) +
      contact(5, 3, 7) +
      line([2, 5], [2, 9]) +
      write(-5.7, -4.5, 'coil +', 'middle') +
      write(-5.7, 5.5, 'coil −', 'middle') +
      write(1.4, -7.6, 'COM 1', 'end') +
      write(1.4, 8.4, 'COM 2', 'end') +
      write(7.6, -7.5, 'NC 1', 'end') +
      write(7.6, -1.6, 'NO 1', 'end') +
      write(7.6, 2.5, 'NC 2', 'end') +
      write(7.6, 8.4, 'NO 2', 'end'),
    legs: {
      'coil+': [-8, -4],
      'coil-': [-8, 4],
      COM1: [2, -9],
      NC1: [8, -7],
      NO1: [8, -3],
      COM2: [2, 9],
      NC2: [8, 3],
      NO2: [8, 7],
    },
    body: [8, 9],
    label: [-1, -10.9, 'end'],
  },
  button: {
    shapes:
      line([-3, 0], [-1.4, 0]) +
      line([1.4, 0], [3, 0]) +
      line([-1.6, -1], [1.6, -1]) +
      line([0, -1], [0, -1.9]) +
      line([-0.8, -1.9], [0.8, -1.9]) +
      '<circle class="solid" cx="-14" cy="0" r="3"/><circle class="solid" cx="14" cy="0" r="3"/>',
    legs: ends('1', '2'),
    body: [1.6, 1.9],
    label: [0, -2.5, 'middle'],
  },
  switch: {
    shapes:
      line([-3, 0], [-1.4, 0]) +
      line([1.4, 0], [3, 0]) +
      line([-1.4, 0], [1.3, -1.3]) +
      '<circle class="solid" cx="-14" cy="0" r="3"/><circle class="solid" cx="14" cy="0" r="3"/>',
    legs: ends('1', '2'),
    body: [1.6, 1.3],
    label: [0, -2, 'middle'],
  },
  jumper: {
    shapes:
      line([-3, 0], [3, 0]) +
      rect(-1.9, -0.9, 3.8, 1.8, 'coil') +
      '<circle class="solid" cx="-10" cy="0" r="3"/><circle class="solid" cx="10" cy="0" r="3"/>',
    legs: ends('1', '2'),
    body: [1.9, 0.9],
    label: [0, -1.6, 'middle'],
  },
};

const POLARISED = '<text class="leg" x="-14" y="-6" text-anchor="middle">+</text>';

function block(part: Part, { size, legs, title = [] }: Place): PartSymbol {
  if (!size || !legs) throw new Error(`${part.ref}: a block needs \`size\` and \`legs\``);
  const [w, h] = [size[0] / 2, size[1] / 2];
  const shown = (leg: string) => (leg === '-' ? '−' : leg);
  const at: Record<string, Point> = {};
  let text = '';
  for (const [leg, y] of Object.entries(legs.left)) {
    at[leg] = [-w, y - h];
    text += write(-w + 0.6, y - h + 0.4, shown(leg), 'start');
  }
  for (const [leg, y] of Object.entries(legs.right)) {
    at[leg] = [w, y - h];
    text += write(w - 0.6, y - h + 0.4, shown(leg), 'end');
  }
  for (const [leg, x] of Object.entries(legs.top)) {
    at[leg] = [x - w, -h];
    text += write(x - w, -h + 1.5, leg);
  }
  for (const [leg, x] of Object.entries(legs.bottom)) {
    at[leg] = [x - w, h];
    text += write(x - w, h - 0.7, leg);
  }
  const [first = part.ref, ...rest] = title;
  text += write(0, -h - 0.7 - rest.length * 1.6, first, 'middle', 'name');
  rest.forEach((row, i) => {
    text += write(0, -h - 0.7 - (rest.length - 1 - i) * 1.6, row, 'middle', 'value');
  });
  return { shapes: rect(-w, -h, 2 * w, 2 * h) + text, legs: at, body: [w, h], label: [0, 0, 'middle'] };
}

/** Whether name and value belong into the block itself. */
export const isBlock = (kind: Kind): boolean =>
  FIXED[kind === 'supercapacitor' ? 'capacitor' : kind] === undefined;

/** The symbol of a part where it stands. Throws for a block without size. */
export function symbolOf(part: Part, place: Place): PartSymbol {
  const fixed = FIXED[part.kind === 'supercapacitor' ? 'capacitor' : part.kind];
  if (!fixed) return block(part, place);
  const polarised =
    part.kind === 'supercapacitor' ||
    (part.kind === 'capacitor' && (part.values.capacitance?.value ?? 0) >= 1e-6);
  return polarised ? { ...fixed, shapes: fixed.shapes + POLARISED } : fixed;
}
