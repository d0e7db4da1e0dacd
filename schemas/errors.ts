/**
 * Every error a person or a program can be shown: a stable code, the exit code of the command line, the cause and the
 * next step. `{name}` in a text stands for a detail of the case. `docs/errors.md` is generated from here.
 */

/** Exit codes of the command line (design section 9). */
export const EXIT = {
  done: 0,
  usage: 64,
  data: 65,
  noGate: 66,
  noDaemon: 69,
  internal: 70,
  unproven: 75,
  refused: 77,
  config: 78,
} as const;

interface ErrorDefinition {
  readonly exit: number;
  readonly cause: string;
  readonly hint: string;
}

/** Grouped by what is wrong: the command, the daemon, a refusal, the gate, the link to it, the state folder, the configuration. */
export const ERRORS = {
  usage: {
    exit: EXIT.usage,
    cause: '{detail}',
    hint: '`{help}` shows how the command is used.',
  },
  'bad-request': {
    exit: EXIT.data,
    cause: 'the daemon cannot read this request: {detail}',
    hint: 'Use the `earlid` of the same version as the daemon; `docs/cli.md` describes the local API.',
  },
  'no-such-gate': {
    exit: EXIT.noGate,
    cause: 'there is no gate named `{gate}`',
    hint: '{suggestion}',
  },
  'no-such-presence': {
    exit: EXIT.noGate,
    cause: 'there is no presence named `{presence}`',
    hint: '{suggestion}',
  },
  'presence-not-manual': {
    exit: EXIT.refused,
    cause: '`{presence}` is not set by hand: it comes from {facts}',
    hint: 'One that is set by hand is written `{presence}: { manual: off }` in the configuration; `earlid presence list` shows all.',
  },
  'no-daemon': {
    exit: EXIT.noDaemon,
    cause: 'no Earlid daemon answers at {socket}',
    hint: 'Start one with `earlid start`, or try it without a board: `earlid demo`. A daemon with another state folder is found through $EARLID_HOME.',
  },
  'socket-forbidden': {
    exit: EXIT.refused,
    cause: 'the Earlid daemon at {socket} belongs to another user',
    hint: 'Run the command as that user, for example with `sudo -u <user>`.',
  },
  'system-service': {
    exit: EXIT.refused,
    cause: 'Earlid runs here as a service of the machine, and this user may not command it',
    hint: 'Run the command with sudo: `sudo earlid …`. Its state lies in {home}.',
  },
  'daemon-lost': {
    exit: EXIT.noDaemon,
    cause: 'the Earlid daemon at {socket} stopped answering: {detail}',
    hint: 'Gates mute by themselves when their lease ends. See the daemon’s log, then `earlid start`.',
  },
  'second-daemon': {
    exit: EXIT.noDaemon,
    cause: 'another Earlid daemon (process {pid}) already runs on {home}',
    hint: 'Use that one (`earlid status`), stop it (`kill {pid}`), or give this one a state folder of its own with $EARLID_HOME.',
  },
  internal: {
    exit: EXIT.internal,
    cause: 'Earlid failed at something it should not fail at: {detail}',
    hint: 'Gates mute by themselves when their lease ends. Please report this, with the log.',
  },
  'not-permitted': {
    exit: EXIT.refused,
    cause: '{gate} may not be unmuted by `{source}`',
    hint: '`may_unmute` of this gate names: {allowed}. Unmute it from there, or change `may_unmute` in the configuration.',
  },
  locked: {
    exit: EXIT.refused,
    cause: '{gate} is locked',
    hint: 'Only its button unlocks it: hold it for 3 to 10 seconds and let go.',
  },
  fault: {
    exit: EXIT.refused,
    cause: '{gate} has the fault `{fault}`: {detail}',
    hint: 'Put it right, wait until the gate has been muted for a second, then press its button once.',
  },
  'never-rule': {
    exit: EXIT.refused,
    cause: '{gate} must not listen now: {rule}',
    hint: '`earlid why {gate}` shows what the rule asks; it is a rule of earlid.yaml.',
  },
  'grant-too-long': {
    exit: EXIT.refused,
    cause: '{asked} is longer than this configuration lets anybody unmute a gate',
    hint: 'The limit is {max} (`grants.max`).',
  },
  'bad-schedule': {
    exit: EXIT.data,
    cause: 'this is no schedule: {detail}',
    hint: '{hint}',
  },
  'schedule-refused': {
    exit: EXIT.data,
    cause: '{detail}',
    hint: '{hint}',
  },
  'bad-facts': {
    exit: EXIT.data,
    cause: 'the facts in {file} cannot be taken: {detail}',
    hint: '`earlid help simulate` shows what such a file looks like.',
  },
  'unknown-zone': {
    exit: EXIT.usage,
    cause: 'there is no time zone named `{zone}`',
    hint: '{hint}',
  },
  'bad-until': {
    exit: EXIT.usage,
    cause: '`{until}` is no time ahead',
    hint: 'Write 22:00, 2026-12-24T18:00 (on the wall at the site) or 2026-12-24T17:00:00Z.',
  },
  'bad-instant': {
    exit: EXIT.usage,
    cause: '`{value}` is no instant',
    hint: 'Write 22:00, 2026-12-24T18:00 (on the wall at the site) or 2026-12-24T17:00:00Z.',
  },
  'bad-setting': {
    exit: EXIT.usage,
    cause: '`{value}` is not a value of the setting `{setting}`',
    hint: 'Expected: {expected}. `earlid settings <gate>` lists all settings.',
  },
  'button-alone-differs': {
    exit: EXIT.config,
    cause: '{gate} stores button_alone {stored}, earlid.yaml says {wanted}',
    hint: 'Run `earlid settings {gate} button_alone {wanted}` and press its button within 30 s: only that makes the gate take it.',
  },
  'setting-configured': {
    exit: EXIT.refused,
    cause: '`{setting}` of {gate} is decided by `{key}` in the configuration',
    hint: 'Change `{key}` of this gate in earlid.yaml.',
  },
  'setting-live': {
    exit: EXIT.refused,
    cause: '{gate} is not muted: `{setting}` is changed only while it is',
    hint: '`earlid mute {gate}`, then try again. A gate that was just given another setting moves for a moment first.',
  },
  'setting-refused': {
    exit: EXIT.refused,
    cause: '{gate} refused to change `{setting}`: {detail}',
    hint: 'Nothing was changed. `earlid settings {gate}` shows what it stores.',
  },
  'setting-unconfirmed': {
    exit: EXIT.refused,
    cause: 'nobody pressed the button of {gate} in time, so `{setting}` is what it was: {value}',
    hint: 'Try again, and press the button of the gate once within 30 s.',
  },
  'gate-away': {
    exit: EXIT.unproven,
    cause: '{gate} does not answer',
    hint: '`earlid status {gate}` says why.',
  },
  'wiring-wrong': {
    exit: EXIT.refused,
    cause: 'the wiring of {gate} did not pass: {detail}',
    hint: '{remedy}',
  },
  'verify-interrupted': {
    exit: EXIT.unproven,
    cause: 'the check of {gate} was interrupted; it was told to mute',
    hint: 'Nothing was recorded. `earlid verify {gate}` begins it anew.',
  },
  'press-refused': {
    exit: EXIT.refused,
    cause: '{gate} refused the press: {detail}',
    hint: '`earlid why {gate}` tells what stands against it.',
  },
  released: {
    exit: EXIT.refused,
    cause: '{gate} is being flashed',
    hint: 'Its board is muted while that lasts; a mute is remembered. The daemon takes it back by itself afterwards.',
  },
  'nothing-to-flash': {
    exit: EXIT.usage,
    cause: '{gate} has no serial port: there is nothing to flash',
    hint: 'A gate with `link: { bench: … }` always runs the firmware of this version.',
  },
  'not-emulated': {
    exit: EXIT.refused,
    cause: '{gate} is a real gate: its button can only be pressed by hand',
    hint: '`earlid press` is for gates with `link: { bench: … }` and for `earlid demo`.',
  },
  'not-proven': {
    exit: EXIT.unproven,
    cause: '{gate} was told to {command}, but has not shown it within {timeout}',
    hint: '{standing}',
  },
  'port-missing': {
    exit: EXIT.unproven,
    cause: 'there is nothing at {path}',
    hint: 'Plug the gate in, with a cable that carries data; `earlid ports` shows which paths there are. A running daemon goes on trying.',
  },
  'port-busy': {
    exit: EXIT.unproven,
    cause: 'another program has {path} open: {detail}',
    hint: '`earlid ports` shows which; close it (a serial monitor, ModemManager, another Earlid). A running daemon goes on trying.',
  },
  'port-forbidden': {
    exit: EXIT.unproven,
    cause: 'this user may not open {path}: {detail}',
    hint: 'Its group is missing (often dialout: `sudo usermod -aG dialout $USER`, then log in again); `earlid doctor` names it. A running daemon goes on trying.',
  },
  'port-silent': {
    exit: EXIT.unproven,
    cause: 'nothing answers at {path}',
    hint: 'Check that this is the gate and that it has power (its red LED is lit). A board without the firmware: `earlid flash --product uno-relay` (or uno-servo). A running daemon goes on trying.',
  },
  'wrong-firmware': {
    exit: EXIT.unproven,
    cause: 'the board at {path} does not run the Earlid firmware: {detail}',
    hint: 'Flash it: `earlid flash --port {path} --product uno-relay` (or uno-servo). A board with StandardFirmata holds its pins when the computer dies, so it is given no lease.',
  },
  'old-firmware': {
    exit: EXIT.unproven,
    cause: 'the gate speaks a protocol that is too old or too new: {detail}',
    hint: 'Flash the firmware of this version: `earlid flash`. Until then the gate stays muted.',
  },
  'link-failed': {
    exit: EXIT.unproven,
    cause: 'the connection to the gate broke: {detail}',
    hint: 'Check cable and power. A running daemon goes on trying.',
  },
  'no-avrdude': {
    exit: EXIT.config,
    cause: 'avrdude, which writes the firmware, cannot be started ({program}: {detail})',
    hint: 'Debian, Ubuntu, Raspberry Pi OS: `sudo apt install avrdude`. macOS: `brew install avrdude`. One elsewhere is named by $EARLID_AVRDUDE.',
  },
  'no-board': {
    exit: EXIT.noGate,
    cause: 'no board is plugged in',
    hint: 'Plug it in with a cable that carries data (many only charge), and see `earlid ports`.',
  },
  'which-board': {
    exit: EXIT.usage,
    cause: 'which board? There are: {ports}',
    hint: 'Name one with `--port`, or the gate of the configuration.',
  },
  'no-serial-gates': {
    exit: EXIT.noGate,
    cause: 'no gate of the configuration has a serial port: there is nothing to flash',
    hint: '`earlid flash --port PATH --product …` flashes a board that is in no configuration.',
  },
  'product-unknown': {
    exit: EXIT.usage,
    cause: 'the board at {path} does not say what it is to be',
    hint: 'Say it: `--product uno-relay` (a relay) or `--product uno-servo` (a servo).',
  },
  'product-differs': {
    exit: EXIT.refused,
    cause: 'the board at {path} says it is {told}, not {asked}',
    hint: 'The firmware of the other product drives its pins for something else. If it was really rebuilt, add `--force`.',
  },
  'flash-no-answer': {
    exit: EXIT.unproven,
    cause: 'no bootloader answers at {path}: {detail}',
    hint: 'Nothing was written. Is it the right port (`earlid ports`), does the cable carry data? A capacitor at the reset pin must be taken off for flashing. A board without a bootloader needs `--programmer`.',
  },
  'flash-old-bootloader': {
    exit: EXIT.refused,
    cause:
      'the board at {path} has the old bootloader of the Nano, which restarts for ever after a watchdog reset',
    hint: 'Nothing was written. Put Optiboot on it with a programmer (Arduino IDE: choose the board “Uno”, then “Burn Bootloader”), or do without a bootloader: `earlid flash --programmer …`.',
  },
  'flash-wrong-board': {
    exit: EXIT.refused,
    cause: 'the board at {path} has another chip than the ATmega328P of an Uno or Nano: {detail}',
    hint: 'Nothing was written. Use an Uno or a Nano with an ATmega328P.',
  },
  'flash-interrupted': {
    exit: EXIT.unproven,
    cause: 'the board at {path} was not flashed to the end: {detail}',
    hint: 'It stays muted: half an image drives nothing. Check cable and power, then flash it again with `--product {product}`: it may no longer tell what it is.',
  },
  'flash-not-begun': {
    exit: EXIT.unproven,
    cause: '{path} was not flashed: the command was ended before its turn',
    hint: 'Nothing about it was changed. Flash it later.',
  },
  'flash-mismatch': {
    exit: EXIT.unproven,
    cause: 'what was written to the board at {path} does not read back: {detail}',
    hint: 'It stays muted. Flash it again with `--product {product}`; if that happens twice its flash is worn out, so use another board.',
  },
  'flash-failed': {
    exit: EXIT.unproven,
    cause: 'avrdude could not flash the board at {path}: {detail}',
    hint: 'It stays muted. Try again; `earlid ports` shows what answers there.',
  },
  'flash-not-shown': {
    exit: EXIT.unproven,
    cause:
      'the board at {path} was written and read back, but does not answer as {product} {version}: {detail}',
    hint: 'Unplug it, plug it in again and see `earlid ports`. If it still does not answer, flash it again.',
  },
  'programmer-missing': {
    exit: EXIT.unproven,
    cause: 'the programmer {programmer} is not found: {detail}',
    hint: 'Plug it in; on Linux its USB device must be writable for this user (try it once with sudo).',
  },
  'programmer-no-target': {
    exit: EXIT.unproven,
    cause: 'the programmer {programmer} reaches no chip: {detail}',
    hint: 'Check the six-pin plug (which way round, pin 1), and that the board has power.',
  },
  'state-unreadable': {
    exit: EXIT.config,
    cause: 'Earlid cannot read its own state ({detail}), so every gate is held muted',
    hint: 'The file was kept as {kept}. `earlid resume <gate>` ends the hold of a gate.',
  },
  'presence-unreadable': {
    exit: EXIT.config,
    cause: 'Earlid cannot read what was set by hand ({detail}), so it is unknown: {names}',
    hint: 'The file was kept as {kept}. `earlid presence set <name> on` (or off) sets it again.',
  },
  'state-unwritable': {
    exit: EXIT.config,
    cause: 'Earlid cannot write its state in {home}: {detail}',
    hint: 'Gates go on working, but nothing decided now survives a restart. Make the folder writable for this user.',
  },
  'disk-full': {
    exit: EXIT.config,
    cause: 'the disk with {home} is full',
    hint: 'Gates go on working and keep their newest events, but nothing decided now survives a restart. Free some space.',
  },
  'too-many-events': {
    exit: EXIT.config,
    cause: '{gate} tells more events than Earlid writes down of one gate',
    hint: 'It stays under control, but its record will have gaps. `earlid events {gate}` shows what it tells: look at its button, its wiring and its power.',
  },
  'clock-behind': {
    exit: EXIT.config,
    cause: 'the clock of this machine says {now}, but Earlid has recorded something at {known}',
    hint: 'Set the clock (`timedatectl set-ntp true`, or `date -s`). If it is right, it was wrong before: until that time has passed, events are dated with a margin of a day or more.',
  },
  'clock-unknown': {
    exit: EXIT.config,
    cause:
      'nothing says yet that the clock of this machine is right, so nothing that goes by the time lets a gate listen',
    hint: 'The network sets it: `timedatectl` shows whether it has. A machine whose clock is right without anybody who says so: `site: { clock: trusted }` in earlid.yaml.',
  },
  'test-clock-bad': {
    exit: EXIT.data,
    cause: '{file} shows no time for `--test-clock`: {detail}',
    hint: 'Its first line is an instant such as 2027-03-28T00:59:00Z: the time when it was written. A running daemon goes on with the time it had.',
  },
  'test-clock-real': {
    exit: EXIT.config,
    cause: '`--test-clock` is for emulated gates alone, and {gates} is a real one',
    hint: 'Real gates go by real time: start without it, or give every gate `link: { bench: … }`.',
  },
  'ledger-damaged': {
    exit: EXIT.config,
    cause: '{count} lines of {file} cannot be read and are left out',
    hint: 'The file is left as it is. Restore it from a backup if those events matter.',
  },
  'wiring-unreadable': {
    exit: EXIT.config,
    cause: 'Earlid cannot read which wirings were checked ({detail}), so every gate counts as unchecked',
    hint: 'Gates without a sense are unknown until `earlid verify <gate>` has passed again.',
  },
  'socket-path': {
    exit: EXIT.config,
    cause: 'a socket of the daemon cannot be opened at {socket}: {detail}',
    hint: 'Set $EARLID_HOME to a folder of this user with a shorter path.',
  },
  'accessories-failed': {
    exit: EXIT.internal,
    cause: 'the accessories of gate `{gate}` do not work: {detail}',
    hint: 'The gate itself is not affected. `npm install` again if a package is missing, then start the daemon again.',
  },
  'mqtt-unreachable': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} cannot be reached: {detail}',
    hint: 'Facts from its topics are unknown once they are too old. Is it running, and is its address right (`mqtt.url`)? A service that was installed before `mqtt` was written is kept off the network: `earlid service install` again. The daemon goes on trying.',
  },
  'mqtt-refused': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} refuses Earlid: {detail}',
    hint: 'Put `mqtt.username` and the file `mqtt.password_file` right. The daemon goes on trying, and reads the file each time.',
  },
  'mqtt-tls': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} cannot be trusted: {detail}',
    hint: 'Does it speak TLS at this port? `mqtt.ca` names a file with the certificate of who signed its own; the name in `mqtt.url` must be the one in its certificate. The daemon goes on trying.',
  },
  'mqtt-topics': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} does not let Earlid read {topics}',
    hint: 'Allow it at the broker; until then these facts are unknown.',
  },
  'mqtt-file': {
    exit: EXIT.config,
    cause: '{file}, which `mqtt` names, cannot be read: {detail}',
    hint: 'Name a file that this user may read. The daemon goes on trying.',
  },
  'calendar-unreadable': {
    exit: EXIT.config,
    cause: 'the calendar `{calendar}` cannot be read: {detail}',
    hint: 'What was read last is believed until `max_age` is over, then its events are unknown. The daemon goes on trying; `docs/calendars.md` says what it can read.',
  },
  'holidays-unreadable': {
    exit: EXIT.config,
    cause: 'the public holidays in {file} cannot be read: {detail}',
    hint: 'Until they can, days that `site.holidays.dates` does not list may be holidays: what depends on that is muted. The daemon looks again every 15 minutes.',
  },
  'config-missing': {
    exit: EXIT.config,
    cause: 'there is no configuration: looked at {places}',
    hint: '`earlid init` writes one; name another with `--config`, or try `earlid demo`.',
  },
  'config-exists': {
    exit: EXIT.config,
    cause: '{file} is there already, and `earlid init` changes no file',
    hint: '`earlid config check` says whether it is right. `--config FILE` writes another one, `--dry-run` only shows it.',
  },
  'config-unwritable': {
    exit: EXIT.config,
    cause: '{file} cannot be written: {detail}',
    hint: 'Name a file in a folder of this user with `--config`, or let `--dry-run` show it.',
  },
  'bad-answer': {
    exit: EXIT.data,
    cause: '{detail}',
    hint: '{hint}',
  },
  'init-ended': {
    exit: EXIT.unproven,
    cause: 'ended before the last answer',
    hint: 'Nothing was written. `earlid init` begins anew; `--yes` takes what it proposes.',
  },
  'config-unreadable': {
    exit: EXIT.config,
    cause: '{file} cannot be read: {detail}',
    hint: 'Name a file that this user may read.',
  },
  'config-too-large': {
    exit: EXIT.config,
    cause: '{file} is larger than {limit}',
    hint: 'Is this the right file? A configuration has a few kilobytes.',
  },
  'config-invalid': {
    exit: EXIT.config,
    cause: '{file} has {count}',
    hint: 'Put it right and try `earlid config check` again.',
  },
  'config-not-written': {
    exit: EXIT.config,
    cause: '{file} cannot be changed: {detail}',
    hint: 'It is as it was. Write to it as its owner (perhaps with sudo), or change it by hand.',
  },
  'config-changed': {
    exit: EXIT.unproven,
    cause: '{file} is being changed by somebody else as well',
    hint: 'It is as they left it. Try again.',
  },
  'edit-refused': {
    exit: EXIT.config,
    cause: '{file} cannot be changed by a command: {detail}',
    hint: 'It is as it was. By hand: {byHand}',
  },
  'change-invalid': {
    exit: EXIT.data,
    cause: 'with this change {file} would be wrong: {detail}',
    hint: 'It is as it was.',
  },
  'rules-lost': {
    exit: EXIT.refused,
    cause: '{gate} has listen rules that depend on more than the clock, and they would be lost: {rules}',
    hint: '`earlid schedule add` keeps them; with `--yes` they are replaced.',
  },
  'no-such-rule': {
    exit: EXIT.data,
    cause: '{gate} has no {rule}',
    hint: '`earlid schedule list {gate}` shows its rules with their numbers.',
  },
  'not-followed': {
    exit: EXIT.unproven,
    cause: '{file} is changed, but the daemon does not follow it: {detail}',
    hint: '`earlid status` shows what it goes by; `earlid config check` what is wrong with the file.',
  },
  'config-kept': {
    exit: EXIT.config,
    cause: 'the daemon goes on with what {file} said before: {detail}',
    hint: 'Put it right; it is followed at once then. `earlid config check` says what is wrong with it.',
  },
  'gate-not-started': {
    exit: EXIT.internal,
    cause: '{gate} cannot be started: {detail}',
    hint: 'The other gates go on. Start the daemon again.',
  },
  'no-systemd': {
    exit: EXIT.config,
    cause: 'this machine is not run by systemd',
    hint: 'Have `earlid start` run by whatever starts programs here (launchd, an init script, the command of a container), started again when it ends, and ended with SIGTERM, which mutes first.',
  },
  'service-needs-root': {
    exit: EXIT.refused,
    cause: 'only root may change the services of the machine',
    hint: '`{command}`; or install it as your own service, with `--user`.',
  },
  'service-foreign': {
    exit: EXIT.refused,
    cause: '{path} was not written by Earlid',
    hint: 'Move it away (`mv {path} {path}.old`), then try again.',
  },
  'service-place': {
    exit: EXIT.config,
    cause: '{what} is no place for a service: {detail}',
    hint: '{remedy}',
  },
  'service-failed': {
    exit: EXIT.internal,
    cause: '`{command}` failed: {detail}',
    hint: '{hint}',
  },
} as const satisfies Readonly<Record<string, ErrorDefinition>>;

