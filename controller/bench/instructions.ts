/**
 * Runs a program: the instructions that firmware is made of, in one loop whose state lives in local variables (five times
 * as fast as an instruction of avr8js at a time; the rare others are left to it), with sleep, clock events and interrupts.
 */
import { avrInstruction, avrInterrupt, type CPU } from 'avr8js';
import { calculate } from './arithmetic.ts';
import { INSTRUCTION_KIND } from './instruction-kinds.ts';

/** Parts of avr8js's CPU that are private in its types. */
interface ClockEvent {
  cycles: number;
  callback: () => void;
  next: ClockEvent | null;
}
type Interrupt = Parameters<CPU['clearInterrupt']>[0];
interface CpuInternals {
  nextClockEvent: ClockEvent | null;
  pendingInterrupts: (Interrupt | null)[];
  clockEventPool: ClockEvent[];
}

const SREG = 0x5f;
const SPL = 0x5d;
const SPH = 0x5e;
const SMCR = 0x53;
const SLEEP_ENABLED = 0x01;
const I = 0x80;
/** Cycles avr8js leaves out of an interrupt's response (it counts 2 of 4), and the wake-up from idle sleep. */
const INTERRUPT_EXTRA_CYCLES = 2;
const WAKE_CYCLES = 4;
const HOOKED_SPACE = 0x100;

/** How far `execute` may go; lower `limit` from within to make it stop after the instruction. */
export interface Execution {
  limit: number;
  asleep: boolean;
  /** Cycles slept since the chip was made, to measure what the firmware really needs. */
  slept: number;
}

