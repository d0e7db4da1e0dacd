import { describe, expect, test } from '@jest/globals';
import { Board } from '../../controller/bench/board.ts';
import { imagePath, PRODUCTS, readImage } from '../../controller/bench/images.ts';
import { parseIntelHex } from '../../controller/bench/intel-hex.ts';
import { partsOf } from '../../controller/flash/image.ts';

const PAGE = 128;

describe.each(PRODUCTS)('the parts of the image %s', (product) => {
  const image = readImage(imagePath(product));
  const parts = partsOf(image);

  test('written one after the other are the whole image', () => {
    const flash = new Uint8Array(image.bytes.length).fill(0xff);
    for (const part of [parts.stop, parts.rest, parts.first]) {
      const { bytes, start, end } = parseIntelHex(part);
      flash.set(bytes.subarray(start, end), start);
    }
    expect(flash).toEqual(image.bytes);
  });

  test('S1: reset at any time while they are written, over another firmware, the board keeps its actuator off', () => {
    const other = readImage(imagePath(product === 'uno-relay' ? 'uno-servo' : 'uno-relay'));
    const rest = parseIntelHex(parts.rest);
    const stop = parseIntelHex(parts.stop).bytes;
    for (let written = PAGE; written < rest.end; written += 37 * PAGE) {
      const bytes = Uint8Array.from(other.bytes);
      bytes.set(stop.subarray(0, PAGE));
      bytes.set(rest.bytes.subarray(PAGE, written), PAGE);
      const board = new Board({ product, image: { ...image, bytes } });
      let sent = 0;
      board.onBytes((bytes) => {
        sent += bytes.length;
      });
      board.press(100);
      board.runFor(300);
      const driven = board.trace.filter(({ signal, level }) => signal === 'actuator' && level === 1);
      expect({ written, driven, sent }).toEqual({ written, driven: [], sent: 0 });
    }
  });
});
