/** What answers at a port, in words. Pure. */
import type { PortView } from './ports.ts';

/** One line about what answers. */
export function answerWords(answer: PortView['answer']): string {
  switch (answer.kind) {
    case 'earlid':
      return boardWords(answer.board);
    case 'daemon':
      return answer.board ? boardWords(answer.board) : 'not heard yet';
    case 'other-version':
      return `Earlid firmware with guard protocol ${answer.version}, which this version does not speak: \`earlid flash\` brings it up to date`;
    case 'firmata':
      return `${answer.name}, which cannot keep a gate muted: \`earlid flash --product …\` replaces it`;
    case 'garbage':
      return `something else answers${answer.sample ? ` (“${answer.sample}”)` : ''}`;
    case 'silent':
      return 'nothing answers: no program for it, no power, or a cable without data lines';
    case 'missing':
      return 'nothing is plugged in here';
    case 'held':
      return 'in use';
    case 'busy':
      return `in use: ${answer.detail}`;
    case 'forbidden':
      return `not allowed: ${answer.detail}; \`sudo usermod -aG dialout $USER\`, then log in again`;
    case 'failed':
      return `could not be opened: ${answer.detail}`;
    case 'not-asked':
      return 'not asked';
    default:
      return answer satisfies never;
  }
}

/** Firmware, product and id of a board that runs Earlid. */
export function boardWords({
  firmware,
  product,
  gateId,
}: {
  readonly firmware: string;
  readonly product: string;
  readonly gateId: string;
}): string {
  return `Earlid firmware ${firmware}, ${product}${gateId ? `, id ${gateId}` : ''}`;
}
