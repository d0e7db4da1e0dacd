/** What strangers sent, for people to read. Pure. */

const MAX_DETAIL = 64;

/** What somebody else sent, short and harmless enough for a line on a terminal. */
export function shown(text: string): string {
  const plain = text.slice(0, 4 * MAX_DETAIL).replaceAll(/\p{C}/gu, '·');
  return plain.length > MAX_DETAIL ? `${plain.slice(0, MAX_DETAIL - 1)}…` : plain;
}
