/**
 * USART0 of the ATmega328P: transmit buffer and shift register, two received bytes and the one being shifted in, overrun.
 * In place of the emulator's, which has one byte each way and loses it.
 */
import type { AVRInterruptConfig, CPU } from './avr-types.ts';

const UCSRA = 0xc0;
const UCSRB = 0xc1;
const UCSRC = 0xc2;
const UBRRL = 0xc4;
const UBRRH = 0xc5;
const UDR = 0xc6;

const RXC = 0x80;
const TXC = 0x40;
const UDRE = 0x20;
const FRAME_ERROR = 0x10;
const OVERRUN = 0x08;
const WRITABLE = 0x03;
const U2X = 0x02;
const RXEN = 0x10;
const TXEN = 0x08;
/** Two bytes in the buffer and a third waiting in the shift register. */
const RECEIVE_BYTES = 3;
const BITS_PER_BYTE = 10;

const rxComplete: AVRInterruptConfig = {
  address: 0x24,
  flagRegister: UCSRA,
  flagMask: RXC,
  enableRegister: UCSRB,
  enableMask: 0x80,
  constant: true,
};
const dataEmpty: AVRInterruptConfig = {
  address: 0x26,
  flagRegister: UCSRA,
  flagMask: UDRE,
  enableRegister: UCSRB,
  enableMask: 0x20,
  constant: true,
};
const txComplete: AVRInterruptConfig = {
  address: 0x28,
  flagRegister: UCSRA,
  flagMask: TXC,
  enableRegister: UCSRB,
  enableMask: 0x40,
};

export class Usart {
  /** A byte has left the pin; the rate it was sent at in bits per second. */
  onTransmit: (byte: number, baud: number) => void = () => {};
  readonly #cpu: CPU;
  readonly #hz: number;
  #received: { byte: number; flags: number }[] = [];
  #overrun = false;
  #waiting: number | null = null;
  #shifting = false;

  constructor(cpu: CPU, hz: number) {
    this.#cpu = cpu;
    this.#hz = hz;
    cpu.data[UCSRA] = UDRE;
    cpu.data[UCSRC] = 0x06;
    cpu.writeHooks[UCSRA] = (value, old) => {
      cpu.data[UCSRA] = (old & ~WRITABLE) | (value & WRITABLE);
      if (value & TXC) cpu.clearInterrupt(txComplete);
      return true;
    };
    cpu.writeHooks[UCSRB] = (value) => {
      cpu.data[UCSRB] = value;
      if (!(value & RXEN)) this.#flush();
      for (const interrupt of [rxComplete, dataEmpty, txComplete])
        cpu.updateInterruptEnable(interrupt, value);
      return true;
    };
    cpu.readHooks[UDR] = () => {
      const next = this.#received.shift();
      this.#showReceived();
      return next?.byte ?? 0;
    };
    cpu.writeHooks[UDR] = (value) => {
      if (!(cpu.data[UCSRB]! & TXEN) || this.#waiting !== null) return true;
      if (this.#shifting) {
        this.#waiting = value;
        cpu.clearInterrupt(dataEmpty);
      } else {
        this.#shift(value);
      }
      return true;
    };
  }

  /** Bits per second the registers say. */
  get baud(): number {
    const { data } = this.#cpu;
    const divisor = (((data[UBRRH]! & 0x0f) << 8) | data[UBRRL]!) + 1;
    return this.#hz / (divisor * (data[UCSRA]! & U2X ? 8 : 16));
  }

  /** A whole byte has arrived at the pin; false when the receiver is off or full and the byte is lost. */
  receive(byte: number, frameError = false): boolean {
    if (!(this.#cpu.data[UCSRB]! & RXEN)) return false;
    if (this.#received.length >= RECEIVE_BYTES) {
      this.#overrun = true;
      return false;
    }
    this.#received.push({ byte, flags: (frameError ? FRAME_ERROR : 0) | (this.#overrun ? OVERRUN : 0) });
    this.#overrun = false;
    this.#showReceived();
    return true;
  }

  #shift(byte: number): void {
    const cpu = this.#cpu;
    const { baud } = this;
    this.#shifting = true;
    cpu.addClockEvent(
      () => {
        this.#shifting = false;
        const next = this.#waiting;
        if (next === null) {
          cpu.setInterruptFlag(txComplete);
        } else {
          this.#waiting = null;
          this.#shift(next);
          cpu.setInterruptFlag(dataEmpty);
        }
        this.onTransmit(byte, baud);
      },
      Math.round((this.#hz * BITS_PER_BYTE) / baud),
    );
  }

  #flush(): void {
    this.#received = [];
    this.#overrun = false;
    this.#showReceived();
  }

  #showReceived(): void {
    const cpu = this.#cpu;
    const head = this.#received[0];
    cpu.data[UCSRA] = (cpu.data[UCSRA]! & ~(FRAME_ERROR | OVERRUN)) | (head?.flags ?? 0);
    if (head) cpu.setInterruptFlag(rxComplete);
    else cpu.clearInterrupt(rxComplete);
  }
}
