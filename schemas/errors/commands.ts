/** What is wrong with a command: how it is used, who answers it, what refuses it, and what does not come of it. */
import { type ErrorDefinition, EXIT } from './definition.ts';

export const COMMAND_ERRORS = {
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
  'settings-at-port': {
    exit: EXIT.refused,
    cause: '{gate} is reached over MQTT, and settings are not changed that way',
    hint: 'Plug it into this computer, write `link: { serial: PATH }` for that time, and put `link: { mqtt: … }` back afterwards.',
  },
  'button-alone-differs': {
    exit: EXIT.config,
    cause: '{gate} stores button_alone {stored}, earlid.yaml says {wanted}',
    hint: 'Run `earlid settings {gate} button_alone {wanted}` and press its button within 30 s: only that makes the gate take it. Over MQTT it takes no setting: plug it into this computer for that.',
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
  'verify-at-port': {
    exit: EXIT.refused,
    cause:
      'the board of {gate} has no id, without which another could pass for it, and over MQTT it is given none',
    hint: 'Plug it into this computer and write `link: { serial: PATH }` for that time: then `earlid settings {gate} gate_id NAME` gives it one, and `earlid verify {gate}` does both.',
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
    cause: '{gate} is being flashed or paired',
    hint: 'Its board is muted while that lasts; a mute is remembered. The daemon takes it back by itself afterwards.',
  },
  'nothing-to-flash': {
    exit: EXIT.usage,
    cause: '{gate} has no serial port: there is nothing to flash',
    hint: 'A gate with `link: { bench: … }` always runs the firmware of this version. One with `link: { mqtt: … }` is flashed where it is plugged in: `earlid flash --port PATH`.',
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
} as const satisfies Readonly<Record<string, ErrorDefinition>>;
