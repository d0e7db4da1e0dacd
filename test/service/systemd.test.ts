/** The installed service under a real systemd; `.ci/run` asks for it with EARLID_SYSTEMD=1. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../controller/cli/free-port.ts';
import type { GateView } from '../../schemas/api.ts';
import { type BenchProcess, Household, until } from '../e2e/system/household.ts';
import { CLI, missingForSystemd, ThrowAwayMachine } from './throw-away-machine.ts';

const missing = process.env.EARLID_SYSTEMD ? missingForSystemd() : 'EARLID_SYSTEMD=1';
if (process.env.EARLID_SYSTEMD && missing)
  process.stderr.write(`\nNOT TESTED: the service under a real systemd, which needs ${missing} here\n\n`);

const CONFIG = '/etc/earlid/earlid.yaml';
const TTY = Number(/^tty:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1] ?? 5);

const configOf = (gate: string): string =>
  `gates:\n  ${gate}:\n    link: { serial: /srv/boards/${gate}.tty }\n`;

/** As udev does for a board: its group may open it. */
function openToGroup(path: string): void {
  const device = realpathSync(path);
  chownSync(device, 0, TTY);
  chmodSync(device, 0o660);
}

(missing ? describe.skip : describe)('the service of the machine, under a real systemd', () => {
  let home: Household;
  let machine: ThrowAwayMachine;
  let bench: BenchProcess;

  beforeAll(async () => {
    home = new Household();
    machine = new ThrowAwayMachine();
    bench = await home.bench('kitchen', '--lamp', 'onair=5');
    openToGroup(bench.path);
    chmodSync(home.folder, 0o755);
    await machine.boot(home.folder);
    const lamp = '    accessories: [{ led: 5, shows: live }]\n';
    const site = 'site: { timezone: UTC, clock: trusted }\n';
    writeFileSync(join(home.folder, 'earlid.yaml'), `${site}${configOf('kitchen')}${lamp}`);
    await machine.run('install', '-D', '-m', '644', '/srv/boards/earlid.yaml', CONFIG);
  }, 40_000);
  afterAll(async () => {
    await machine.end();
    await home.end();
  });

  const reaches = (state: GateView['state']): Promise<void> => {
    let told = '';
    return until(
      async () => {
        const { code, out, err } = await machine.earlid('status', '--json');
        told = out + err;
        return code === 0 && (JSON.parse(out) as GateView[])[0]!.state === state;
      },
      15_000,
      () => told,
    );
  };
  const live = async (): Promise<void> => {
    await reaches('muted');
    expect(await machine.earlid('unmute', 'kitchen', '--for', '5m')).toMatchObject({ code: 0 });
    expect(bench.level('contact')).toBe(1);
  };
  const property = async (name: string): Promise<string> =>
    (await machine.run('systemctl', 'show', '--value', `--property=${name}`, 'earlid')).out.trim();

  test('install: it runs under its own account, shut in, opens the port through its group, lights its lamp, and speaks to the journal', async () => {
    const installed = await machine.earlid('service', 'install', '--json');
    expect({ ...installed, out: JSON.parse(installed.out) }).toMatchObject({
      code: 0,
      out: { ok: true, kind: 'system', enabled: true, running: true, left: [] },
    });
    await live();
    await until(() => bench.level('lamp:onair') === 1, 10_000);
    const pid = await property('MainPID');
    expect((await machine.run('ps', '-o', 'user=', '-p', pid)).out.trim()).toBe('earlid');
    expect(await property('SupplementaryGroups')).toBe('tty');
    const log = (await machine.run('journalctl', '-u', 'earlid', '-o', 'json')).out.trim().split('\n');
    const entries = log.map((line) => JSON.parse(line) as { MESSAGE: string; PRIORITY: string });
    expect(entries.find(({ MESSAGE }) => MESSAGE.startsWith('runs on /var/lib/earlid'))?.PRIORITY).toBe('6');
    const { out } = await machine.run('systemd-analyze', 'security', '--no-pager', 'earlid');
    const [, exposure] = /Overall exposure level for earlid.service: ([\d.]+)/.exec(out)!;
    process.stdout.write(`exposure of the installed service, by systemd-analyze security: ${exposure}\n`);
    expect(Number(exposure)).toBeLessThan(1);
  }, 30_000);

  test('it survives kill -9: started again at once, it knows its grant, and a mute is proven', async () => {
    const before = await property('MainPID');
    await machine.run('kill', '-9', before);
    await until(async () => !['0', before].includes(await property('MainPID')), 10_000);
    expect(await property('NRestarts')).toBe('1');
    await reaches('live');
    expect(await machine.earlid('mute', 'kitchen')).toMatchObject({ code: 0 });
    expect(bench.level('contact')).toBe(0);
    expect(await machine.earlid('resume', 'kitchen')).toMatchObject({ code: 0 });
  }, 30_000);

  test('S4: shut in as it is, it follows its file at once, and looks at it when it is reloaded', async () => {
    await live();
    const never = await machine.earlid('schedule', 'never', 'kitchen', '24/7');
    expect([never.code, never.out]).toEqual([0, expect.stringContaining('the daemon goes by it now')]);
    await until(() => bench.level('contact') === 0, 2_000);
    expect((await machine.run('stat', '-c', '%U %G %a', CONFIG)).out.trim()).toBe('root root 644');
    expect(await machine.earlid('schedule', 'remove', 'kitchen', 'never', '1')).toMatchObject({ code: 0 });
    await machine.run('sed', '-i', '$a # by hand', CONFIG);
    await machine.run('systemctl', 'reload', 'earlid');
    let said = '';
    const isFollowed = async () => {
      said = (await machine.run('journalctl', '-u', 'earlid', '-o', 'cat')).out;
      const times = said.match(/goes by .* as it is now/g)?.length ?? 0;
      return said.includes('SIGHUP: looking at the configuration') && times >= 3;
    };
    await until(isFollowed, 5_000, () => said);
  }, 30_000);

  test('what root puts back of a backup is for the service, and for nobody else', async () => {
    expect(await machine.earlid('backup', '/root/earlid.backup', '--config', CONFIG)).toMatchObject({
      code: 0,
    });
    await machine.run('systemctl', 'stop', 'earlid');
    expect(
      await machine.earlid('restore', '/root/earlid.backup', '--config', CONFIG, '--replace'),
    ).toMatchObject({ code: 0 });
    const { out } = await machine.run('stat', '-c', '%U %a', '/var/lib/earlid/events.jsonl');
    expect(out.trim()).toBe('earlid 600');
    expect((await machine.run('stat', '-c', '%U %a', CONFIG)).out.trim()).toBe('root 644');
    await machine.run('systemctl', 'start', 'earlid');
    await reaches('muted');
  }, 30_000);

  test('S3: stopping the service mutes every live gate first, and so does removing it', async () => {
    await live();
    await machine.run('systemctl', 'stop', 'earlid');
    expect(bench.level('contact')).toBe(0);
    expect(await property('Result')).toBe('success');
    await machine.run('systemctl', 'start', 'earlid');
    await reaches('live');
    const removed = await machine.earlid('service', 'remove', '--json');
    expect(bench.level('contact')).toBe(0);
    expect(JSON.parse(removed.out)).toEqual({
      ok: true,
      kind: 'system',
      removed: ['/etc/systemd/system/earlid.service', '/etc/sysusers.d/earlid.conf'],
    });
    expect(JSON.parse((await machine.earlid('service', 'status', '--json')).out)).toMatchObject({
      installed: false,
      running: false,
    });
  }, 40_000);

  test('S3: a bridge offers its gate from its own account, and stopping it mutes', async () => {
    const port = await freePort(0);
    const conf = join(home.folder, 'mosquitto.conf');
    writeFileSync(conf, `user ${userInfo().username}\nlistener ${port} 127.0.0.1\nallow_anonymous true\n`);
    const broker = spawn('mosquitto', ['-c', conf], { stdio: 'ignore' });
    try {
      const mqtt = `mqtt: { url: "mqtt://127.0.0.1:${port}" }\n`;
      await home.pair('attic');
      const attic = await home.bench('attic');
      openToGroup(attic.path);
      writeFileSync(
        join(home.folder, 'bridge.yaml'),
        `${mqtt}gates: { attic: { link: { serial: /srv/boards/attic.tty } } }\n`,
      );
      await machine.run('install', '-D', '-m', '644', '/srv/boards/bridge.yaml', '/etc/earlid/bridge.yaml');
      const installed = await machine.earlid('service', 'install', '--bridge', '--json');
      expect({ ...installed, out: JSON.parse(installed.out) }).toMatchObject({
        code: 0,
        out: { ok: true, kind: 'system', enabled: true, running: true, left: [] },
      });
      const pid = (
        await machine.run('systemctl', 'show', '--value', '--property=MainPID', 'earlid-bridge')
      ).out.trim();
      expect((await machine.run('ps', '-o', 'user=', '-p', pid)).out.trim()).toBe('earlid');
      await home.daemon(`${mqtt}gates: { attic: { link: { mqtt: true } } }\n`);
      await home.reaches('attic', ({ state }) => state === 'muted', 20_000);
      expect(await home.earlid('unmute', 'attic', '--for', '5m')).toMatchObject({ code: 0 });
      expect(attic.level('contact')).toBe(1);
      await machine.run('systemctl', 'stop', 'earlid-bridge');
      expect(attic.level('contact')).toBe(0);
      await home.reaches('attic', ({ state }) => state === 'unknown');
      await machine.run('systemctl', 'start', 'earlid-bridge');
      await home.reaches('attic', ({ state }) => state === 'live', 20_000);
      const removed = await machine.earlid('service', 'remove', '--bridge', '--json');
      expect(JSON.parse(removed.out)).toMatchObject({ ok: true, kind: 'system' });
      expect(attic.level('contact')).toBe(0);
    } finally {
      broker.kill('SIGKILL');
    }
  }, 60_000);

  test('S3: the service of a user runs under that user’s own systemd, and stopping it mutes', async () => {
    const hall = await home.bench('hall');
    for (const act of [
      ['useradd', '--create-home', '--uid', '4711', '--groups', 'tty', 'anna'],
      ['loginctl', 'enable-linger', 'anna'],
      ['systemctl', 'start', 'user@4711'],
    ])
      expect(await machine.run(...act)).toMatchObject({ code: 0 });
    openToGroup(hall.path);
    writeFileSync(join(home.folder, 'anna.yaml'), configOf('hall'));
    const anna = (...args: string[]) =>
      machine.run(
        ...['setpriv', '--reuid=4711', '--regid=4711', '--init-groups'],
        ...['env', 'HOME=/home/anna', 'USER=anna', 'XDG_RUNTIME_DIR=/run/user/4711'],
        ...args,
      );
    const earlid = (...args: string[]) => anna(process.execPath, CLI, ...args);
    const installed = await earlid('service', 'install', '--config', '/srv/boards/anna.yaml');
    expect(installed).toMatchObject({ code: 0, err: '' });
    expect(installed.out).toContain('it runs, and starts at every boot');
    await until(async () => (await earlid('status')).out.includes('muted, sensed'), 10_000);
    expect(await earlid('unmute', 'hall', '--for', '5m')).toMatchObject({ code: 0 });
    expect(hall.level('contact')).toBe(1);
    const status = JSON.parse((await earlid('service', 'status', '--json')).out);
    expect(status).toMatchObject({ installed: true, kind: 'user', running: true, startsAtBoot: true });
    expect(await earlid('service', 'remove')).toMatchObject({ code: 0 });
    expect(hall.level('contact')).toBe(0);
  }, 40_000);
});
