/** What is measured on the switch of the servo's supply and on the switch that is its sense. */
import { type Bench, type Corner, falling, figuresOf, followingPin, pin, subcircuit } from './deck.ts';
import type { Build } from './read.ts';

const TERMINALS = ['+5V', 'D7', 'SERVO', 'D9', 'SIGNAL', 'A0'];
/** How long a closing move takes: the default of `travel`. */
const MOVE_MS = 800;

/** The supply switch, its rush of current, a stalled servo, a floating pin, and a supercapacitor. */
export function servoBench({ circuit, parts }: Build): Bench {
  const f = figuresOf(parts);
  const [low, usual, high] = [f('PS1.voltage', 'min'), f('PS1.voltage'), f('PS1.voltage', 'max')];
  const lead = f('PS1.lead');
  const corner = (c: Corner): string[] => subcircuit(circuit, parts, TERMINALS, c);
  const servo = (name: string, ohms: number): string[] => [
    `R${name}m ${name}_s 0 ${ohms}`,
    `C${name}m ${name}_s ${name}_mi ${f('M1.store')}`,
    `R${name}mi ${name}_mi 0 0.05`,
    `D${name}m ${name}_g ${name}_s esd`,
    `R${name}g ${name}_g 0 100k`,
  ];
  /** Supply and its lead, the board, a branch of its own for the servo, the circuit and the servo. */
  const rig = (name: string, kind: string, ohms: number, board: string[], d9: string): string[] => [
    ...board,
    `R${name}l ${name}_u ${name}_b ${lead}`,
    `I${name}b ${name}_b 0 ${f('A1.draws')}`,
    `R${name}w ${name}_b ${name}_w ${lead}`,
    `V${name}w ${name}_w ${name}_v 0`,
    `V${name}9 ${name}_9 0 ${d9}`,
    `X${name} ${name}_v ${name}_p ${name}_s ${name}_9 ${name}_g ${name}_a ${kind}`,
    ...servo(name, ohms),
    `R${name}a ${name}_a 0 ${f('SW1.contact')}`,
  ];
  const stallOhms = 4.8 / f('M1.stalled');
  const steady = (name: string, volts: number): string[] => [`V${name}u ${name}_u 0 ${volts}`];
  const stored = f('C4.farads');
  return {
    endMs: 1500,
    lines: [
      '.model esd D(IS=1e-12 N=1 RS=5)',
      ...corner({ name: 'usual', says: 'usual parts', set: {} }),
      ...corner({
        name: 'weakest',
        says: 'least gain, hot MOSFET of the highest threshold, resistors at the wrong end of 5 %',
        set: {
          'Q1.hfe': f('Q1.hfe', 'min'),
          'Q2.on_resistance': f('Q2.on_resistance', 'max'),
          'Q2.threshold': f('Q2.threshold', 'max'),
          'R1.resistance': f('R1.resistance') * 1.05,
          'R2.resistance': f('R2.resistance') * 0.95,
        },
      }),
      ...corner({
        name: 'strongest',
        says: 'most gain, MOSFET of the lowest threshold',
        set: {
          'Q1.hfe': f('Q1.hfe', 'max'),
          'Q2.threshold': f('Q2.threshold', 'min'),
          'R1.resistance': f('R1.resistance') * 0.95,
          'R2.resistance': f('R2.resistance') * 1.05,
        },
      }),
      '* a servo that is stalled, on the lowest supply',
      ...rig('st', 'weakest', stallOhms, [...steady('st', low), ...pin('st', 'st_p', f, 10, 110, low)], '0'),
      '* rush of current when it is switched on, on the highest supply',
      ...rig(
        'in',
        'strongest',
        stallOhms,
        [...steady('in', high), ...pin('in', 'in_p', f, 10, 110, high)],
        String(high),
      ),
      '* a pin that floats and leaks, as in reset',
      ...rig('fl', 'strongest', 1e4, [...steady('fl', high), `Ifl 0 fl_p ${f('A1.pin_leak')}`], '0'),
      '* switched off',
      ...rig('of', 'strongest', 1e4, [...steady('of', high), 'Vofp of_p 0 0'], '0'),
      '* switched off, and a signal pin that is stuck high on a servo that draws what it can get',
      ...rig('sg', 'strongest', 50, [...steady('sg', high), 'Vsgp sg_p 0 0'], String(high)),
      '* supply falls slowly: brown-out at 4.3 V, and a pin stuck high',
      ...rig(
        'bo',
        'usual',
        4.8 / f('M1.idle'),
        [falling('bou', 'bo_u', usual, 50, 100), ...followingPin('bo', 'bo_b', 'bo_p', f, f('A1.brown_out'))],
        '0',
      ),
      ...rig(
        'hi',
        'usual',
        4.8 / f('M1.idle'),
        [falling('hiu', 'hi_u', usual, 50, 100), ...followingPin('hi', 'hi_b', 'hi_p', f, 0)],
        '0',
      ),
      '* supercapacitor: the supply is gone at 100 ms, the servo moves at once',
      `Csc sc_i 0 ${stored} IC=${usual}`,
      `Rsc sc_i sc_v ${f('C4.esr')}`,
      `Isc sc_v 0 PULSE(0 ${f('M1.moving') + f('A1.draws')} 100m 1u 1u ${MOVE_MS}m 10)`,
      `.ic v(sc_i)=${usual}`,
      '* the sense: switch closed, switch current, wire fallen off',
      `Vswv sw_v 0 ${low}`,
      `Rswu sw_v sw_a ${f('A1.pull_up', 'min')}`,
      `Rsw6 sw_v sw_a ${f('R6.resistance') * 1.05}`,
      `Rsws sw_a sw_0 ${f('SW1.contact')}`,
      'Vsw0 sw_0 0 0',
      `Vwov wo_v 0 ${high}`,
      `Rwou wo_v wo_a ${f('A1.pull_up', 'max')}`,
      `Iwo wo_a 0 ${f('A1.pin_leak')}`,
    ],
    measures: [
      {
        name: 'switch_drop',
        unit: 'mV',
        meaning: 'lost in the MOSFET, servo stalled, hot',
        spice: "FIND par('v(st_v)-v(st_s)') AT=109m",
      },
      {
        name: 'servo_voltage',
        unit: 'V',
        meaning: 'at the stalled servo, supply at its lowest',
        spice: 'FIND v(st_s) AT=109m',
      },
      {
        name: 'board_voltage',
        unit: 'V',
        meaning: 'lowest at the board while the servo is switched on and stalls',
        spice: 'MIN v(st_b) FROM=5m TO=110m',
      },
      {
        name: 'inrush',
        unit: 'A',
        meaning: 'most through the MOSFET while the servo is switched on',
        spice: 'MAX i(v.xin.vq2) FROM=9m TO=60m',
      },
      {
        name: 'gate_voltage',
        unit: 'V',
        meaning: 'between source and gate while on, supply at its lowest',
        spice: "FIND par('v(st_v)-v(xst.gate)') AT=109m",
      },
      {
        name: 'on_voltage',
        unit: 'V',
        meaning: 'left over at the weakest transistor while on',
        spice: 'FIND v(xst.pull) AT=109m',
      },
      {
        name: 'pin_current',
        unit: 'mA',
        meaning: 'out of D7 at the highest supply',
        spice: "MAX par('-i(vin)') FROM=10m TO=110m",
      },
      {
        name: 'off_time',
        unit: 'ms',
        meaning: 'from D7 low until the servo has less than 1 V, stalled',
        spice: `TRIG v(in_d) VAL=${high / 2} FALL=1 TARG v(in_s) VAL=1 FALL=1`,
      },
      {
        name: 'off_voltage',
        unit: 'V',
        meaning: 'at an off servo, through the leakage of the MOSFET',
        spice: 'FIND v(of_s) AT=100m',
      },
      {
        name: 'floating_servo_voltage',
        unit: 'V',
        meaning: 'at the servo while D7 floats and leaks, as in reset',
        spice: 'FIND v(fl_s) AT=100m',
      },
      {
        name: 'signal_current',
        unit: 'mA',
        meaning: 'out of D9 into a servo without power, if D9 were stuck high',
        spice: "FIND par('-i(vsg9)') AT=100m",
      },
      {
        name: 'off_at',
        unit: 'V',
        meaning: "board's supply at which the MOSFET closes when that falls slowly, brown-out at 4.3 V",
        spice: `FIND v(bo_b) WHEN par('v(bo_v)-v(xbo.gate)')=${f('Q2.threshold')} FALL=LAST`,
      },
      {
        name: 'stuck_high_off_at',
        unit: 'V',
        meaning: 'the same without brown-out, or with a pin stuck high',
        spice: `FIND v(hi_b) WHEN par('v(hi_v)-v(xhi.gate)')=${f('Q2.threshold')} FALL=LAST`,
      },
      {
        name: 'stored_voltage',
        unit: 'V',
        meaning: `left on the supercapacitor at the end of a closing move of ${MOVE_MS} ms`,
        spice: `FIND v(sc_v) AT=${99 + MOVE_MS}m`,
      },
      {
        name: 'switch_current',
        unit: 'mA',
        meaning: 'through the closed switch of the sense, at the least',
        spice: 'FIND i(vsw0) AT=100m',
      },
      {
        name: 'sense_low',
        unit: 'V',
        meaning: 'at A0 while the switch is closed',
        spice: 'FIND v(sw_a) AT=100m',
      },
      {
        name: 'sense_wire_off',
        unit: 'V',
        meaning: 'at A0 when its wire has fallen off (reads as hearing)',
        spice: 'FIND v(wo_a) AT=100m',
      },
    ],
  };
}
