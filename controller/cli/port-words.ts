/** What answers at a port, in words. Pure. */
import type { PortView } from './port-views.ts';

/** One line about what answers; with the next step when `advise` is set. */
export function answerWords(answer: PortView['answer'], advise = true): string {
  return `${factOf(answer)}${(advise && ADVICE[answer.kind]) || ''}`;
}

const ADVICE: Partial<Record<PortView['answer']['kind'], string>> = {
  'other-version': ': `earlid flash` brings it up to date',
  firmata: ', which cannot keep a gate muted: `earlid flash --product …` replaces it',
  silent: ': no program for it, no power, or a cable without data lines',
  forbidden: '; `sudo usermod -aG dialout $USER`, then log in again',
};

function factOf(answer: PortView['answer']): string {
  switch (answer.kind) {
    case 'earlid':
      return boardWords(answer.board);
    case 'daemon':
      return answer.board ? boardWords(answer.board) : 'not heard yet';
    case 'other-version':
      return `Earlid firmware with guard protocol ${answer.version}, which this version does not speak`;
    case 'firmata':
      return answer.name;
    case 'garbage':
      return `something else answers${answer.sample ? ` (“${answer.sample}”)` : ''}`;
    case 'silent':
      return 'nothing answers';
    case 'missing':
      return 'nothing is plugged in here';
    case 'held':
      return 'in use';
    case 'busy':
      return `in use: ${answer.detail}`;
    case 'forbidden':
      return `not allowed: ${answer.detail}`;
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
