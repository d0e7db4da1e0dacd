/** What policy would say over a period, as lines for people. Pure. */
import { formatDuration } from '../../schemas/duration.ts';
import type { ForecastAnswer } from '../../schemas/forecast.ts';
import { wallClock } from './wall.ts';

/** A line for each stretch, at most `most` of each gate, and how long each listens in all. */
export function simulationLines(
  gates: readonly ForecastAnswer[],
  zone: string,
  { most, until }: { readonly most: number; readonly until: number },
): string[] {
  const wall = wallClock(zone);
  const width = Math.max(...gates.map(({ gate }) => gate.length));
  const timelines = gates.flatMap(({ gate, stretches, until: end }) => {
    const shown = stretches.slice(0, most);
    const lengths = shown.map(({ from, until }) => length(Date.parse(until) - Date.parse(from)));
    const longest = Math.max(0, ...lengths.map((text) => text.length));
    const rest = stretches.length - shown.length;
    return [
      gate,
      ...shown.map(
        ({ from, verdict, reason }, i) =>
          `  ${wall(from)}  ${verdict.padEnd(6)}  ${lengths[i]!.padStart(longest)}  ${reason.text}`,
      ),
      ...(rest === 0 && Date.parse(end) < until
        ? [`  too much changes: not looked further than ${wall(end)}`]
        : []),
      ...(rest > 0 ? [`  and ${rest} more: \`--lines\` shows them, \`--json\` has all`] : []),
      '',
    ];
  });
  const totals = gates.map(({ gate, from, until: end, listeningMs }) => {
    const whole = Date.parse(end) - Date.parse(from);
    const share = ((listeningMs / whole) * 100).toFixed(1);
    return `${gate.padEnd(width)}  listens for ${length(listeningMs)} of ${length(whole)} (${share} %)`;
  });
  return [...timelines, ...totals];
}

const length = (ms: number): string => (ms === 0 ? '0s' : formatDuration(ms));
