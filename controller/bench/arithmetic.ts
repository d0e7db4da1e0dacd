/** Instructions that only work on registers and flags. Pure but for the registers. */

const SREG = 0x5f;

/** Z, N, V and S by an 8-bit result and, in bit 8, its overflow. */
const ZNVS = Uint8Array.from({ length: 512 }, (_, index) => {
  const negative = (index >> 7) & 1;
  const overflow = index >> 8;
  return (index & 0xff ? 0 : 2) | (negative << 2) | (overflow << 3) | ((negative ^ overflow) << 4);
});

/** Executes one of the kinds 1 to 32 but 29; returns the cycles it takes beyond one. */
export function calculate(kind: number, opcode: number, data: Uint8Array): number {
  const d = (opcode >> 4) & 0x1f;
  switch (kind) {
    case 1: // add
    case 2: {
      // adc
      const a = data[d]!;
      const b = data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      const sreg = data[SREG]!;
      const r = (a + b + (kind === 2 ? sreg & 1 : 0)) & 0xff;
      const carries = (a & b) | ((a | b) & ~r);
      data[d] = r;
      data[SREG] =
        (sreg & 0xc0) |
        ZNVS[r | ((((a ^ r) & (b ^ r)) << 1) & 0x100)]! |
        ((carries >> 7) & 1) |
        ((carries << 2) & 0x20);
      break;
    }
    case 3: // sub
    case 4: // subi
    case 7: // cp
    case 9: {
      // cpi
      const target = kind & 1 && kind !== 9 ? d : (d & 0xf) + 16;
      const a = data[target]!;
      const b =
        kind & 1 && kind !== 9
          ? data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!
          : (opcode & 0xf) | ((opcode & 0xf00) >> 4);
      const r = (a - b) & 0xff;
      const borrows = (~a & b) | ((~a | b) & r);
      data[SREG] =
        (data[SREG]! & 0xc0) |
        ZNVS[r | ((((a ^ b) & (a ^ r)) << 1) & 0x100)]! |
        ((borrows >> 7) & 1) |
        ((borrows << 2) & 0x20);
      if (kind < 7) data[target] = r;
      break;
    }
    case 5: // sbc
    case 6: // sbci
    case 8: {
      // cpc
      const target = kind === 6 ? (d & 0xf) + 16 : d;
      const a = data[target]!;
      const b =
        kind === 6
          ? (opcode & 0xf) | ((opcode & 0xf00) >> 4)
          : data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      const sreg = data[SREG]!;
      const r = (a - b - (sreg & 1)) & 0xff;
      const borrows = (~a & b) | ((~a | b) & r);
      // Z can only be cleared, so that it covers all bytes of a long comparison.
      data[SREG] =
        (sreg & 0xc0) |
        (ZNVS[r | ((((a ^ b) & (a ^ r)) << 1) & 0x100)]! & (0xfd | sreg)) |
        ((borrows >> 7) & 1) |
        ((borrows << 2) & 0x20);
      if (kind < 8) data[target] = r;
      break;
    }
    case 10: {
      // and
      const r = data[d]! & data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      data[d] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r]!;
      break;
    }
    case 11: {
      // andi
      const target = (d & 0xf) + 16;
      const r = data[target]! & ((opcode & 0xf) | ((opcode & 0xf00) >> 4));
      data[target] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r]!;
      break;
    }
    case 12: {
      // or
      const r = data[d]! | data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      data[d] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r]!;
      break;
    }
    case 13: {
      // ori
      const target = (d & 0xf) + 16;
      const r = data[target]! | ((opcode & 0xf) | ((opcode & 0xf00) >> 4));
      data[target] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r]!;
      break;
    }
    case 14: {
      // eor
      const r = data[d]! ^ data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      data[d] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r]!;
      break;
    }
    case 15: // mov
      data[d] = data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      break;
    case 16: {
      // movw
      const from = (opcode & 0xf) * 2;
      const to = (d & 0xf) * 2;
      data[to] = data[from]!;
      data[to + 1] = data[from + 1]!;
      break;
    }
    case 17: // ldi
      data[(d & 0xf) + 16] = (opcode & 0xf) | ((opcode & 0xf00) >> 4);
      break;
    case 18: // adiw
    case 19: {
      // sbiw
      const target = 24 + 2 * (d & 3);
      const k = (opcode & 0xf) | ((opcode & 0xc0) >> 2);
      const a = data[target]! | (data[target + 1]! << 8);
      const r = (kind === 18 ? a + k : a - k) & 0xffff;
      data[target] = r;
      data[target + 1] = r >> 8;
      const overflow = (kind === 18 ? ~a & r : a & ~r) & 0x8000;
      const carry = (kind === 18 ? a & ~r : ~a & r) & 0x8000;
      const high = ZNVS[(r >> 8) | (overflow >> 7)]! & 0x1c;
      data[SREG] = (data[SREG]! & 0xe0) | high | (r === 0 ? 2 : 0) | (carry >> 15);
      return 1;
    }
    case 20: {
      // com
      const r = 255 - data[d]!;
      data[d] = r;
      data[SREG] = (data[SREG]! & 0xe0) | ZNVS[r]! | 1;
      break;
    }
    case 21: {
      // neg
      const a = data[d]!;
      const r = -a & 0xff;
      data[d] = r;
      data[SREG] =
        (data[SREG]! & 0xc0) | ZNVS[r === 0x80 ? r | 0x100 : r]! | (r ? 1 : 0) | (((r | a) << 2) & 0x20);
      break;
    }
    case 22: // swap
      data[d] = (data[d]! >> 4) | (data[d]! << 4);
      break;
    case 23: {
      // inc
      const r = (data[d]! + 1) & 0xff;
      data[d] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r === 0x80 ? r | 0x100 : r]!;
      break;
    }
    case 24: {
      // dec
      const r = (data[d]! - 1) & 0xff;
      data[d] = r;
      data[SREG] = (data[SREG]! & 0xe1) | ZNVS[r === 0x7f ? r | 0x100 : r]!;
      break;
    }
    case 25: // asr
    case 26: // lsr
    case 27: {
      // ror
      const a = data[d]!;
      const sreg = data[SREG]!;
      const top = kind === 25 ? a & 0x80 : kind === 26 ? 0 : (sreg & 1) << 7;
      const r = (a >> 1) | top;
      data[d] = r;
      // V is N xor C, which makes S the same as C.
      data[SREG] = (sreg & 0xe0) | ZNVS[r | ((((r >> 7) ^ a) & 1) << 8)]! | (a & 1);
      break;
    }
    case 28: {
      // mul
      const r = data[d]! * data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]!;
      data[0] = r;
      data[1] = r >> 8;
      data[SREG] = (data[SREG]! & 0xfc) | (r ? 0 : 2) | (r >> 15);
      return 1;
    }
    case 30: // bclr
      data[SREG]! &= ~(1 << (d & 7));
      break;
    case 31: {
      // bld
      const bit = 1 << (opcode & 7);
      data[d] = data[SREG]! & 0x40 ? data[d]! | bit : data[d]! & ~bit;
      break;
    }
    case 32: // bst
      data[SREG] = (data[SREG]! & 0xbf) | (((data[d]! >> (opcode & 7)) & 1) << 6);
      break;
  }
  return 0;
}
