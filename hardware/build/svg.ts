/** The drawing as an SVG on a white card, so that it reads the same on light and on dark pages. */
import type { Circuit } from './circuit.ts';
import { type Drawing, junctions, layOut } from './drawing.ts';
import { type Part, shortValue } from './parts.ts';
import { isBlock } from './symbols.ts';

const GRID = 10;
const COLOURS: Readonly<Record<string, string>> = { '+5V': '#c62828', GND: '#263238' };
/** Nets without a colour of their own take one of these in turn. */
const OTHERS = ['#1565c0', '#2e7d32', '#6a1b9a', '#ad5a00', '#00796b', '#ad1457', '#4e5d00', '#5d4037'];

const STYLE = `text{font-family:Helvetica,Arial,"DejaVu Sans",sans-serif;fill:#1b1f23}
.title{font-size:20px;font-weight:bold}.name{font-size:14px;font-weight:bold}.value{font-size:13px}.leg{font-size:11.5px;fill:#455a64}.note{font-size:13px;fill:#37474f}
.part *{stroke:#1b1f23;stroke-width:1.8;fill:none;stroke-linejoin:round;stroke-linecap:round}.part text{stroke:none;fill:#1b1f23}.part text.leg{fill:#455a64}
.part .body{fill:#fafafa}.part .coil{fill:#e3e8ec}.part .solid{fill:#1b1f23}.part .dashed{stroke-dasharray:4 4;stroke-width:1.2}
.wire{fill:none;stroke-width:2.4;stroke-linejoin:round;stroke-linecap:round}`;

const quoted = (text: string): string =>
  text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!);

/** A piece of writing outside of the symbols, in grid units: `at` is its anchor on the base line. */
interface Writing {
  readonly of: string;
  readonly at: readonly [number, number];
  readonly anchor: 'start' | 'middle' | 'end';
  readonly text: string;
  readonly style: 'name' | 'value' | 'note' | 'title';
}

const SIZES = { title: 2, name: 1.4, value: 1.3, note: 1.3 } as const;

/** The box a writing fills, estimated for a wide font. */
function boxOf({ at: [x, y], anchor, text, style }: Writing): {
  left: number;
  right: number;
  top: number;
  bottom: number;
} {
  const width = text.length * SIZES[style] * (style === 'name' || style === 'title' ? 0.66 : 0.6);
  const left = anchor === 'start' ? x : anchor === 'middle' ? x - width / 2 : x - width;
  return { left, right: left + width, top: y - SIZES[style] * 0.8, bottom: y + SIZES[style] * 0.25 };
}

/** Everything written beside parts, signs and notes. */
function writings(circuit: Circuit, { placed, flags }: Drawing): readonly Writing[] {
  const parts = placed
    .filter(({ part }) => !isBlock(part.kind))
    .flatMap(({ part, at, symbol, turn }): Writing[] => {
      const upright = turn % 180 !== 0 && part.kind !== 'npn' && part.kind !== 'pmos';
      const [dx, dy, anchor] =
        circuit.places[part.ref]!.label ??
        (upright ? ([symbol.body[1] + 0.8, 0, 'start'] as const) : symbol.label);
      const [x, y] = [at[0] + dx, at[1] + dy];
      const rows = [
        [part.ref, 'name'],
        [shortValue(part), 'value'],
      ] as const;
      const above = dy < 0 ? 1.6 : 0;
      return rows.map(([text, style], i) => ({
        of: part.ref,
        at: [x, y - above + i * 1.6],
        anchor,
        text,
        style,
      }));
    });
  const signs = flags.map(({ net, at, towards: [dx, dy] }): Writing => {
    const far = net === 'GND' ? 1.2 : 0.9;
    const text = net === 'GND' ? 'GND' : net.replace('+5V', '+5 V');
    if (dy !== 0)
      return {
        of: net,
        at: [at[0], at[1] + (dy > 0 ? far + 1.4 : -far)],
        anchor: 'middle',
        text,
        style: 'value',
      };
    return {
      of: net,
      at: [at[0] + dx * (far + 0.4), at[1] + 0.45],
      anchor: dx > 0 ? 'start' : 'end',
      text,
      style: 'value',
    };
  });
  const notes = circuit.notes.flatMap(({ at, text, anchor }) =>
    text.map(
      (row, i): Writing => ({
        of: 'note',
        at: [at[0], at[1] + i * 1.8],
        anchor,
        text: row,
        style: 'note',
      }),
    ),
  );
  return [...parts, ...signs, ...notes];
}

