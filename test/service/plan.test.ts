import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  type MachineFacts,
  type PortFacts,
  plannedFiles,
  portGroups,
  stepsLeft,
  udevRules,
  unitPath,
} from '../../controller/service/plan.ts';
import { MARKER } from '../../controller/service/unit.ts';

/** The golden file; EARLID_GOLDEN=1 writes it anew. */
function golden(name: string, content: string): void {
  const file = fileURLToPath(new URL(`./golden/${name}`, import.meta.url));
  if (process.env.EARLID_GOLDEN) writeFileSync(file, content);
  expect(content).toBe(readFileSync(file, 'utf8'));
}

const uno: PortFacts = {
  gate: 'kitchen',
  path: '/dev/serial/by-id/usb-Arduino_Uno_5573',
  present: true,
  group: 'dialout',
  device: 'ttyACM',
  usb: { vendor: '2341', product: '0043' },
};
const pi: MachineFacts = {
  kind: 'system',
  role: 'daemon',
  node: '/usr/bin/node',
  script: '/usr/lib/node_modules/earlid/dist/controller/cli/main.js',
  config: '/etc/earlid/earlid.yaml',
  home: '/var/lib/earlid',
  user: 'root',
  ports: [uno],
  groups: ['root', 'dialout', 'anna'],
  member: ['root'],
  modemManager: true,
  linger: false,
  network: false,
  manyGates: false,
  files: [],
};
const anna: MachineFacts = {
  ...pi,
  kind: 'user',
  config: '/home/anna/.config/earlid/earlid.yaml',
  home: '/home/anna/.local/state/earlid',
  user: 'anna',
  member: ['anna'],
};
const unitOf = (facts: MachineFacts): string =>
  plannedFiles(facts, unitPath(facts.kind, facts.role, '/c')).at(-1)!.content;

