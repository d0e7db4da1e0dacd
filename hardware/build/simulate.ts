/** `npm run simulate`: runs every deck through ngspice and writes `results.json`; `--check` compares with it instead. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './deck.ts';
import { BUILDS, type Build, HARDWARE, readBuild, readText } from './read.ts';
import {
  benchOf,
  counterExampleDecks,
  deckOf,
  differing,
  hashOf,
  parseMeasured,
  parseResults,
  type Results,
  type Run,
} from './simulation.ts';

function measure(deck: string, { measures }: Bench): Run {
  const folder = mkdtempSync(join(tmpdir(), 'earlid-deck-'));
  try {
    const path = join(folder, 'deck.cir');
    writeFileSync(path, deck);
    const { stdout, stderr, error } = spawnSync('ngspice', ['-b', path], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 120_000,
    });
    if (error) throw error;
    try {
      return { deck: hashOf(deck), measured: parseMeasured(stdout, measures) };
    } catch (failure) {
      throw new Error(`${(failure as Error).message}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function resultsOf(build: Build): Results {
  const bench = benchOf(build);
  const version = /ngspice-(\S+)/.exec(execFileSync('ngspice', ['--version'], { encoding: 'utf8' }))![1]!;
  return {
    ngspice: version,
    ...measure(deckOf(build), bench),
    counterExamples: counterExampleDecks(build).map((deck) => measure(deck, bench)),
  };
}

for (const name of BUILDS) {
  const results = resultsOf(readBuild(name));
  if (!process.argv.includes('--check')) {
    writeFileSync(join(HARDWARE, name, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    continue;
  }
  const old = parseResults(readText(`${name}/results.json`));
  const pairs = [
    [old, results],
    ...old.counterExamples.map((run, i) => [run, results.counterExamples[i]!]),
  ] as const;
  const wrong = pairs.flatMap(([was, is]) => [
    ...(was!.deck === is!.deck ? [] : ['the deck']),
    ...differing(was!.measured, is!.measured),
  ]);
  process.stdout.write(`${name}: ${wrong.length ? `differs in ${wrong.join(', ')}` : 'as checked in'}\n`);
  if (wrong.length) process.exitCode = 1;
}
