/** The wires of each build: what keeps a speaker deaf without power, and that drawing, wires and parts list say the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Circuit, circuitMistakes, netOf } from '../../hardware/build/circuit.ts';
import { drawingMistakes, layOut } from '../../hardware/build/drawing.ts';
import { BUILDS, readBuild, readText } from '../../hardware/build/read.ts';
import { clashes } from '../../hardware/build/svg.ts';

const RELAYS = ['relay-supply', 'relay-microphone'] as const;

/** A circuit with two legs changed over, as a soldering iron would. */
function swapped(circuit: Circuit, a: string, b: string): Circuit {
  const nets = Object.entries(circuit.nets).map(([name, net]) => [
    name,
    { ...net, legs: net.legs.map((leg) => (leg === a ? b : leg === b ? a : leg)) },
  ]);
  return { ...circuit, nets: Object.fromEntries(nets) };
}

/** The diode blocks while the coil has current, and takes its current over afterwards. */
const diodeIsRight = (circuit: Circuit): boolean =>
  netOf(circuit, 'D1.cathode') === '+5V' &&
  netOf(circuit, 'K1.coil+') === '+5V' &&
  netOf(circuit, 'D1.anode') === netOf(circuit, 'K1.coil-') &&
  netOf(circuit, 'D1.anode') === netOf(circuit, 'Q1.C');

describe.each(BUILDS)('%s', (name) => {
  const { circuit, parts } = readBuild(name);

  test('joins every leg of the parts list once, or says that it stays free', () => {
    expect(circuitMistakes(circuit, parts)).toEqual([]);
  });

  test('is drawn as it is wired: every line of a net together, none touching another net', () => {
    expect(drawingMistakes(circuit, layOut(circuit, parts))).toEqual([]);
  });

  test('is drawn so that all writing can be read', () => {
    expect(clashes(circuit, parts)).toEqual([]);
  });

  test('S1: a pull-down keeps the transistor off while D7 floats', () => {
    expect(netOf(circuit, 'Q1.E')).toBe('GND');
    expect(new Set([netOf(circuit, 'R2.1'), netOf(circuit, 'R2.2')])).toEqual(
      new Set([netOf(circuit, 'Q1.B'), 'GND']),
    );
    expect(parts.find(({ ref }) => ref === 'R2')!.values.resistance!.value).toBeLessThanOrEqual(10_000);
    expect(new Set([netOf(circuit, 'R1.1'), netOf(circuit, 'R1.2')])).toEqual(
      new Set([netOf(circuit, 'A1.D7'), netOf(circuit, 'Q1.B')]),
    );
  });
});

describe.each(RELAYS)('%s', (name) => {
  const { circuit, parts } = readBuild(name);

  test('S1: uses normally-open contacts only', () => {
    const contacts = parts
      .filter(({ ref }) => ref === 'K1')
      .flatMap(({ kind }) => (kind === 'relay' ? [''] : ['1', '2']));
    for (const n of contacts) {
      expect(netOf(circuit, `K1.NO${n}`)).not.toBeNull();
      expect(netOf(circuit, `K1.COM${n}`)).not.toBeNull();
      expect(circuit.free).toContain(`K1.NC${n}`);
    }
  });

  test('its diode has the cathode at +5 V; a reversed one is found', () => {
    expect(diodeIsRight(circuit)).toBe(true);
    expect(diodeIsRight(swapped(circuit, 'D1.anode', 'D1.cathode'))).toBe(false);
  });
});

test('relay-supply senses behind the contact, with a lower leg of 4.7 kΩ or less', () => {
  const { circuit, parts } = readBuild('relay-supply');
  expect(netOf(circuit, 'R3.1')).toBe(netOf(circuit, 'K1.NO'));
  expect(netOf(circuit, 'J2.+')).toBe(netOf(circuit, 'K1.NO'));
  expect([netOf(circuit, 'R3.2'), netOf(circuit, 'R4.1')]).toEqual(['A0', 'A0']);
  expect(netOf(circuit, 'R4.2')).toBe('GND');
  expect(parts.find(({ ref }) => ref === 'R4')!.values.resistance!.value).toBeLessThanOrEqual(4700);
});

