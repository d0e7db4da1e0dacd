/** What is wrong with a board: the link to it, its firmware, and how that is written. */
import { type ErrorDefinition, EXIT } from './definition.ts';

export const BOARD_ERRORS = {
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
  'broker-away': {
    exit: EXIT.unproven,
    cause: 'there is no connection with the MQTT broker that leads to {path}: {detail}',
    hint: '`earlid doctor` tells what is wrong with the broker. Its lease ends by itself; a running daemon goes on trying.',
  },
  'gate-not-served': {
    exit: EXIT.unproven,
    cause: 'nobody serves {path}: {detail}',
    hint: 'Start `earlid bridge` beside the gate, or look at its log there: `earlid-bridge.service`. It must use the same broker, the same `mqtt.prefix` and the same name. A running daemon goes on trying.',
  },
  'gate-needs-key': {
    exit: EXIT.refused,
    cause: '{gate} holds no key, so it is only ever told to mute: {detail}',
    hint: 'Pair it where it can be plugged into this computer: `earlid pair {gate} --serial PATH`, with its button held down as it is powered up.',
  },
  'gate-unpaired': {
    exit: EXIT.unproven,
    cause: 'what answers as {gate} has no key, but the gate was paired: {detail}',
    hint: 'Its state is unknown and it is only ever told to mute. Another board? Then put the right one there. A board that was paired or rewritten only half: `earlid pair {gate} --serial PATH` again. One that is to have no key any more: `earlid pair {gate} --forget`.',
  },
  'gate-keyed': {
    exit: EXIT.unproven,
    cause: '{gate} has a key that this controller does not know, so it is only ever told to mute: {detail}',
    hint: 'Bring the keys back (`earlid restore`), or give it another key at the gate: `earlid pair {gate} --serial PATH`.',
  },
  'gate-unauthenticated': {
    exit: EXIT.unproven,
    cause: 'what answers as {gate} does not prove to be that gate: {detail}',
    hint: 'Its state is unknown and it is only ever told to mute. Either it has another key, which `earlid pair {gate} --rotate --serial PATH` mends, or somebody on the way speaks in its name, which the rights at the broker mend (docs/bridge.md).',
  },
  'gate-twice': {
    exit: EXIT.unproven,
    cause: 'two boards answer as {gate}: {detail}',
    hint: 'Is a second board or a second bridge set up with this name? Take one away. If it is not one of yours, see what the broker lets whom write (docs/bridge.md).',
  },
  'keys-unusable': {
    exit: EXIT.unproven,
    cause: 'the keys of the gates cannot be used, so {gate} is only ever told to mute: {detail}',
    hint: '`earlid doctor` says what is wrong with them.',
  },
  'gate-flooded': {
    exit: EXIT.unproven,
    cause: 'far more frames come at {path} than a gate sends, so most of them are not looked at',
    hint: 'Its state may be unknown meanwhile; mutes still reach it. Somebody else writes there: give each client at the broker rights of its own (docs/bridge.md).',
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
} as const satisfies Readonly<Record<string, ErrorDefinition>>;
