/** A connection with a client as the embedded broker sees it. */
import { Duplex } from 'node:stream';
import type { Pace } from './pace.ts';
import { PacketLimit, type Skipped } from './packet-limit.ts';

/** Who takes so much less than is sent to him is cut off, in bytes: it is more than everything that is kept. */
const MOST_WAITING = 4 * 1024 * 1024;
/** What came before its sender left still counts, as far as it passes within so many ms. */
const LEFT_MS = 1_000;

export interface PacketStreamOptions {
  /** The largest packet that comes in, in bytes. */
  readonly most: number;
  readonly pace: Pace;
  /** Hears of a message that is larger. */
  readonly onSkipped: (skipped: Skipped) => void;
}

/**
 * What comes in comes a packet at a time, each in a turn of the event loop of its own: aedes takes what it has in its hands
 * together out of order, and then drops what was overtaken as if it had come twice. What goes out never waits: a reader that
 * does not read would hold up what is said to all others.
 */
export function packetStream(raw: Duplex, { most, pace, onSkipped }: PacketStreamOptions): Duplex {
  const packets = new PacketLimit(most, onSkipped, pace);
  const next = () => {
    if (stream.destroyed) return;
    const packet = packets.read() as Buffer | null;
    if (packet) stream.push(packet);
    else packets.once('readable', next);
  };
  const write = (bytes: Uint8Array, done: () => void) => {
    raw.write(bytes);
    if (raw.writableLength > MOST_WAITING) stream.destroy();
    else done();
  };
  const stream: Duplex = new Duplex({
    readableObjectMode: true,
    // Nothing is taken before the packet before it is in other hands.
    readableHighWaterMark: 1,
    writableHighWaterMark: MOST_WAITING,
    read: () => void setImmediate(next),
    write: (chunk: Buffer, _encoding, done) => write(chunk, done),
    writev: (chunks, done) => write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    destroy: (error, done) => {
      raw.destroy();
      packets.destroy();
      done(error);
    },
  });
  packets.on('end', () => stream.push(null)).on('error', () => stream.destroy());
  stream.on('error', () => {});
  raw.on('error', () => {});
  raw.on('close', () => {
    if (stream.destroyed) return;
    const timer = setTimeout(() => stream.destroy(), LEFT_MS);
    stream.on('close', () => clearTimeout(timer));
    if (!packets.writableEnded) packets.end();
  });
  raw.pipe(packets);
  return stream;
}
