import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../controller/config/file.ts';
import { configText, digestOf, readConfigBytes } from '../../controller/config/text.ts';
import type { ConfigSource } from '../../controller/daemon/config-follower.ts';
import type { ErrorView } from '../../schemas/errors.ts';
import { House } from '../cli/harness.ts';

let house: House;
let file = '';
beforeEach(() => {
  house = new House();
  file = join(house.folder, 'earlid.yaml');
});
afterEach(() => house.end());

const SITE = 'site: { timezone: Europe/Berlin, clock: trusted }\npresence: { guests: { manual: off } }\n';
const gates = (text: string) => `${SITE}gates:\n${text}`;
const TWO = gates('  kitchen: { link: { serial: /dev/k } }\n  bath: { link: { serial: /dev/b } }\n');

function source(where = file): ConfigSource {
  const parse = (bytes: Uint8Array) => parseConfig(configText(bytes, where), where, Date.now());
  return { file: where, digest: digestOf(readConfigBytes(where)), parse };
}

async function start(text: string, where = file): Promise<void> {
  writeFileSync(file, text);
  const from = source(where);
  await house.start(await from.parse(readConfigBytes(where)), undefined, { source: from });
}

const service = () => house.daemon!.service;
const names = () =>
  service()
    .status()
    .gates.map(({ gate }) => gate);
const problem = (): ErrorView | null => service().configuration().problem;
const state = (gate: string) =>
  service()
    .status()
    .gates.find((view) => view.gate === gate)!.state;

