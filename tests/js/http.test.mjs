// How a call over HTTP ends, as Python is told: an answer, or an Error named by what is known of the failure.
/** @import { Head } from '../../static/js/types/protocol.ts' */
import './page.mjs';
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { classify, headersIn, mayFollow, originOf, stripped } from '../../static/js/http-failures.mjs';
import { send, stream } from '../../static/js/http.mjs';
import { rejection, setOnline, setPolicy } from './page.mjs';

const URL_ = 'https://api.example/v1/batches?limit=1';

/**
 * @param {Partial<Head>} [other]
 * @returns {Head}
 */
const head = (other) => ({
  method: 'GET',
  url: URL_,
  headers: {},
  timeout: 20,
  follows: null,
  live: false,
  fields: [],
  file: null,
  ...other,
});

/** @param {(url: string, init: RequestInit) => unknown} answer what stands in for the network: a Response, or what it fails with */
const network = (answer) => {
  globalThis.fetch = async (input, init = {}) => {
    const found = answer(String(input), init);
    if (found instanceof Error) throw found;
    return /** @type {Response} */ (await found);
  };
};
const dead = () => new TypeError('Failed to fetch');

afterEach(() => {
  setOnline(true);
  setPolicy('');
});

test('an answer comes with its status, headers and bytes', async () => {
  network(() => new Response('{"a":1}', { status: 429, headers: { 'Retry-After': '3' } }));
  const { status, headers, body } = await send(JSON.stringify(head())).done;
  assert.deepEqual([status, JSON.parse(headers)['retry-after'], new TextDecoder().decode(body)], [429, '3', '{"a":1}']);
});

test('nothing goes along but what the request says', async () => {
  /** @type {RequestInit[]} */
  const seen = [];
  network((_, init) => {
    seen.push(init);
    return new Response('');
  });
  await send(JSON.stringify(head())).done;
  await send(JSON.stringify(head({ url: '/mailbox' }))).done;
  assert.deepEqual(
    seen.map(({ credentials, referrerPolicy, cache, redirect }) => [credentials, referrerPolicy, cache, redirect]),
    [
      ['omit', 'no-referrer', 'no-store', 'manual'],
      ['same-origin', 'no-referrer', 'no-store', 'manual'],
    ],
  );
});

test('a call to an origin that the policy does not list is «policy»', async () => {
  network(dead);
  setPolicy("connect-src 'self'");
  const error = await rejection(send(JSON.stringify(head())).done);
  assert.deepEqual([error.name, error.message], ['NetworkError:policy', 'https://api.example']);
});

test('without a network it is «offline», but not for this machine', async () => {
  network(dead);
  setOnline(false);
  assert.equal((await rejection(send(JSON.stringify(head())).done)).name, 'NetworkError:offline');
  for (const url of ['http://localhost:8000/x', 'http://127.0.0.1/x', 'http://[::1]:1/x']) {
    assert.equal((await rejection(send(JSON.stringify(head({ url }))).done)).name, 'NetworkError:unreachable', url);
  }
});

test('a host of which nothing answers is «unreachable»', async () => {
  network(dead);
  assert.equal((await rejection(send(JSON.stringify(head())).done)).name, 'NetworkError:unreachable');
  assert.equal((await classify('data:text/plain,x', '')).name, 'NetworkError:unreachable');
});

test('a host that answers, but not this call, is «blocked» at first and «broken» once it has answered', async () => {
  const probed = (/** @type {string} */ url) => (url === 'https://fresh.example/' ? new Response('') : dead());
  network(probed);
  const call = head({ url: 'https://fresh.example/v1' });
  assert.equal((await rejection(send(JSON.stringify(call)).done)).name, 'NetworkError:blocked');
  network(() => new Response(''));
  await send(JSON.stringify(call)).done;
  network(probed);
  assert.equal((await rejection(send(JSON.stringify(call)).done)).name, 'NetworkError:broken');
});

test('the browser’s own words, which may quote the key, are in no error', async () => {
  network((url) => (url === 'https://api.example/' ? new Response('') : new TypeError("Invalid header 'Bearer sk-secret'")));
  const error = await rejection(send(JSON.stringify(head({ headers: { Authorization: 'Bearer sk-secret' } }))).done);
  assert.doesNotMatch(`${error.name} ${error.message}`, /secret/);
});

