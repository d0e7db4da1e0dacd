import { describe, expect, test } from '@jest/globals';
import { statusLines, terminalView } from '../../controller/cli/view.ts';
import {
  clockTime,
  commandLine,
  eventLines,
  gateLine,
  paint,
  stateWords,
} from '../../controller/cli/words.ts';
import { gateView as gate } from '../daemon/gate-view.ts';
import { House } from './harness.ts';

const NOW = new Date(2026, 0, 2, 12, 0, 0).getTime();

describe('in words', () => {
  test('the state is always told as a word, with what it is founded on', () => {
    expect(stateWords({ state: 'muted', evidence: 'sensed' })).toBe('muted, sensed');
    expect(stateWords({ state: 'muted', evidence: 'driven' })).toBe('muted, not sensed');
    expect(stateWords({ state: 'live', evidence: 'driven' })).toBe('live, not sensed');
    expect(stateWords({ state: 'unknown', evidence: 'none' })).toBe('unknown');
    expect(paint('live', 'live', true)).toContain('live');
    expect(paint('live', 'live', false)).toBe('live');
  });

  test('a time is told with its date only when that is another one', () => {
    expect(clockTime(new Date(NOW + 3_661_000).toISOString(), NOW)).toBe('13:01:01');
    expect(clockTime(new Date(NOW + 86_400_000).toISOString(), NOW)).toBe('2026-01-03 12:00:00');
  });

  test('every mute says when it ends', () => {
    const until = new Date(NOW + 7_200_000).toISOString();
    const muted = { gate: 'kitchen', ok: true, state: 'muted', evidence: 'sensed', refusedBy: null } as const;
    const held = (end: string | null) => ({
      ...muted,
      until: end,
      override: { kind: 'hold', until: end, source: 'cli' } as const,
    });
    expect(commandLine(held(null), NOW, false)).toBe(
      'kitchen: muted, sensed, until somebody resumes or unmutes it',
    );
    expect(commandLine(held(until), NOW, false)).toBe('kitchen: muted, sensed, until 14:00:00 (2h left)');
  });

  test('a gate is told in one line, a time to come with what is left of it', () => {
    const until = new Date(NOW + 90_000).toISOString();
    const reason = { code: 'grant', text: 'unmuted by the button', until };
    expect(gateLine(gate({ state: 'live', reason }), NOW, false, 8)).toBe(
      'kitchen   live, sensed       unmuted by the button, until 12:01:30 (1m30s left)',
    );
  });

  test('a rule may end before the verdict does: what is told is what changes then', () => {
    const until = new Date(NOW + 7_200_000).toISOString();
    const words = (code: string, text: string) =>
      gateLine(gate({ reason: { code, text, until } }), NOW, false, 7);
    expect(words('never-rule', 'never rule 2 (22:00-13:00) holds')).toMatch(
      /never rule 2 \(22:00-13:00\) holds; may listen from 14:00:00 \(in 2h\)$/,
    );
    expect(words('listen-rule', 'listen rule 1 (07:00-13:00) holds')).toMatch(
      /listen rule 1 \(07:00-13:00\) holds; muted from 14:00:00 \(in 2h\)$/,
    );
  });

  test('an event says how uncertain its time is, when that matters, and S9: what is lost before it', () => {
    const event = {
      gate: 'kitchen',
      boot: 1,
      seq: 2,
      kind: 'mute',
      cause: 'lease-end',
      at: new Date(NOW).toISOString(),
      atErrorMs: 2_500,
      uptimeMs: 5,
    };
    expect(eventLines(event, NOW, 7)).toEqual(['12:00:00 ±3s  kitchen  mute     its time was over']);
    expect(eventLines({ ...event, atErrorMs: 40, gapBefore: true }, NOW, 7)).toEqual([
      '12:00:00  kitchen  gap      what happened before this is not known',
      '12:00:00  kitchen  mute     its time was over',
    ]);
  });
});

describe('on a terminal', () => {
  test('lines are drawn anew in place, none wider than the terminal', async () => {
    const out: string[] = [];
    const house = new House();
    const io = {
      ...house.io(),
      out: { write: (text: string) => void out.push(text), isTTY: true, columns: 30, onLost: () => {} },
    };
    const view = terminalView(io);
    const answer = { at: '', gates: [gate()], problems: [] };
    const lines = statusLines(answer, NOW, true);
    view.draw(lines);
    view.draw(['two', 'lines']);
    view.draw(['one']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are left out of the count
    const plain = out[0]!.replace(/\u001b\[[0-9;]*m/g, '');
    expect(plain).toBe('kitchen  muted, sensed      n…\n');
    expect(out[0]).toContain('\u001b[0m');
    expect(out.slice(1)).toEqual(['\u001b[1A\r\u001b[Jtwo\nlines\n', '\u001b[2A\r\u001b[Jone\n']);
    await house.end();
  });
});
