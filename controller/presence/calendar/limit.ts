/** How large an ICS file may be. */
export const LIMIT_BYTES = 10 * 1024 * 1024;
export const LIMIT_TEXT = '10 MB';