export type ErrorCode = keyof typeof ERRORS;

/** True for a code of the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** The exit code that belongs to a code somebody was shown. */
export function exitOf(code: string): number {
  return isErrorCode(code) ? ERRORS[code].exit : EXIT.internal;
}

/** Details that fill the templates; what a template names and the case lacks stays visible as `?`. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

const fill = (template: string, details: ErrorDetails): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));

/** What is shown of an error: one JSON shape for the API and `--json`. Further keys carry what a program may want. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly [extra: string]: unknown;
}

/** Cause and next step of `code` in words; a code that is not in the table is shown with its detail. */
export function describe(code: string, details: ErrorDetails = {}): ErrorView {
  if (!isErrorCode(code)) return { code, message: String(details.detail ?? code), hint: '' };
  const { cause, hint } = ERRORS[code];
  return { code, message: fill(cause, details), hint: fill(hint, details) };
}

/** An error of the table with its details; `extra` is added to what a program is shown. */
export class EarlidError extends Error {
  readonly code: ErrorCode;
  readonly exit: number;
  readonly view: ErrorView;
  constructor(code: ErrorCode, details: ErrorDetails = {}, extra: Readonly<Record<string, unknown>> = {}) {
    const { message, hint } = describe(code, details);
    super(message);
    this.name = 'EarlidError';
    this.code = code;
    this.exit = ERRORS[code].exit;
    this.view = { code, message, hint, ...extra };
  }
}
