/** The id this controller says hello with: made once, so that a restarted daemon is not taken for a rival. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type WriteProblem, writeDurably, writeProblem } from './durable-file.ts';

/** The id kept in `folder`, or a new one; `problem` when a new one could not be kept. */
export async function controllerId(
  folder: string,
): Promise<{ readonly id: number; readonly problem: WriteProblem | null }> {
  const file = join(folder, 'controller-id');
  try {
    const text = readFileSync(file, 'latin1').trim();
    if (/^[0-9a-f]{8}$/.test(text)) return { id: Number.parseInt(text, 16), problem: null };
  } catch {
    // Not there yet, or not readable: a new one does no more harm than half a minute of `contested`.
  }
  const id = randomInt(1, 2 ** 32);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(file, `${id.toString(16).padStart(8, '0')}\n`);
    return { id, problem: null };
  } catch (error) {
    return { id, problem: writeProblem(error) };
  }
}
