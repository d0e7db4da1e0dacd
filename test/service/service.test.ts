import { describe, expect, test } from '@jest/globals';
import type { Machine, Ran } from '../../controller/service/machine.ts';
import type { MachineFacts } from '../../controller/service/plan.ts';
import {
  install,
  remove,
  requireSystemd,
  type ServiceOptions,
  state,
} from '../../controller/service/service.ts';

const UNIT = '/etc/systemd/system/earlid.service';
const facts: MachineFacts = {
  kind: 'system',
  role: 'daemon',
  node: '/usr/bin/node',
  script: '/opt/earlid/dist/controller/cli/main.js',
  config: '/etc/earlid/earlid.yaml',
  home: '/var/lib/earlid',
  user: 'root',
  ports: [],
  groups: ['dialout'],
  member: [],
  modemManager: false,
  linger: false,
  network: false,
  manyGates: false,
  files: [],
};

/** Files in memory and a systemctl that always does as it is told. */
class PaperMachine implements Machine {
  readonly files = new Map<string, string>([['/run/systemd/system', '']]);
  readonly ran: string[] = [];
  answer: (line: string) => Partial<Ran> = () => ({});
  show =
    'ActiveState=active\nSubState=running\nUnitFileState=enabled\nActiveEnterTimestamp=@1795298400\nNRestarts=2\nMainPID=4242\n';

  async run(program: string, args: readonly string[]): Promise<Ran> {
    const line = [program, ...args].join(' ');
    if (!args.includes('show')) this.ran.push(line);
    return { code: 0, out: args.includes('show') ? this.show : '', err: '', ...this.answer(line) };
  }
  read = async (path: string) => this.files.get(path) ?? null;
  write = async (path: string, text: string) => void this.files.set(path, text);
  remove = async (path: string) => void this.files.delete(path);
  exists = async (path: string) => this.files.has(path);
}

const options = (machine: Machine, change: Partial<ServiceOptions> = {}): ServiceOptions => ({
  machine,
  kind: 'system',
  role: 'daemon',
  unit: UNIT,
  uid: 0,
  again: 'sudo earlid service install',
  daemon: async () => 4242,
  sleep: async () => {},
  ...change,
});

