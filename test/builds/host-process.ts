/** The host build's gates in virtual time (`firmware/hal/host/bench.c`): one process, asked and answered within one call. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LONGEST_ANSWER = 1 << 12;

/** Orders are kept until an answer is wanted. The process ends with this one. */
export class HostProcess {
  readonly #toGate: number;
  readonly #fromGate: number;
  readonly #buffer = Buffer.alloc(LONGEST_ANSWER);
  #orders: Buffer[] = [];
  #gates = 0;

  /** Throws `Error` when the program cannot be run. */
  constructor(path: string) {
    const folder = mkdtempSync(join(tmpdir(), 'earlid-host-'));
    const [down, up] = [join(folder, 'down'), join(folder, 'up')];
    execFileSync('mkfifo', [down, up]);
    // Opening one end of a pipe by its name waits for the other, unless there is one that has both.
    const both = [openSync(down, 'r+'), openSync(up, 'r+')];
    this.#toGate = openSync(down, 'w');
    this.#fromGate = openSync(up, 'r');
    const [stdin, stdout] = [openSync(down, 'r'), openSync(up, 'w')];
    const child = spawn(path, { stdio: [stdin, stdout, 'inherit'] });
    child.on('error', () => {});
    child.unref();
    for (const file of [...both, stdin, stdout]) closeSync(file);
    rmSync(folder, { recursive: true });
    if (child.pid === undefined) throw new Error(`${path} cannot be run`);
  }

  /** Makes a gate and returns its number. */
  make(): number {
    const number = this.#gates++;
    this.order('N', number);
    return number;
  }

  /** Queues an order: its letter, the gate, and what it needs. */
  order(letter: string, gate: number, ...rest: readonly Uint8Array[]): void {
    const head = Buffer.alloc(3);
    head.write(letter, 'latin1');
    head.writeUInt16LE(gate, 1);
    this.#orders.push(head, ...rest.map((bytes) => Buffer.from(bytes)));
  }

  /** Sends what is queued and reads the answer to its last order. Throws `Error` when the process has ended. */
  ask(): Buffer {
    const orders = Buffer.concat(this.#orders);
    this.#orders = [];
    for (let at = 0; at < orders.length; ) at += writeSync(this.#toGate, orders, at);
    const length = this.#read(2, 0).readUInt16LE();
    return this.#read(length, 0);
  }

  #read(length: number, from: number): Buffer {
    let at = from;
    while (at < length) {
      const count = readSync(this.#fromGate, this.#buffer, at, length - at, null);
      if (count === 0) throw new Error('the host build has ended; what it said stands above');
      at += count;
    }
    return this.#buffer.subarray(0, length);
  }
}
