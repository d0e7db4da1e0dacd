import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runBenchLine } from '../../controller/bench/bench-commands.ts';
import { Board } from '../../controller/bench/board.ts';
import { type BenchOptions, runBench } from '../../controller/bench/run.ts';
import { serialLink } from '../../controller/link/serial.ts';
import { encodeFrame } from '../../schemas/codec.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A running bench in this process, with its ends in hand. */
function started(options: Partial<BenchOptions> = {}) {
  const stdin = new PassThrough();
  const pty = join(folder, 'gate');
  let end = () => {};
  let out = '';
  let err = '';
  const waiting: { pattern: RegExp; found: () => void }[] = [];
  const look = () => {
    for (const each of waiting.splice(0)) {
      if (each.pattern.test(out + err)) each.found();
      else waiting.push(each);
    }
  };
  const exit = runBench(
    { product: 'uno-relay', pty, ...options },
    {
      stdin,
      out: (text) => {
        out += text;
        look();
      },
      err: (text) => {
        err += text;
        look();
      },
      onEnd: (run) => {
        end = run;
        return () => {};
      },
    },
  );
  const says = (pattern: RegExp) =>
    new Promise<void>((found) => {
      waiting.push({ pattern, found });
      look();
    });
  return { pty, stdin, exit, says, end: () => end(), err: () => err };
}

const pseudoTerminals = process.platform === 'win32' ? describe.skip : describe;

pseudoTerminals('earlid bench run', () => {
  test('is a device path that comes and goes, takes lines, and keeps EEPROM and trace', async () => {
    const eeprom = join(folder, 'eeprom');
    const trace = join(folder, 'trace');
    const bench = started({ eeprom, trace, clockPpm: 1000 });
    await bench.says(/^ready .*gate\n/);
    const first = await serialLink(bench.pty)();
    const reader = first.source[Symbol.asyncIterator]();
    // Bytes come when the gate has started; the path may have been opened in the middle of a frame.
    expect((await reader.next()).value!.length).toBeGreaterThan(0);
    bench.stdin.write('dance\npress 50\npress soon\nclose\n');
    await bench.says(/unknown line 'dance'.*'press soon'/s);
    // Taking the path away hangs up whoever has it open.
    await expect(drain(first.source)).rejects.toThrow(/hung up/);
    bench.stdin.write('open\n');
    await bench.says(/ready .*ready /s);
    const second = await serialLink(bench.pty)();
    second.sink(encodeFrame({ type: 'hello', controller: 1 }, 0));
    // It may join in the middle of a frame.
    for await (const bytes of second.source) if (bytes.includes(0xf0)) break;
    await second.close();
    bench.end();
    expect(await bench.exit).toBe(0);
    expect(() => statSync(bench.pty)).toThrow();
    const stored = readFileSync(eeprom);
    expect([stored.length, stored[0x08]]).toEqual([1024, 0x5a]);
    const edges = readFileSync(trace, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(Object.keys(edges[0]!)).toEqual(['tUs', 'signal', 'level']);
  });

  test.each([
    ['a path that is something else', () => ({ pty: join(folder, 'file') }), 'exists and is not a link'],
    ['an EEPROM of another size', () => ({ eeprom: join(folder, 'file') }), 'has 5 bytes'],
    ['an image that is none', () => ({ image: join(folder, 'file') }), 'not a record'],
  ])('refuses %s', async (_, options, problem) => {
    writeFileSync(join(folder, 'file'), 'hello');
    await expect(started(options()).exit).rejects.toMatchObject({
      exit: 65,
      message: expect.stringContaining(problem),
    });
  });
});

async function drain(source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of source);
}

describe('lines', () => {
  const board = new Board({ product: 'uno-relay' });
  const acts: string[] = [];
  const path = { open: () => acts.push('open'), close: () => acts.push('close') };
  test.each([
    'press 100',
    'power off',
    'power on',
    'reset',
    'fault welded',
    'input motion 1',
    'clock -50',
    '',
    ' open ',
  ])('%j is carried out', (line) => {
    expect(runBenchLine(line, board, path)).toBeNull();
  });
  test.each([
    ['jump', "unknown line 'jump'; known are: press MS"],
    ['press', '1 word(s) expected'],
    ['press -1', 'MS is 1 to'],
    ['press 1 2', '1 word(s) expected'],
    ['power maybe', 'on or off'],
    ['fault jammed', 'a uno-relay has: none, welded, open, miswired'],
    ['input motion 2', '0 or 1'],
    ['input door 1', "no input 'door'"],
    ['clock fast', 'PPM is'],
    ['constructor', 'unknown line'],
  ])('%j is refused: %s', (line, problem) => {
    expect(runBenchLine(line, board, path)).toContain(problem);
  });
});
