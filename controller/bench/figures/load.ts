/** Figures of many gates: one controller and one mosquitto, with simulated gates of the host build behind it. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { CommandsAnswer, CommandView, StatusAnswer } from '../../../schemas/api.ts';
import { LoadedHouse } from './loaded-house.ts';
import type { Figure } from './sample.ts';

const SIZES = [10, 100, 1000];
const SETTLE_MS = 5_000;
const STEADY_SECONDS = 10;
const MUTES = 5;
/** What is promised for a thousand gates. */
const LAST_OPEN_MS = 1_000;
const PROVEN_MS = 20_000;
/** Requests at once. */
const TOGETHER = 50;

/** Of each size its figures; empty where no mosquitto is installed. `gates` is the program of the host build. */
export async function loadFigures(gates: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) {
    const house = await LoadedHouse.start(gates, size);
    if (!house) return [];
    try {
      figures.push(...(await figuresOf(house, size)));
    } finally {
      await house.stop();
    }
  }
  return figures;
}

async function figuresOf(house: LoadedHouse, size: number): Promise<Figure[]> {
  const figure = (name: string, unit: string, samples: readonly number[], limit: number | null = null) => ({
    name: `${size} gates: ${name}`,
    unit,
    samples,
    limit,
  });
  const allLive = [await house.whenAll(true)];
  await pause(SETTLE_MS);
  const edges = house.edges;
  const used = await house.use(STEADY_SECONDS);
  const lost = house.edges - edges;
  const mutes: number[] = [];
  const proofs: number[] = [];
  for (let i = 0; i < MUTES; i++) {
    const { openMs, provenMs } = await muteAll(house);
    mutes.push(openMs);
    proofs.push(provenMs);
    await resumeAll(house);
    await pause(SETTLE_MS);
  }
  return [
    figure('start of the controller → all live', 's', [allLive[0]! / 1000]),
    ...used.map(({ name, cpu }) => figure(`CPU of ${name}`, '%', [cpu])),
    ...used.map(({ name, megabytes }) => figure(`memory of ${name}`, 'MB', [megabytes])),
    figure('contacts that moved in these seconds', '', [lost], 0),
    figure('"mute everything" → last contact open', 'ms', mutes, LAST_OPEN_MS),
    figure('"mute everything" → all proven muted', 'ms', proofs),
  ];
}

/** From the request until the last contact is open, and until the controller has answered that every gate has shown it. */
async function muteAll(house: LoadedHouse): Promise<{ readonly openMs: number; readonly provenMs: number }> {
  const from = performance.now();
  const answered = house.client.post<CommandsAnswer>('/v1/mute', { timeoutMs: PROVEN_MS }, PROVEN_MS);
  const openMs = await house.whenAll(false);
  const { results } = await answered;
  const unproven = results.find(({ ok }) => !ok);
  if (unproven) throw new Error(`${unproven.gate} has not shown in ${PROVEN_MS} ms that it is muted`);
  return { openMs, provenMs: performance.now() - from };
}

async function resumeAll(house: LoadedHouse): Promise<void> {
  const { gates } = await house.client.get<StatusAnswer>('/v1/status');
  const left = gates.map(({ gate }) => gate);
  const resume = async (): Promise<void> => {
    for (let gate = left.pop(); gate; gate = left.pop())
      await house.client.post<CommandView>(`/v1/gates/${gate}/resume`, { timeoutMs: 0 }, 10_000);
  };
  await Promise.all(Array.from({ length: TOGETHER }, resume));
  await house.whenAll(true);
}
