/** What others may do at the embedded broker. Pure, but for what it remembers. */

/** What a topic is for. `told`: only Earlid says something there. `command`: asked now or never, so it is not kept. `free`: whatever others use it for. */
export type TopicKind = 'told' | 'command' | 'free';
export type KindOf = (topic: string) => TopicKind;

/** So many filters may one client have. */
const MOST_FILTERS = 200;
/** So much of others is kept: topics, and bytes with their names. */
const MOST_KEPT = 500;
const MOST_BYTES = 1024 * 1024;

/** A broker speaks of itself there. */
const isOfBroker = (topic: string): boolean => topic.startsWith('$');

export const mayRead = (filter: string, filtersBefore: number): boolean =>
  !isOfBroker(filter) && filtersBefore < MOST_FILTERS;

/** Messages of others that are kept, as far as there is room. */
export class KeptOfOthers {
  readonly #bytes = new Map<string, number>();
  #sum = 0;

  /** Whether there is room for a message that is to be kept; then it counts. One without bytes ends what was kept. */
  take(topic: string, bytes: number): boolean {
    const before = this.#bytes.get(topic) ?? 0;
    const whole = bytes === 0 ? 0 : Buffer.byteLength(topic) + bytes;
    const count = this.#bytes.size + (before === 0 ? 1 : 0);
    if (whole > 0 && (count > MOST_KEPT || this.#sum - before + whole > MOST_BYTES)) return false;
    this.forget(topic);
    if (whole > 0) this.#bytes.set(topic, whole);
    this.#sum += whole;
    return true;
  }

  /** What was kept on this topic is no more, or has another owner. */
  forget(topic: string): void {
    this.#sum -= this.#bytes.get(topic) ?? 0;
    this.#bytes.delete(topic);
  }
}

/** What becomes of a message of others. `pass`: it is told, but not kept. A text says why it is told to nobody. */
export function fateOf(
  message: { readonly topic: string; readonly bytes: number; readonly retain: boolean },
  kindOf: KindOf,
  kept: KeptOfOthers,
): 'pass' | 'keep' | { readonly dropped: string } {
  const { topic, bytes, retain } = message;
  const kind = kindOf(topic);
  if (isOfBroker(topic) || kind === 'told') return { dropped: 'only Earlid says something there' };
  if (!retain || kind === 'command') return 'pass';
  return kept.take(topic, bytes) ? 'keep' : { dropped: 'there is no room to keep more' };
}
