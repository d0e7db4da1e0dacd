/** johnny-five on the free pins of one gate: one board for as long as the gate is kept, whatever happens on the wire. */
import { EventEmitter } from 'node:events';
import firmata from 'firmata-io';
import five, { type Board } from 'johnny-five';
import type { Accessory } from '../../schemas/accessories.ts';
import { ANALOG_FIRST, freePinsOf, pinName } from '../../schemas/pins.ts';
import type { GateStatus } from '../gate/gate.ts';
import type { GateLog } from '../gate/options.ts';
import type { Clock } from '../link/clock.ts';
import { FirmataDevice } from './firmata-device.ts';
import { type FreePins, portLevels } from './free-pins.ts';
import { isLit, UnmuteWatch } from './signals.ts';

export const CHIME_MS = 200;
/** Half of a square wave: a bare piezo disc sounds too, where the board makes the wave (976 Hz). */
const CHIME_DUTY = 128;
const FULL = 255;
const SENSOR_MS = 1_000;
/** Of 1023: smaller changes are noise. */
const SENSOR_STEP = 8;

export interface BoardOptions {
  readonly gate: string;
  readonly accessories: readonly Accessory[];
  readonly pins: FreePins;
  readonly clock: Clock;
  readonly log: Pick<GateLog, 'debug' | 'warn'>;
  /** A mute button was pressed. */
  readonly mute: (all: boolean) => void;
  /** A reading of a sensor has come from the board: its name, and 0 to 1023. */
  readonly reading: (sensor: string, value: number) => void;
}

/** What firmata-io takes for a port. */
class Transport extends EventEmitter {
  /** Bytes from johnny-five. */
  receive: (bytes: Uint8Array) => void = () => {};

  write(bytes: Buffer, done?: () => void): void {
    this.receive(bytes);
    done?.();
  }
}

interface On {
  readonly board: Board;
  readonly pin: number | string;
}
type Show = (status: GateStatus) => void;

export class AccessoryBoard {
  readonly #options: BoardOptions;
  readonly #transport = new Transport();
  readonly #device: FirmataDevice;
  readonly #io: EventEmitter;
  readonly #board: Board;
  readonly #shows: Show[] = [];
  readonly #ends: (() => void)[] = [];

  /** Throws when johnny-five does. */
  constructor(options: BoardOptions) {
    this.#options = options;
    const { accessories, pins, gate } = options;
    this.#device = new FirmataDevice({
      name: `Earlid ${gate}`,
      pins: accessories.map(({ pin }) => pin),
      gate: pins,
      reply: (bytes) => this.#guarded(() => this.#transport.emit('data', bytes)),
    });
    this.#transport.receive = (bytes) => this.#device.receive(bytes);
    const io = new firmata.Firmata(this.#transport);
    this.#io = io;
    this.#board = new five.Board({ io, repl: false, debug: false, sigint: false });
    // Without a listener an error would be thrown wherever it happens.
    for (const emitter of [io, this.#board]) emitter.on('error', (error) => this.#failed(error));
    this.#transport.emit('open');
    this.#device.announce();
    if (!this.#board.isReady) throw new Error('johnny-five did not become ready');
    pins.attach(this.#device);
    for (const accessory of accessories) if (this.#isFree(accessory.pin)) this.#build(accessory);
  }

  /** Lets lamps and chimes follow the gate. */
  show(status: GateStatus): void {
    for (const show of this.#shows) this.#guarded(() => show(status));
  }

  /** Lets go of the pins; nothing is left running. */
  stop(): void {
    this.#shows.length = 0;
    for (const end of this.#ends.splice(0)) this.#guarded(end);
    this.#guarded(() => this.#device.release());
    this.#options.pins.detach(this.#device);
    for (const emitter of [this.#board, this.#io, this.#transport]) emitter.removeAllListeners();
  }

  /** Which product it is shows only when the gate is there, so the configuration may name a pin that this one needs. */
  #isFree(pin: number): boolean {
    const { pins, log } = this.#options;
    if (pins.product === null || freePinsOf(pins.product).includes(pin)) return true;
    log.warn(
      `accessories: ${pinName(pin)} belongs to the guard of a ${pins.product}; what is on it is left out`,
    );
    return false;
  }

  #build(accessory: Accessory): void {
    const { pin } = accessory;
    const on: On = { board: this.#board, pin: pin < ANALOG_FIRST ? pin : pinName(pin) };
    switch (accessory.kind) {
      case 'lamp': {
        const set = this.#switch(on, accessory.inverted);
        this.#shows.push((status) => set(isLit(accessory.shows, status)));
        break;
      }
      case 'chime':
        this.#addChime(this.#switch(on, accessory.inverted, CHIME_DUTY));
        break;
      case 'button':
        this.#addButton(on, accessory);
        break;
      case 'sensor':
        this.#addSensor(pin, accessory.name);
        break;
      default:
        accessory satisfies never;
    }
  }

  /** A lamp or buzzer, off. `duty` from 0 to 255 is how far on it goes where the board can dim it. */
  #switch(on: On, inverted: boolean, duty = FULL): (isOn: boolean) => void {
    const led = new five.Led(on);
    const isDimmable = typeof on.pin === 'number' && this.#board.pins.isPwm(on.pin);
    const set = (isOn: boolean) => {
      const level = !isOn ? 0 : isDimmable ? duty : FULL;
      const wanted = inverted ? FULL - level : level;
      if (isDimmable) led.brightness(wanted);
      else if (wanted > 0) led.on();
      else led.off();
    };
    set(false);
    return set;
  }

  #addChime(set: (isOn: boolean) => void): void {
    const watch = new UnmuteWatch();
    let cancel = () => {};
    this.#shows.push((status) => {
      if (!watch.sees(status)) return;
      cancel();
      set(true);
      cancel = this.#options.clock.after(CHIME_MS, () => this.#guarded(() => set(false)));
    });
    this.#ends.push(() => cancel());
  }

  #addButton(on: On, { pin, does }: Extract<Accessory, { kind: 'button' }>): void {
    const button = new five.Button({ ...on, isPullup: true });
    button.on('down', () => this.#guarded(() => this.#options.mute(does === 'mute-all')));
    // johnny-five keeps a timer as long as a button is down.
    this.#ends.push(() => {
      button.removeAllListeners();
      this.#transport.emit('data', portLevels(pin >> 3, 0xff));
    });
  }

  #addSensor(at: number, name: string): void {
    const { log, reading } = this.#options;
    const pin = pinName(at);
    const sensor = new five.Sensor({ board: this.#board, pin, freq: SENSOR_MS, threshold: SENSOR_STEP });
    sensor.on('change', (value) => log.debug?.(`sensor ${name} is ${String(value)} of 1023`));
    // The sensor itself goes on telling its last value when no readings come any more.
    const event = `analog-read-${at - ANALOG_FIRST}`;
    const read = (value: number) => this.#guarded(() => reading(name, value));
    this.#io.on(event, read);
    this.#ends.push(() => {
      this.#io.removeListener(event, read);
      sensor.disable();
      sensor.removeAllListeners();
    });
  }

  /** What goes wrong here must not reach the gate (S10). */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#options.log.warn(`accessories: ${error instanceof Error ? error.message : String(error)}`);
  }
}
