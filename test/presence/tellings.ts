/** What sources tell, with instants counted from where the virtual clock began. */
import type { Truth } from '../../controller/policy/facts.ts';
import type { SourceContext } from '../../controller/presence/source.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import type { VirtualClock } from '../gate/virtual-clock.ts';

interface Tellings extends SourceContext {
  readonly told: [fact: string, value: Truth, at: number, detail: string][];
  readonly lines: string[];
  /** By the name of what is wrong. */
  readonly problems: Map<string, ErrorView>;
}

export function tellings(clock: VirtualClock): Tellings {
  const begin = clock.now();
  const told: [string, Truth, number, string][] = [];
  const lines: string[] = [];
  const problems = new Map<string, ErrorView>();
  const line = (text: string) => void lines.push(text);
  return {
    told,
    lines,
    problems,
    tell: (fact, value, at, detail) => void told.push([fact, value, at - begin, detail]),
    now: () => ({ wall: clock.utc(), counted: clock.now() }),
    after: (ms, run) => clock.after(ms, run),
    log: { info: line, warn: line },
    onProblem: (what, problem) => void (problem ? problems.set(what, problem) : problems.delete(what)),
  };
}

/** Ways to wait for what is told to the tellings of the moment, by the real clock. */
export function waiting(tellings: () => Tellings) {
  const until = async (condition: () => boolean): Promise<void> => {
    const end = Date.now() + 10_000;
    while (!condition()) {
      const { told, lines, problems } = tellings();
      if (Date.now() > end) throw new Error(`not in time: ${JSON.stringify([told, lines, [...problems]])}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    until,
    /** A connection stands, or this many have stood. */
    isUp: (times = 1) =>
      until(() => tellings().lines.filter((line) => line.startsWith('connected')).length >= times),
    /** There is a problem with this code whose message says this. */
    problem: (code: string, message = '') =>
      until(() =>
        [...tellings().problems.values()].some(
          (view) => view.code === code && view.message.includes(message),
        ),
      ),
  };
}
