/** How bright the two LEDs are, from the registers of the timer that dims them. Pure. */

const COM_A_SHIFT = 6;
const COM_B_SHIFT = 4;
const TCCR2A = 0xb0;
const OCR2A = 0xb3;
const OCR2B = 0xb4;
const INVERTED = 3;

export type Led = 'red' | 'green';
/** Arduino pins: red on OC2B, green on OC2A. */
export const LED_PIN: Readonly<Record<Led, number>> = { red: 3, green: 11 };

/** Brightness from 0 (dark) to 1; `driven` is what the pin drives, null while it floats. */
export function ledBrightness(led: Led, data: Uint8Array, driven: 0 | 1 | null): number {
  if (driven === null) return 0;
  const mode = (data[TCCR2A]! >> (led === 'green' ? COM_A_SHIFT : COM_B_SHIFT)) & 3;
  if (mode < 2) return driven;
  const level = data[led === 'green' ? OCR2A : OCR2B]!;
  return (mode === INVERTED ? 255 - level : level) / 255;
}
