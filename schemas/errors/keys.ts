/** What goes wrong with the keys of gates, with pairing, and with backups of them. */
import { type ErrorDefinition, EXIT } from './definition.ts';

export const KEY_ERRORS = {
  'pair-where': {
    exit: EXIT.usage,
    cause: 'at which port is the board of {gate} to be paired?',
    hint: 'Plug it into this computer and name the port: `earlid pair {gate} --serial PATH`; `earlid ports` shows which there are.',
  },
  'pair-other-gate': {
    exit: EXIT.usage,
    cause: '{path} is the port of {other}, not of {gate}',
    hint: 'Name the port of {gate}, or pair {other}. `earlid ports` shows what is where.',
  },
  'already-paired': {
    exit: EXIT.refused,
    cause: '{gate} and its board have a key already',
    hint: 'A new one: `earlid pair {gate} --rotate`. None any more: `earlid pair {gate} --forget`.',
  },
  'not-paired': {
    exit: EXIT.refused,
    cause: 'there is no key of {gate} here to put another in place of',
    hint: 'Give it its first: `earlid pair {gate} --serial PATH`.',
  },
  'pair-locked': {
    exit: EXIT.refused,
    cause: 'the board at {path} is locked, so it takes no key',
    hint: 'Unlock it at its button: hold it for 3 to 10 seconds, then let go. Then pair it.',
  },
  'pair-not-begun': {
    exit: EXIT.unproven,
    cause: 'the board at {path} was not powered up with its button held, so nothing was changed',
    hint: 'Begin again. It must lose every supply it has, USB and its own, and get it back while the button is held; its LEDs then blink red and green in turn, quickly, for a minute. A path of /dev/serial/by-id stays the same when it is plugged in again.',
  },
  'pair-ended': {
    exit: EXIT.unproven,
    cause: 'pairing the board at {path} was ended before it began',
    hint: 'Nothing was changed.',
  },
  'pair-unfinished': {
    exit: EXIT.unproven,
    cause: 'whether the board at {path} has taken its new key is not known: {detail}',
    hint: 'Whatever key it may hold is kept, and it stays muted until it has shown which. The same command again mends it.',
  },
  'backup-exists': {
    exit: EXIT.usage,
    cause: '{file} is there already',
    hint: 'It was left alone. Name another file.',
  },
  'backup-unreadable': {
    exit: EXIT.config,
    cause: '{file} cannot be read: {detail}',
    hint: 'Run this as the user that runs Earlid; with a service of the machine use `sudo earlid …`.',
  },
  'backup-unwritable': {
    exit: EXIT.config,
    cause: 'the backup {file} cannot be written: {detail}',
    hint: 'Name a file in a folder of this user, on a disk with room.',
  },
  'backup-foreign': {
    exit: EXIT.data,
    cause: '{file} is no backup of Earlid',
    hint: 'Nothing was changed. Name a file that `earlid backup` wrote.',
  },
  'backup-newer': {
    exit: EXIT.data,
    cause: '{file} is a backup of format {version}, which this Earlid does not know',
    hint: 'Nothing was changed. Restore it with the version that wrote it, or a newer one.',
  },
  'backup-damaged': {
    exit: EXIT.data,
    cause: '{file} is damaged: its checksum or its content is wrong',
    hint: 'Nothing was changed. Take another copy of it, or an older backup.',
  },
  'restore-running': {
    exit: EXIT.refused,
    cause: 'a daemon runs on {home} (process {pid})',
    hint: 'Stop it first: `systemctl --user stop earlid`, `sudo systemctl stop earlid`, or Ctrl-C where it was started by hand. It mutes its gates.',
  },
  'restore-exists': {
    exit: EXIT.refused,
    cause: 'these are there already and say something else: {files}',
    hint: 'Nothing was changed. With `--replace` they are replaced, and kept beside it under another name.',
  },
  'restore-failed': {
    exit: EXIT.config,
    cause: '{file} could not be written: {detail}',
    hint: 'It is as it was; what was replaced before is kept beside its new content. Mend that, then restore again with `--replace`.',
  },
} as const satisfies Readonly<Record<string, ErrorDefinition>>;
