/** The pins of a gate that its guard does not use, as people and as programs call them. */
import type { Product } from './protocol.ts';

/** Pins of an Uno or Nano that no product's guard uses, as people print them on boards. */
export const FREE_PINS = [4, 5, 6, 8, 9, 10, 12, 13, 'A1', 'A2', 'A3', 'A4', 'A5'] as const;
export type FreePin = (typeof FREE_PINS)[number];

/** The first analog pin: A0 is pin 14. */
export const ANALOG_FIRST = 14;

/** A1 to A5 are pins 15 to 19. */
export function pinNumber(pin: FreePin): number {
  return typeof pin === 'number' ? pin : ANALOG_FIRST + Number(pin.slice(1));
}

/** The name that is printed beside a pin: 5 is D5, 15 is A1. */
export function pinName(pin: number): string {
  return pin < ANALOG_FIRST ? `D${pin}` : `A${pin - ANALOG_FIRST}`;
}

const SERVO_SIGNAL = 9;
const TIMER_1_PINS: ReadonlySet<number> = new Set([9, 10]);

/** Numbers of the pins that are free on this product. */
export function freePinsOf(product: Product): readonly number[] {
  const free = FREE_PINS.map(pinNumber);
  return product === 'uno-servo' ? free.filter((pin) => pin !== SERVO_SIGNAL) : free;
}

/** The pin can be dimmed: its timer makes no servo pulses on this product. */
export function hasPwm(product: Product, pin: number): boolean {
  return product === 'uno-relay' && TIMER_1_PINS.has(pin);
}
