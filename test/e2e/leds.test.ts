import { describe, expect, test } from '@jest/globals';
import { CONTROLLER, Rig } from '../../controller/bench/rig.ts';

/** Shares of a time span in which each LED was lit, from the trace, and how often red changed. */
function watch(rig: Rig, ms: number): { red: number; green: number; blinks: number; darkMs: number } {
  const from = rig.board.timeUs;
  const level = { red: rig.board.level('red'), green: rig.board.level('green') };
  const lit = { red: 0, green: 0 };
  let [blinks, dark, at] = [0, 0, from];
  const start = rig.board.trace.length;
  rig.board.runFor(ms);
  for (const edge of [
    ...rig.board.trace.slice(start),
    { tUs: rig.board.timeUs, signal: 'end', level: 0 } as const,
  ]) {
    for (const led of ['red', 'green'] as const) lit[led] += level[led] * (edge.tUs - at);
    if (!level.red && !level.green) dark += edge.tUs - at;
    at = edge.tUs;
    if (edge.signal === 'red' || edge.signal === 'green') level[edge.signal] = edge.level;
    if (edge.signal === 'red') blinks++;
  }
  const span = rig.board.timeUs - from;
  return { red: lit.red / span, green: lit.green / span, blinks, darkMs: dark / 1000 };
}

/** Keeps the controller heard. */
function greet(rig: Rig): void {
  rig.tell({ type: 'hello', controller: CONTROLLER });
}

describe('LEDs', () => {
  test('muted: red; live: green, never dark', () => {
    const rig = Rig.withSense();
    rig.board.runFor(500);
    greet(rig);
    expect(watch(rig, 2000)).toEqual({ red: 1, green: 0, blinks: 0, darkMs: 0 });
    rig.goLive(20_000);
    rig.board.runFor(50);
    expect(watch(rig, 10_000)).toMatchObject({ red: 0, green: 1 });
  });

  test('a lease about to end: green, and red blinks', () => {
    const rig = Rig.withSense();
    rig.goLive(4000);
    rig.board.runFor(1200);
    const ending = watch(rig, 2500);
    expect(ending.green).toBe(1);
    expect(ending.blinks).toBeGreaterThan(8);
  });

  test('a refused press: three quick blinks', () => {
    const rig = Rig.withSense();
    greet(rig);
    rig.board.press(100);
    rig.board.runFor(120);
    expect(watch(rig, 1000).blinks).toBeGreaterThanOrEqual(5);
  });

  test('locked: red with a short gap every second; silent controller: two gaps every two seconds', () => {
    const rig = Rig.withSense();
    rig.lockByHand();
    greet(rig);
    expect(watch(rig, 2048).blinks).toBe(4);
    const silent = Rig.withSense();
    silent.board.runFor(3500);
    const seen = watch(silent, 4096);
    expect(seen.blinks).toBe(8);
    expect(seen.red).toBeGreaterThan(0.8);
  });

  test('what the sense hears shows green and blinking red, whatever was commanded', () => {
    const rig = Rig.withSense();
    rig.board.fault('welded');
    rig.goLive(300);
    rig.next('state', (state) => state.fault === 'sense-live', 3000);
    rig.board.runFor(50);
    const seen = watch(rig, 2000);
    expect(seen.green).toBe(1);
    expect(seen.blinks).toBeGreaterThan(8);
  });

  test('while the speaker starts green is bright and dim in turn, never dark', () => {
    const rig = Rig.withSense();
    rig.tell(rig.allow({ liveMs: 20_000, flags: { night: false, starting: true } }));
    rig.next('state', (state) => state.phase === 'live');
    const seen: number[] = [];
    for (let i = 0; i < 40; i++) {
      rig.board.runFor(50);
      seen.push(rig.board.brightness('green'));
    }
    expect(Math.max(...seen)).toBe(1);
    expect(Math.min(...seen)).toBeGreaterThan(0);
    expect(Math.min(...seen)).toBeLessThan(0.2);
    expect(rig.board.brightness('red')).toBe(0);
    rig.tell(rig.allow({ liveMs: 20_000 }));
    rig.board.runFor(50);
    expect(watch(rig, 2000)).toMatchObject({ red: 0, green: 1 });
  });

  test('the night level dims, and green stays lit', () => {
    const rig = Rig.withSense();
    rig.configure('led_night', 20);
    rig.tell(rig.allow({ liveMs: 9000, flags: { night: true, starting: false } }));
    rig.board.runFor(100);
    expect(rig.board.brightness('green')).toBeCloseTo(20 / 255, 1);
    expect(rig.board.brightness('green')).toBeGreaterThan(0);
    rig.tell(rig.allow({ liveMs: 9000 }));
    rig.board.runFor(100);
    expect(rig.board.brightness('green')).toBe(1);
  });
});
