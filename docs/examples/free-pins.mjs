// A lamp on D6 follows a button on D12 (to ground) while Earlid runs the gate.
// node free-pins.mjs ~/.local/state/earlid/firmata-kitchen.sock
import { connect } from 'node:net';
import firmata from 'firmata-io';
import five from 'johnny-five';

const socket = connect(process.argv[2]);
// johnny-five waits for the `open` of a serial port.
socket.once('connect', () => socket.emit('open'));
socket.once('error', (error) => {
  console.error(`${process.argv[2]}: ${error.message}`);
  process.exitCode = 1;
});
socket.once('close', () => process.exit());

const board = new five.Board({ io: new firmata.Firmata(socket), repl: false, debug: false });
board.on('ready', () => {
  const lamp = new five.Led({ board, pin: 6 });
  const button = new five.Button({ board, pin: 12, isPullup: true });
  button.on('down', () => lamp.on());
  button.on('up', () => lamp.off());
  console.log('ready');
});
