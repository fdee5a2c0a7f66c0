// The line to the server: frames in their order, an end that everybody hears, and nothing but native Errors.
import './page.mjs';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { connect } from '../../static/js/mailbox.mjs';
import { rejection } from './page.mjs';

/** A socket that does what the test says. */
class Socket {
  static OPEN = 1;
  /** @type {Socket[]} */
  static made = [];
  readyState = 0;
  /** @type {unknown[]} */
  sent = [];
  closed = 0;
  /** @type {() => void} */
  onopen = () => {};
  /** @type {() => void} */
  onclose = () => {};
  /** @type {(event: { data: string | ArrayBuffer }) => void} */
  onmessage = () => {};

  /** @param {URL} url */
  constructor(url) {
    this.url = url;
    Socket.made.push(this);
  }

  /** @param {unknown} frame */
  send(frame) {
    this.sent.push(frame);
  }

  close() {
    this.closed += 1;
  }

  open() {
    this.readyState = Socket.OPEN;
    this.onopen();
  }
}

globalThis.WebSocket = /** @type {any} */ (Socket);
beforeEach(() => {
  Socket.made = [];
});

const connected = () => {
  const line = connect('mailbox');
  const [socket] = Socket.made;
  return { line, socket };
};

test('it goes to the page’s own origin, as safely as the page came', () => {
  assert.equal(connected().socket.url.href, 'wss://page.example/app/mailbox');
});

test('frames come in their order: texts as they are, bytes as Uint8Array', async () => {
  const { line, socket } = connected();
  socket.open();
  await line.opened;
  const waiting = line.receive();
  socket.onmessage({ data: 'one' });
  socket.onmessage({ data: new Uint8Array([1, 2]).buffer });
  assert.equal(await waiting, 'one');
  assert.deepEqual(await line.receive(), new Uint8Array([1, 2]));
});

test('what came before the end is still handed over, and then nothing', async () => {
  const { line, socket } = connected();
  socket.open();
  socket.onmessage({ data: 'last' });
  socket.onclose();
  assert.deepEqual([await line.receive(), await line.receive(), await line.receive()], ['last', undefined, undefined]);
});

test('who waits for a frame when the line ends gets nothing', async () => {
  const { line, socket } = connected();
  socket.open();
  const waiting = line.receive();
  socket.onclose();
  assert.equal(await waiting, undefined);
});

test('a server that does not answer is a native Error', async () => {
  const { line, socket } = connected();
  socket.onclose();
  assert.equal((await rejection(line.opened)).message, 'The server did not answer.');
});

test('a frame is given only to an open line', () => {
  const { line, socket } = connected();
  assert.equal(line.give('early'), false);
  socket.open();
  assert.equal(line.give('now'), true);
  line.close();
  assert.deepEqual([line.give('late'), socket.sent, socket.closed], [false, ['now'], 1]);
});

test('when Python has died the line is closed, so that the server hands what waits to another tab', () => {
  const { line, socket } = connected();
  socket.open();
  dispatchEvent(new Event('nightshift:died'));
  assert.deepEqual([socket.closed, line.give('late')], [1, false]);
});
