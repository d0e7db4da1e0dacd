/** The form of `gates.<name>.accessories`: what is wired to the free pins of a gate beside the guard. */
import { z } from 'zod';
import { NAME } from './name.ts';
import { FREE_PINS, pinNumber } from './pins.ts';

/** What a lamp may show. There is no `muted`: a lamp keeps its level when cable or controller fail, and would go on saying it. */
export const LAMP_SHOWS = ['live', 'unknown', 'fault', 'locked'] as const;
const BUTTON_DOES = ['mute', 'mute-all'] as const;
const ANALOG_PINS = ['A1', 'A2', 'A3', 'A4', 'A5'] as const;

/** One accessory as the controller uses it; pins are numbers, A1 to A5 are 15 to 19. */
export type Accessory =
  | {
      readonly kind: 'lamp';
      readonly pin: number;
      readonly shows: (typeof LAMP_SHOWS)[number];
      readonly inverted: boolean;
    }
  | { readonly kind: 'chime'; readonly pin: number; readonly inverted: boolean }
  | { readonly kind: 'button'; readonly pin: number; readonly does: (typeof BUTTON_DOES)[number] }
  | { readonly kind: 'sensor'; readonly pin: number; readonly name: string };

const quoted = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
const pin = z.literal(FREE_PINS, { error: `a free pin: ${FREE_PINS.join(', ')}` });
const oneOf = <T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: words.length === 1 ? quoted(words) : `one of ${quoted(words)}` }).optional();

/** Each kind and the keys that go with it. */
const KINDS = {
  led: { needs: 'shows', may: ['inverted'] },
  chime: { needs: 'on', may: ['inverted'] },
  button: { needs: 'does', may: [] },
  sensor: { needs: 'name', may: [] },
} as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];
const ENTRY =
  'one of `{ led: PIN, shows: live }`, `{ chime: PIN, on: unmute }`, `{ button: PIN, does: mute-all }` and `{ sensor: A1, name: light }`';

const entry = z
  .strictObject(
    {
      led: pin.describe('Pin of a lamp, lit while what it `shows` is so.').optional(),
      shows: oneOf(LAMP_SHOWS).describe(
        'Of a lamp: `live` (also while the state is unknown), `unknown`, `fault` or `locked`.',
      ),
      chime: pin.describe('Pin of a buzzer that sounds once when the gate is unmuted.').optional(),
      on: oneOf(['unmute']).describe('Of a chime: `unmute`.'),
      button: pin.describe('Pin of a button to ground, which mutes. It can never unmute.').optional(),
      does: oneOf(BUTTON_DOES).describe('Of a button: `mute` this gate, or `mute-all` gates of this daemon.'),
      sensor: z
        .literal(ANALOG_PINS, { error: `an analog pin: ${ANALOG_PINS.join(', ')}` })
        .describe(
          'Analog pin of a sensor, for conditions such as `{ sensor: kitchen.light, above: 300 }`; its value goes from 0 to 1023.',
        )
        .optional(),
      name: z
        .string()
        .regex(NAME, { error: 'a name of small letters, digits, - and _' })
        .describe('Of a sensor: its name.')
        .optional(),
      inverted: z
        .boolean({ error: '`true` or `false`' })
        .describe('Of a lamp or chime: on when its pin is low, as many relay modules are. Default false.')
        .optional(),
    },
    { error: ENTRY },
  )
  .superRefine((value, context) => {
    const expect = (message: string) => context.addIssue({ code: 'custom', message });
    const kinds = KIND_NAMES.filter((kind) => value[kind] !== undefined);
    const [kind] = kinds;
    if (kinds.length !== 1 || !kind) {
      expect(ENTRY);
      return;
    }
    const { needs, may } = KINDS[kind];
    const allowed: readonly string[] = [kind, needs, ...may];
    const other = Object.keys(value).find((key) => !allowed.includes(key));
    if (value[needs] === undefined) expect(`\`${needs}\` beside \`${kind}\``);
    else if (other) expect(`no \`${other}\` beside \`${kind}\``);
  });
type Entry = z.output<typeof entry>;

export const accessories = z
  .array(entry, { error: 'a list of accessories such as `- { led: 5, shows: live }`' })
  .describe('Lamps, chimes, buttons and sensors on free pins of the board.');

/** The pin of an entry with the key that names it; null for an entry that has none. */
function pinOf(value: Entry): { readonly key: Kind; readonly pin: number } | null {
  const key = KIND_NAMES.find((kind) => value[kind] !== undefined);
  return key ? { key, pin: pinNumber(value[key]!) } : null;
}

/** What is wrong with the pins and names of a list, given what else is wired: where, and what was expected. */
export function wiringProblems(
  list: readonly Entry[],
  inputs: ReadonlyMap<number, string>,
  isServo: boolean,
): { readonly path: (string | number)[]; readonly expected: string }[] {
  const problems: { path: (string | number)[]; expected: string }[] = [];
  const taken = new Map([...inputs].map(([at, name]) => [at, `the input \`${name}\``]));
  const names = new Set(inputs.values());
  for (const [index, value] of list.entries()) {
    const place = pinOf(value);
    if (!place) continue;
    const other = taken.get(place.pin);
    const path = [index, place.key];
    if (other) problems.push({ path, expected: `a pin of its own: ${other} has this one` });
    else if (isServo && place.pin === 9)
      problems.push({ path, expected: 'another pin: D9 drives the servo of this product' });
    taken.set(place.pin, `another accessory`);
    if (value.name === undefined) continue;
    if (names.has(value.name)) problems.push({ path: [index, 'name'], expected: 'a name of its own' });
    names.add(value.name);
  }
  return problems;
}

/** A checked entry as the controller uses it. */
export function toAccessory(value: Entry): Accessory {
  const { pin: at } = pinOf(value)!;
  const inverted = value.inverted ?? false;
  if (value.shows !== undefined) return { kind: 'lamp', pin: at, shows: value.shows, inverted };
  if (value.does !== undefined) return { kind: 'button', pin: at, does: value.does };
  if (value.name !== undefined) return { kind: 'sensor', pin: at, name: value.name };
  return { kind: 'chime', pin: at, inverted };
}
