// Which worker carries out which job (compute-pool.mjs), with workers that only write down what they are told.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { GRACE_MS, IDLE_MS, KEEP_GRACE_MS, KEEP_MS, LARGE, MOST, Pool, START_MS } from '../../static/js/compute-pool.mjs';

/** @typedef {import('../../static/js/types/protocol.ts').FromWorker} FromWorker */

class Told {
  /** @type {any[]} */
  heard = [];
  /** @type {(event: any) => void} */
  onmessage = () => {};
  /** @type {(event: any) => void} */
  onerror = () => {};
  onmessageerror = () => {};
  ended = false;
  postMessage(/** @type {any} */ message, /** @type {ArrayBuffer[]} */ transfer = []) {
    this.heard.push({ ...message, transferred: transfer.length });
  }
  terminate() {
    this.ended = true;
  }
  say(/** @type {FromWorker} */ data) {
    this.onmessage({ data });
  }
  get texts() {
    return this.heard.slice(1).map(({ text }) => text);
  }
  end(text = 'end', memory = 30_000_000) {
    this.say({ type: 'ended', text, blob: undefined, memory });
  }
}

/** @type {Told[]} */
let made = [];
/** @type {Pool} */
let pool;
const parts = () =>
  Promise.resolve(/** @type {any} */ ({ modules: { worker: ['w', new Uint8Array(1)] }, library: new Uint8Array(1), archive: undefined }));
const settled = () => new Promise((resolve) => setImmediate(resolve));
const begin = (/** @type {string} */ text) => pool.begin(text, [], () => {});
/** @param {Promise<unknown>} work */
const failure = (work) =>
  work.then(
    () => 'nothing failed',
    (error) => `${error.name}: ${error.message}`,
  );

beforeEach(() => {
  made = [];
  pool = new Pool(() => {
    made.push(new Told());
    return /** @type {any} */ (made.at(-1));
  }, parts);
});

afterEach(() => pool.close()); // no timer stays

/** The worker `n`, started. */
const started = async (n = 0) => {
  await settled();
  const worker = /** @type {Told} */ (made[n]);
  worker.say({ type: 'ready' });
  return worker;
};

test('a worker begins with the first job, gets what it needs, and the job when it is ready', async () => {
  assert.equal(made.length, 0);
  const bytes = new Uint8Array(3);
  /** @type {string[]} */
  const told = [];
  const job = pool.begin('a', [bytes], (text) => told.push(text));
  await settled();
  assert.deepEqual(
    made[0]?.heard.map(({ transferred }) => transferred),
    [2],
  );
  const worker = await started();
  assert.deepEqual(worker.heard.at(-1), { text: 'a', inputs: [bytes], transferred: 1 });
  worker.say({ type: 'moved', text: 'half' });
  worker.end('whole');
  assert.deepEqual(await job.done, { text: 'whole', blob: undefined });
  worker.say({ type: 'moved', text: 'late' });
  assert.deepEqual(told, ['half']);
  begin('b');
  assert.deepEqual(worker.texts, ['a', 'b']);
});

test('one job at a time in each, and the rest waits in its order', async () => {
  const jobs = ['a', 'b', 'c', 'd'].map((text) => begin(text));
  const [first, second] = [await started(0), await started(1)];
  assert.equal(made.length, MOST);
  second.end('b done');
  first.end('a done');
  first.end('d done');
  second.end('c done');
  assert.deepEqual(
    [first.texts, second.texts],
    [
      ['a', 'd'],
      ['b', 'c'],
    ],
  );
  assert.deepEqual(await Promise.all(jobs.map(async ({ done }) => (await done).text)), ['a done', 'b done', 'c done', 'd done']);
});

test('a large worker ends with its job, and an idle one later', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  begin('a');
  const first = await started();
  first.end('a', LARGE + 1);
  assert.ok(first.ended);
  begin('b');
  const second = await started(1);
  second.end();
  context.mock.timers.tick(IDLE_MS - 1);
  begin('c');
  context.mock.timers.tick(IDLE_MS);
  assert.ok(!second.ended);
  second.end();
  context.mock.timers.tick(IDLE_MS);
  assert.ok(second.ended);
  assert.equal(pool.workers.size, 0);
});

test('a job that listens is stopped and its worker stays', async () => {
  const job = begin('a');
  const worker = await started();
  const stopped = job.stop('stop');
  assert.deepEqual(worker.texts, ['a', 'stop']);
  worker.end('cancelled');
  await stopped;
  begin('b');
  assert.deepEqual([worker.ended, worker.texts], [false, ['a', 'stop', 'b']]);
});

