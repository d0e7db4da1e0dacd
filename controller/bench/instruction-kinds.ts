/** Sorts every opcode of the AVR into the kinds that `execute` in `instructions.ts` switches on. Pure. */

/**
 * Mask, value and kind of each instruction that is executed there; everything else is kind 0. The numbers are written out
 * in the switch because V8 makes a jump table of literals only.
 */
const PATTERNS: readonly (readonly [mask: number, value: number, kind: number, name: string])[] = [
  [0xfc00, 0x0c00, 1, 'add'],
  [0xfc00, 0x1c00, 2, 'adc'],
  [0xfc00, 0x1800, 3, 'sub'],
  [0xf000, 0x5000, 4, 'subi'],
  [0xfc00, 0x0800, 5, 'sbc'],
  [0xf000, 0x4000, 6, 'sbci'],
  [0xfc00, 0x1400, 7, 'cp'],
  [0xfc00, 0x0400, 8, 'cpc'],
  [0xf000, 0x3000, 9, 'cpi'],
  [0xfc00, 0x2000, 10, 'and'],
  [0xf000, 0x7000, 11, 'andi'],
  [0xfc00, 0x2800, 12, 'or'],
  [0xf000, 0x6000, 13, 'ori'],
  [0xfc00, 0x2400, 14, 'eor'],
  [0xfc00, 0x2c00, 15, 'mov'],
  [0xff00, 0x0100, 16, 'movw'],
  [0xf000, 0xe000, 17, 'ldi'],
  [0xff00, 0x9600, 18, 'adiw'],
  [0xff00, 0x9700, 19, 'sbiw'],
  [0xfe0f, 0x9400, 20, 'com'],
  [0xfe0f, 0x9401, 21, 'neg'],
  [0xfe0f, 0x9402, 22, 'swap'],
  [0xfe0f, 0x9403, 23, 'inc'],
  [0xfe0f, 0x940a, 24, 'dec'],
  [0xfe0f, 0x9405, 25, 'asr'],
  [0xfe0f, 0x9406, 26, 'lsr'],
  [0xfe0f, 0x9407, 27, 'ror'],
  [0xfc00, 0x9c00, 28, 'mul'],
  [0xff8f, 0x9408, 29, 'bset'],
  [0xff8f, 0x9488, 30, 'bclr'],
  [0xfe08, 0xf800, 31, 'bld'],
  [0xfe08, 0xfa00, 32, 'bst'],
  [0xfc00, 0xf000, 33, 'brbs'],
  [0xfc00, 0xf400, 34, 'brbc'],
  [0xfc00, 0x1000, 35, 'cpse'],
  [0xfe08, 0xfc00, 36, 'sbrc'],
  [0xfe08, 0xfe00, 37, 'sbrs'],
  [0xf000, 0xc000, 38, 'rjmp'],
  [0xf000, 0xd000, 39, 'rcall'],
  [0xfe0e, 0x940c, 40, 'jmp'],
  [0xfe0e, 0x940e, 41, 'call'],
  [0xffff, 0x9409, 42, 'ijmp'],
  [0xffff, 0x9509, 43, 'icall'],
  [0xffff, 0x9508, 44, 'ret'],
  [0xffff, 0x9518, 45, 'reti'],
  [0xfe0f, 0x920f, 46, 'push'],
  [0xfe0f, 0x900f, 47, 'pop'],
  [0xfe0f, 0x9004, 48, 'lpm'],
  [0xfe0f, 0x9005, 49, 'lpm z+'],
  [0xffff, 0x0000, 50, 'nop'],
  [0xffff, 0x9588, 51, 'sleep'],
  // Loads and stores: the low bit says store.
  [0xfe0f, 0x9000, 60, 'lds'],
  [0xfe0f, 0x9200, 61, 'sts'],
  [0xd208, 0x8008, 62, 'ldd y+q'],
  [0xd208, 0x8208, 63, 'std y+q'],
  [0xd208, 0x8000, 64, 'ldd z+q'],
  [0xd208, 0x8200, 65, 'std z+q'],
  [0xfe0f, 0x900c, 66, 'ld x'],
  [0xfe0f, 0x920c, 67, 'st x'],
  [0xfe0f, 0x900d, 68, 'ld x+'],
  [0xfe0f, 0x920d, 69, 'st x+'],
  [0xfe0f, 0x9009, 70, 'ld y+'],
  [0xfe0f, 0x9209, 71, 'st y+'],
  [0xfe0f, 0x9001, 72, 'ld z+'],
  [0xfe0f, 0x9201, 73, 'st z+'],
  [0xf800, 0xb000, 74, 'in'],
  [0xf800, 0xb800, 75, 'out'],
];

function sortOpcodes(): Uint8Array {
  const kinds = new Uint8Array(0x10000);
  for (const [mask, value, kind] of PATTERNS) {
    // Every combination of the bits that the mask leaves open.
    const open = ~mask & 0xffff;
    for (let bits = open; ; bits = (bits - 1) & open) {
      kinds[value | bits] = kind;
      if (bits === 0) break;
    }
  }
  return kinds;
}

/** Kind by opcode. */
export const INSTRUCTION_KIND = sortOpcodes();
