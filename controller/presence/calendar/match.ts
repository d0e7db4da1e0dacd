/** Which events of a calendar a rule is about. Pure. */

const PATTERN = /^\/(.+)\/([a-z]*)$/s;
const FLAGS = /^[imsu]*$/;

/**
 * Whether any of the texts of an event (summary, categories, location) contains `match`, in small or capital letters, or
 * matches it where it is written as `/pattern/flags`. Null: every event. Throws a `SyntaxError` for a pattern that is none.
 */
export function matcherOf(match: string | null): (texts: readonly string[]) => boolean {
  if (match === null) return () => true;
  const [, pattern, flags] = PATTERN.exec(match) ?? [];
  if (pattern === undefined) {
    const wanted = folded(match);
    return (texts) => texts.some((text) => folded(text).includes(wanted));
  }
  if (!FLAGS.test(flags!))
    throw new SyntaxError(`a pattern may have the flags i, m, s and u, not \`${flags}\``);
  const regexp = new RegExp(pattern, flags);
  return (texts) => texts.some((text) => regexp.test(text));
}

/** What is wrong with the `match` of a rule, null when nothing is. */
export function matchProblem(match: string): string | null {
  try {
    matcherOf(match);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