async function change(text: string): Promise<void> {
  writeFileSync(file, text);
  await service().reload();
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); ) {
    if (Date.now() > end) throw new Error(`not in time: ${house.log.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a file that changes is followed', () => {
  test('by itself: written in place, replaced, and through a link', async () => {
    const other = join(house.folder, 'elsewhere');
    mkdirSync(other);
    const target = join(other, 'real.yaml');
    writeFileSync(target, TWO);
    symlinkSync(target, file);
    await start(TWO);
    writeFileSync(file, TWO.replace('bath', 'hall'));
    await until(() => names().includes('hall'));
    writeFileSync(`${target}.new`, TWO);
    renameSync(`${target}.new`, target);
    await until(() => names().includes('bath'));
    unlinkSync(file);
    writeFileSync(file, TWO.replace('kitchen', 'attic'));
    await until(() => names().includes('attic'));
    writeFileSync(file, TWO);
    await until(() => names().includes('kitchen'));
  });

  test('other files of the folder are none of its business', async () => {
    await start(TWO);
    const { readAt } = service().configuration();
    writeFileSync(join(house.folder, 'other.txt'), 'x');
    writeFileSync(file, TWO);
    await service().reload();
    expect(service().configuration().readAt).toBe(readAt);
  });

  test('S4: a never rule that is added to a live gate mutes it at once, and ends its grant', async () => {
    await start(TWO);
    await service().command('kitchen', 'unmute', { timeoutMs: 1_000 });
    expect(state('kitchen')).toBe('live');
    await change(TWO.replace('/dev/k }', '/dev/k }, never: [ { schedule: 24/7 } ]'));
    expect(state('kitchen')).toBe('muted');
    expect(service().status().gates[0]).toMatchObject({ override: null, reason: { code: 'never-rule' } });
    await change(TWO);
    expect(state('kitchen')).toBe('muted');
  });

  test.each([
    ['whose source may not unmute any more', 'may_unmute: [button]'],
    ['that lasts longer than anybody may grant now', 'button: 1s }\ngrants: { max: 5m, default: 5m'],
  ])('S4: a grant %s does not outlive a restart', async (_, text) => {
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    await house.daemon!.stop();
    await start(TWO);
    expect(state('bath')).toBe('live');
    await house.daemon!.stop();
    await start(TWO.replace('/dev/b } }', `/dev/b }, ${text} }`));
    expect(state('bath')).toBe('muted');
    await house.daemon!.stop();
    await start(TWO);
    expect(state('bath')).toBe('muted');
  });

  test('a gate whose board is the same keeps its session and its lease; the others are not even told', async () => {
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    const bath = house.gate('bath');
    const kitchen = house.gate('kitchen');
    const calls = [...bath.calls];
    await change(
      TWO.replace('/dev/k }', '/dev/k }, button: 30s, listen: [ { schedule: 24/7 } ]').replace(
        'bath:',
        'hall: { link: { serial: /dev/h } }\n  bath:',
      ),
    );
    expect(names()).toEqual(['kitchen', 'hall', 'bath']);
    expect(house.gate('bath')).toBe(bath);
    expect(bath.calls).toEqual(calls);
    expect(house.gate('kitchen')).toBe(kitchen);
    expect(kitchen.wanted).toMatchObject({ listen: true, buttonMs: 30_000 });
    expect(house.gate('hall').calls).toContain('start');
  });

  test('a gate that is reached otherwise is muted and stopped first, and its grant does not come back', async () => {
    await start(TWO);
    await service().command('kitchen', 'unmute', { timeoutMs: 1_000 });
    await service().command('bath', 'mute', { timeoutMs: 1_000 });
    const [kitchen, bath] = [house.gate('kitchen'), house.gate('bath')];
    // The two boards were swapped.
    await change(gates('  kitchen: { link: { serial: /dev/b } }\n  bath: { link: { serial: /dev/k } }\n'));
    expect([kitchen.stopped, bath.stopped]).toEqual([true, true]);
    expect(kitchen.calls.at(-1)).toBe('mute now (stop)');
    expect(house.gate('kitchen')).not.toBe(kitchen);
    expect(
      service()
        .status()
        .gates.map(({ state, override }) => [state, override?.kind ?? null]),
    ).toEqual([
      ['muted', null],
      ['muted', 'hold'],
    ]);
  });

  test('a gate that is taken out is muted and stopped', async () => {
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    const bath = house.gate('bath');
    await change(gates('  kitchen: { link: { serial: /dev/k } }\n'));
    expect(names()).toEqual(['kitchen']);
    expect(bath.calls.at(-1)).toBe('mute now (stop)');
    expect((await house.earlid('status', 'bath')).code).toBe(66);
  });

  test('S4: a daemon that could not read its state holds gates that come later as well', async () => {
    writeFileSync(join(house.folder, 'overrides.json'), '{ not json');
    await start(TWO);
    await change(TWO.replace('bath', 'hall').replace('/dev/b }', '/dev/b }, listen: [ { schedule: 24/7 } ]'));
    expect(
      service()
        .status()
        .gates.map(({ gate, state, override }) => [gate, state, override?.source]),
    ).toEqual([
      ['kitchen', 'muted', 'daemon'],
      ['hall', 'muted', 'daemon'],
    ]);
  });

  test.each([
    ['whose source may not unmute any more', 'may_unmute: [button]'],
    ['that lasts longer than anybody may grant now', 'button: 1s }\ngrants: { max: 5m, default: 5m'],
  ])('a grant %s ends', async (_, text) => {
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    expect(state('bath')).toBe('live');
    await change(TWO.replace('/dev/b } }', `/dev/b }, ${text} }`));
    expect(problem()).toBeNull();
    expect(state('bath')).toBe('muted');
    expect(house.log.join('\n')).toContain('bath: the grant has ended: the configuration');
    await change(TWO);
    expect(state('bath')).toBe('muted');
  });
});

describe('the last good configuration stays', () => {
  test('while the file has a mistake: said in the status with its place, once in the log, until it is right', async () => {
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    const calls = [...house.gate('bath').calls];
    const good = service().configuration().digest;
    await change(TWO.replace('kitchen:', 'kitchen: { linc: 1 }\n  attic:'));
    await service().reload();
    expect(names()).toEqual(['kitchen', 'bath']);
    expect(service().configuration()).toMatchObject({ digest: good, problem: { code: 'config-kept' } });
    expect(house.gate('bath').calls).toEqual(calls);
    const { code, err } = await house.earlid('status');
    expect([code, err]).toEqual([
      0,
      `earlid: the daemon goes on with what ${file} said before: it has mistakes
  ${file}:4:3: gates.kitchen.link: is missing: expected exactly one of \`serial: PATH\`, \`mqtt: NAME\` and \`bench: uno-relay | uno-servo\`
  ${file}:4:14: gates.kitchen.linc: unknown key; did you mean \`link\`? (valid here: link, speaker, area, button, may_unmute, listen, never, button_alone, night, inputs, accessories, firmata)
  Put it right; it is followed at once then. \`earlid config check\` says what is wrong with it.
`,
    ]);
    expect(house.log.filter((line) => line.includes('goes on with'))).toHaveLength(1);
    await change(TWO);
    expect(problem()).toBeNull();
    expect((await house.earlid('status')).err).toBe('');
    expect(house.log.some((line) => line.includes('the configuration works again'))).toBe(true);
  });

  test('while the file cannot be read or is gone', async () => {
    await start(TWO);
    rmSync(file);
    await until(() => problem() !== null);
    expect(problem()!.message).toContain('there is no configuration');
    expect(names()).toEqual(['kitchen', 'bath']);
    writeFileSync(file, TWO.replace('bath', 'hall'));
    await until(() => problem() === null);
    expect(names()).toEqual(['kitchen', 'hall']);
    rmSync(file);
    mkdirSync(file);
    await service().reload();
    expect(problem()!.message).toContain('it is a folder');
    rmSync(file, { recursive: true });
  });

  test.each([
    ['a link to itself', (at: string) => symlinkSync(at, at), 'ELOOP'],
    ['a pipe that nobody writes into', (at: string) => execFileSync('mkfifo', [at]), 'not a regular file'],
    ['something endless', (at: string) => symlinkSync('/dev/zero', at), 'not a regular file'],
    ['10 MB', (at: string) => writeFileSync(at, ' '.repeat(10_000_000)), 'larger than'],
    ['no text', (at: string) => writeFileSync(at, Buffer.from([0xff, 0])), 'not UTF-8'],
  ])('S3: while the file is %s, and the daemon mutes as before', async (_, put, why) => {
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    rmSync(file);
    put(file);
    await until(() => problem()?.message.includes(why) === true);
    expect((await service().command('bath', 'mute', { timeoutMs: 1_000 })).ok).toBe(true);
    rmSync(file);
    writeFileSync(file, TWO.replace('bath', 'hall'));
    await until(() => names().includes('hall'));
    expect(problem()).toBeNull();
  });

  test('S4: a never rule counts also in a folder that took the place of the one before', async () => {
    const [folder, away] = [join(house.folder, 'etc'), join(house.folder, 'away')];
    file = join(folder, 'earlid.yaml');
    mkdirSync(folder);
    await start(TWO);
    await service().command('bath', 'unmute', { timeoutMs: 1_000 });
    renameSync(folder, away);
    mkdirSync(folder);
    writeFileSync(file, TWO.replace('kitchen', 'attic'));
    await until(() => names().includes('attic'));
    expect(state('bath')).toBe('live');
    writeFileSync(file, TWO.replace('/dev/b }', '/dev/b }, never: [ { schedule: 24/7 } ]'));
    await until(() => state('bath') === 'muted');
  });

  test('S1: a daemon that ends while it changes gates starts none', async () => {
    await start(TWO);
    const bath = house.gate('bath');
    writeFileSync(file, TWO.replace('/dev/b', '/dev/c').replace('kitchen', 'attic'));
    const reloading = service().reload();
    await house.daemon!.stop();
    await reloading;
    expect(bath.stopped).toBe(true);
    expect(house.gates.get('attic')?.calls ?? []).not.toContain('start');
    expect(house.gate('bath').calls.slice(-1)).toEqual(['mute now (stop)']);
    house.daemon = null;
  });
});

