/** The EEPROM of an emulated board in a file, so that it survives the process. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { BenchError } from './bench-error.ts';
import type { Board } from './board.ts';
import { EEPROM_BYTES } from './eeprom.ts';

/** A gate writes a few dozen bytes in a row; they go into the file together. */
const SETTLE_MS = 50;

/** The content of the file, null when there is none. Throws `BenchError` when it is not an EEPROM image. */
export function readEepromFile(path: string): Uint8Array | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new BenchError(
      'bench-data',
      `${path}: ${(error as Error).message}`,
      'Choose another --eeprom FILE.',
    );
  }
  if (bytes.length !== EEPROM_BYTES) {
    throw new BenchError(
      'bench-data',
      `${path} has ${bytes.length} bytes, an EEPROM has ${EEPROM_BYTES}`,
      'Remove the file for an erased EEPROM.',
    );
  }
  return bytes;
}

/** Keeps the file as the EEPROM is; whole at any time. Returns how to write what is left and stop. */
export function keepEepromFile(path: string, board: Board, onProblem: (text: string) => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const save = (): void => {
    timer = null;
    try {
      const next = `${path}.${process.pid}`;
      const file = openSync(next, 'w');
      writeSync(file, board.eeprom.bytes);
      fsyncSync(file);
      closeSync(file);
      renameSync(next, path);
    } catch (error) {
      onProblem(`cannot write ${path}: ${(error as Error).message}`);
    }
  };
  board.eeprom.onChange = () => {
    timer ??= setTimeout(save, SETTLE_MS);
  };
  return () => {
    board.eeprom.onChange = () => {};
    if (timer !== null) {
      clearTimeout(timer);
      save();
    }
  };
}
