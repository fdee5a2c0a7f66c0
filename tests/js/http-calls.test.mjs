// Many calls that go out some at a time: each has its own end, and none holds up or takes another with it.
import './page.mjs';
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { calls } from '../../static/js/http-calls.mjs';

const text = new TextEncoder();

/** @param {string} name */
const head = (name, timeout = 20) => ({
  method: 'POST',
  url: `https://hooks.example/${name}`,
  headers: {},
  timeout,
  follows: null,
  fields: [],
  file: null,
});

/** @typedef {{ name: string, body: string, answer: (answer: Response | Error) => void }} Made */

// A network that answers when it is told to. `made` are the calls that were begun, in their order.
const network = () => {
  /** @type {Made[]} */
  const made = [];
  globalThis.fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const answer = (/** @type {Response | Error} */ found) => (found instanceof Error ? reject(found) : resolve(found));
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      const body = new TextDecoder().decode(/** @type {Uint8Array<ArrayBuffer>} */ (init.body));
      made.push({ name: String(input).slice('https://hooks.example/'.length), body, answer });
    });
  return made;
};

/**
 * @param {ReturnType<typeof calls>} group
 * @param {Record<string, string>} given name -> body
 * @param {number} atOnce
 */
const put = (group, given, atOnce, timeout = 20) => {
  const bodies = Object.values(given).map((body) => text.encode(body));
  const index = Object.keys(given).map((name, n) => [name, bodies[n]?.length, head(name, timeout)]);
  group.put(JSON.stringify(index), text.encode(Object.values(given).join('')), atOnce);
};

/** @param {ReturnType<typeof calls>} group the next group that ended, as [name, status, kind, body] each */
const next = async (group) => {
  const found = await group.next();
  if (!found) return undefined;
  let at = 0;
  return JSON.parse(found.index).map(
    (/** @type {[string, number, number, string, string, string, number]} */ [name, , status, , kind, , size]) => {
      const body = new TextDecoder().decode(found.bytes.subarray(at, at + size));
      at += size;
      return [name, status, kind, body];
    },
  );
};

const settled = () => new Promise(setImmediate);

const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
});

test('so many are made at a time, in their order, and the next one begins when one ends', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '1', b: 'ü2', c: '', d: '4' }, 2);
  assert.deepEqual(
    made.map(({ name, body }) => [name, body]),
    [
      ['a', '1'],
      ['b', 'ü2'],
    ],
  );
  made[1]?.answer(new Response('two'));
  assert.deepEqual(await next(group), [['b', 200, '', 'two']]);
  assert.deepEqual(made.map(({ name, body }) => [name, body]).slice(2), [['c', '']]);
  put(group, { e: '5' }, 4);
  assert.deepEqual(made.map(({ name }) => name).slice(3), ['d', 'e']);
});

test('those that ended meanwhile come together, each with its own end', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '', b: '', c: '' }, 3);
  made[0]?.answer(new Response('no', { status: 500 }));
  made[1]?.answer(new TypeError('Failed to fetch'));
  made[2]?.answer(new Response('ok'));
  await settled();
  await settled();
  await settled();
  const found = await next(group);
  assert.deepEqual(
    found?.filter((/** @type {string[]} */ [name]) => name !== 'b'),
    [
      ['a', 500, '', 'no'],
      ['c', 200, '', 'ok'],
    ],
  );
  const late = found?.find((/** @type {string[]} */ [name]) => name === 'b') ?? (await probed(made, group));
  assert.deepEqual([late[0], late[1], late[3]], ['b', 0, '']);
  assert.match(late[2], /^NetworkError:/);
});

test('while calls wait those that end are gathered, and when none waits any more they come at once', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '', b: '', c: '', d: '' }, 1);
  const first = next(group);
  for (let n = 0; n < 3; n += 1) {
    made[n]?.answer(new Response('ok'));
    for (let turns = 0; turns < 5; turns += 1) await settled();
    assert.equal(made.length, n + 2, 'the next one begins meanwhile');
  }
  assert.deepEqual(
    (await first)?.map((/** @type {string[]} */ [name]) => name),
    ['a', 'b', 'c'],
  );
});

test('ends that are gathered do not wait for a call that stalls', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '', b: '', c: '' }, 1);
  made[0]?.answer(new Response('ok'));
  assert.deepEqual(
    (await next(group))?.map((/** @type {string[]} */ [name]) => name),
    ['a'],
  );
  assert.equal(made.length, 2);
});

test('what is given up while ends are gathered says that there is nothing', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '', b: '', c: '' }, 1);
  made[0]?.answer(new Response('ok'));
  const waiting = next(group);
  for (let turns = 0; turns < 5; turns += 1) await settled();
  group.abort();
  assert.equal(await waiting, undefined);
});

/**
 * A call that got no answer asks whether the host is there at all: nobody is.
 * @param {Made[]} made
 * @param {ReturnType<typeof calls>} group
 */
const probed = async (made, group) => {
  const end = next(group);
  for (let n = 3; n < 8; n += 1) {
    await settled();
    made[n]?.answer(new TypeError('Failed to fetch'));
  }
  return (await end)?.[0];
};

test('one that is not answered in time ends by itself', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '' }, 1, 0.01);
  assert.deepEqual(await next(group), [['a', 0, 'NetworkError:timeout', '']]);
  assert.equal(made.length, 1);
});

test('a group that is given up makes no call any more, and says that there is nothing', async () => {
  const made = network();
  const group = calls();
  put(group, { a: '', b: '' }, 1);
  const waiting = next(group);
  group.abort();
  assert.deepEqual(await waiting, undefined);
  await settled();
  put(group, { c: '' }, 1);
  assert.equal(made.length, 1);
});

test('where none is on its way there is nothing to wait for', async () => {
  assert.equal(await next(calls()), undefined);
});
