/** Figures of the firmware, measured on the emulated board. */
import { readFileSync } from 'node:fs';
import type { MessageOf } from '../../../schemas/protocol.ts';
import { sizesPath } from '../images.ts';
import { BYTE_MS, CONTROLLER, Rig } from '../rig.ts';
import { keyedFigures } from './keyed.ts';
import type { Figure } from './sample.ts';

const RUNS = 100;
/** Steps the phase between the board's millisecond and what happens, so that every relation of the two occurs. */
const phase = (run: number): number => 20 + ((run * 37.137) % 11);

function live(): Rig {
  const rig = new Rig({ bounceMs: 0 });
  rig.hello();
  rig.board.runFor(300);
  return rig;
}

function reopened(rig: Rig, run: number): void {
  rig.board.runFor(2500);
  rig.goLive(30_000);
  rig.board.runFor(phase(run));
}

function offAfter(rig: Rig, act: () => void): number {
  const from = rig.board.timeMs;
  act();
  rig.board.runUntil(() => rig.board.level('actuator') === 0, 50, 0.05);
  return rig.edges('actuator', 0).at(-1)! - from;
}

function buttonToOff(): Figure {
  const rig = live();
  const samples = Array.from({ length: RUNS }, (_, run) => {
    reopened(rig, run);
    return offAfter(rig, () => rig.board.press(60));
  });
  return { name: 'button edge → actuator off, while live', unit: 'ms', samples, limit: 1 };
}

function muteToOff(): Figure {
  const rig = live();
  const samples = Array.from({ length: RUNS }, (_, run) => {
    reopened(rig, run);
    const frame = rig.frame({ type: 'mute', seq: run + 1, reason: 'cli' });
    return offAfter(rig, () => rig.board.send(frame)) / (frame.length * BYTE_MS);
  });
  return { name: 'mute frame → actuator off', unit: '× wire time', samples, limit: 1.2 };
}

function allowToOn(): Figure {
  const rig = live();
  const samples = Array.from({ length: RUNS }, (_, run) => {
    rig.tell({ type: 'mute', seq: run + 1, reason: 'cli' });
    rig.board.runFor(100 + phase(run));
    const frame = rig.frame(rig.allow({ liveMs: 9000 }));
    const from = rig.board.timeMs;
    rig.board.send(frame);
    rig.board.runUntil(() => rig.board.level('actuator') === 1, 50, 0.05);
    return (rig.edges('actuator', 1).at(-1)! - from) / (frame.length * BYTE_MS);
  });
  return { name: 'allow frame → actuator on', unit: '× wire time', samples, limit: 1.2 };
}

function leaseEnd(): Figure {
  const rig = live();
  const samples = Array.from({ length: RUNS }, (_, run) => {
    rig.board.runFor(150 + phase(run));
    rig.tell({ type: 'hello', controller: CONTROLLER });
    rig.tell({ type: 'stored', boot: rig.last('state')!.boot, event: rig.newest() });
    const allow = rig.allow({ liveMs: 100 + run * 13 }) as MessageOf<'allow'>;
    const opened = rig.events().length;
    rig.tell(allow);
    rig.board.runUntil(() => rig.board.level('actuator') === 0, 3000, 0.5);
    rig.board.runFor(20);
    const event = rig
      .events()
      .slice(opened)
      .find(({ kind }) => kind === 'live')!;
    const lasted = rig.edges('actuator', 0).at(-1)! - rig.edges('actuator', 1).at(-1)!;
    return Math.abs(lasted - (allow.liveUntil - event.uptime));
  });
  return { name: 'lease end, error', unit: 'ms', samples, limit: 2 };
}

function resetToOff(): Figure {
  const rig = live();
  const samples = Array.from({ length: 20 }, () => {
    rig.board.reset();
    rig.board.runUntil(() => !rig.board.running, 10, 0.05);
    rig.board.runUntil(() => rig.board.running, 200, 0.001);
    const from = rig.board.cycles;
    rig.board.runUntil(() => rig.board.pin(7) === 0, 1, 0.0001);
    const us = (rig.board.cycles - from) / 16;
    rig.board.runFor(100);
    return us;
  });
  return { name: 'reset vector → actuator driven off', unit: 'µs', samples, limit: 100 };
}

function sizes(): Figure[] {
  return readFileSync(sizesPath(), 'utf8')
    .trim()
    .split('\n')
    .flatMap((row) => {
      const [product, flash, ram] = row.split(/\s+/) as [string, string, string];
      return [
        { name: `${product}: flash`, unit: 'bytes', samples: [Number(flash)], limit: 20_480 },
        { name: `${product}: static RAM`, unit: 'bytes', samples: [Number(ram)], limit: 1_400 },
      ];
    });
}

function awake(): Figure {
  const rig = live();
  rig.board.runFor(1000);
  const [cycles, slept] = [rig.board.cycles, rig.board.sleptCycles];
  rig.board.runFor(10_000);
  const share = 1 - (rig.board.sleptCycles - slept) / (rig.board.cycles - cycles);
  return { name: 'awake while idle', unit: '%', samples: [share * 100], limit: null };
}

export function firmwareFigures(): Figure[] {
  return [
    buttonToOff(),
    leaseEnd(),
    resetToOff(),
    muteToOff(),
    allowToOn(),
    awake(),
    ...keyedFigures(),
    ...sizes(),
  ];
}
