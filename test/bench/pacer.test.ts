import { expect, test } from '@jest/globals';
import { Board } from '../../controller/bench/board.ts';
import { boardLink } from '../../controller/bench/board-link.ts';
import { Pacer, type PacerClock } from '../../controller/bench/pacer.ts';
import { encodeFrame } from '../../schemas/codec.ts';

/** A clock that the test moves. */
class HandClock implements PacerClock {
  time = 5_000;
  wakes = 0;
  #timers: { at: number; run: () => void }[] = [];
  now(): number {
    return this.time;
  }
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      this.wakes++;
      next.run();
    }
    this.time = end;
  }
  get waiting(): number {
    return this.#timers.length;
  }
}

function paced() {
  const board = new Board({ product: 'uno-relay' });
  const clock = new HandClock();
  const pacer = new Pacer(board, clock);
  pacer.start();
  return { board, clock, pacer };
}

test('a paced board keeps the time of the wall, with few wakes while nothing happens', () => {
  const { board, clock } = paced();
  clock.pass(3_000);
  expect(Math.abs(board.timeMs - 3_000)).toBeLessThan(20);
  clock.wakes = 0;
  clock.pass(600);
  expect(clock.wakes).toBeLessThan(60);
  expect(clock.waiting).toBe(1);
});

test('what is done to it happens at the present, and its answer comes soon', () => {
  const { board, clock } = paced();
  clock.pass(1_503);
  board.send(encodeFrame({ type: 'hello', controller: 1 }, 0));
  expect(Math.abs(board.timeMs - 1_503)).toBeLessThan(1);
  let answered = 0;
  board.onBytes(() => {
    answered ||= clock.time;
  });
  clock.pass(20);
  // 13 bytes on the wire take 1.1 ms.
  expect(answered - 6_503).toBeLessThan(5);
});

test('a process that stood still catches up in parts: a real board loses no time by that', () => {
  const { board, clock } = paced();
  clock.pass(1_000);
  clock.time += 1_500;
  let longest = 0;
  for (let before = board.timeMs, i = 0; i < 100; i++) {
    clock.pass(2);
    longest = Math.max(longest, board.timeMs - before);
    before = board.timeMs;
  }
  expect(Math.abs(board.timeMs - 2_700)).toBeLessThan(20);
  expect(longest).toBeLessThan(210);
});

test('time that the machine slept is left out', () => {
  const { board, clock } = paced();
  clock.pass(1_000);
  clock.time += 3_600_000;
  clock.pass(1_000);
  expect(Math.abs(board.timeMs - 2_000)).toBeLessThan(30);
});

test('a stopped board stands still and goes on from there', () => {
  const { board, clock, pacer } = paced();
  clock.pass(500);
  pacer.stop();
  const stopped = board.timeMs;
  clock.pass(500);
  expect([board.timeMs, clock.waiting]).toEqual([stopped, 0]);
  pacer.start();
  clock.pass(100);
  expect(Math.abs(board.timeMs - stopped - 100)).toBeLessThan(20);
});

test('a link in memory carries bytes both ways, one connection at a time', async () => {
  const board = new Board({ product: 'uno-relay' });
  const link = boardLink(board);
  board.runFor(500);
  const connection = await link.open();
  await expect(link.open()).rejects.toThrow('port-busy');
  connection.sink(encodeFrame({ type: 'hello', controller: 1 }, 0));
  board.runFor(20);
  const reader = connection.source[Symbol.asyncIterator]();
  const { value } = await reader.next();
  expect((value as Uint8Array)[0]).toBe(0xf0);
  expect((value as Uint8Array).length).toBeGreaterThan(20);
  const starts = board.starts;
  await connection.close();
  await (await boardLink(board, { resetOnOpen: true }).open()).close();
  board.runFor(100);
  expect(board.starts).toBe(starts + 1);
});
