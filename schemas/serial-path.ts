/** The path of a serial port as people write it. */
import { z } from 'zod';

export const serialPath = z
  .string({ error: 'the path of a serial port, such as /dev/serial/by-id/usb-Arduino_Uno_5573' })
  .regex(/^\/[^\0\n]+$/, { error: 'an absolute path, such as /dev/serial/by-id/usb-Arduino_Uno_5573' })
  .describe('Path of a serial port. Prefer /dev/serial/by-id/…: /dev/ttyUSB0 may be another board tomorrow.');
