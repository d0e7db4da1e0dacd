/** Codes and bit sets of the guard protocol: everything that travels as a name for a number. */

type Codes = Readonly<Record<string, readonly [code: number, meaning: string]>>;

/** Why something happened, was refused or is wrong: one code space for events, `state`, `nak` and faults. */
export const REASONS = {
  none: [0, 'nothing to say'],
  'power-on': [1, 'reset: the supply came up'],
  'brown-out': [2, 'reset: the supply dipped below the brown-out level'],
  'external-reset': [3, 'reset: the reset pin was pulled (opening the port does it on most boards)'],
  watchdog: [4, 'reset: the firmware hung and the watchdog ended it'],
  'hidden-reset': [5, 'reset: the cause was hidden by the bootloader'],
  allow: [10, 'the controller gave a lease'],
  button: [11, 'a press that the controller had permitted'],
  'button-alone': [12, 'a press permitted by the stored setting `button_alone`'],
  policy: [20, 'muted by the controller: its verdict says mute'],
  cli: [21, 'muted by a person at the command line'],
  homeassistant: [22, 'muted by Home Assistant'],
  stop: [23, 'muted by the controller as it stopped'],
  garbled: [24, 'muted by a mute frame whose content could not be read'],
  'lease-end': [30, 'the lease ran out'],
  press: [31, 'the button was pressed while live'],
  lock: [32, 'the gate was locked'],
  fault: [33, 'a fault was found'],
  contested: [34, 'two controllers speak to this gate'],
  setting: [35, 'a setting that needs a muted gate was applied'],
  withdrawn: [36, 'an allow without listening permission ended the lease'],
  'not-permitted': [40, 'no permission for the button at both ends of the press'],
  locked: [41, 'the gate is locked'],
  faulty: [42, 'a fault is latched'],
  overruled: [43, 'a mute came during the press'],
  starting: [44, 'the gate is still starting, or waits for its key'],
  'button-down': [45, 'the button is down'],
  'wrong-boot': [46, 'meant for another boot of this gate'],
  'old-sequence': [47, 'sequence not above the last accepted one'],
  unseen: [48, 'the sender has not seen the newest press, mute, lock, fault or expired lease'],
  ceiling: [49, 'reaches beyond the ceiling compiled into the firmware'],
  past: [50, 'its time has already passed'],
  'not-muted': [51, 'only possible while muted'],
  range: [52, 'value outside its range, or a pin that belongs to the guard'],
  'unknown-setting': [53, 'no such setting'],
  busy: [54, 'an earlier change is still being written, or an earlier message being verified'],
  'needs-press': [55, 'waits for a press at the gate'],
  malformed: [56, 'message of unknown version, kind or length'],
  unauthenticated: [57, 'the gate holds a key and takes such a message only with an authenticator'],
  'bad-authenticator': [58, 'its authenticator is wrong, or the gate holds no key'],
  'not-pairing': [59, 'a key is taken only by a gate that was powered up with its button held'],
  'sense-live': [60, 'fault: the sense hears although muted was commanded for longer than the travel time'],
  'sense-deaf': [
    61,
    'fault: the sense does not hear although live was commanded for longer than the travel time',
  ],
  'button-stuck': [62, 'fault: the button was down for longer than 10 s'],
  settings: [63, 'fault: no valid settings are stored on the gate'],
  memory: [64, 'fault: the EEPROM did not keep what was written'],
} as const satisfies Codes;

export const PHASES = {
  starting: [0, 'after a reset: boot number not committed, or travel time not yet passed'],
  muted: [1, 'off for longer than the travel time'],
  closing: [2, 'commanded off, travel time not yet passed'],
  opening: [3, 'commanded on under a lease, travel time not yet passed'],
  live: [4, 'on under a lease'],
} as const satisfies Codes;

export const EVENT_KINDS = {
  boot: [
    1,
    'the firmware started; reason says why the gate was reset; detail 1 when earlier events were lost',
  ],
  live: [2, 'the actuator was commanded on; detail is the lease in ms'],
  mute: [3, 'muted: a lease ended, or a mute was received'],
  press: [4, 'a press ended without granting; reason says why; detail is its length in ms'],
  lock: [5, 'the gate was locked'],
  unlock: [6, 'the gate was unlocked by its button'],
  fault: [7, 'a fault latched'],
  cleared: [8, 'a fault was cleared; detail is the code of that fault'],
  setting: [9, 'a setting was changed; detail is its id'],
  paired: [10, 'the gate was given a key (detail 1) or has forgotten it (detail 0)'],
} as const satisfies Codes;

export const PRODUCTS = {
  'uno-relay': [1, 'ATmega328P (Uno, Nano) with a normally-open relay contact'],
  'uno-servo': [2, 'ATmega328P (Uno, Nano) with a servo that moves a shutter or a slide switch'],
} as const satisfies Codes;

export const BROWN_OUT_LEVELS = {
  off: [0, 'no brown-out detection: the relay may hold far below 4 V'],
  '1.8V': [1, 'brown-out detection at 1.8 V'],
  '2.7V': [2, 'brown-out detection at 2.7 V (stock Uno and Nano)'],
  '4.3V': [3, 'brown-out detection at 4.3 V (wanted)'],
} as const satisfies Codes;

export const SETTING_OPS = {
  read: [0, 'answer with `value`'],
  write: [1, 'change the setting'],
} as const satisfies Codes;

export const VALUE_STATUS = {
  current: [0, 'this is the value in force and stored'],
  pending: [1, 'this value waits for a press at the gate'],
  writing: [2, 'this value is in force, but not (yet) stored'],
} as const satisfies Codes;

export const SENSE_KINDS = {
  none: [0, 'no sense is wired'],
  'high-hears': [1, 'a high sense pin means the speaker hears (a broken wire reads as hearing)'],
  'low-hears': [2, 'a low sense pin means the speaker hears'],
} as const satisfies Codes;

const ENUMS = {
  reason: REASONS,
  phase: PHASES,
  eventKind: EVENT_KINDS,
  product: PRODUCTS,
  brownOut: BROWN_OUT_LEVELS,
  settingOp: SETTING_OPS,
  valueStatus: VALUE_STATUS,
} as const;

export { ENUMS };
export type EnumName = keyof typeof ENUMS;
export type EnumValue<E extends EnumName> = keyof (typeof ENUMS)[E] & string;

/** Bit sets of one byte; names are in order from bit 0. */
export const FLAGS = {
  identityFlags: {
    bootloader: 'the BOOTRST fuse is programmed: a bootloader runs before the firmware',
    keyed: 'the gate holds a key',
    historyLost: 'events of before this boot were lost (power loss)',
    pairing: 'the gate takes a key',
  },
  stateFlags: {
    locked: 'the gate is locked and the lock has been read back',
    contested: 'two controllers speak to this gate: unknown',
    sensePresent: 'a sense is configured',
    senseHears: 'the sense says the speaker hears',
    buttonDown: 'the button is down',
    confirming: 'a setting waits for a press',
    attemptsSpent: 'a faulty servo was driven three times and its power was cut',
    verifying: 'a lock or setting is being written',
  },
  allowFlags: {
    night: 'use the night level of the LEDs',
    starting: 'the speaker is being started by its supply and does not answer yet',
  },
} as const;
export type FlagsName = keyof typeof FLAGS;

export type Reason = EnumValue<'reason'>;
export type Phase = EnumValue<'phase'>;
export type EventKind = EnumValue<'eventKind'>;
export type Product = EnumValue<'product'>;