describe('installing', () => {
  test('writes, enables and starts; once more writes nothing and starts anew', async () => {
    const machine = new PaperMachine();
    const first = await install(options(machine), facts);
    expect(first.wrote).toEqual(['/etc/sysusers.d/earlid.conf', UNIT]);
    expect(machine.ran).toEqual([
      'systemd-sysusers /etc/sysusers.d/earlid.conf',
      'systemctl daemon-reload',
      'systemctl enable earlid.service',
      'systemctl restart earlid.service',
    ]);
    expect(first.state).toEqual({
      enabled: true,
      running: true,
      active: 'active',
      pid: 4242,
      since: 1795298400_000,
      restarts: 2,
    });
    const second = await install(options(machine), facts);
    expect(second.wrote).toEqual([]);
    expect(machine.ran.at(-1)).toBe('systemctl restart earlid.service');
  });

  test('a bridge answers nobody: it runs when it still does after a while', async () => {
    const machine = new PaperMachine();
    const bridge = { role: 'bridge', unit: '/etc/systemd/system/earlid-bridge.service' } as const;
    const nobody = async () => null;
    const asked = { ...facts, role: 'bridge', config: '/etc/earlid/bridge.yaml' } as const;
    const first = await install(options(machine, { ...bridge, daemon: nobody }), asked);
    expect(first.state.running).toBe(true);
    expect(machine.ran.at(-1)).toBe('systemctl restart earlid-bridge.service');
    // One that ends at once is started again and again.
    let pid = 0;
    machine.answer = (line) =>
      line.includes('show') ? { out: machine.show.replace('4242', String(++pid)) } : {};
    const failing = await install(options(machine, { ...bridge, daemon: nobody }), asked);
    expect(failing.state.running).toBe(false);
    machine.answer = () => ({});
    expect(await remove(options(machine, bridge))).toEqual([
      bridge.unit,
      '/etc/sysusers.d/earlid-bridge.conf',
    ]);
  });

  test('a unit of somebody else is neither overwritten nor removed', async () => {
    const machine = new PaperMachine();
    machine.files.set(UNIT, '[Service]\nExecStart=/bin/true\n');
    await expect(install(options(machine), facts)).rejects.toMatchObject({ code: 'service-foreign' });
    await expect(remove(options(machine))).rejects.toMatchObject({ code: 'service-foreign' });
    expect(machine.files.get(UNIT)).toContain('/bin/true');
    expect([...machine.files.keys()]).toEqual(['/run/systemd/system', UNIT]);
    expect(machine.ran).toEqual([]);
  });

  test('places that will not last or cannot be seen are refused before anything is written', async () => {
    const machine = new PaperMachine();
    const passing = '/home/anna/.npm/_npx/1234/node_modules/earlid/dist/controller/cli/main.js';
    await expect(install(options(machine), { ...facts, script: passing })).rejects.toMatchObject({
      code: 'service-place',
    });
    await expect(
      install(options(machine), { ...facts, config: '/home/anna/earlid.yaml' }),
    ).rejects.toMatchObject({
      view: {
        hint: expect.stringContaining(
          'sudo install -D -m 644 /home/anna/earlid.yaml /etc/earlid/earlid.yaml',
        ),
      },
    });
    const password = '/home/anna/mqtt-password';
    await expect(
      install(options(machine), { ...facts, files: ['/etc/earlid/ca.pem', password] }),
    ).rejects.toMatchObject({ code: 'service-place', view: { message: expect.stringContaining(password) } });
    expect(machine.files.size).toBe(1);
  });

  test.each(['config', 'home', 'script', 'node'] as const)(
    '%s cannot smuggle a line into the unit',
    async (key) => {
      const machine = new PaperMachine();
      const path = '/srv/a\nExecStartPre=+/srv/evil/earlid.yaml';
      await expect(install(options(machine), { ...facts, [key]: path })).rejects.toMatchObject({
        code: 'service-place',
      });
      expect([...machine.files.values()].join('\n')).not.toMatch(/^ExecStartPre/m);
    },
  );

  test('a service that does not stay is told with its last words', async () => {
    const machine = new PaperMachine();
    machine.show =
      'ActiveState=activating\nSubState=auto-restart\nUnitFileState=enabled\nActiveEnterTimestamp=\nNRestarts=3\n';
    machine.answer = (line) => (line.startsWith('journalctl') ? { out: 'earlid: something is wrong\n' } : {});
    const told = await install(options(machine), facts);
    expect(told.state).toMatchObject({ running: false, active: 'activating', since: null });
    expect(told.log).toEqual(['earlid: something is wrong']);
  });

  test('a daemon that somebody else started is not taken for the service', async () => {
    const machine = new PaperMachine();
    const told = await install(options(machine, { daemon: async () => 99 }), facts);
    expect(told.state.running).toBe(false);
  });

  test('what systemctl says is told, with the next step where a user has no systemd of its own', async () => {
    const machine = new PaperMachine();
    machine.answer = () => ({ code: 1, err: 'Failed to connect to bus: No medium found\n' });
    await expect(
      install(options(machine, { kind: 'user', unit: '/u' }), { ...facts, kind: 'user' }),
    ).rejects.toMatchObject({
      view: {
        code: 'service-failed',
        message: '`systemctl --user daemon-reload` failed: Failed to connect to bus: No medium found',
        hint: expect.stringContaining('not through sudo or su'),
      },
    });
  });
});

describe('removing', () => {
  test('stops first, then deletes what was installed and nothing else', async () => {
    const machine = new PaperMachine();
    await install(options(machine), facts);
    machine.files.set('/etc/udev/rules.d/60-earlid.rules', 'somebody else’s');
    machine.ran.length = 0;
    expect(await remove(options(machine))).toEqual([UNIT, '/etc/sysusers.d/earlid.conf']);
    expect(machine.ran).toEqual(['systemctl disable --now earlid.service', 'systemctl daemon-reload']);
    expect([...machine.files.keys()]).toEqual(['/run/systemd/system', '/etc/udev/rules.d/60-earlid.rules']);
    expect(await remove(options(machine))).toEqual([]);
    expect(await state(options(machine))).toBeNull();
  });

  test('what cannot be stopped is not deleted', async () => {
    const machine = new PaperMachine();
    await install(options(machine), facts);
    machine.answer = (line) => (line.includes('disable') ? { code: 1, err: 'Access denied' } : {});
    await expect(remove(options(machine))).rejects.toMatchObject({ code: 'service-failed' });
    expect(machine.files.has(UNIT)).toBe(true);
  });
});

test('without systemd, and for the machine’s service without root, the next step is told', async () => {
  const machine = new PaperMachine();
  await expect(requireSystemd(options(machine, { uid: 1000 }))).rejects.toMatchObject({
    view: { code: 'service-needs-root', hint: expect.stringContaining('`sudo earlid service install`') },
  });
  await requireSystemd(options(machine, { uid: 1000, kind: 'user' }));
  machine.files.clear();
  await expect(requireSystemd(options(machine))).rejects.toMatchObject({ code: 'no-systemd' });
});
