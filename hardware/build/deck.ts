/** ngspice decks: the circuit of a build as subcircuits, one a corner, and what is measured on them. */
import { type Circuit, netOf } from './circuit.ts';
import { figure, type Part, withValues } from './parts.ts';

export interface Measure {
  readonly name: string;
  /** As the results and limits give it. */
  readonly unit: 'V' | 'mA' | 'A' | 'ms' | 'mV' | 'mW' | '×';
  readonly meaning: string;
  /** The rest of ngspice's `.meas tran NAME`. */
  readonly spice: string;
}

/** A deck in the making: lines, and what is measured. */
export interface Bench {
  readonly lines: readonly string[];
  readonly measures: readonly Measure[];
  readonly endMs: number;
}

/** Units of the results in SI. */
export const SCALE: Readonly<Record<Measure['unit'], number>> = {
  V: 1,
  A: 1,
  '×': 1,
  mA: 1e-3,
  ms: 1e-3,
  mV: 1e-3,
  mW: 1e-3,
};

const node = (net: string): string =>
  net === 'GND' ? '0' : net === '+5V' ? 'vcc' : net.toLowerCase().replace(/[^a-z0-9]/g, '');
const number = (value: number): string => String(Number(value.toPrecision(6)));

/** Silicon as ngspice's own models have it, but for the figures of the parts list. */
function models(parts: readonly Part[], corner: string): string[] {
  return parts.flatMap(({ ref, kind, values }) => {
    switch (kind) {
      case 'npn':
        return [
          `.model ${corner}_${ref} NPN(IS=14.34f BF=${number(values.hfe!.value)} VAF=74 IKF=0.28 ISE=14.34f NE=1.307 BR=6 RC=1 RB=10 CJE=22p CJC=7.3p TF=411p TR=47n)`,
        ];
      case 'diode':
        return [`.model ${corner}_${ref} D(IS=2.52n RS=0.568 N=1.752 CJO=4p TT=20n BV=100 IBV=100u)`];
      case 'pmos':
        return [
          `.model ${corner}_${ref} VDMOS(PCHAN VTO=-${number(values.threshold!.value)} KP=15 KSUBTHRES=0.03 RD=${number(values.on_resistance!.value * 0.7)} RS=0.001 CGS=${number(values.gate!.value)} CGDMAX=0.3n CGDMIN=0.1n)`,
        ];
      default:
        return [];
    }
  });
}

function element(part: Part, circuit: Circuit, corner: string): string[] {
  const { ref, kind, values } = part;
  const at = (leg: string): string => node(netOf(circuit, `${ref}.${leg}`)!);
  switch (kind) {
    case 'resistor':
      return [`${ref} ${at('1')} ${at('2')} ${number(values.resistance!.value)}`];
    case 'capacitor':
      return [
        `${ref} ${at('+')} ${ref}_i ${number(values.capacitance!.value)}`,
        `R${ref} ${ref}_i ${at('-')} ${number(values.esr?.value ?? 0.01)}`,
      ];
    case 'diode':
      return [`${ref} ${at('anode')} ${at('cathode')} ${corner}_${ref}`];
    case 'npn':
      return [`${ref} ${at('C')} ${at('B')} ${at('E')} ${corner}_${ref}`];
    case 'pmos':
      return [
        `V${ref} ${at('S')} ${ref}_s 0`,
        `M${ref} ${at('D')} ${at('G')} ${ref}_s ${corner}_${ref}`,
        `R${ref} ${ref}_s ${at('D')} ${number(5 / values.leak!.value)}`,
      ];
    case 'relay':
    case 'signal-relay':
      return [
        `V${ref} ${at('coil+')} ${ref}_i 0`,
        `L${ref} ${ref}_i ${ref}_r ${number(values.inductance!.value)}`,
        `R${ref} ${ref}_r ${at('coil-')} ${number(values.coil!.value)}`,
      ];
    default:
      return [];
  }
}

/** The parts of a build as they are in one corner of their tolerances. */
export interface Corner {
  readonly name: string;
  readonly says: string;
  readonly set: Readonly<Record<string, number>>;
}

/** The circuit as a subcircuit `name`; its terminals are the nets named, in that order. Common parts (ref above 10) stay out. */
export function subcircuit(
  circuit: Circuit,
  parts: readonly Part[],
  terminals: readonly string[],
  { name, says, set }: Corner,
): string[] {
  const own = withValues(parts, set).filter(({ ref, fitted }) => fitted && !/[A-Z]1\d$/.test(ref));
  return [
    `* ${says}`,
    `.subckt ${name} ${terminals.map(node).join(' ')}`,
    ...own.flatMap((part) => element(part, circuit, name)),
    '.ends',
    ...models(own, name),
  ];
}

/** Sums of floating point as a person would write them. */
const tidy = (line: string): string => line.replace(/\d+\.\d{7,}/g, (digits) => number(Number(digits)));

/** The text of a deck. */
export function deckText(title: string, { lines, measures, endMs }: Bench): string {
  return `${[
    `* ${title}`,
    '* Made from parts.json and diagram.json by `npm run generate`; measured by `npm run simulate`.',
    ...lines,
    '.options reltol=1e-4',
    `.tran 50u ${endMs}m 0 50u`,
    ...measures.map(({ name, spice }) => `.meas tran ${name} ${spice}`),
    '.end',
  ]
    .map(tidy)
    .join('\n')}\n`;
}

/** `(path, corner)` → figure, for the benches. */
export type Figures = (path: string, end?: 'min' | 'max') => number;

/** Reads figures of the parts list; asking for an end that is not given throws. */
export function figuresOf(parts: readonly Part[]): Figures {
  return (path, end) => {
    const found = figure(parts, path);
    const value = end ? found[end] : found.value;
    if (value === undefined) throw new Error(`${path} has no ${end}`);
    return value;
  };
}

/** A pin of the chip: high from `fromMs` to `toMs`, driven low otherwise. */
export function pin(
  name: string,
  to: string,
  f: Figures,
  fromMs: number,
  toMs: number,
  volts: number,
): string[] {
  return [
    `V${name} ${name}_d 0 PULSE(0 ${volts} ${fromMs}m 1u 1u ${toMs - fromMs}m 10)`,
    `R${name} ${name}_d ${to} ${number(f('A1.pin_resistance'))}`,
  ];
}

/** A supply that begins to fall at `fromMs` and is gone `fallMs` later. */
export function falling(name: string, to: string, volts: number, fromMs: number, fallMs: number): string {
  return `V${name} ${to} 0 PWL(0 ${volts} ${fromMs}m ${volts} ${fromMs + fallMs}m 0)`;
}

/** Half of the 50 mV of the ATmega328P's data sheet, V. */
const HYSTERESIS = 0.025;

/** A pin that follows its supply while that is above the brown-out level, and floats below; level 0 is a pin stuck high. */
export function followingPin(name: string, supply: string, to: string, f: Figures, level: number): string[] {
  return [
    `S${name} ${supply} ${to} ${supply} 0 tri_${name}`,
    `.model tri_${name} SW(VT=${number(level + HYSTERESIS)} VH=${HYSTERESIS} RON=${number(f('A1.pin_resistance'))} ROFF=1e9)`,
  ];
}
