/** One thing wrong with the configuration. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Key path such as `gates.kitchen.button`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
  readonly expected: string | null;
  readonly nearest: string | null;
}

/** One line for people: place, key, what is wrong. */
export function formatProblem({ file, line, column, key, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${key ? `${key}: ` : ''}${message}`;
}
