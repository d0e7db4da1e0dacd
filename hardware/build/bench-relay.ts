/** What is measured on a relay driver, and on the sense of a relay in a supply. */
import {
  type Bench,
  type Corner,
  type Figures,
  falling,
  figuresOf,
  followingPin,
  type Measure,
  pin,
  subcircuit,
} from './deck.ts';
import type { Build } from './read.ts';

const COPPER_PER_DEGREE = 0.00393;
const FALL_MS = 100;

/** The driver: corners of its tolerances, falling supplies, a floating pin. */
export function relayBench({ circuit, parts }: Build): Bench {
  const f = figuresOf(parts);
  const warm = 1 + COPPER_PER_DEGREE * (f('K1.hot') - 20);
  const pullIn = f('K1.nominal') * f('K1.pull_in');
  const dropOut = (f('K1.nominal') * f('K1.drop_out')) / f('K1.coil');
  const [low, usual, high] = [f('PS1.voltage', 'min'), f('PS1.voltage'), f('PS1.voltage', 'max')];
  const hasSense = circuit.nets.A0 !== undefined;
  const terminals = ['+5V', 'D7', ...(hasSense ? ['LOAD', 'A0'] : [])];
  const corner = (c: Corner): string[] => subcircuit(circuit, parts, terminals, c);
  /** An instance of a corner whose sense, if any, is left alone. */
  const instance = (name: string, supply: string, d7: string, kind: string): string[] => [
    `X${name} ${supply} ${d7}${hasSense ? ` ${name}_l ${name}_a` : ''} ${kind}`,
    ...(hasSense ? [`R${name}l ${name}_l 0 1meg`, `R${name}a ${name}_a 0 1meg`] : []),
  ];
  const ramp = (name: string, level: number): string[] => [
    falling(name, `${name}_v`, usual, 50, FALL_MS),
    ...followingPin(name, `${name}_v`, `${name}_p`, f, level),
    ...instance(name, `${name}_v`, `${name}_p`, 'usual'),
  ];
  const pulsed = (name: string, volts: number, kind: string): string[] => [
    `V${name}s ${name}_v 0 ${volts}`,
    ...pin(name, `${name}_p`, f, 10, 60, volts),
    ...instance(name, `${name}_v`, `${name}_p`, kind),
  ];
  const coil = (name: string): string => `i(v.x${name}.vk1)`;
  const opens = (name: string): string => `FIND v(${name}_v) WHEN ${coil(name)}=${dropOut} FALL=LAST`;
  const measures: Measure[] = [
    {
      name: 'pull_in_margin',
      unit: '×',
      meaning: 'voltage at the coil over what it needs: hot coil, weakest transistor, supply at its lowest',
      spice: `FIND par('(v(weak_v)-v(xweak.coil))/${pullIn * warm}') AT=59m`,
    },
    {
      name: 'pull_in_margin_usual',
      unit: '×',
      meaning: 'the same with usual parts',
      spice: `FIND par('(v(mid_v)-v(xmid.coil))/${pullIn}') AT=59m`,
    },
    {
      name: 'on_voltage',
      unit: 'V',
      meaning: 'left over at the weakest transistor while on',
      spice: 'FIND v(xweak.coil) AT=59m',
    },
    {
      name: 'base_current',
      unit: 'mA',
      meaning: 'into the base of the weakest transistor',
      spice: `FIND par('(v(weak_p)-v(xweak.base))/${f('R1.resistance') * 1.05}-v(xweak.base)/${f('R2.resistance') * 0.95}') AT=59m`,
    },
    {
      name: 'pin_current',
      unit: 'mA',
      meaning: 'out of D7 at the highest supply',
      spice: "MAX par('-i(vbig)') FROM=10m TO=60m",
    },
    {
      name: 'clamp_voltage',
      unit: 'V',
      meaning: 'highest at the collector when the relay is switched off',
      spice: 'MAX v(xbig.coil) FROM=55m TO=120m',
    },
    {
      name: 'diode_current',
      unit: 'mA',
      meaning: 'most that the diode carries then',
      spice: `MAX ${coil('big')} FROM=55m TO=120m`,
    },
    {
      name: 'release_time',
      unit: 'ms',
      meaning:
        'from D7 low until the coil has let go, with twice the inductance; the contact itself comes on top',
      spice: `TRIG v(big_d) VAL=${high / 2} FALL=1 TARG ${coil('big')} VAL=${dropOut} FALL=1`,
    },
    {
      name: 'release_time_usual',
      unit: 'ms',
      meaning: 'the same with usual parts',
      spice: `TRIG v(mid_d) VAL=${usual / 2} FALL=1 TARG ${coil('mid')} VAL=${dropOut} FALL=1`,
    },
    {
      name: 'opens_at',
      unit: 'V',
      meaning: 'supply at which it opens when that falls slowly, brown-out at 4.3 V',
      spice: opens('bod'),
    },
    {
      name: 'opens_at_stock',
      unit: 'V',
      meaning: 'the same with the brown-out of a stock board, 2.7 V',
      spice: opens('stock'),
    },
    {
      name: 'stuck_high_opens_at',
      unit: 'V',
      meaning: 'the same without brown-out, or with a pin stuck high',
      spice: opens('stuck'),
    },
    {
      name: 'floating_coil_current',
      unit: 'mA',
      meaning: 'through the coil while the pin floats and leaks, as in reset',
      spice: `FIND ${coil('open')} AT=100m`,
    },
  ];
  const lines = [
    ...corner({ name: 'usual', says: 'usual parts', set: {} }),
    ...corner({
      name: 'weakest',
      says: 'hot coil, least gain, resistors at the wrong end of 5 %',
      set: {
        'K1.coil': f('K1.coil') * warm,
        'Q1.hfe': f('Q1.hfe', 'min'),
        'R1.resistance': f('R1.resistance') * 1.05,
        'R2.resistance': f('R2.resistance') * 0.95,
      },
    }),
    ...corner({
      name: 'strongest',
      says: 'coil of least resistance, twice the inductance, most gain',
      set: {
        'K1.coil': f('K1.coil') * 0.9,
        'K1.inductance': f('K1.inductance', 'max'),
        'Q1.hfe': f('Q1.hfe', 'max'),
        'R1.resistance': f('R1.resistance') * 0.95,
        'R2.resistance': f('R2.resistance') * 1.05,
      },
    }),
    ...pulsed('mid', usual, 'usual'),
    ...pulsed('weak', low, 'weakest'),
    ...pulsed('big', high, 'strongest'),
    ...ramp('bod', f('A1.brown_out')),
    ...ramp('stock', f('A1.brown_out_stock')),
    ...ramp('stuck', 0),
    `Vopen open_v 0 ${high}`,
    `Iopen 0 open_p ${f('A1.pin_leak')}`,
    ...instance('open', 'open_v', 'open_p', 'strongest'),
  ];
  if (!hasSense) return { lines, measures, endMs: 160 };
  const sense = senseBench(figuresOf(parts));
  return {
    lines: [...lines, ...sense.lines],
    measures: [...measures, ...sense.measures],
    endMs: sense.endMs,
  };
}

