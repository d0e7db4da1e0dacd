/** What is told of a flash, in words. Pure. */
import type { Step } from '../flash/flash.ts';
import type { FlashView } from './flash-boards.ts';
import { answerWords, boardWords } from './port-words.ts';

/** What is being done. */
export function stepWords(step: Step): string {
  switch (step.doing) {
    case 'asking':
      return 'asking what is there';
    case 'starting-again':
      return 'waiting for it to start';
    default:
      return `${step.doing} ${step.percent} %`;
  }
}

const MUTED = {
  sensed: 'muted, sensed',
  driven: 'muted, not sensed',
  off: 'its contact was off; nothing senses what the speaker hears',
  none: 'nothing proved that it was muted; its reset opens the contact',
} as const;

/** What became of one board. What went wrong is told as an error. */
export function flashedLines(view: FlashView): string[] {
  const name = view.gate ?? view.port ?? 'board';
  if (view.error) return [];
  if (view.skipped) return [`${name}: runs this version already`];
  const { before, after, product } = view;
  return [
    `${name}: ${view.port === null ? 'written and read back' : MUTED[view.mutedBy]}`,
    ...(before ? [`  was  ${answerWords(before, false)}`] : []),
    after
      ? `  now  ${boardWords(after)}, written, read back and answering`
      : `  now  ${product}; plug it in over USB and see \`earlid ports\``,
  ];
}
