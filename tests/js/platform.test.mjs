// Locks among tabs: taken in turn, given up, and let go when Python has died.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { rejection } from './page.mjs';
import { breathe, bytesOf, lock, turn } from '../../static/js/platform.mjs';

/**
 * The locks of a browser, as far as the page uses them: one holder at a time, first come first served.
 * @param {string} [refusal] with which every request is refused
 */
const locks = (refusal) => {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return {
    request: (/** @type {string} */ _name, /** @type {{ signal: AbortSignal }} */ { signal }, /** @type {() => Promise<void>} */ held) => {
      if (refusal) return Promise.reject(new DOMException('', refusal));
      const before = last;
      const given = new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        void before.then(() => resolve(signal.aborted ? undefined : held()));
      });
      last = given.catch(() => {});
      return given;
    },
  };
};

beforeEach(() => {
  Object.assign(navigator, { locks: locks() });
});

test('a lock is given when the tab before lets go', async () => {
  const [first, second] = [lock('engine'), lock('engine')];
  await first.acquired;
  let got = false;
  const waiting = second.acquired.then(() => {
    got = true;
  });
  await new Promise(setImmediate);
  assert.equal(got, false);
  first.release();
  await waiting;
});

test('who gives up the place in the line is told so by a native Error', async () => {
  const [first, second] = [lock('engine'), lock('engine')];
  await first.acquired;
  second.abort();
  assert.equal((await rejection(second.acquired)).message, 'The lock was not given: AbortError');
});

test('a browser that gives no lock is told as a native Error', async () => {
  Object.assign(navigator, { locks: locks('SecurityError') });
  assert.equal((await rejection(lock('engine').acquired)).message, 'The lock was not given: SecurityError');
});

test('giving way lets what is due run first', async () => {
  /** @type {string[]} */
  const order = [];
  setImmediate(() => order.push('due'));
  await new Promise(setImmediate);
  await turn();
  order.push('after');
  await breathe();
  assert.deepEqual(order, ['due', 'after']);
});

test('data that the browser cannot read back are a native Error that says so', async () => {
  assert.deepEqual(await bytesOf(new Blob([new Uint8Array([7])])), new Uint8Array([7]));
  const gone = /** @type {any} */ ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')) });
  assert.equal((await rejection(bytesOf(gone))).message, 'The browser could not read the data back (NotFoundError).');
});

test('when Python has died its locks are another tab’s', async () => {
  const first = lock('engine');
  await first.acquired;
  dispatchEvent(new Event('nightshift:died'));
  await lock('engine').acquired;
});
