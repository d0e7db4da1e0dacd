/** Extended fuse byte of an ATmega328P for each brown-out level. */
export const EXTENDED_FUSES = { off: 0xff, '1.8V': 0xfe, '2.7V': 0xfd, '4.3V': 0xfc } as const;
export type BrownOut = keyof typeof EXTENDED_FUSES;
