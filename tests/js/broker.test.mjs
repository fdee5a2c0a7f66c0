// RabbitMQ: frames that a relay cuts anywhere, the broker's words by code, queues by their names, and links that end once.
import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, said as saidByAmqp } from '../../static/js/broker-amqp.mjs';
import { Link, Window, bell, carried, fault, queueOf, short, troubleOf } from '../../static/js/broker-link.mjs';
import { closing, destination, grouped, said as saidByStomp, settle, wanted } from '../../static/js/broker-stomp.mjs';
import { pauseAfter } from '../../static/js/broker.mjs';
import { rejection } from './page.mjs';

/** @param {number[]} payload of a frame of AMQP: type, channel, size, payload, end */
const frame = (payload) => [1, 0, 7, 0, 0, 0, payload.length, ...payload, 0xce];

const FRAMES = [
  frame([1, 2, 3]),
  frame([]),
  frame(Array.from({ length: 300 }, (_, n) => n % 256)).map((byte, n) => (n === 5 ? 1 : n === 6 ? 44 : byte)),
  frame([9]),
];

/** @param {number[][]} pieces as the socket brings them; what the client is handed */
const handed = (pieces) => {
  /** @type {number[][]} */
  const got = [];
  let heard = 0;
  const take = framed(
    ({ data }) => got.push([...new Uint8Array(data)]),
    () => {
      heard += 1;
    },
  );
  for (const piece of pieces) take({ data: new Uint8Array(piece).buffer });
  assert.equal(heard, pieces.length);
  return got;
};

test('wherever a relay cuts, whole frames are handed on, nothing lost and nothing twice', () => {
  const all = FRAMES.flat();
  const ends = FRAMES.map((_, n) => FRAMES.slice(0, n + 1).flat().length);
  for (let first = 0; first <= all.length; first += 1) {
    for (const second of [first, Math.min(first + 1, all.length), Math.min(first + 8, all.length)]) {
      const got = handed([all.slice(0, first), all.slice(first, second), all.slice(second)]);
      assert.deepEqual(got.flat(), all);
      let at = 0;
      for (const part of got) {
        at += part.length;
        assert.ok(ends.includes(at), `cut at ${first} and ${second}: handed on up to ${at}, within a frame`);
      }
    }
  }
});

test('byte after byte is put together as well', () => {
  const bytes = FRAMES.flat().map((byte) => [byte]);
  assert.deepEqual(
    handed(bytes).map((part) => part.length),
    FRAMES.map((one) => one.length),
  );
});

test('the broker’s reasons by AMQP', () => {
  const codes = (/** @type {string} */ message) => saidByAmqp(new Error(message)).code;
  assert.equal(codes("channel closed: ACCESS_REFUSED - access to queue 'q' (403)"), 'denied');
  assert.equal(codes("NOT_FOUND - no queue 'q' (404)"), 'missing');
  assert.equal(codes('Consumer was cancelled by the server'), 'missing');
  assert.equal(codes("PRECONDITION_FAILED - inequivalent arg 'durable' (406)"), 'differs');
  assert.equal(codes('Socket closed'), 'lost');
  assert.deepEqual(saidByAmqp(new Error('NOT_ALLOWED - vhost not found (530)')), {
    code: 'bad_login',
    detail: 'NOT_ALLOWED - vhost not found (530)',
    final: true,
  });
});

test('the broker’s reasons by STOMP', () => {
  const codes = (/** @type {string} */ message, body = '') => saidByStomp({ headers: { message }, body }).code;
  assert.equal(codes('Bad CONNECT', 'Access refused for user'), 'bad_login');
  assert.equal(codes('access_refused', 'ACCESS_REFUSED - read access'), 'denied');
  assert.equal(codes('not_found', "NOT_FOUND - no queue 'q'"), 'missing');
  assert.equal(codes('Server cancelled subscription'), 'missing');
  assert.equal(codes('precondition_failed', "inequivalent arg 'x-expires'"), 'differs');
  assert.equal(codes('something new'), 'broker');
});

