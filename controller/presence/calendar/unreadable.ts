/** Why a text is no calendar, an event no event, or neither can be had, in words that follow `: `. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
