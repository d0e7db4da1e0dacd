/**
 * From a circuit to lines on a grid. A wire is a path: a leg (`Q1.B`) or `@x,y` to begin with, then `up|down|left|right N`,
 * `x N` or `y N` (straight on to that coordinate), legs that lie straight ahead, and `flag` to end in the sign of its net.
 */
import type { Circuit } from './circuit.ts';
import type { Part } from './parts.ts';
import { type PartSymbol, type Point, symbolOf } from './symbols.ts';

export interface Segment {
  readonly net: string;
  readonly from: Point;
  readonly to: Point;
}
export interface Flag {
  readonly net: string;
  readonly at: Point;
  /** Unit vector away from the wire. */
  readonly towards: Point;
}
export interface Placed {
  readonly part: Part;
  readonly at: Point;
  readonly turn: number;
  readonly symbol: PartSymbol;
}
export interface Drawing {
  readonly placed: readonly Placed[];
  readonly segments: readonly Segment[];
  readonly flags: readonly Flag[];
  /** Leg → where it ends. */
  readonly legs: ReadonlyMap<string, Point>;
}

const DIRECTIONS: Readonly<Record<string, Point>> = {
  up: [0, -1],
  down: [0, 1],
  left: [-1, 0],
  right: [1, 0],
};

function turned([x, y]: Point, degrees: number): Point {
  switch (degrees) {
    case 90:
      return [-y, x];
    case 180:
      return [-x, -y];
    case 270:
      return [y, -x];
    default:
      return [x, y];
  }
}

/** Whether `point` lies on the segment, its ends included. */
export function touches({ from, to }: Segment, [x, y]: Point): boolean {
  const inside = (a: number, b: number, c: number) => c >= Math.min(a, b) && c <= Math.max(a, b);
  const flat = from[1] === to[1];
  return (flat ? y === from[1] : x === from[0]) && inside(from[0], to[0], x) && inside(from[1], to[1], y);
}

function follow(
  net: string,
  path: string,
  legs: ReadonlyMap<string, Point>,
): { segments: Segment[]; flags: Flag[] } {
  const words = path.split(' ');
  const segments: Segment[] = [];
  const flags: Flag[] = [];
  let at: Point | null = null;
  const go = (to: Point) => {
    if (at && at[0] !== to[0] && at[1] !== to[1])
      throw new Error(`net ${net}: ${path}: from ${at} to ${to} is not straight`);
    if (at) segments.push({ net, from: at, to });
    at = to;
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const here = at as Point | null;
    if (word.startsWith('@')) go(word.slice(1).split(',').map(Number) as unknown as Point);
    else if (word === 'flag') {
      const last = segments.at(-1)!;
      flags.push({
        net,
        at: last.to,
        towards: [Math.sign(last.to[0] - last.from[0]), Math.sign(last.to[1] - last.from[1])],
      });
    } else if (DIRECTIONS[word] && here) {
      const n = Number(words[++i]);
      go([here[0] + DIRECTIONS[word][0] * n, here[1] + DIRECTIONS[word][1] * n]);
    } else if (word === 'x' && here) go([Number(words[++i]), here[1]]);
    else if (word === 'y' && here) go([here[0], Number(words[++i])]);
    else {
      const leg = legs.get(word);
      if (!leg) throw new Error(`net ${net}: ${path}: what is ${word}?`);
      go(leg);
    }
  }
  return { segments, flags };
}

/** Lays the circuit out. Throws where a wire cannot be followed. */
export function layOut(circuit: Circuit, parts: readonly Part[]): Drawing {
  const placed = parts
    .filter(({ fitted }) => fitted)
    .map((part) => {
      const place = circuit.places[part.ref];
      if (!place) throw new Error(`${part.ref} is not in the drawing`);
      return { part, at: place.at, turn: place.turn, symbol: symbolOf(part, place) };
    });
  const legs = new Map<string, Point>();
  for (const { part, at, turn, symbol } of placed)
    for (const [leg, offset] of Object.entries(symbol.legs)) {
      const [x, y] = turned(offset, turn);
      legs.set(`${part.ref}.${leg}`, [at[0] + x, at[1] + y]);
    }
  const followed = Object.entries(circuit.nets).flatMap(([net, { wires }]) =>
    wires.map((path) => follow(net, path, legs)),
  );
  return {
    placed,
    legs,
    segments: followed.flatMap(({ segments }) => segments),
    flags: followed.flatMap(({ flags }) => flags),
  };
}

const same = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1];
const meet = (a: Segment, b: Segment): boolean =>
  [a.from, a.to].some((end) => touches(b, end)) || [b.from, b.to].some((end) => touches(a, end));

/** Groups of segments that hang together by lines alone or by the signs of the net. */
function islands(segments: readonly Segment[], flags: readonly Flag[]): Segment[][] {
  const left = [...segments];
  const found: Segment[][] = [];
  const flagged = (s: Segment) => flags.some((f) => touches(s, f.at));
  while (left.length) {
    const island = [left.shift()!];
    for (const member of island)
      for (const other of [...left])
        if (meet(member, other) || (flagged(member) && flagged(other)))
          island.push(...left.splice(left.indexOf(other), 1));
    found.push(island);
  }
  return found;
}

/** Where the lines say something else than the nets: legs left out, nets in pieces, nets that touch. Empty when they agree. */
export function drawingMistakes({ nets }: Circuit, { segments, flags, legs }: Drawing): string[] {
  const mistakes: string[] = [];
  for (const [name, { legs: members }] of Object.entries(nets)) {
    const own = segments.filter(({ net }) => net === name);
    for (const leg of members)
      if (!own.some((s) => touches(s, legs.get(leg)!)))
        mistakes.push(`${leg} is not on the lines of ${name}`);
    const pieces = islands(
      own,
      flags.filter(({ net }) => net === name),
    );
    if (pieces.length > 1) mistakes.push(`the lines of ${name} are in ${pieces.length} pieces`);
    for (const [leg, at] of legs)
      if (!members.includes(leg) && own.some((s) => touches(s, at)))
        mistakes.push(`a line of ${name} touches ${leg}`);
  }
  for (const [i, a] of segments.entries())
    for (const b of segments.slice(i + 1))
      if (a.net !== b.net && meet(a, b))
        mistakes.push(`lines of ${a.net} and ${b.net} touch at ${[...a.from, ...b.from]}`);
  return mistakes;
}

/** Points at which three or more lines of a net meet and want a dot. */
export function junctions({ segments, legs }: Drawing): readonly Point[] {
  const ends = segments.flatMap(({ net, from, to }) => [
    { net, at: from },
    { net, at: to },
  ]);
  const dots: Point[] = [];
  for (const { net, at } of ends) {
    if (dots.some((dot) => same(dot, at))) continue;
    const here = segments.filter((s) => s.net === net && touches(s, at));
    const arms = here.reduce((n, s) => n + (same(s.from, at) || same(s.to, at) ? 1 : 2), 0);
    const leg = [...legs.values()].some((point) => same(point, at)) ? 1 : 0;
    if (arms + leg > 2) dots.push(at);
  }
  return dots;
}
