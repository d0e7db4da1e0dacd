import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { arrangePorts, listPorts, portPlaces } from '../../controller/link/ports.ts';

const BY_ID = '/dev/serial/by-id/usb-Arduino_Uno_5573';

describe('arranging ports', () => {
  test('one entry a device: by-id stands before the name of the day', () => {
    const found = [
      { path: BY_ID, device: '/dev/ttyACM0' },
      { path: '/dev/ttyACM0', device: '/dev/ttyACM0' },
      { path: '/dev/ttyUSB0', device: '/dev/ttyUSB0' },
    ];
    expect(arrangePorts(found, [])).toEqual([
      { path: BY_ID, device: '/dev/ttyACM0', gate: null, advice: null },
      { path: '/dev/ttyUSB0', device: '/dev/ttyUSB0', gate: null, advice: null },
    ]);
  });

  test('a gate is known by whichever path it names, and is told the better one', () => {
    const found = [{ path: BY_ID, device: '/dev/ttyUSB0' }];
    const named = [{ gate: 'kitchen', path: '/dev/ttyUSB0', device: '/dev/ttyUSB0' }];
    expect(arrangePorts(found, named)).toEqual([
      {
        path: BY_ID,
        device: '/dev/ttyUSB0',
        gate: 'kitchen',
        advice: `\`kitchen\` names /dev/ttyUSB0, which may be another board after the next start: name ${BY_ID} instead`,
      },
    ]);
  });

  test('what the configuration names is listed also when it is missing or lies elsewhere', () => {
    const named = [
      { gate: 'kitchen', path: '/dev/serial/by-id/gone', device: null },
      { gate: 'hall', path: '/srv/pty', device: '/dev/pts/3' },
      { gate: 'study', path: '/dev/ttyUSB7', device: null },
    ];
    expect(arrangePorts([], named)).toEqual([
      { path: '/dev/serial/by-id/gone', device: null, gate: 'kitchen', advice: null },
      {
        path: '/dev/ttyUSB7',
        device: null,
        gate: 'study',
        advice:
          '`study` names /dev/ttyUSB7, which may be another board after the next start: use a path of /dev/serial/by-id/',
      },
      { path: '/srv/pty', device: '/dev/pts/3', gate: 'hall', advice: null },
    ]);
  });
});

describe('looking for ports', () => {
  let dev: string;
  beforeEach(() => {
    dev = realpathSync(mkdtempSync(join(tmpdir(), 'earlid-dev-')));
  });
  afterEach(() => rmSync(dev, { recursive: true }));

  const touch = (name: string) => writeFileSync(join(dev, name), '');

  test('by-id paths and ttyACM, ttyUSB on Linux, nothing else', async () => {
    for (const name of ['ttyACM0', 'ttyUSB1', 'ttyS0', 'tty', 'ttyACMx']) touch(name);
    mkdirSync(join(dev, 'serial/by-id'), { recursive: true });
    symlinkSync('../../ttyACM0', join(dev, 'serial/by-id/usb-Arduino_Uno_5573'));
    symlinkSync('../../gone', join(dev, 'serial/by-id/usb-unplugged'));
    const ports = await listPorts({ dev, platform: 'linux' }, []);
    expect(ports.map(({ path, device }) => [path, device])).toEqual([
      [join(dev, 'serial/by-id/usb-Arduino_Uno_5573'), join(dev, 'ttyACM0')],
      [join(dev, 'ttyUSB1'), join(dev, 'ttyUSB1')],
    ]);
  });

  test('cu.* on a Mac, without those that every Mac has', async () => {
    for (const name of ['cu.usbmodem1101', 'cu.Bluetooth-Incoming-Port', 'tty.usbmodem1101']) touch(name);
    const ports = await listPorts({ dev, platform: 'darwin' }, []);
    expect(ports.map(({ path }) => path)).toEqual([join(dev, 'cu.usbmodem1101')]);
  });

  test('a machine without any has none', async () => {
    expect(await listPorts({ dev: join(dev, 'none'), platform: 'linux' }, [])).toEqual([]);
    expect(portPlaces({ env: {}, platform: 'linux' }).dev).toBe('/dev');
    expect(portPlaces({ env: { EARLID_DEV: dev }, platform: 'linux' }).dev).toBe(dev);
  });
});
