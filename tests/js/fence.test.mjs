// What the fence leaves of a worker's scope (fence.mjs), with scopes of the same build: own properties, and what they inherit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fence } from '../../static/js/fence.mjs';

const scope = () => {
  class Target {
    addEventListener() {}
  }
  class Scope extends Target {
    get indexedDB() {
      return 1;
    }
    get navigator() {
      return 1;
    }
    fetch() {}
    importScripts() {}
    setTimeout() {}
  }
  class Dedicated extends Scope {
    postMessage() {}
  }
  const made = new Dedicated();
  return Object.assign(made, { XMLHttpRequest: 1, WebSocket: 1, notYetInvented: 1, Math, JSON, Blob });
};

test('what is not named goes, wherever along the chain it is', () => {
  const made = /** @type {any} */ (scope());
  const held = made.fetch;
  fence(made);
  for (const name of ['fetch', 'importScripts', 'indexedDB', 'navigator', 'postMessage', 'addEventListener', 'XMLHttpRequest', 'WebSocket'])
    assert.equal(made[name], undefined, name);
  assert.equal(made.notYetInvented, undefined);
  assert.equal(typeof held, 'function', 'who took it before has it');
});

test('the language and what Python asks for stays', () => {
  const made = /** @type {any} */ (scope());
  fence(made);
  assert.deepEqual([made.Math, made.JSON, made.Blob, typeof made.setTimeout], [Math, JSON, Blob, 'function']);
});

test('nothing runs behind a fence that does not close', () => {
  const made = scope();
  Object.defineProperty(made, 'TEMPORARY', { value: 0, configurable: false });
  fence(made);
  Object.defineProperty(made, 'WebTransport', { value: class {}, configurable: false });
  assert.throws(() => fence(made), /could not be taken away: WebTransport/);
});