test('relay-microphone joins neither ground nor supply of the gate to the speaker', () => {
  const { circuit } = readBuild('relay-microphone');
  for (const leg of ['J1.1', 'J1.2', 'J2.1', 'J2.2'])
    expect(
      circuit.nets[netOf(circuit, leg)!]!.legs.filter((other) => !/^(J|K1\.(COM|NO))/.test(other)),
    ).toEqual([]);
});

test('servo-slide switches the plus of the servo, and its big capacitor sits before the switch', () => {
  const { circuit } = readBuild('servo-slide');
  expect([netOf(circuit, 'Q2.S'), netOf(circuit, 'C1.+')]).toEqual(['+5V', '+5V']);
  expect(netOf(circuit, 'Q2.D')).toBe(netOf(circuit, 'M1.+'));
  expect(netOf(circuit, 'M1.-')).toBe('GND');
});

describe('mistakes in a drawing are found', () => {
  const { circuit, parts } = readBuild('relay-supply');
  const withNet = (name: string, wires: readonly string[], legs = circuit.nets[name]!.legs): Circuit => ({
    ...circuit,
    nets: { ...circuit.nets, [name]: { ...circuit.nets[name]!, wires: [...wires], legs } },
  });
  const mistakes = (changed: Circuit): string[] => drawingMistakes(changed, layOut(changed, parts));

  test('a leg that no line reaches', () => {
    expect(mistakes(withNet('BASE', ['R1.2 x 72 Q1.B']))).toEqual(['R2.1 is not on the lines of BASE']);
  });

  test('a net in two pieces', () => {
    expect(mistakes(withNet('BASE', ['R1.2 x 71', '@72,28 Q1.B', '@72,28 R2.1']))).toEqual([
      'the lines of BASE are in 2 pieces',
    ]);
  });

  test('a line that touches another net', () => {
    expect(mistakes(withNet('D7', ['A1.D7 R1.1 R1.2']))).not.toEqual([]);
  });

  test('a leg on two nets, one forgotten, one that does not exist', () => {
    const legs = circuit.nets.BASE!.legs;
    expect(circuitMistakes(withNet('D7', [], ['A1.D7', 'R1.1', 'R1.2']), parts)).toEqual([
      'R1.2 is on two nets',
    ]);
    expect(circuitMistakes(withNet('BASE', [], legs.slice(0, 2)), parts)).toEqual([
      'Q1.B is joined to nothing and not free',
    ]);
    expect(circuitMistakes(withNet('BASE', [], [...legs, 'Q9.B']), parts)).toEqual([
      'Q9.B is no leg of the parts list',
    ]);
  });
});

describe('the pins are those of the firmware', () => {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const headers = read('firmware/boards/uno.h') + read('firmware/boards/uno-servo.h');
  const FIRST: Readonly<Record<string, [string, number]>> = { D: ['D', 0], B: ['D', 8], C: ['A', 0] };
  /** `D7` for ACTUATOR, from its port and bit. */
  function pinOf(what: string): string {
    const port = new RegExp(`#define ${what}_(?:PORT|DDR|PIN) (?:PORT|DDR|PIN)([BCD])`).exec(headers)![1]!;
    const bit = Number(new RegExp(`#define ${what}_BIT (\\d)`).exec(headers)![1]);
    const [letter, base] = FIRST[port]!;
    return `${letter}${base + bit}`;
  }

  test.each([
    ['BUTTON', 'S1.2', 'button', null],
    ['RED', 'R11.2', 'red LED', null],
    ['GREEN', 'R12.2', 'green LED', null],
    ['ACTUATOR', 'R1.1', 'driver of the relay', null],
    ['SERVO', 'R5.1', 'free', 'servo-slide'],
    ['SENSE', null, 'sense', null],
  ] as const)('%s', (what, leg, said, only) => {
    const pin = pinOf(what);
    expect(readText('README.md')).toMatch(new RegExp(`^\\| ${pin} \\| ${said}`, 'm'));
    for (const name of only ? [only] : BUILDS)
      if (leg) expect(netOf(readBuild(name).circuit, leg)).toBe(netOf(readBuild(name).circuit, `A1.${pin}`));
  });

  test('the sense is on its pin where there is one', () => {
    const pin = pinOf('SENSE');
    expect(netOf(readBuild('relay-supply').circuit, 'R4.1')).toBe(pin);
    expect(netOf(readBuild('servo-slide').circuit, 'SW1.1')).toBe(pin);
    expect(readBuild('relay-microphone').circuit.free).toContain(`A1.${pin}`);
  });
});