type Box = ReturnType<typeof boxOf>;
const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Writing that runs into other writing, into a line, a part or the edge. Empty when everything can be read. */
export function clashes(circuit: Circuit, parts: readonly Part[]): string[] {
  const drawing = layOut(circuit, parts);
  const [width, height] = circuit.size!;
  const written = writings(circuit, drawing).map((w) => ({ ...w, box: boxOf(w) }));
  const lines = drawing.segments.map(({ net, from, to }) => ({
    of: `line ${net}`,
    box: {
      left: Math.min(from[0], to[0]) - 0.1,
      right: Math.max(from[0], to[0]) + 0.1,
      top: Math.min(from[1], to[1]) - 0.1,
      bottom: Math.max(from[1], to[1]) + 0.1,
    },
  }));
  const bodies = drawing.placed.map(({ part, at: [x, y], turn, symbol: { body } }) => {
    const [w, h] = turn % 180 === 0 ? body : [body[1], body[0]];
    return { of: part.ref, box: { left: x - w, right: x + w, top: y - h, bottom: y + h } };
  });
  const found: string[] = [];
  for (const [i, w] of written.entries()) {
    const { left, right, top, bottom } = w.box;
    if (left < 0 || top < 0 || right > width || bottom > height) found.push(`${w.text} leaves the page`);
    for (const other of [...written.slice(i + 1), ...lines, ...bodies])
      if (overlap(w.box, other.box)) found.push(`${w.text} runs into ${other.of}`);
  }
  for (const [i, a] of bodies.entries())
    for (const b of [...bodies.slice(i + 1)])
      if (overlap(a.box, b.box)) found.push(`${a.of} lies on ${b.of}`);
  return found;
}

function sign(net: string, at: readonly [number, number], [dx, dy]: readonly [number, number]): string {
  const [x, y] = [at[0] * GRID, at[1] * GRID];
  const turn = (Math.atan2(dy, dx) * 180) / Math.PI;
  const shape =
    net === 'GND'
      ? '<path d="M0-9V9M4-6V6M8-2.5V2.5"/>'
      : net === '+5V'
        ? '<path d="M0-7V7"/>'
        : '<path d="M0-5L6 0L0 5Z"/>';
  return `<g class="wire" stroke="${COLOURS[net] ?? '#1565c0'}" transform="translate(${x} ${y}) rotate(${turn})">${shape}</g>`;
}

/** The SVG of a circuit. */
export function toSvg(circuit: Circuit, parts: readonly Part[]): string {
  const drawing = layOut(circuit, parts);
  const [width, height] = circuit.size!.map((n) => n * GRID) as [number, number];
  const names = Object.keys(circuit.nets).filter((net) => !COLOURS[net]);
  const colour = (net: string): string => COLOURS[net] ?? OTHERS[names.indexOf(net) % OTHERS.length]!;
  const netAt = (x: number, y: number): string =>
    drawing.segments.find((s) => (s.from[0] === x && s.from[1] === y) || (s.to[0] === x && s.to[1] === y))!
      .net;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${quoted(circuit.title ?? '')}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#ffffff" stroke="#cfd8dc"/>`,
    `<text class="title" x="30" y="40">${quoted(circuit.title ?? '')}</text>`,
    ...drawing.segments.map(
      ({ net, from, to }) =>
        `<path class="wire" stroke="${colour(net)}" d="M${from[0] * GRID} ${from[1] * GRID}L${to[0] * GRID} ${to[1] * GRID}"/>`,
    ),
    ...drawing.flags.map(({ net, at, towards }) => sign(net, at, towards)),
    ...drawing.placed.map(
      ({ at, turn, symbol }) =>
        `<g class="part" transform="translate(${at[0] * GRID} ${at[1] * GRID})${turn ? ` rotate(${turn})` : ''}">${symbol.shapes}</g>`,
    ),
    ...junctions(drawing).map(
      ([x, y]) => `<circle cx="${x * GRID}" cy="${y * GRID}" r="4" fill="${colour(netAt(x, y))}"/>`,
    ),
    ...writings(circuit, drawing).map(
      ({ at, anchor, text, style }) =>
        `<text class="${style}" x="${at[0] * GRID}" y="${at[1] * GRID}" text-anchor="${anchor}">${quoted(text)}</text>`,
    ),
    '</svg>',
  ].join('\n')}\n`;
}
