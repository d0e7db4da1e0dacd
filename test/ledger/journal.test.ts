import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GateEvent } from '../../controller/gate/gate.ts';
import { Journal, type JournalOptions } from '../../controller/ledger/journal.ts';

let folder: string;
let file: string;
let problems: (string | null)[];
let damaged: number;
const open: Journal[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlid-'));
  file = join(folder, 'events.jsonl');
  problems = [];
  damaged = 0;
});
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.stop();
  rmSync(folder, { recursive: true });
});

async function journal(change: Partial<JournalOptions> = {}): Promise<Journal> {
  const made = new Journal({
    file,
    onProblem: (error) =>
      problems.push(error === null ? null : ((error as NodeJS.ErrnoException).code ?? 'error')),
    onDamage: (lines) => {
      damaged = lines;
    },
    retryMs: 1,
    ...change,
  });
  open.push(made);
  await made.start();
  return made;
}

const event = (seq: number, change: Partial<GateEvent> = {}): GateEvent => ({
  gate: 'kitchen',
  boot: 1,
  seq,
  kind: 'live',
  reason: 'button',
  detail: 90_000,
  uptimeMs: seq * 1_000,
  at: 1_700_000_000_000 + seq,
  atErrorMs: 5,
  ...change,
});
const lines = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });

describe('the journal', () => {
  test('keeps events over a restart, owner only', async () => {
    const first = await journal();
    await first.append([event(1), event(2, { gate: 'hall', gapBefore: true })]);
    await first.stop();
    const second = await journal();
    expect(second.newest('kitchen')).toEqual(event(1));
    expect(second.newest('hall')).toEqual(event(2, { gate: 'hall', gapBefore: true }));
    expect(second.newest('attic')).toBeNull();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('writes an event once, however often it comes', async () => {
    const kept = await journal();
    await Promise.all([kept.append([event(1)]), kept.append([event(1), event(2)])]);
    await kept.append([event(2, { repeated: true })]);
    await kept.stop();
    await (await journal()).append([event(1), event(2)]);
    expect(lines()).toHaveLength(2);
  });

  test('takes an event of another board with the same number for another event', async () => {
    const kept = await journal();
    await kept.append([event(1), event(1, { uptimeMs: 77 })]);
    expect(lines()).toHaveLength(2);
  });

  test('S9: says stored only after the write, and goes on trying while the disk is full', async () => {
    let failures = 3;
    const kept = await journal({
      write: async (handle, text, position) => {
        if (failures-- > 0) {
          await handle.write(text.slice(0, 10), position);
          throw full;
        }
        await handle.truncate(position);
        await handle.write(text, position);
      },
    });
    const stored = kept.append([event(1)]);
    const later = kept.append([event(2)]);
    expect(await kept.recent({ limit: 10 })).toEqual([event(1), event(2)]);
    await Promise.all([stored, later]);
    expect(problems).toEqual(['ENOSPC', null]);
    expect(lines().map((line) => JSON.parse(line).seq)).toEqual([1, 2]);
  });

  test('S9: a torn last line is repaired and its event taken again', async () => {
    const first = await journal();
    await first.append([event(1)]);
    await first.stop();
    for (let cut = 1; cut < JSON.stringify(event(2)).length; cut += 17) {
      appendFileSync(file, JSON.stringify(event(2)).slice(0, cut));
      const kept = await journal();
      expect(kept.newest('kitchen')).toEqual(event(1));
      await kept.append([event(2, { uptimeMs: cut })]);
      await kept.stop();
      expect(damaged).toBe(0);
      expect(() => lines().map((line) => JSON.parse(line))).not.toThrow();
      writeFileSync(file, `${JSON.stringify(event(1))}\n`);
    }
  });

  test('leaves out what it cannot read, says how much, and never overwrites it', async () => {
    writeFileSync(
      file,
      `${JSON.stringify(event(1))}\nnonsense\n${'x'.repeat(200_000)}\n\u0000\n${JSON.stringify(event(2))}\n`,
    );
    const kept = await journal();
    expect(damaged).toBe(3);
    await kept.append([event(3)]);
    expect((await kept.recent({ limit: 10 })).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(readFileSync(file, 'utf8')).toContain('nonsense');
  });

  test.each([
    { at: 1e300 },
    { at: -1 },
    { at: 8.64e15 + 1 },
    { at: 1.5 },
    { atErrorMs: -1 },
    { seq: 1e300 },
    { uptimeMs: 1e300 },
  ])('S10: leaves out a line with an impossible number: %j', async (change) => {
    writeFileSync(file, `${JSON.stringify(event(1))}\n${JSON.stringify(event(2, change))}\n`);
    const kept = await journal();
    expect(damaged).toBe(1);
    expect(kept.newest('kitchen')).toEqual(event(1));
    expect(await kept.recent({ limit: 10 })).toEqual([event(1)]);
  });

  test('S9: what follows a line that cannot be read has a gap before it, whichever gate it was of', async () => {
    const hall = (seq: number) => event(seq, { gate: 'hall' });
    const texts = [event(1), hall(1), 'nonsense', event(2), event(3), hall(2)].map((line) =>
      typeof line === 'string' ? line : JSON.stringify(line),
    );
    writeFileSync(file, `${texts.join('\n')}\n`);
    const kept = await journal();
    const gaps = (events: GateEvent[]) =>
      events.map(({ gate, seq, gapBefore }) => `${gate} ${seq}${gapBefore ? ' gap' : ''}`);
    expect(gaps(await kept.recent({ limit: 10 }))).toEqual([
      'kitchen 1',
      'hall 1',
      'kitchen 2 gap',
      'kitchen 3',
      'hall 2 gap',
    ]);
    expect(gaps(await kept.recent({ gate: 'hall', limit: 10 }))).toEqual(['hall 1', 'hall 2 gap']);
  });

  test('reads the newest ones of a large file, of one gate if asked', async () => {
    const kept = await journal();
    const many = Array.from({ length: 3_000 }, (_, i) =>
      event((i >> 1) + 1, { gate: i % 2 ? 'hall' : 'kitchen' }),
    );
    await kept.append(many);
    expect(await kept.recent({ limit: 5 })).toEqual(many.slice(-5));
    expect(await kept.recent({ gate: 'hall', limit: 1_200 })).toEqual(
      many.filter(({ gate }) => gate === 'hall').slice(-1_200),
    );
  });

  test('refuses more than it can hold while nothing can be written', async () => {
    const kept = await journal({
      write: async () => {
        throw full;
      },
    });
    const many = Array.from({ length: 6_000 }, (_, i) => event(i + 1));
    await expect(kept.append(many)).rejects.toThrow('too many');
  });
});
