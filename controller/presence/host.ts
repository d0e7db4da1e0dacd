/**
 * Phones and computers of this network: whoever answers a TCP connection, also by refusing it, is there. Nothing is ever sent.
 */
import type { Truth } from '../policy/facts.ts';
import type { Network, Outcome } from './network.ts';
import type { Asked, FactSource, SourceContext } from './source.ts';

/** All in ms. */
const HOST = { period: 15_000, answer: 3_000, slack: 2_000 } as const;
const MOST_AT_ONCE = 8;
const MOST_ADDRESSES = 4;

/** What the end of a connection attempt says of the other side: null where it says something of our own network only. */
function presenceOf(outcome: Outcome): { readonly value: Truth; readonly detail: string } {
  switch (outcome) {
    case 'connected':
      return { value: true, detail: 'answers' };
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return { value: true, detail: 'answers by refusing' };
    case 'timeout':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return { value: false, detail: 'does not answer' };
    default:
      return { value: null, detail: `cannot be asked (${outcome})` };
  }
}

export function hostSource(
  asked: Asked<'host'>,
  network: Network,
  { tell, now, after }: Pick<SourceContext, 'tell' | 'now' | 'after'>,
): FactSource {
  const stopping = new AbortController();
  const { signal } = stopping;
  const timers = new Set<() => void>();
  // Looking up a name occupies a thread that writing to disk needs as well.
  const lookUp = turns(1);
  const knock = turns(MOST_AT_ONCE);

  const addressesOf = async (address: string): Promise<readonly string[] | Outcome> => {
    if (network.isAddress(address)) return [address];
    return lookUp(async () => (signal.aborted ? 'stopped' : network.lookUp(address)));
  };

  /** Tells what one round found out; nothing when the machine slept meanwhile, for then nobody knows when that was. */
  const ask = async ({ fact, source: { address, port } }: Asked<'host'>[number]) => {
    const found = await addressesOf(address);
    if (signal.aborted) return;
    if (typeof found === 'string') return tell(fact, null, now().counted, `its name is not known (${found})`);
    let told: { value: Truth; detail: string } = { value: null, detail: 'its name is not known' };
    let at = now().counted;
    for (const each of found.slice(0, MOST_ADDRESSES)) {
      const { begun, outcome } = await knock(async () => ({
        begun: now().counted,
        outcome: await network.connect(each, port, HOST.answer, signal),
      }));
      if (signal.aborted || now().counted - begun > HOST.answer + HOST.slack) return;
      const answer = presenceOf(outcome);
      // One address that answers is enough; one that does not says more than one that cannot be asked.
      if (told.value === null || answer.value === true) told = answer;
      at = begun;
      if (told.value === true) break;
    }
    tell(fact, told.value, at, told.detail);
  };

  const watch = (one: Asked<'host'>[number]) => {
    void ask(one).finally(() => {
      if (signal.aborted) return;
      const cancel = after(HOST.period, () => {
        timers.delete(cancel);
        watch(one);
      });
      timers.add(cancel);
    });
  };

  return {
    start() {
      for (const one of asked) watch(one);
    },
    stop() {
      stopping.abort();
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}

/** Runs at most so many at once, the others in turn. */
function turns(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
