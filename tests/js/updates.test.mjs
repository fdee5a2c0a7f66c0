// What is told of the version that the browser keeps, by what its service worker answers.
import './page.mjs';
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });

/** A service worker that answers «which» only when it has time for it. */
class Worker extends EventTarget {
  state = 'activated';
  busy = true;

  /**
   * @param {unknown} said
   * @param {MessagePort[]} [ports]
   */
  postMessage(said, [port] = []) {
    if (said === 'which' && port && !this.busy) port.postMessage({ build: 'b1', bytes: 6_000_000 });
  }
}

const active = new Worker();
const registration = Object.assign(new EventTarget(), {
  active,
  waiting: null,
  installing: null,
  unregister: () => assert.fail('unregistered'),
});
const serviceWorker = Object.assign(new EventTarget(), { controller: active, register: async () => registration });
Object.defineProperty(globalThis, 'navigator', { value: { serviceWorker }, configurable: true, writable: true });
Object.assign(document, { documentElement: { dataset: { build: 'b1' } }, querySelector: () => ({}), visibilityState: 'visible' });
class ResizeObserver {
  observe() {}
}
Object.assign(globalThis, { requestIdleCallback: setImmediate, ResizeObserver });

const { listen } = await import('../../static/js/events.mjs');
const { begin } = await import('../../static/js/updates.mjs');

/** @type {unknown[]} */
const told = [];
listen((text) => told.push(JSON.parse(text)));
const turns = async () => {
  for (let n = 0; n < 20; n += 1) await new Promise(setImmediate);
};

test('a worker that has no time to answer is asked again, and meanwhile nothing is said to be gone', async () => {
  await begin();
  for (let n = 0; n < 3; n += 1) {
    await turns();
    mock.timers.tick(5000);
  }
  await turns();
  assert.deepEqual(told, []);
  active.busy = false;
  mock.timers.tick(5000);
  await turns();
  mock.timers.tick(5000);
  await turns();
  assert.deepEqual(told, [
    { notice: 'kept', value: { bytes: 6_000_000, why: '' } },
    { notice: 'update', value: '' },
  ]);
});