test('a socket that closes says what can be known of it', () => {
  assert.equal(closing(false, false, { code: 1006, reason: '' }).code, 'unreachable');
  assert.equal(closing(true, true, { code: 1000, reason: '' }).code, 'unsaid');
  assert.equal(closing(true, false, { code: 1000, reason: '' }).code, 'lost');
  assert.deepEqual(closing(true, true, { code: 1006, reason: 'gone' }), { code: 'lost', detail: '1006 gone' });
});

test('a result goes to the queue that was named, or to the reply-to that names one', () => {
  const goes = (queue = '', replyTo = '') => queueOf({ queue, replyTo });
  assert.equal(goes('results', '/queue/other'), 'results');
  assert.equal(goes('', 'plain'), 'plain');
  for (const kind of ['/reply-queue/', '/amq/queue/', '/queue/']) assert.equal(goes('', `${kind}a%2Fb`), 'a/b');
  for (const none of ['', '/exchange/logs/key', '/topic/x']) assert.equal(goes('', none), '');
});

test('by STOMP no destination is used that would make a queue', () => {
  assert.equal(destination({ queue: 'a/b', replyTo: '' }), '/amq/queue/a%2Fb');
  assert.equal(destination({ queue: '', replyTo: '/queue/x' }), '/queue/x');
  assert.equal(destination({ queue: '', replyTo: 'amq.gen-1' }), '/reply-queue/amq.gen-1');
  assert.equal(wanted({ queue: '', replyTo: 'amq.rabbitmq.reply-to.g1' }), '');
  assert.equal(wanted({ queue: '', replyTo: 'mine' }), 'mine');
});

test('a link ends once, with its first trouble, and closes what is under it', async () => {
  let shut = 0;
  const link = new Link(() => {
    shut += 1;
  });
  link.end({ code: 'lost' });
  link.end({ code: 'denied' });
  assert.deepEqual([link.over, link.trouble, await link.ended, shut], [true, { code: 'lost' }, { code: 'lost' }, 1]);
});

test('what is done during a link rejects with the link’s trouble, as a native Error', async () => {
  const link = new Link(() => {});
  assert.equal(await link.during(Promise.resolve(7)), 7);
  const waiting = rejection(link.during(new Promise(() => {})));
  link.end({ code: 'denied', detail: 'no' });
  assert.deepEqual(carried(await waiting), { code: 'denied', detail: 'no', final: false });
});

test('a window lets so many through and goes on when one is confirmed', async () => {
  const link = new Link(() => {});
  const flow = new Window(link, 2, 60_000);
  /** @type {string[]} */
  const done = [];
  for (const key of ['a', 'b']) {
    assert.equal(await flow.room(), true);
    flow.enter(key, () => done.push(key));
  }
  let through = false;
  const third = flow.room().then((open) => {
    through = open;
  });
  await new Promise(setImmediate);
  assert.equal(through, false);
  flow.leave('unknown');
  flow.leave('b');
  await third;
  assert.deepEqual([through, done], [true, ['b']]);
  link.end({ code: '' });
  assert.equal(await flow.room(), false);
  await flow.until(() => false); // the link is over
});

test('a full window opens for a quarter of it at a time, and at once when the link is over', async () => {
  const link = new Link(() => {});
  const flow = new Window(link, 8, 60_000);
  for (let key = 0; key < 8; key += 1) {
    assert.equal(flow.free, true);
    flow.enter(key, () => {});
  }
  assert.equal(flow.free, false);
  let through = false;
  const next = flow.room().then((open) => {
    through = open;
  });
  flow.leave(3);
  await new Promise(setImmediate);
  assert.equal(through, false);
  flow.leave(0);
  await next;
  assert.equal(through, true);
  flow.enter('a', () => {});
  flow.enter('b', () => {});
  const never = flow.room();
  link.end({ code: 'lost' });
  assert.deepEqual([await never, flow.free], [false, false]);
});

