// RabbitMQ: frames that a relay cuts anywhere, the broker's words by code, queues by their names, and links that end once.
import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, said as saidByAmqp } from '../../static/js/broker-amqp.mjs';
import { Link, Window, bell, carried, fault, queueOf, short, troubleOf } from '../../static/js/broker-link.mjs';
import { closing, destination, said as saidByStomp, wanted } from '../../static/js/broker-stomp.mjs';
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
