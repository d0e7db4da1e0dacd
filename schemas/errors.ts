/**
 * Every error a person or a program can be shown: a stable code, the exit code of the command line, the cause and the
 * next step. `{name}` in a text stands for a detail of the case. `docs/errors.md` is generated from here.
 */
import { BOARD_ERRORS } from './errors/boards.ts';
import { COMMAND_ERRORS } from './errors/commands.ts';
import { CONFIGURATION_ERRORS } from './errors/configuration.ts';
import { type ErrorDefinition, EXIT } from './errors/definition.ts';
import { HOMEASSISTANT_ERRORS } from './errors/homeassistant.ts';
import { KEY_ERRORS } from './errors/keys.ts';
import { STATE_ERRORS } from './errors/state.ts';

export { EXIT } from './errors/definition.ts';

/** In the order of `docs/errors.md`. */
export const ERRORS = {
  ...COMMAND_ERRORS,
  ...BOARD_ERRORS,
  ...KEY_ERRORS,
  ...STATE_ERRORS,
  ...CONFIGURATION_ERRORS,
  ...HOMEASSISTANT_ERRORS,
} as const satisfies Readonly<Record<string, ErrorDefinition>>;

export type ErrorCode = keyof typeof ERRORS;

/** True for a code of the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** The exit code that belongs to a code somebody was shown. */
export function exitOf(code: string): number {
  return isErrorCode(code) ? ERRORS[code].exit : EXIT.internal;
}

/** Details that fill the templates; what a template names and the case lacks stays visible as `?`. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

const fill = (template: string, details: ErrorDetails): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));

/** What is shown of an error: one JSON shape for the API and `--json`. Further keys carry what a program may want. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly [extra: string]: unknown;
}

/** Cause and next step of `code` in words; a code that is not in the table is shown with its detail. */
export function describe(code: string, details: ErrorDetails = {}): ErrorView {
  if (!isErrorCode(code)) return { code, message: String(details.detail ?? code), hint: '' };
  const { cause, hint } = ERRORS[code];
  return { code, message: fill(cause, details), hint: fill(hint, details) };
}

/** An error of the table with its details; `extra` is added to what a program is shown. */
export class EarlidError extends Error {
  readonly code: ErrorCode;
  readonly exit: number;
  readonly view: ErrorView;
  constructor(code: ErrorCode, details: ErrorDetails = {}, extra: Readonly<Record<string, unknown>> = {}) {
    const { message, hint } = describe(code, details);
    super(message);
    this.name = 'EarlidError';
    this.code = code;
    this.exit = ERRORS[code].exit;
    this.view = { code, message, hint, ...extra };
  }
}
