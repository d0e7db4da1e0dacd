/** The systemd unit of the daemon as text. Pure: values in, unit out. */

/** First line of every file that `earlid service install` writes; only files that begin with it are replaced or removed. */
export const MARKER = '# Written by `earlid service install`; `earlid service remove` deletes it.';

export type ServiceKind = 'system' | 'user';

/** What runs as a service: the daemon, or a bridge for a daemon elsewhere. */
export type ServiceRole = 'daemon' | 'bridge';

export interface UnitValues {
  readonly kind: ServiceKind;
  readonly role: ServiceRole;
  /** Absolute paths of the Node binary and of the script of the command line. */
  readonly node: string;
  readonly script: string;
  readonly config: string;
  /** The state folder. */
  readonly home: string;
  /** System service: the account it runs as, and groups that may open the ports. */
  readonly account: string;
  readonly groups: readonly string[];
  /** System service: device classes of /proc/devices that the ports belong to. */
  readonly devices: readonly string[];
  /** Something that the configuration names lies on another machine. */
  readonly network: boolean;
  /** It has so many gates that time is worth more to it than memory. */
  readonly manyGates: boolean;
  /** System service: folders that would be hidden from it, because they lie in a home or temporary folder. */
  readonly shown: readonly string[];
}

/** `stop()` of the daemon takes about 4 s at worst; then all that is left is killed, and leases end by themselves. */
const STOP_S = 15;
const RESTART_S = 2;

/** The daemon of a household waits most of the time: less memory (about 5 MB of 80) is worth more there than speed. */
export const LEAN = '--optimize-for-size';

const ROLES = {
  daemon: { description: 'Earlid, gates for the hearing of smart speakers', command: 'start' },
  bridge: { description: 'Earlid, a bridge to the gates of this computer', command: 'bridge' },
} as const;

/** The whole unit. */
export function renderUnit(values: UnitValues): string {
  const system = values.kind === 'system';
  const { description, command } = ROLES[values.role];
  return [
    MARKER,
    '[Unit]',
    `Description=${description}`,
    // Without a limit: one that gives up would leave nobody able to unmute.
    'StartLimitIntervalSec=0',
    ...(system ? MODULES : []),
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${argument(values.node)} ${values.manyGates ? '' : `${LEAN} `}${argument(values.script)} ${command} --config ${argument(values.config)}`,
    ...(values.role === 'daemon' ? stateful(values) : []),
    ...(system ? account(values) : []),
    'Restart=always',
    `RestartSec=${RESTART_S}`,
    '# SIGTERM mutes every live gate first.',
    'KillSignal=SIGTERM',
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_S}`,
    'UMask=0077',
    'MemoryMax=512M',
    // What strangers wrote, such as calendars, is read in processes of their own.
    'TasksMax=128',
    '',
    ...withoutNamespaces(values),
    ...(system ? ['', ...confinement(values)] : []),
    '',
    '[Install]',
    `WantedBy=${system ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n');
}

const stateful = ({ home }: UnitValues): string[] => [
  '# It follows its configuration by itself; this has it look at once.',
  'ExecReload=/bin/sh -c "kill -HUP $MAINPID"',
  `Environment=${quoted(`EARLID_HOME=${home}`)}`,
];

/** The drivers are loaded first: a device class that is not known when the service starts would be shut to it. */
const MODULES = ['modprobe@cdc_acm.service', 'modprobe@usbserial.service'].flatMap((unit) => [
  `Wants=${unit}`,
  `After=${unit}`,
]);

function account({ role, account, groups }: UnitValues): string[] {
  return [
    `User=${account}`,
    ...(groups.length > 0 ? [`SupplementaryGroups=${groups.join(' ')}`] : []),
    ...(role === 'daemon' ? ['StateDirectory=earlid', 'StateDirectoryMode=0700'] : []),
  ];
}

/** What the kernel refuses by itself; it needs no privilege, so it works in a user's manager too. */
const withoutNamespaces = ({ role, network }: UnitValues): string[] => [
  'NoNewPrivileges=yes',
  ...(network
    ? [
        role === 'daemon'
          ? '# The local API, and the calendars, the broker or the phones that the configuration names.'
          : '# The broker.',
        'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
      ]
    : ['# The local API and nothing else.', 'RestrictAddressFamilies=AF_UNIX']),
  '# V8 makes code at run time, so MemoryDenyWriteExecute is not possible.',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
];

function confinement({ devices, shown, network }: UnitValues): string[] {
  return [
    'CapabilityBoundingSet=',
    'ProtectSystem=strict',
    'ProtectHome=tmpfs',
    'PrivateTmp=yes',
    ...shown.map((path) => `BindReadOnlyPaths=${quoted(path)}`),
    ...(network ? [] : ['PrivateNetwork=yes', 'IPAddressDeny=any']),
    'PrivateIPC=yes',
    'RemoveIPC=yes',
    'DevicePolicy=closed',
    ...devices.map((name) => `DeviceAllow=char-${name} rw`),
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectProc=invisible',
  ];
}

/** A word of a setting, taken as it is by systemd. */
function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return `"${escaped}"`;
}

/** A word of a command line, where `$` means a variable as well. */
const argument = (text: string): string => quoted(text.replaceAll('$', '$$$$'));
