/** Types of avr8js that its index does not export. */
import type { CPU } from 'avr8js';

export type { CPU };
export type AVRInterruptConfig = Parameters<CPU['setInterruptFlag']>[0];
