import { describe, expect, test } from '@jest/globals';
import { LinkError } from '../../controller/link/link.ts';
import { memoryLink } from '../../controller/link/memory.ts';

function setUp() {
  const received: number[] = [];
  let send: (bytes: Uint8Array) => void = () => {};
  let closed = 0;
  const link = memoryLink({
    opened: (give) => {
      send = give;
    },
    received: (bytes) => received.push(...bytes),
    closed: () => closed++,
  });
  return { link, received, send: (...bytes: number[]) => send(Uint8Array.from(bytes)), closed: () => closed };
}

describe('memory link', () => {
  test('carries bytes both ways in order until it is closed', async () => {
    const { link, received, send, closed } = setUp();
    const connection = await link.open();
    send(1, 2);
    send(3);
    connection.sink(Uint8Array.of(9));
    const heard: number[] = [];
    for await (const bytes of connection.source) {
      heard.push(...bytes);
      if (heard.length === 3) await connection.close();
    }
    connection.sink(Uint8Array.of(8));
    send(4);
    expect([heard, received, closed(), link.connected]).toEqual([[1, 2, 3], [9], 1, false]);
  });

  test('is open once at a time', async () => {
    const { link } = setUp();
    await link.open();
    await expect(link.open()).rejects.toMatchObject({ code: 'port-busy' });
  });

  test('breaks when it is unplugged and opens when it is plugged in', async () => {
    const { link } = setUp();
    const connection = await link.open();
    link.unplug(new LinkError('port-missing', 'no cable'));
    await expect(connection.source[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'link-failed',
    });
    await expect(link.open()).rejects.toMatchObject({ code: 'port-missing', detail: 'no cable' });
    link.plug();
    await link.open();
  });

  test('bytes that nobody reads do not pile up', async () => {
    const { link, send } = setUp();
    await link.open();
    for (let i = 0; i < 200; i++) send(...new Array<number>(10_000).fill(1));
    expect(link.connected).toBe(false);
  });
});
