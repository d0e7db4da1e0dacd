import { expect, test } from '@jest/globals';
import { Transit } from '../../controller/mqtt/transit.ts';

/** A connection whose broker answers when it is told to. */
function connection() {
  let at = 1_000;
  let due: { at: number; run: () => void } | null = null;
  const questions: number[] = [];
  const transit = new Transit({
    now: () => at,
    after: (ms, run) => {
      const next = { at: at + ms, run };
      due = next;
      return () => {
        if (due === next) due = null;
      };
    },
    ask: () => {
      questions.push(at);
      transit.asked();
    },
  });
  const look = () => {
    const { run } = due!;
    due = null;
    run();
  };
  const pass = (ms: number, answers = true) => {
    const end = at + ms;
    while (due && due.at <= end) {
      at = due.at;
      look();
      if (answers && questions.splice(0).length > 0) transit.answered();
    }
    at = end;
  };
  const sleep = (ms: number) => {
    at += ms;
    if (due) due.at = at;
  };
  transit.start();
  return { transit, pass, sleep, isIdle: () => due === null };
}

test('S7 what comes is no older than the newest question that was answered', () => {
  const { transit, pass } = connection();
  expect(transit.mostMs()).toBe(0);
  pass(2_000);
  expect(transit.mostMs()).toBe(2_000);
  pass(60_000);
  expect(transit.mostMs()).toBeLessThanOrEqual(3_000);
});

test('S7 while nothing is answered it may be as old as the last question that was', () => {
  const { transit, pass } = connection();
  pass(30_000);
  pass(20_000, false);
  expect(transit.mostMs()).toBeGreaterThanOrEqual(20_000);
  // The answer to the question that has waited since then says nothing of the time after it.
  transit.answered();
  expect(transit.mostMs()).toBeGreaterThanOrEqual(16_000);
});

test('S7 answers count in the order of their questions, and one that nobody asked for is none', () => {
  const { transit, pass } = connection();
  transit.answered();
  pass(2_900, false);
  transit.asked();
  pass(50, false);
  transit.asked();
  transit.answered();
  expect(transit.mostMs()).toBe(50);
  transit.answered();
  expect(transit.mostMs()).toBe(0);
});

test('S7 after a sleep others hand over what they had: only later answers say something', () => {
  const { transit, pass, sleep } = connection();
  pass(30_000);
  sleep(3_600_000);
  // Somebody else asks first.
  transit.asked();
  transit.answered();
  expect(transit.mostMs()).toBeGreaterThanOrEqual(3_600_000);
  pass(9_000);
  expect(transit.mostMs()).toBeGreaterThanOrEqual(3_600_000);
  pass(6_000);
  expect(transit.mostMs()).toBeLessThanOrEqual(3_000);
});

test('nothing is asked once it is over', () => {
  const { transit, isIdle } = connection();
  transit.stop();
  expect(isIdle()).toBe(true);
});
