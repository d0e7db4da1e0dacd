/** What avrdude is called with. Pure; nothing goes through a shell. */

/** Speed of Optiboot, the bootloader of the Uno and of newer Nanos, and of the one that came before it. */
const OPTIBOOT_BAUD = 115_200;
const OLD_BOOTLOADER_BAUD = 57_600;

/** Programmers for the six-pin connector (ISP), by the name people type. */
export const PROGRAMMERS = {
  usbasp: { options: ['-c', 'usbasp'], hasPort: false },
  usbtiny: { options: ['-c', 'usbtiny'], hasPort: false },
  avrispmkII: { options: ['-c', 'avrispmkII', '-P', 'usb'], hasPort: false },
  stk500v1: { options: ['-c', 'stk500v1'], hasPort: true },
  'arduino-as-isp': { options: ['-c', 'stk500v1', '-b', '19200'], hasPort: true },
} as const satisfies Readonly<Record<string, { options: readonly string[]; hasPort: boolean }>>;
export type ProgrammerName = keyof typeof PROGRAMMERS;

export interface Programmer {
  readonly name: ProgrammerName;
  /** Its own serial port, where it has one. */
  readonly port: string | null;
}

/** Low, high and extended: a 16 MHz crystal; no bootloader and an EEPROM that survives the chip erase; brown-out at 4.3 V. */
const FUSES = { lfuse: '0xFF', hfuse: '0xD7', efuse: '0xFC' } as const;

const PART = ['-p', 'm328p'] as const;
const write = (file: string): string[] => ['-U', `flash:w:${file}:i`];

/** Writes and verifies each file in turn through the bootloader at `port`; erases page by page, so the EEPROM stays. */
export function throughBootloader(port: string, files: readonly string[]): string[] {
  return [...serial(port, OPTIBOOT_BAUD), ...files.flatMap(write)];
}

/** Changes nothing: succeeds where the old bootloader of the Nano answers. */
export function askOldBootloader(port: string): string[] {
  return serial(port, OLD_BOOTLOADER_BAUD);
}

const serial = (port: string, baud: number): string[] => [
  ...PART,
  ...['-c', 'arduino', '-b', String(baud), '-P', port, '-D'],
];

/** Writes and verifies the fuses alone. They come first: only then does the erase of `byProgrammer` keep the EEPROM. */
export function fusesByProgrammer(programmer: Programmer): string[] {
  const fuses = Object.entries(FUSES).flatMap(([fuse, value]) => ['-U', `${fuse}:w:${value}:m`]);
  return [...PART, ...optionsOf(programmer), ...fuses];
}

/** Erases the chip, writes `file` and verifies it. */
export function byProgrammer(programmer: Programmer, file: string): string[] {
  return [...PART, ...optionsOf(programmer), '-e', ...write(file)];
}

const optionsOf = ({ name, port }: Programmer): string[] => [
  ...PROGRAMMERS[name].options,
  ...(port === null ? [] : ['-P', port]),
];
