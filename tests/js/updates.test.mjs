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
/** @type {{ active: Worker, waiting: Worker | null, installing: null, unregister: () => void } & EventTarget} */
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

test('a worker that loses its place while it is asked is not waited for', async (t) => {
  t.after(() => mock.timers.tick(5000)); // what still waits ends, whatever came of this
  const newer = new Worker();
  newer.busy = false;
  active.busy = true;
  registration.waiting = newer;
  told.length = 0;
  serviceWorker.dispatchEvent(new Event('controllerchange'));
  await turns();
  registration.active = newer;
  registration.waiting = null;
  active.state = 'redundant';
  active.dispatchEvent(new Event('statechange'));
  await turns(); // no time passes
  assert.deepEqual(told, [
    { notice: 'kept', value: { bytes: 6_000_000, why: '' } },
    { notice: 'update', value: '' },
  ]);
});
