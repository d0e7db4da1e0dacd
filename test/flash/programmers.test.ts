import { expect, test } from '@jest/globals';
import {
  askOldBootloader,
  byProgrammer,
  fusesByProgrammer,
  throughBootloader,
} from '../../controller/flash/programmers.ts';

const words = (args: readonly string[]): string => args.join(' ');

test('through the bootloader: no chip erase, each part written and verified in turn', () => {
  expect(words(throughBootloader('/dev/a', ['1.hex', '2.hex']))).toBe(
    '-p m328p -c arduino -b 115200 -P /dev/a -D -U flash:w:1.hex:i -U flash:w:2.hex:i',
  );
});

test('asking for the old bootloader writes nothing', () => {
  expect(words(askOldBootloader('/dev/a'))).toBe('-p m328p -c arduino -b 57600 -P /dev/a -D');
});

test.each([
  ['usbasp', null, '-c usbasp'],
  ['usbtiny', null, '-c usbtiny'],
  ['avrispmkII', null, '-c avrispmkII -P usb'],
  ['stk500v1', '/dev/b', '-c stk500v1 -P /dev/b'],
  ['arduino-as-isp', '/dev/b', '-c stk500v1 -b 19200 -P /dev/b'],
] as const)(
  'S5: with %s the fuses come first, so that the erase keeps EEPROM and lock',
  (name, port, options) => {
    // High D7: EESAVE (bit 3) programmed, BOOTRST (bit 0) not. Extended FC: brown-out at 4.3 V.
    expect(words(fusesByProgrammer({ name, port }))).toBe(
      `-p m328p ${options} -U lfuse:w:0xFF:m -U hfuse:w:0xD7:m -U efuse:w:0xFC:m`,
    );
    expect(words(byProgrammer({ name, port }, 'x.hex'))).toBe(`-p m328p ${options} -e -U flash:w:x.hex:i`);
  },
);