describe('a command that changes rules', () => {
  const earlid = (...args: string[]) => house.earlid('schedule', ...args);

  test('changes the file of the daemon, and waits until it goes by it', async () => {
    await start(TWO);
    const { code, out } = await earlid('set', 'kitchen', '24/7');
    expect([code, out]).toEqual([
      0,
      `kitchen: + listen 1: 24/7\n${file} is written\nthe daemon goes by it now\nkitchen  live, sensed       listen rule 1 (24/7) holds\n`,
    ]);
    const answer = (await earlid('never', 'kitchen', '24/7', '--if', 'guests', '--json')).json() as Record<
      string,
      unknown
    >;
    expect(answer).toMatchObject({ ok: true, written: true, daemon: 'follows', status: { gate: 'kitchen' } });
    expect((await earlid('add', 'bath', '07:00-08:00', '--dry-run', '--json')).json()).toMatchObject({
      written: false,
      daemon: null,
    });
  });

  test('tells when no daemon runs, or one with another file', async () => {
    writeFileSync(file, TWO);
    expect((await earlid('add', 'kitchen', '24/7')).out).toContain(
      'no daemon runs: it will count when one is started',
    );
    await start(TWO);
    const other = join(house.folder, 'other.yaml');
    writeFileSync(other, TWO);
    const { code, out } = await earlid('add', 'kitchen', '24/7', '--config', other);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`the running daemon goes by another file, ${file}`),
    ]);
    expect(names()).toEqual(['kitchen', 'bath']);
  });

  test('fails when the daemon does not follow', async () => {
    writeFileSync(file, TWO);
    const from = source();
    const parse = () => {
      throw new Error('not today');
    };
    await house.start(await from.parse(readConfigBytes(file)), undefined, { source: { ...from, parse } });
    const told = await earlid('add', 'kitchen', '24/7');
    expect([told.code, told.err]).toEqual([75, expect.stringContaining('the daemon does not follow it')]);
    expect((await earlid('add', 'bath', '24/7', '--json')).json()).toMatchObject({
      ok: false,
      written: true,
      daemon: 'late',
      error: { code: 'not-followed' },
    });
  });
});

