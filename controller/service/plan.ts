/** What an installation writes and what is left for the person to do. Pure, from what was found on the machine. */
import { dirname, join, sep } from 'node:path';
import type { Needs } from './needs.ts';
import { MARKER, renderUnit, type ServiceKind, type ServiceRole, type UnitValues } from './unit.ts';

/** The account and the state folder of the system service. */
const ACCOUNT = 'earlid';
const NAMES: Readonly<Record<ServiceRole, string>> = { daemon: 'earlid', bridge: 'earlid-bridge' };

/** What systemd calls the service. */
export const unitName = (role: ServiceRole): string => `${NAMES[role]}.service`;

/** What is known of the port of one gate. */
export interface PortFacts {
  readonly gate: string;
  readonly path: string;
  readonly present: boolean;
  /** Name of the group that may open it; null when that is root's or not known. */
  readonly group: string | null;
  /** Its device class in /proc/devices, such as `ttyACM`. */
  readonly device: string | null;
  /** Of a USB device: hexadecimal ids as udev shows them. */
  readonly usb: { readonly vendor: string; readonly product: string } | null;
}

export interface MachineFacts
  extends Needs,
    Pick<UnitValues, 'kind' | 'role' | 'node' | 'script' | 'config' | 'home'> {
  readonly user: string;
  readonly ports: readonly PortFacts[];
  /** Groups of this machine. */
  readonly groups: readonly string[];
  /** Groups of the user that runs this command. */
  readonly member: readonly string[];
  readonly modemManager: boolean;
  /** Services of the user start at boot. */
  readonly linger: boolean;
}

export interface PlannedFile {
  readonly path: string;
  readonly content: string;
}

/** Something for the person to do. */
export interface Step {
  readonly text: string;
  readonly command: string | null;
}

/** Folders that ProtectHome and PrivateTmp hide. */
const HIDDEN = ['/home', '/root', '/run/user', '/tmp', '/var/tmp'];
/** The groups of serial ports in the usual distributions. */
const PORT_GROUPS = ['dialout', 'uucp'];
const USB_SERIAL = ['ttyACM', 'ttyUSB'];

export const isHidden = (path: string): boolean =>
  HIDDEN.some((folder) => path === folder || path.startsWith(folder + sep));

/** Where the unit lies. `config` is the user's folder of configurations. */
export function unitPath(kind: ServiceKind, role: ServiceRole, config: string): string {
  const name = unitName(role);
  return kind === 'system' ? `/etc/systemd/system/${name}` : join(config, 'systemd/user', name);
}

export const sysusersPath = (role: ServiceRole): string => `/etc/sysusers.d/${NAMES[role]}.conf`;
export const udevRulesPath = (role: ServiceRole): string => `/etc/udev/rules.d/60-${NAMES[role]}.rules`;

/** Groups that may open the ports: those of the ports that are there, else the usual one of this machine. */
export function portGroups({ ports, groups }: Pick<MachineFacts, 'ports' | 'groups'>): string[] {
  const found = [...new Set(ports.flatMap(({ group }) => group ?? []))].sort();
  return found.length > 0 ? found : PORT_GROUPS.filter((name) => groups.includes(name)).slice(0, 1);
}

/** What must stay visible of the package: its folder, or the outermost `node_modules` that it shares with others. */
function packageFolder(script: string): string {
  const parts = script.split(sep);
  const shared = parts.indexOf('node_modules');
  if (shared > 0) return parts.slice(0, shared + 1).join(sep);
  return dirname(dirname(dirname(dirname(script))));
}

/** Every file of the service, the unit last. `unit` is where it goes. */
export function plannedFiles(facts: MachineFacts, unit: string): PlannedFile[] {
  const { kind, role, node, script, config, home, ports, network, manyGates } = facts;
  const groups = portGroups(facts);
  const devices = [...new Set([...USB_SERIAL, ...ports.flatMap(({ device }) => device ?? [])])].sort();
  const shown = [node, packageFolder(script)].filter(isHidden);
  const content = renderUnit({
    kind,
    role,
    node,
    script,
    config,
    home,
    account: ACCOUNT,
    groups,
    devices,
    network,
    manyGates,
    shown,
  });
  if (kind === 'user') return [{ path: unit, content }];
  const rules = udevRules(ports);
  return [
    { path: sysusersPath(role), content: sysusers(home, groups) },
    ...(rules ? [{ path: udevRulesPath(role), content: rules }] : []),
    { path: unit, content },
  ];
}

/** The groups let `sudo -u earlid earlid …` open the ports as well. */
function sysusers(home: string, groups: readonly string[]): string {
  const members = groups.map((group) => `m ${ACCOUNT} ${group}`);
  return [MARKER, `u ${ACCOUNT} - "Earlid" ${home}`, ...members, ''].join('\n');
}

/** ModemManager talks to every port it does not know: the boards of the gates are not for it. Null without USB boards. */
export function udevRules(ports: readonly PortFacts[]): string | null {
  const ids = new Set(ports.flatMap(({ usb }) => (usb ? `${usb.vendor}:${usb.product}` : [])));
  if (ids.size === 0) return null;
  const rules = [...ids].sort().map((id) => {
    const [vendor, product] = id.split(':');
    return `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}", ENV{ID_MM_DEVICE_IGNORE}="1"`;
  });
  return [MARKER, ...rules, ''].join('\n');
}

/** What is left to do after an installation. */
export function stepsLeft(facts: MachineFacts): Step[] {
  const { kind, role, user, ports, member, modemManager, linger } = facts;
  const steps: Step[] = [];
  for (const { gate, path } of ports.filter(({ present }) => !present))
    steps.push({
      text: `${gate}: there is nothing at ${path} yet; plug it in, then install once more so that its group and its kind are known`,
      command: null,
    });
  if (kind === 'system') return steps;
  for (const group of portGroups(facts).filter((name) => !member.includes(name)))
    steps.push({
      text: `${user} is not in the group ${group} and may not open the ports`,
      command: `sudo usermod -aG ${group} ${user} && sudo reboot`,
    });
  if (!linger)
    steps.push({
      text: `services of ${user} start only when ${user} logs in, and end with the session`,
      command: `sudo loginctl enable-linger ${user}`,
    });
  const rules = udevRules(ports);
  if (modemManager && rules)
    steps.push({
      text: 'ModemManager is installed and may talk to the gates when they are plugged in',
      command: `printf '%s\\n' ${rules
        .split('\n')
        .filter((line) => line.startsWith('SUBSYSTEM'))
        .map((line) => `'${line}'`)
        .join(' ')} | sudo tee ${udevRulesPath(role)} && sudo udevadm control --reload`,
    });
  return steps;
}
