/** What is known of the wiring of a gate, for people. Pure. */
import type { WiringAnswer } from '../../schemas/api.ts';
import { clockTime } from './words.ts';

const SERVO = 'a servo without a sense counts as unknown all the same';

/** One line. */
export function wiringLine({ gate, wiring, product, sense }: WiringAnswer, now: number): string {
  if (!wiring) return `${gate}: wiring not verified; \`earlid verify ${gate}\` checks it`;
  const how = wiring.grade === 'passed' ? 'wiring verified' : 'wiring taken on your word';
  const note = product === 'uno-servo' && !sense ? `; ${SERVO}` : '';
  return `${gate}: ${how} (${clockTime(wiring.at, now)}, firmware ${wiring.firmware})${note}`;
}