// A socket, and what went over it.
const written = () => {
  /** @type {string[]} */
  const sent = [];
  const socket = grouped({
    /** @param {Uint8Array | string} data */
    send: (data) => {
      sent.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
    },
    close: () => {
      sent.push('closed');
    },
  });
  return { sent, socket };
};

test('frames of one turn go out as one message, in their order, whatever they are made of', async () => {
  const { sent, socket } = written();
  socket.send('a\0');
  socket.send(new TextEncoder().encode('ü\0').buffer);
  socket.send('\n');
  assert.deepEqual(sent, []);
  await Promise.resolve();
  assert.deepEqual(sent, ['a\0ü\0\n']);
  socket.send('b\0');
  await Promise.resolve();
  assert.deepEqual(sent, ['a\0ü\0\n', 'b\0']);
});

test('what was sent before a close goes out before it: an acknowledgement is not lost', async () => {
  const { sent, socket } = written();
  socket.send('ACK\0');
  socket.close();
  assert.deepEqual(sent, ['ACK\0', 'closed']);
  await Promise.resolve();
  assert.equal(sent.length, 2);
});

test('a message of the socket has an end, and nothing of the frames is lost or cut', async () => {
  const { sent, socket } = written();
  const frames = Array.from({ length: 40 }, (_, n) => `${n}:${'x'.repeat(20_000)}\0`);
  for (const one of frames) socket.send(one);
  await Promise.resolve();
  assert.equal(sent.join(''), frames.join(''));
  assert.ok(sent.length > 1 && sent.every((message) => message.length < 300_000 && message.endsWith('\0')));
});

/**
 * What is said of a portion of so many messages of which these are rejected.
 * @param {number} count
 * @param {number[]} rejected
 */
const settled = (count, rejected, over = false) => {
  /** @type {string[]} */
  const words = [];
  const messages = Array.from({ length: count }, (_, n) => ({
    frame: { ack: () => void words.push(`ack ${n}`), nack: (how = {}) => void words.push(`nack ${n} ${JSON.stringify(how)}`) },
  }));
  settle({ over }, messages, new Set(rejected));
  return words;
};

test('one word settles each run of messages that are taken, or rejected', () => {
  const no = '{"requeue":"false"}';
  assert.deepEqual(settled(100, []), ['ack 99']);
  assert.deepEqual(settled(5, [1, 2]), ['ack 0', `nack 2 ${no}`, 'ack 4']);
  assert.deepEqual(settled(3, [0, 2]), [`nack 0 ${no}`, 'ack 1', `nack 2 ${no}`]);
  assert.deepEqual(settled(2, [0, 1]), [`nack 1 ${no}`]);
  assert.deepEqual(settled(0, []), []);
});

test('over a connection that has ended nothing is settled', () => {
  assert.deepEqual(settled(3, [1], true), []);
});

test('everybody who waits for a bell goes on at its next ring', async () => {
  const { ring, rung } = bell();
  const waiting = Promise.all([rung(), rung()]);
  ring();
  await waiting;
  let rang = false;
  const next = rung().then(() => {
    rang = true;
  });
  await new Promise(setImmediate);
  assert.equal(rang, false);
  ring();
  await next;
});

test('a trouble is carried by a native Error, and anything else has one', () => {
  const error = fault({ code: 'policy', detail: 'wss://x', final: true });
  assert.ok(error instanceof Error);
  assert.deepEqual(troubleOf(error), { code: 'policy', detail: 'wss://x', final: true });
  assert.deepEqual(troubleOf(new TypeError('a\n  b')), { code: 'broker', detail: 'a b' });
  assert.deepEqual(troubleOf(undefined), { code: 'broker', detail: 'undefined' });
});

test('a broker’s words are one line of three hundred characters at most', () => {
  assert.equal(short('  a\n\tb  '), 'a b');
  assert.equal(short('x'.repeat(1000)).length, 300);
});

test('pauses double with each failure and end at half a minute', () => {
  assert.deepEqual([1, 2, 3, 7, 8, 100].map(pauseAfter), [0.5, 1, 2, 30, 30, 30]);
});