describe('what the service consists of', () => {
  test('a service of the machine: unit, account and udev rule', () => {
    const files = plannedFiles(pi, unitPath('system', 'daemon', '/c'));
    expect(files.map(({ path }) => path)).toEqual([
      '/etc/sysusers.d/earlid.conf',
      '/etc/udev/rules.d/60-earlid.rules',
      '/etc/systemd/system/earlid.service',
    ]);
    golden('system.service', files[2]!.content);
    golden('sysusers.conf', files[0]!.content);
    golden('udev.rules', files[1]!.content);
    for (const { content } of files) expect(content.startsWith(MARKER)).toBe(true);
  });

  test('a service of a user is its unit alone, and asks for nothing that needs a privilege', () => {
    const files = plannedFiles(anna, unitPath('user', 'daemon', '/home/anna/.config'));
    expect(files.map(({ path }) => path)).toEqual(['/home/anna/.config/systemd/user/earlid.service']);
    golden('user.service', files[0]!.content);
    expect(files[0]!.content).not.toMatch(/^(User|Protect|Private|Device|SupplementaryGroups)/m);
  });

  test('a bridge is a service of its own, as shut in, with the network and without state', () => {
    const bridge: MachineFacts = { ...pi, role: 'bridge', config: '/etc/earlid/bridge.yaml', network: true };
    const files = plannedFiles(bridge, unitPath('system', 'bridge', '/c'));
    expect(files.map(({ path }) => path)).toEqual([
      '/etc/sysusers.d/earlid-bridge.conf',
      '/etc/udev/rules.d/60-earlid-bridge.rules',
      '/etc/systemd/system/earlid-bridge.service',
    ]);
    const { content } = files[2]!;
    golden('bridge.service', content);
    const settings = (unit: string) =>
      unit.split('\n').filter((line) => /^(Protect|Private|Restrict|System|Device|No)/.test(line));
    const daemon = settings(unitOf({ ...pi, network: true }));
    expect(settings(content)).toEqual(daemon);
    expect(content).not.toMatch(/StateDirectory|EARLID_HOME/);
  });

  test('the network is shut to it unless the configuration needs it', () => {
    for (const facts of [pi, anna]) {
      expect(unitOf(facts)).toMatch(/^RestrictAddressFamilies=AF_UNIX$/m);
      const networked = unitOf({ ...facts, network: true });
      expect(networked).toMatch(/^RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6$/m);
      expect(networked).not.toMatch(/^(PrivateNetwork|IPAddressDeny)/m);
    }
  });

  test('Node and package in a home folder stay visible to the service of the machine', () => {
    const unit = unitOf({
      ...pi,
      node: '/home/anna/.nvm/versions/node/v20.20.2/bin/node',
      script: '/home/anna/.nvm/versions/node/v20.20.2/lib/node_modules/earlid/dist/controller/cli/main.js',
    });
    expect(unit.match(/^BindReadOnlyPaths=.*$/gm)).toEqual([
      'BindReadOnlyPaths="/home/anna/.nvm/versions/node/v20.20.2/bin/node"',
      'BindReadOnlyPaths="/home/anna/.nvm/versions/node/v20.20.2/lib/node_modules"',
    ]);
    expect(unitOf({ ...pi, script: '/home/anna/earlid/dist/controller/cli/main.js' })).toContain(
      'BindReadOnlyPaths="/home/anna/earlid"\n',
    );
  });

  test('paths are taken as they are', () => {
    const odd = String.raw`/opt/a "b" $HOME %h \x`;
    const unit = unitOf({
      ...pi,
      script: `${odd}/dist/controller/cli/main.js`,
      config: `${odd}/earlid.yaml`,
    });
    const inSystemd = String.raw`/opt/a \"b\" $$HOME %%h \\x`;
    expect(unit).toContain(
      `ExecStart="/usr/bin/node" --optimize-for-size "${inSystemd}/dist/controller/cli/main.js" start --config "${inSystemd}/earlid.yaml"\n`,
    );
  });

  test('Node saves memory where there are few gates, and time where there are many', () => {
    expect(unitOf(pi)).toContain(' --optimize-for-size ');
    expect(unitOf({ ...pi, manyGates: true })).not.toContain('--optimize-for-size');
  });

  test('groups and devices are those of the ports; without a board the usual ones', () => {
    const uart: PortFacts = {
      ...uno,
      gate: 'hall',
      path: '/dev/ttyAMA0',
      group: 'tty',
      device: 'ttyAMA',
      usb: null,
    };
    const unit = unitOf({ ...pi, ports: [uno, uart] });
    expect(unit).toContain('SupplementaryGroups=dialout tty\n');
    expect(unit.match(/^DeviceAllow=.*$/gm)).toEqual([
      'DeviceAllow=char-ttyACM rw',
      'DeviceAllow=char-ttyAMA rw',
      'DeviceAllow=char-ttyUSB rw',
    ]);
    const away: PortFacts = { ...uno, present: false, group: null, device: null, usb: null };
    expect(portGroups({ ...pi, ports: [away] })).toEqual(['dialout']);
    expect(portGroups({ ...pi, ports: [away], groups: ['uucp'] })).toEqual(['uucp']);
    // A group that does not exist would keep the service from starting.
    expect(portGroups({ ...pi, ports: [away], groups: [] })).toEqual([]);
    expect(udevRules([away, uart])).toBeNull();
  });
});

describe('what is left to do', () => {
  const commands = (facts: MachineFacts) => stepsLeft(facts).map(({ command }) => command);

  test('a user gets the exact commands: group, start at boot, ModemManager', () => {
    expect(commands(anna)).toEqual([
      'sudo usermod -aG dialout anna && sudo reboot',
      'sudo loginctl enable-linger anna',
      expect.stringMatching(
        /^printf .*idVendor.*2341.* \| sudo tee \/etc\/udev\/rules.d\/60-earlid.rules && sudo udevadm control --reload$/,
      ),
    ]);
    expect(commands({ ...anna, member: ['anna', 'dialout'], linger: true, modemManager: false })).toEqual([]);
  });

  test('the machine’s service has all it needs, except a board that is not there yet', () => {
    expect(stepsLeft(pi)).toEqual([]);
    const away: PortFacts = { ...uno, present: false, group: null, device: null, usb: null };
    expect(stepsLeft({ ...pi, ports: [away] })[0]?.text).toContain(
      'kitchen: there is nothing at /dev/serial/by-id/usb-Arduino_Uno_5573 yet',
    );
  });
});