/** Runs until `cpu.cycles` reaches `execution.limit` (it may pass it by one instruction). */
export function execute(cpu: CPU, execution: Execution): void {
  const inner = cpu as unknown as CpuInternals;
  const { data, progMem: program, progBytes } = cpu;
  const readHooks = cpu.readHooks as ((address: number) => number)[];
  const writeHooks = cpu.writeHooks as unknown[];
  const kinds = INSTRUCTION_KIND;
  // The program counter wraps at the end of the flash, whose size is a power of two.
  const pcMask = program.length - 1;
  let pc = cpu.pc;
  let cycles = cpu.cycles;
  // The cycle up to which nothing but instructions can happen; 0 makes the loop look again.
  let quietUntil = 0;
  // The instruction after one that enables interrupts runs before any.
  let enabledAt = -1;
  while (cycles < execution.limit) {
    // An interrupt that the world outside raised between two calls ends the sleep before any time passes.
    if (execution.asleep && (cpu.nextInterrupt < 0 || !(data[SREG]! & I))) {
      const event = inner.nextClockEvent;
      const until = event !== null && event.cycles < execution.limit ? event.cycles : execution.limit;
      if (until > cycles) {
        execution.slept += until - cycles;
        cycles = until;
      }
      quietUntil = 0;
    } else if (!execution.asleep) {
      do {
        const opcode = program[pc]!;
        const d = (opcode >> 4) & 0x1f;
        const kind = kinds[opcode]!;
        let next = pc + 1;
        cycles++;
        if (kind >= 60) {
          // Every access to memory and I/O.
          let address: number;
          switch (kind >> 1) {
            case 30: // lds, sts
              address = program[next & pcMask]!;
              next++;
              cycles++;
              break;
            case 31: // y+q
              address =
                (data[28]! | (data[29]! << 8)) +
                ((opcode & 7) | ((opcode & 0xc00) >> 7) | ((opcode & 0x2000) >> 8));
              cycles++;
              break;
            case 32: // z+q
              address =
                (data[30]! | (data[31]! << 8)) +
                ((opcode & 7) | ((opcode & 0xc00) >> 7) | ((opcode & 0x2000) >> 8));
              cycles++;
              break;
            case 33: // x
              address = data[26]! | (data[27]! << 8);
              cycles++;
              break;
            case 37: // in, out
              address = ((opcode & 0xf) | ((opcode & 0x600) >> 5)) + 32;
              break;
            default: {
              // x+ y+ z+
              const pointer = 26 + ((kind >> 1) - 34) * 2;
              address = data[pointer]! | (data[pointer + 1]! << 8);
              data[pointer] = address + 1;
              data[pointer + 1] = (address + 1) >> 8;
              cycles++;
            }
          }
          if (kind & 1) {
            if (address >= HOOKED_SPACE || writeHooks[address] === undefined) {
              if (address === SREG && data[d]! & ~data[SREG]! & I) enabledAt = cycles;
              data[address] = data[d]!;
              if (address === SREG) quietUntil = 0;
            } else {
              cpu.cycles = cycles;
              cpu.writeData(address, data[d]!);
              cycles = cpu.cycles;
              quietUntil = 0;
            }
          } else if (address >= HOOKED_SPACE || readHooks[address] === undefined) {
            data[d] = data[address]!;
          } else {
            cpu.cycles = cycles;
            data[d] = cpu.readData(address);
            cycles = cpu.cycles;
            quietUntil = 0;
          }
          pc = next & pcMask;
          continue;
        }
        switch (kind) {
          case 29: {
            // bset
            const bit = 1 << (d & 7);
            if (bit & I & ~data[SREG]!) {
              enabledAt = cycles;
              quietUntil = 0;
            }
            data[SREG]! |= bit;
            break;
          }
          case 33: // brbs
          case 34: // brbc
            if (((data[SREG]! >> (opcode & 7)) & 1) === (kind & 1)) {
              next += (opcode << 22) >> 25;
              cycles++;
            }
            break;
          case 35: // cpse
          case 36: // sbrc
          case 37: {
            // sbrs
            const skip =
              kind === 35
                ? data[d] === data[(opcode & 0xf) | ((opcode & 0x200) >> 5)]
                : ((data[d]! >> (opcode & 7)) & 1) === (kind & 1);
            if (skip) {
              const skipped = kinds[program[next & pcMask]!]!;
              // jmp, call, lds and sts have two words.
              const words = skipped === 40 || skipped === 41 || skipped === 60 || skipped === 61 ? 2 : 1;
              next += words;
              cycles += words;
            }
            break;
          }
          case 38: // rjmp
            next += (opcode << 20) >> 20;
            cycles++;
            break;
          case 39: // rcall
          case 41: // call
          case 43: {
            // icall
            const back = kind === 41 ? pc + 2 : next;
            const sp = data[SPL]! | (data[SPH]! << 8);
            data[sp] = back;
            data[sp - 1] = back >> 8;
            data[SPL] = sp - 2;
            data[SPH] = (sp - 2) >> 8;
            if (kind === 39) next += (opcode << 20) >> 20;
            else next = kind === 41 ? program[next & pcMask]! : data[30]! | (data[31]! << 8);
            cycles += kind === 41 ? 3 : 2;
            break;
          }
          case 40: // jmp
            next = program[next & pcMask]!;
            cycles += 2;
            break;
          case 42: // ijmp
            next = data[30]! | (data[31]! << 8);
            cycles++;
            break;
          case 44: // ret
          case 45: {
            // reti
            const sp = (data[SPL]! | (data[SPH]! << 8)) + 2;
            data[SPL] = sp;
            data[SPH] = sp >> 8;
            next = (data[sp - 1]! << 8) | data[sp]!;
            cycles += 3;
            if (kind === 45) {
              data[SREG]! |= I;
              enabledAt = cycles;
              quietUntil = 0;
            }
            break;
          }
          case 46: {
            // push
            const sp = data[SPL]! | (data[SPH]! << 8);
            data[sp] = data[d]!;
            data[SPL] = sp - 1;
            data[SPH] = (sp - 1) >> 8;
            cycles++;
            break;
          }
          case 47: {
            // pop
            const sp = (data[SPL]! | (data[SPH]! << 8)) + 1;
            data[SPL] = sp;
            data[SPH] = sp >> 8;
            data[d] = data[sp]!;
            cycles++;
            break;
          }
          case 48: // lpm
          case 49: {
            // lpm z+
            const z = data[30]! | (data[31]! << 8);
            data[d] = progBytes[z]!;
            if (kind === 49) {
              data[30] = z + 1;
              data[31] = (z + 1) >> 8;
            }
            cycles += 2;
            break;
          }
          case 50: // nop
            break;
          case 51: // sleep
            execution.asleep = (data[SMCR]! & SLEEP_ENABLED) !== 0;
            quietUntil = 0;
            break;
          case 0:
            cpu.pc = pc;
            cpu.cycles = cycles - 1;
            avrInstruction(cpu);
            next = cpu.pc;
            cycles = cpu.cycles;
            quietUntil = 0;
            break;
          default:
            cycles += calculate(kind, opcode, data);
        }
        pc = next & pcMask;
      } while (cycles < quietUntil);
    }

    while (inner.nextClockEvent !== null && inner.nextClockEvent.cycles <= cycles) {
      const event: ClockEvent = inner.nextClockEvent;
      inner.nextClockEvent = event.next;
      cpu.cycles = cycles;
      event.callback();
      if (inner.clockEventPool.length < 10) inner.clockEventPool.push(event);
    }
    if (cpu.nextInterrupt < 0 || !(data[SREG]! & I)) {
      // Whatever enables interrupts makes the loop look again.
      const event = inner.nextClockEvent;
      quietUntil = event !== null && event.cycles < execution.limit ? event.cycles : execution.limit;
      continue;
    }
    quietUntil = 0;
    if (cycles !== enabledAt) {
      if (execution.asleep) {
        execution.asleep = false;
        cycles += WAKE_CYCLES;
      }
      const interrupt = inner.pendingInterrupts[cpu.nextInterrupt]!;
      cpu.pc = pc;
      cpu.cycles = cycles + INTERRUPT_EXTRA_CYCLES;
      avrInterrupt(cpu, interrupt.address);
      if (!interrupt.constant) cpu.clearInterrupt(interrupt);
      pc = cpu.pc;
      cycles = cpu.cycles;
    }
  }
  cpu.pc = pc;
  cpu.cycles = cycles;
}
