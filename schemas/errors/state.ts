/** What is wrong with what the daemon keeps and hears: its state folder, the clock, brokers and calendars. */
import { type ErrorDefinition, EXIT } from './definition.ts';

export const STATE_ERRORS = {
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
  'exposure-unreadable': {
    exit: EXIT.config,
    cause:
      'Earlid cannot read for how long microphones were live today ({detail}), so today counts as unknown up to now',
    hint: 'The file was kept as {kept}. At midnight the count begins anew.',
  },
  'keys-open': {
    exit: EXIT.config,
    cause:
      'others on this computer may read or change the keys of the gates in {file}, so no gate is given a lease',
    hint: '`chmod 600 {file}`, as the user that runs Earlid, then start the daemon again. If somebody may have read it, give every gate a new key: `earlid pair <gate> --rotate`.',
  },
  'keys-unreadable': {
    exit: EXIT.config,
    cause: 'Earlid cannot read the keys of the gates in {file} ({detail}), so no gate is given a lease',
    hint: 'The file is left as it is. `earlid restore` brings it back from a backup. Without one, move it away and give each gate that had a key a new one: `earlid pair <gate>`.',
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
    cause: 'the socket of a daemon at {socket} cannot be used: {detail}',
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
    hint: 'Facts from its topics are unknown once they are too old, and Home Assistant sees no gate through it. Is it running, and is its address right (`mqtt.url`)? A service that was installed before `mqtt` was written is kept off the network: `earlid service install` again. The daemon goes on trying.',
  },
  'mqtt-refused': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} refuses Earlid: {detail}',
    hint: 'Put `mqtt.username` and the file `mqtt.password_file` right. The daemon goes on trying, and reads the file each time.',
  },
  'mqtt-tls': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} cannot be trusted: {detail}',
    hint: 'Does it speak TLS at this port? `mqtt.ca` names a file with the certificate of who signed its own; the name in `mqtt.url` must be the one in its certificate; `mqtt.cert` and `mqtt.key` are our own, where it asks for one. The daemon goes on trying.',
  },
  'mqtt-protocol': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} does not speak MQTT {protocol}',
    hint: 'Take another version in `mqtt.protocol`: every broker speaks 3.1.1, which is used where nothing is said. The daemon goes on trying.',
  },
  'mqtt-topics': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} does not let Earlid read {topics}',
    hint: 'Allow it at the broker; until then facts and commands that come there are not heard.',
  },
  'mqtt-unheard': {
    exit: EXIT.config,
    cause: 'the MQTT broker at {broker} does not hand on what Earlid writes at {topic}',
    hint: 'Let its user read and write `{base}/#` and `{discovery}/device/#` there; until then Home Assistant may see no gate, or an old state.',
  },
  'mqtt-file': {
    exit: EXIT.config,
    cause: '{file}, which `mqtt` names, cannot be read: {detail}',
    hint: 'Name a file that this user may read. The daemon goes on trying.',
  },
  'mqtt-file-open': {
    exit: EXIT.config,
    cause: 'others on this computer may read what is secret for the MQTT broker: {file}',
    hint: '`chmod 600` it, as the user that runs Earlid. Who has read it can ask at the broker for whatever Earlid may: then change it there.',
  },
  'mqtt-port-busy': {
    exit: EXIT.config,
    cause:
      'port {port} of this machine belongs to another program, so the embedded MQTT broker cannot listen there',
    hint: 'Perhaps it is another MQTT broker: then name that one, `mqtt: { url: mqtt://127.0.0.1:{port} }`. Else give the embedded one another `mqtt.port`; `ss -ltnp` shows which program has which. The daemon goes on trying, and everything else goes on.',
  },
  'mqtt-embedded': {
    exit: EXIT.config,
    cause: 'the embedded MQTT broker cannot listen at 127.0.0.1:{port}: {detail}',
    hint: '`npm install` again if a package is missing; a port below 1024 is not for everybody (`mqtt.port`); a service that was installed before `mqtt` was written is kept off the network: `earlid service install` again. The daemon goes on trying, and everything else goes on.',
  },
  'mqtt-password-open': {
    exit: EXIT.config,
    cause:
      'everybody on this machine may read or change the password of the embedded MQTT broker in {file}, so nobody can connect with it',
    hint: '`chmod 600` it, as the user that runs Earlid. If somebody may have read it, write another one.',
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
} as const satisfies Readonly<Record<string, ErrorDefinition>>;
