/** Keeps what the sources of facts told, for policy. */
import type { Fact, Facts, Truth } from '../policy/facts.ts';

/** Longest `after` or `linger` that is asked about, in ms; what is older says nothing any more. */
const WINDOW_MS = 24 * 3_600_000;
/** A source that flickers fast is remembered for a shorter time; before that it is unknown. */
const MOST_CHANGES = 512;

/** Facts that are asked about, each with the shortest time in ms that any condition believes it. */
export type Asked = ReadonlyMap<string, number>;

type Told = Fact['told'][number];

export class FactBook {
  #asked: Asked = new Map();
  readonly #facts = new Map<string, Fact>();
  #shown: Facts | null = null;
  readonly #listeners = new Set<(name: string) => void>();

  /** As they are now; what is told afterwards is not in there. */
  facts(): Facts {
    this.#shown ??= new Map(this.#facts);
    return this.#shown;
  }

  /** Which facts are asked about from now on; what is known of others is forgotten, and what they tell is not kept. */
  ask(asked: Asked): void {
    this.#asked = asked;
    this.#shown = null;
    for (const name of this.#facts.keys()) if (!asked.has(name)) this.#facts.delete(name);
  }

  /**
   * A source stands behind `value` at `at` (ms on the clock that counts suspend). Null says that the source itself does not
   * know; a source that has fallen silent tells nothing, and its value ages. `then` is what it will be by itself.
   */
  tell(name: string, value: Truth, at: number, detail: string, then?: Fact['then']): void {
    const maxAgeMs = this.#asked.get(name);
    if (maxAgeMs === undefined) return;
    const { told = [], seen = at, then: expected } = this.#facts.get(name) ?? {};
    // What comes late is the newest all the same: its source says so only now.
    const now = Math.max(at, seen);
    const news: Told[] = told.slice(
      Math.max(
        0,
        told.findLastIndex((each) => each.at <= now - WINDOW_MS),
      ),
    );
    if (expected && expected.at < now) note(news, expected.at, expected.value);
    // Nobody knows what it was while it was too old.
    if (now - seen > maxAgeMs) note(news, seen + maxAgeMs, null);
    note(news, now, value);
    this.#shown = null;
    this.#facts.set(name, { told: news.slice(-MOST_CHANGES), seen: now, detail, ...(then && { then }) });
    for (const listener of [...this.#listeners]) listener(name);
  }

  /** Called with the name of every fact that was told, also when it stays as it was; returns the way to stop. */
  onTold(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Adds a value to a history in which neighbours differ and no instant stands twice. */
function note(history: Told[], at: number, value: Truth): void {
  if (history.at(-1)?.at === at) history.pop();
  if (history.length === 0 || history.at(-1)!.value !== value) history.push({ at, value });
}
