/** The kitchen of section 7 of the design, in virtual time. */
import { Parlour } from './parlour.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Listens in the mornings when somebody is home; never at night, nor with guests. */
export const KITCHEN = `
listen:
  - { schedule: "Mo-Fr 07:00-08:30; Sa,Su 09:00-11:00", if: home }
never:
  - { if: guests }
  - { schedule: "22:00-07:00" }
`;
export const REST = `
presence:
  home: { input: kitchen.motion }
  guests: { manual: off }
  asleep: { input: kitchen.mat }
`;
const INPUTS = 'inputs: { motion: 4, mat: 5 }';
export const MOTION = 'input kitchen.motion';
export const MAT = 'input kitchen.mat';
export const GUESTS = 'manual guests';
/** On a Thursday. */
export const at = (time: string): string => `2026-11-26T${time}`;

export function kitchen(time: string, rules = KITCHEN, rest = REST): Parlour {
  const parlour = new Parlour({ kitchen: `${INPUTS}${rules}`, rest }, time);
  parlour.tell(GUESTS, false);
  return parlour;
}

/** Goes on saying what the inputs say, as a gate does every second. */
export function passHeard(parlour: Parlour, ms: number, facts: Readonly<Record<string, boolean>>): void {
  for (let left = ms; left > 0; left -= 30 * SECOND) {
    for (const [name, value] of Object.entries(facts)) parlour.tell(name, value);
    parlour.pass(Math.min(left, 30 * SECOND));
  }
  for (const [name, value] of Object.entries(facts)) parlour.tell(name, value);
}