/** The divider to A0: levels at the ends of the tolerances, the wire off, and how soon it falls. */
function senseBench(f: Figures): Bench {
  const [low, high] = [f('PS1.voltage', 'min'), f('PS1.voltage', 'max')];
  const divider = (
    name: string,
    kind: '' | '_12v',
    load: string | null,
    supply: number,
    pullUp: number,
    tilt: number,
  ): string[] => [
    ...(load === null ? [] : [`V${name} ${name}_l 0 ${load}`]),
    `R${name}3 ${name}_l ${name}_a ${f(`R3.resistance${kind}`) * (1 - tilt)}`,
    `R${name}4 ${name}_a 0 ${f('R4.resistance') * (1 + tilt)}`,
    `R${name}5 ${name}_l 0 ${f(`R5.resistance${kind}`)}`,
    `V${name}s ${name}_v 0 ${supply}`,
    `R${name}u ${name}_v ${name}_a ${pullUp}`,
  ];
  const [weakUp, strongUp] = [f('A1.pull_up', 'max'), f('A1.pull_up', 'min')];
  const at = (name: string): string => `FIND v(${name}_a) AT=100m`;
  const store = f('J2.store');
  const opening = (name: string, kind: '' | '_12v'): string[] => [
    ...divider(name, kind, null, f('PS1.voltage'), f('A1.pull_up'), 0),
    `C${name} ${name}_l 0 ${store}`,
    `V${name}c ${name}_c 0 PULSE(5 0 100m 1u 1u 10 20)`,
    `S${name} ${name}_j ${name}_l ${name}_c 0 contact`,
    `V${name}j ${name}_j 0 ${f(`J1.voltage${kind}`)}`,
  ];
  const falls = (name: string): string =>
    `TRIG AT=100m TARG v(${name}_a) VAL=${f('PS1.voltage') * f('A1.reads_low')} FALL=1`;
  return {
    endMs: 2000,
    lines: [
      '* sense at the ends of the tolerances; s*_l is the speaker, s*_a is A0',
      ...divider('s5l', '', String(f('J1.voltage', 'min')), high, weakUp, -0.05),
      ...divider('s5h', '', String(f('J1.voltage', 'max')), low, strongUp, 0.05),
      ...divider('s12l', '_12v', String(f('J1.voltage_12v', 'min')), high, weakUp, -0.05),
      ...divider('s12h', '_12v', String(f('J1.voltage_12v', 'max')), low, strongUp, 0.05),
      '* contact open and R3 fallen off as well: R4 alone against the pull-up',
      `Vsos so_v 0 ${high}`,
      `Rsou so_v so_a ${strongUp}`,
      `Rso4 so_a 0 ${f('R4.resistance') * 1.05}`,
      '* wire to A0 fallen off: the pull-up alone against the leakage of the pin',
      `Vsws sw_v 0 ${high}`,
      `Rswu sw_v sw_a ${weakUp}`,
      `Isw sw_a 0 ${f('A1.pin_leak')}`,
      '* contact opens at 100 ms, and the speaker draws nothing any more',
      ...opening('sf', ''),
      ...opening('sg', '_12v'),
      '.model contact SW(VT=2.5 VH=0 RON=0.1 ROFF=1e9)',
    ],
    measures: [
      {
        name: 'sense_high',
        unit: 'V',
        meaning: 'at A0 while the speaker has its 5 V, at the least',
        spice: at('s5l'),
      },
      { name: 'sense_highest', unit: 'V', meaning: 'the same at the most', spice: at('s5h') },
      {
        name: 'sense_high_12v',
        unit: 'V',
        meaning: 'the same with a 12 V adapter, at the least',
        spice: at('s12l'),
      },
      { name: 'sense_highest_12v', unit: 'V', meaning: 'the same at the most', spice: at('s12h') },
      {
        name: 'sense_low',
        unit: 'V',
        meaning: 'at A0 while the contact is open, against the strongest pull-up, R3 lost as well',
        spice: at('so'),
      },
      {
        name: 'sense_wire_off',
        unit: 'V',
        meaning: 'at A0 when its wire has fallen off (reads as hearing)',
        spice: at('sw'),
      },
      {
        name: 'sense_falls',
        unit: 'ms',
        meaning: `from the contact's opening until A0 reads low, if the speaker stores ${Math.round(store * 1e6)} µF and draws nothing`,
        spice: falls('sf'),
      },
      {
        name: 'sense_falls_12v',
        unit: 'ms',
        meaning: 'the same with a 12 V adapter',
        spice: falls('sg'),
      },
      {
        name: 'bleeder_power_12v',
        unit: 'mW',
        meaning: 'heat in R5 with a 12 V adapter',
        spice: `FIND par('v(s12h_l)*v(s12h_l)/${f('R5.resistance_12v')}') AT=100m`,
      },
    ],
  };
}
