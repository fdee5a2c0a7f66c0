// What is told of the version that the browser keeps, by what its service worker answers.
import './page.mjs';
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });

/** A service worker that answers «which» only when it has time for it. */
class Worker extends EventTarget {
  state = 'activated';
  busy = true;
  /** @type {MessagePort[]} */
  asked = [];

  /**
   * @param {unknown} said
   * @param {MessagePort[]} [ports]
   */
  postMessage(said, [port] = []) {
    if (said !== 'which' || !port) return;
    this.asked.push(port);
    if (!this.busy) this.answer(port);
  }

  /** @param {MessagePort | undefined} port */
  answer(port) {
    port?.postMessage({ build: 'b1', bytes: 6_000_000 });
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

const SAID = [
  { notice: 'kept', value: { bytes: 6_000_000, why: '' } },
  { notice: 'update', value: '' },
];

test('a worker that has no time to answer is waited for: its answer counts whenever it comes, and until then nothing is said', async () => {
  await begin();
  await turns();
  for (let n = 0; n < 3; n += 1) {
    mock.timers.tick(5000);
    await turns();
  }
  assert.deepEqual(told, []);
  assert.equal(active.asked.length, 3); // after 0, 5 and 15 seconds: a question can be lost
  active.answer(active.asked[0]);
  await turns(); // no time passes
  assert.deepEqual(told, SAID);
  mock.timers.tick(3_600_000);
  await turns();
  assert.equal(active.asked.length, 3);
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
  assert.deepEqual(told, SAID);
});
