/** What is wrong with earlid.yaml, a change of it, or the service of this machine. */
import { type ErrorDefinition, EXIT } from './definition.ts';

export const CONFIGURATION_ERRORS = {
  'config-missing': {
    exit: EXIT.config,
    cause: 'there is no configuration: looked at {places}',
    hint: '`earlid init` writes one; name another with `--config`, or try `earlid demo`.',
  },
  'bridge-missing': {
    exit: EXIT.config,
    cause: 'there is no file that says what this bridge is to do: looked at {places}',
    hint: '`earlid help bridge` shows one; name another with `--config`.',
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
  'bridge-invalid': {
    exit: EXIT.config,
    cause: '{file} has {count}',
    hint: 'Put it right and try `earlid bridge --check` again.',
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
