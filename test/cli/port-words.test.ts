import { describe, expect, test } from '@jest/globals';
import { flashedLines, stepWords } from '../../controller/cli/flash-words.ts';
import type { PortView } from '../../controller/cli/port-views.ts';
import { answerWords } from '../../controller/cli/port-words.ts';

const board = {
  product: 'uno-relay',
  firmware: '0.1.0',
  schema: 1,
  gateId: 'kitchen',
  boot: 3,
  reset: 'power-on',
  brownOut: '2.7V',
  bootloader: true,
  keyed: false,
} as const;

describe('what answers at a port', () => {
  test.each<[PortView['answer'], string]>([
    [
      { kind: 'earlid', board, state: null as never, resetOnOpen: null },
      'Earlid firmware 0.1.0, uno-relay, id kitchen',
    ],
    [{ kind: 'daemon', board: null }, 'not heard yet'],
    [
      { kind: 'other-version', version: 9 },
      'Earlid firmware with guard protocol 9, which this version does not speak: `earlid flash` brings it up to date',
    ],
    [
      { kind: 'firmata', name: 'StandardFirmata.ino 2.5' },
      'StandardFirmata.ino 2.5, which cannot keep a gate muted: `earlid flash --product …` replaces it',
    ],
    [{ kind: 'garbage', sample: 'temp 21' }, 'something else answers (“temp 21”)'],
    [{ kind: 'garbage', sample: '' }, 'something else answers'],
    [{ kind: 'silent' }, 'nothing answers: no program for it, no power, or a cable without data lines'],
    [{ kind: 'missing', detail: '' }, 'nothing is plugged in here'],
    [{ kind: 'held' }, 'in use'],
    [{ kind: 'busy', detail: 'held by process 7 (screen)' }, 'in use: held by process 7 (screen)'],
    [
      { kind: 'forbidden', detail: 'it belongs to group dialout' },
      'not allowed: it belongs to group dialout; `sudo usermod -aG dialout $USER`, then log in again',
    ],
    [{ kind: 'failed', detail: 'so it is' }, 'could not be opened: so it is'],
    [{ kind: 'not-asked' }, 'not asked'],
  ])('%j', (answer, words) => {
    expect(answerWords(answer)).toBe(words);
  });
});

describe('what a flash did', () => {
  const view = {
    gate: 'kitchen',
    port: '/dev/a',
    ok: true,
    product: 'uno-relay',
    skipped: false,
    mutedBy: 'off',
    before: { kind: 'silent' },
    after: board,
  } as const;

  test('what proved the mute, what was there, what is there', () => {
    expect(flashedLines(view)).toEqual([
      'kitchen: its contact was off; nothing senses what the speaker hears',
      '  was  nothing answers',
      '  now  Earlid firmware 0.1.0, uno-relay, id kitchen, written, read back and answering',
    ]);
  });

  test('through a programmer alone there is nobody to shake hands with', () => {
    const lines = flashedLines({ ...view, gate: null, port: null, before: null, after: null });
    expect(lines).toEqual([
      'board: written and read back',
      '  now  uno-relay; plug it in over USB and see `earlid ports`',
    ]);
  });

  test('steps', () => {
    expect(stepWords({ doing: 'writing', percent: 42 })).toBe('writing 42 %');
    expect(stepWords({ doing: 'asking' })).toBe('asking what is there');
  });
});