/** @param {RequestInit} init */
const untilAborted = (init) =>
  new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))));

test('a call that is given up says so, one that takes too long as well', async () => {
  network((_, init) => untilAborted(init));
  const call = send(JSON.stringify(head()));
  call.abort();
  assert.equal((await rejection(call.done)).name, 'AbortError');
  const error = await rejection(send(JSON.stringify(head({ timeout: 0.01 }))).done);
  assert.deepEqual([error.name, error.message], ['NetworkError:timeout', 'No answer within 0.01 s.']);
});

test('a redirect that nobody asked for is told, without where to', async () => {
  network(() => ({ type: 'opaqueredirect' }));
  const error = await rejection(send(JSON.stringify(head())).done);
  assert.deepEqual([error.name, error.message], ['NetworkError:redirected', '']);
});

test('an answer from an origin that was not meant is refused, one that was is taken', async () => {
  const from = (/** @type {string} */ url) => ({
    type: 'cors',
    redirected: true,
    url,
    status: 200,
    headers: new Headers(),
    arrayBuffer: async () => new ArrayBuffer(0),
  });
  network(() => from('https://evil.example/x'));
  const error = await rejection(send(JSON.stringify(head({ follows: ['https://files.example'] }))).done);
  assert.deepEqual([error.name, error.message], ['NetworkError:redirected', 'https://evil.example']);
  network(() => from('https://files.example/x'));
  assert.equal((await send(JSON.stringify(head({ follows: ['https://files.example'] }))).done).status, 200);
});

test('a stream that breaks hands over what came, and then the failure, again and again', async () => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array([1, 2, 3])),
    pull: (controller) => controller.error(new TypeError('network error')),
  });
  network(() => new Response(body));
  const download = await stream(JSON.stringify(head())).done;
  assert.deepEqual([...((await download.next()) ?? [])], [1, 2, 3]);
  for (let n = 0; n < 2; n += 1) assert.equal((await rejection(download.next())).name, 'NetworkError:broken');
});

test('a stream comes in pieces of about a megabyte and ends with nothing', async () => {
  network(() => new Response(new Blob([new Uint8Array(2_500_000)])));
  const download = await stream(JSON.stringify(head())).done;
  const sizes = [];
  for (let piece = await download.next(); piece; piece = await download.next()) sizes.push(piece.length);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    2_500_000,
  );
  assert.ok(sizes.slice(0, -1).every((size) => size >= 1 << 20));
});

test('a live stream hands over each piece as it comes', async () => {
  const pieces = [[1], [2, 3], [4]];
  const body = new ReadableStream({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(new Uint8Array(piece));
      else controller.close();
    },
  });
  network(() => new Response(body));
  const download = await stream(JSON.stringify(head({ live: true }))).done;
  const found = [];
  for (let piece = await download.next(); piece; piece = await download.next()) found.push([...piece]);
  assert.deepEqual(found, [[1], [2, 3], [4]]);
});

test('addresses are compared without what no server sees', () => {
  assert.equal(stripped('https://user@api.example/v1?a=1#part'), 'https://api.example/v1?a=1');
  assert.equal(originOf('/v1'), 'https://page.example');
  assert.equal(originOf('http://['), '');
});

test('an answer may come from the origin that was asked, or one that the request lists', () => {
  const call = head({ follows: ['https://files.example'] });
  assert.equal(mayFollow(call, 'https://api.example/other'), true);
  assert.equal(mayFollow(call, 'https://files.example/x'), true);
  assert.equal(mayFollow(call, 'https://evil.example/x'), false);
  assert.equal(mayFollow(head(), URL_), false);
});

test('headers of XMLHttpRequest: names in small letters, values with their colons', () => {
  assert.deepEqual(headersIn('Content-Type: text/plain\r\nX-Time:  10:30 \r\n'), [
    ['content-type', 'text/plain'],
    ['x-time', '10:30'],
  ]);
  assert.deepEqual(headersIn(''), []);
});
