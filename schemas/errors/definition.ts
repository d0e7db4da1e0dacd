/** What an error is in the table. */

/** Exit codes of the command line (design section 9). */
export const EXIT = {
  done: 0,
  usage: 64,
  data: 65,
  noGate: 66,
  noDaemon: 69,
  internal: 70,
  unproven: 75,
  refused: 77,
  config: 78,
} as const;

/** `{name}` in a text stands for a detail of the case. */
export interface ErrorDefinition {
  readonly exit: number;
  readonly cause: string;
  readonly hint: string;
}