describe('presence', () => {
  const listens = () => house.gate('kitchen').wanted!.listen;
  const codes = () =>
    service()
      .status()
      .problems.map(({ code }) => code);
  const rules = (listen: string, top = '') =>
    `presence: { guests: { manual: off }, awake: { manual: on } }\n${top}gates:\n  kitchen: { link: { serial: /dev/k }, listen: [${listen}], never: [{ if: guests }] }\n`;

  test('S4 what was set by hand stands under another configuration, and what is new is known at once', async () => {
    await start(rules('{ if: awake }'));
    await service().setPresence('guests', true, null);
    await change(rules('{ if: awake }, { if: guests }'));
    expect(listens()).toBe(false);
    await service().setPresence('guests', false, null);
    expect(listens()).toBe(true);
    await change(rules('{ if: awake }').replace('manual: on', 'manual: off'));
    expect(listens()).toBe(false);
  });

  test('a Home Assistant that is named no more is no problem any more', async () => {
    const named = 'homeassistant: { url: ws://127.0.0.1:1, token_file: none }\n';
    await start(rules('{ if: { homeassistant: person.anna, is: home } }', named));
    await until(() => codes().includes('homeassistant-file'));
    await change(rules('{ if: awake }'));
    expect(codes()).toEqual([]);
    expect(listens()).toBe(true);
  });

  test('a broker that is named no more is no problem any more', async () => {
    await start(rules('{ if: { mqtt: a, is: 1 } }', 'mqtt: { url: mqtt://127.0.0.1:1 }\n'));
    await until(() => codes().includes('mqtt-unreachable'));
    await change(rules('{ if: awake }'));
    expect(codes()).toEqual([]);
    expect(listens()).toBe(true);
  });
});
