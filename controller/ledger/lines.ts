/** Lines of a file in both directions, with bounded memory whatever the file holds. */
import type { FileHandle } from 'node:fs/promises';

const BLOCK = 64 * 1024;
/** A longer line is no record of ours: it is given out empty. */
const MAX_LINE = 8 * 1024;
const NEWLINE = 0x0a;

/** A line, the position after it, and whether a newline ends it. */
export interface Line {
  readonly text: string;
  readonly end: number;
  readonly complete: boolean;
}

/** Every line from the start; the last one may be incomplete. */
export async function* linesForwards(handle: FileHandle): AsyncGenerator<Line> {
  const block = Buffer.alloc(BLOCK);
  let rest = Buffer.alloc(0);
  let tooLong = false;
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(block, 0, BLOCK, position);
    if (bytesRead === 0) break;
    let from = 0;
    for (let i = block.indexOf(NEWLINE); i >= 0 && i < bytesRead; i = block.indexOf(NEWLINE, from)) {
      const text = tooLong ? '' : Buffer.concat([rest, block.subarray(from, i)]).toString('utf8');
      yield { text, end: position + i + 1, complete: true };
      rest = Buffer.alloc(0);
      tooLong = false;
      from = i + 1;
    }
    tooLong ||= rest.length + bytesRead - from > MAX_LINE;
    rest = tooLong ? Buffer.alloc(0) : Buffer.concat([rest, block.subarray(from, bytesRead)]);
    position += bytesRead;
  }
  if (rest.length > 0 || tooLong) yield { text: rest.toString('utf8'), end: position, complete: false };
}

/** Every complete line before `end`, newest first. */
export async function* linesBackwards(handle: FileHandle, end: number): AsyncGenerator<string> {
  let tail = Buffer.alloc(0);
  let tooLong = false;
  for (let position = end; position > 0; ) {
    const length = Math.min(BLOCK, position);
    const block = Buffer.alloc(length);
    const { bytesRead } = await handle.read(block, 0, length, position - length);
    position -= length;
    let to = bytesRead;
    for (
      let i = block.lastIndexOf(NEWLINE, to - 1);
      i >= 0 && to > 0;
      i = block.lastIndexOf(NEWLINE, to - 1)
    ) {
      const line = Buffer.concat([block.subarray(i + 1, to), tail]);
      if (line.length > 0 && !tooLong) yield line.toString('utf8');
      tail = Buffer.alloc(0);
      tooLong = false;
      to = i;
    }
    tooLong ||= to + tail.length > MAX_LINE;
    tail = tooLong ? Buffer.alloc(0) : Buffer.concat([block.subarray(0, to), tail]);
  }
  if (tail.length > 0) yield tail.toString('utf8');
}