test('one that does not listen ends with its worker, and the next job has a new one', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const job = begin('a');
  const worker = await started();
  const stopped = job.stop('stop');
  context.mock.timers.tick(GRACE_MS);
  await stopped;
  assert.ok(worker.ended);
  begin('b');
  assert.deepEqual((await started(1)).texts, ['b']);
});

test('a job that waits, or whose worker is only starting, is stopped at once', async () => {
  const jobs = ['a', 'b', 'c'].map((text) => begin(text));
  const first = await started();
  await jobs[2]?.stop('stop');
  await jobs[1]?.stop('stop');
  assert.ok(made[1]?.ended);
  first.end();
  assert.deepEqual(first.texts, ['a']);
});

test('a worker that breaks down takes its job, and no other', async () => {
  const [job, other] = [begin('a'), begin('b')];
  const [worker, well] = [await started(0), await started(1)];
  const waiting = begin('c');
  worker.say({ type: 'died', reason: 'RangeError: deep' });
  assert.equal(await failure(job.done), 'JobDied: RangeError: deep');
  assert.ok(worker.ended);
  (await started(2)).end('c done');
  well.end('b done');
  assert.deepEqual([(await other.done).text, (await waiting.done).text], ['b done', 'c done']);
  const last = begin('d');
  made[2]?.onerror({ message: '' });
  well.onerror({ message: '' });
  assert.equal(await failure(last.done), 'JobDied: the browser gave no reason');
});

test('where no worker starts this is said, whichever way it fails', async (context) => {
  const refused = begin('a');
  await settled();
  made[0]?.say({ type: 'refused', reason: 'no module' });
  assert.equal(await failure(refused.done), 'NoWorker: no module');
  assert.equal(/** @type {any} */ (performance.getEntriesByName('nightshift:no-worker').at(-1))?.detail, 'no module');
  const blocked = begin('b');
  made[1]?.onerror({ message: 'blocked' });
  assert.equal(await failure(blocked.done), 'NoWorker: blocked');
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const silent = begin('c');
  context.mock.timers.tick(START_MS);
  assert.equal(await failure(silent.done), `NoWorker: it did not start within ${START_MS / 1000} seconds`);
  const without = new Pool(
    () => /** @type {any} */ (new Told()),
    () => Promise.reject(new Error('not there')),
  );
  assert.equal(await failure(without.begin('a', [], () => {}).done), 'NoWorker: not there');
});

test('a place has a worker of its own, which keeps what it has', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  begin('a');
  begin('b');
  pool.begin('ask 1', [], () => {}, 'results');
  const second = pool.begin('ask 2', [], () => {}, 'results');
  begin('c');
  const [one, , keeps] = [await started(0), await started(1), await started(2)];
  assert.equal(made.length, MOST + 1);
  assert.deepEqual([one.texts, keeps.texts], [['a'], ['ask 1']]);
  keeps.end('large', LARGE + 1);
  assert.deepEqual([keeps.ended, keeps.texts], [false, ['ask 1', 'ask 2']]);
  const stopped = second.stop('stop');
  context.mock.timers.tick(GRACE_MS);
  assert.ok(!keeps.ended);
  keeps.end('stopped');
  await stopped;
  context.mock.timers.tick(KEEP_MS - 1);
  assert.ok(!keeps.ended);
  context.mock.timers.tick(1);
  assert.ok(keeps.ended);
});

test('a place that is left gives its memory back soon, unless somebody asks again', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  pool.begin('ask 1', [], () => {}, 'results');
  pool.leave('results'); // while it is only starting
  const keeps = await started();
  pool.leave('results'); // while it works
  keeps.end();
  pool.leave('somewhere else');
  context.mock.timers.tick(IDLE_MS - 1);
  pool.begin('ask 2', [], () => {}, 'results');
  keeps.end();
  context.mock.timers.tick(IDLE_MS);
  assert.deepEqual([keeps.ended, keeps.texts], [false, ['ask 1', 'ask 2']]);
  pool.leave('results');
  context.mock.timers.tick(IDLE_MS);
  assert.ok(keeps.ended);
  const stuck = pool.begin('ask 3', [], () => {}, 'results');
  const next = await started(1);
  const stopped = stuck.stop('stop');
  context.mock.timers.tick(KEEP_GRACE_MS);
  await stopped;
  assert.ok(next.ended);
});

test('when the page has ended nothing goes on', async () => {
  const jobs = ['a', 'b', 'c'].map((text) => begin(text));
  await started();
  pool.close();
  for (const { done } of jobs) assert.match(await failure(done), /^(JobDied|NoWorker): /);
  assert.ok(made.every(({ ended }) => ended));
});
