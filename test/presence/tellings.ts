/** What sources tell, with instants counted from where the virtual clock began. */
import type { Truth } from '../../controller/policy/facts.ts';
import type { SourceContext } from '../../controller/presence/source.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import type { VirtualClock } from '../gate/virtual-clock.ts';

export function tellings(clock: VirtualClock): SourceContext & {
  readonly told: [fact: string, value: Truth, at: number, detail: string][];
  readonly lines: string[];
  /** By the name of what is wrong. */
  readonly problems: Map<string, ErrorView>;
} {
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
