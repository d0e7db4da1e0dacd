/**
 * The ten steps of the wiring check in words: what the person does, what is asked, and what a wrong answer means. The
 * order matters: nothing is opened before it is known that an unpowered gate leaves the speaker deaf.
 */

/** What the person is asked to do. */
export type Action = 'unplug' | 'plug' | 'pull-usb' | 'press';
/** What the person is asked; `answers`: whether the speaker answers to its wake word. */
export type Question = 'lamps-muted' | 'lamps-live' | 'answers';

export interface Step {
  readonly title: string;
  /** What it means when the step does not hold, and what to do. */
  readonly wrong: string;
  readonly remedy: string;
}

export const STEPS = {
  talks: {
    title: 'The gate answers and has no fault',
    wrong: 'the gate does not answer or is faulty',
    remedy: '`earlid doctor` says what is wrong.',
  },
  'lamps-muted': {
    title: 'Muted: red is lit',
    wrong: 'the LEDs do not show that the gate is muted',
    remedy:
      'Red is on D3, green on D11, each through 1 kΩ to ground; the short leg of an LED goes to ground.',
  },
  'deaf-muted': {
    title: 'Muted: the speaker is deaf',
    wrong: 'the speaker answers although the gate is muted',
    remedy:
      'Its line does not run through the normally-open contact: it is wired to the normally-closed side, bridged, or not the line of the microphone or supply. Unplug the speaker until that is mended.',
  },
  'deaf-unplugged': {
    title: 'Unplugged: the speaker is deaf',
    wrong: 'the speaker answers although the gate has no power',
    remedy:
      'Its line is wired to the normally-closed contact: move the wire from NC to NO. Unplug the speaker until that is mended.',
  },
  'back-muted': {
    title: 'Plugged in again: it comes back muted',
    wrong: 'the gate did not come back muted',
    remedy: 'Look at its cable and its supply; `earlid doctor` says what the gate tells.',
  },
  'lamps-live': {
    title: 'Live: green is lit',
    wrong: 'the LEDs do not show that the gate is live',
    remedy: 'Green is on D11 through 1 kΩ to ground; the short leg of an LED goes to ground.',
  },
  'hears-live': {
    title: 'Live: the speaker answers',
    wrong: 'the speaker does not answer although the gate is live',
    remedy:
      'The contact does not close, or it is not in the line: look at the driver of the coil (D7, transistor, diode the right way round) and at COM and NO. `ready_after` gives a speaker that has to start its time.',
  },
  'deaf-again': {
    title: 'Muted again: the speaker is deaf',
    wrong: 'the speaker still answers after the gate was muted',
    remedy:
      'The contact does not open any more: it is welded or jammed. Replace it, and unplug the speaker until then.',
  },
  'deaf-pulled': {
    title: 'USB pulled while live: the speaker goes deaf',
    wrong: 'the speaker still answers after the gate was left alone while live',
    remedy:
      'The gate must end its lease by itself: a contact that is welded, or something else than D7 holds the coil. Unplug the speaker until that is mended.',
  },
  button: {
    title: 'The button is heard',
    wrong: 'no press of the button was heard',
    remedy: 'The button goes from D2 to ground, and needs no resistor.',
  },
} as const satisfies Readonly<Record<string, Step>>;
export type StepName = keyof typeof STEPS;

/** What is printed for a question or an action. */
export const WORDS: Readonly<Record<Action | Question, string>> = {
  unplug: 'Take all power from the gate: its USB cable, and its own 5 V supply where it has one.',
  plug: 'Plug the gate in again.',
  'pull-usb': 'Pull the USB cable of the gate now. Its own 5 V supply stays, where it has one.',
  press: 'Press the button of the gate once, briefly.',
  'lamps-muted': 'Is the red LED lit and the green one dark?',
  'lamps-live': 'Is the green LED lit and the red one dark?',
  answers: 'Say the wake word and a short question. Does the speaker answer?',
};
