/** docs/first-evening.md on a board that can be flashed, with the real avrdude. `.ci/run` gives it $EARLID_SIMAVR. */
import { realpathSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import type { GateView } from '../../schemas/api.ts';
import { until } from '../e2e/system/household.ts';
import { describeEmulated, type SimBoard, Workshop } from '../simavr/sim-board.ts';
import { Evening } from './page.ts';

/** What the person does when the wiring check or a setting asks for it. */
const HANDS: readonly (readonly [asked: RegExp, line: string])[] = [
  [/Take all power from the gate|Pull the USB cable/, 'unplug'],
  [/Plug the gate in again/, 'plug'],
  [/Press the button of/, 'press 200'],
];
const EVENING_MS = 600_000;
/** Whether the network keeps the clock depends on the computer, and with it how many things there are to look at. */
const CLOCK = / {2}\w+ +clock .*\n(?: +-> .*timedatectl.*\n)?|, \d things? to look at/g;

describeEmulated('the first evening', () => {
  const workshop = new Workshop();
  const evening = new Evening();
  afterAll(async () => {
    await evening.end();
    await workshop.end();
  });

  const gate = async (): Promise<GateView | undefined> => {
    try {
      return (JSON.parse(await evening.type('npx earlid status --json')) as GateView[])[0];
    } catch {
      return undefined;
    }
  };
  const reaches = (test: (view: GateView) => boolean) =>
    until(async () => {
      const view = await gate();
      return view !== undefined && test(view);
    }, 60_000);
  const isKnown = ({ link, reason }: GateView) =>
    link === 'up' && reason.code !== 'connecting' && reason.code !== 'moving';

  test(
    'is as docs/first-evening.md prints it, from the bag of parts to the sense',
    async () => {
      let board!: SimBoard;
      const stands: Record<string, string> = {
        '/home/anna/.local/state/earlid': `${evening.folder}/state`,
        '/home/anna/earlid': evening.folder,
      };
      const followed = await evening.follow('docs/first-evening.md', {
        stands,
        background: /^npx earlid start/,
        async hands(what) {
          if (what === 'press') {
            board.line('press 200');
            return reaches(({ state }) => state === 'live');
          }
          board = await workshop.board('Arduino_Uno_5573', { sense: true });
          stands['/dev/serial/by-id/usb-Arduino_Uno_5573'] = board.path;
          stands['/dev/ttyACM0'] = realpathSync(board.path);
        },
        before: (command) => (command === 'npx earlid status' ? reaches(isKnown) : Promise.resolve()),
        onPrinted(text) {
          for (const [asked, line] of HANDS) if (asked.test(text)) setTimeout(() => board.line(line), 500);
        },
      });
      expect(followed.length).toBeGreaterThan(12);
      const transcript = (which: 'printed' | 'came') =>
        followed
          .map((each) => `$ ${each.command}\n${each[which]}`)
          .join('\n')
          .replaceAll(CLOCK, '');
      expect(transcript('came')).toBe(transcript('printed'));
    },
    EVENING_MS,
  );
});
