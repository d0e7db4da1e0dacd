/** Executes one instruction. */
export { avrInstruction as avrStep } from 'avr8js';
