/** Reads a build from its folder. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Circuit, mergeCircuits, parseCircuit } from './circuit.ts';
import { type CounterExample, type Part, parseParts } from './parts.ts';

export const BUILDS = ['relay-supply', 'relay-microphone', 'servo-slide'] as const;
export type BuildName = (typeof BUILDS)[number];

export interface Build {
  readonly name: BuildName;
  /** Those of the build, then those that every gate has. */
  readonly parts: readonly Part[];
  readonly circuit: Circuit;
  readonly counterExamples: readonly CounterExample[];
}

const folder = join(fileURLToPath(import.meta.url), '../..');
/** The `hardware` folder of the clone, from the sources as well as from `dist/`. */
export const HARDWARE = basename(dirname(folder)) === 'dist' ? join(folder, '../../hardware') : folder;

/** Reads a text below `hardware/`. */
export const readText = (path: string): string => readFileSync(join(HARDWARE, path), 'utf8');

/** Reads parts list and circuit of a build. Throws where a file is missing or of another shape. */
export function readBuild(name: BuildName): Build {
  const own = parseParts(readText(`${name}/parts.json`));
  const common = parseParts(readText('common/parts.json'));
  return {
    name,
    parts: [...own.parts, ...common.parts],
    circuit: mergeCircuits(
      parseCircuit(readText('common/diagram.json')),
      parseCircuit(readText(`${name}/diagram.json`)),
    ),
    counterExamples: own.counterExamples,
  };
}
