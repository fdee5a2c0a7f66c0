// Another thread that stores for a worker's Python: asked only when it is there, and what fails in it is said by its name.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { StoreBeside } from '../../static/js/store-beside.mjs';

mock.timers.enable({ apis: ['setTimeout'] }); // an address is let go of after a minute

/** @type {Worker[]} */
const made = [];

/** A worker that answers as a test says. */
class FakeWorker {
  /** @type {(event: { data: any }) => void} */
  onmessage = () => {};
  /** @type {(event: any) => void} */
  onerror = () => {};
  /** @type {any[]} */
  heard = [];
  ended = false;

  constructor() {
    made.push(/** @type {any} */ (this));
  }

  /** @param {any} data @param {Transferable[]} moved */
  postMessage(data, moved) {
    this.heard.push({ ...data, moved });
  }

  terminate() {
    this.ended = true;
  }

  /** @param {object} value the answer to the last question */
  answer(value) {
    this.onmessage({ data: { id: this.heard.at(-1).id, value } });
  }
}

/** @param {() => boolean} holds */
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

/** @param {string} text what is found at the worker's address; empty: nothing */
async function begun(text = '(()=>{})()') {
  made.length = 0;
  globalThis.Worker = /** @type {any} */ (FakeWorker);
  globalThis.fetch = async () => new Response(text, { status: text ? 200 : 404 });
  const beside = new StoreBeside('nightshift', {});
  assert.equal(beside.ready(), false); // it begins now
  if (text) await until(() => /** @type {any} */ (made[0])?.heard.length === 1);
  return { beside, worker: /** @type {FakeWorker} */ (/** @type {any} */ (made[0])) };
}

for (const text of ['(()=>{})()', "// sources\nimport { commit } from './commit.mjs';\n"]) {
  test(`it is asked when it has opened the database: ${text.slice(0, 10)}`, async () => {
    const { beside, worker } = await begun(text);
    assert.deepEqual(worker.heard[0].open, { name: 'nightshift', moves: {} });
    assert.equal(beside.ready(), false);
    worker.answer({});
    await until(() => beside.ready());
    const buffer = new Uint8Array([1, 2]);
    const written = beside.commit(
      [
        { type: 'put_bytes', id: 'a' },
        { type: 'put_bytes', id: 'b' },
      ],
      [buffer, buffer],
    );
    assert.deepEqual(worker.heard[1].moved, [buffer.buffer]); // each is moved once
    worker.answer({});
    await written;
    const read = beside.runs(['a', 'none']);
    worker.answer({ done: [buffer, undefined] });
    assert.deepEqual(await read, [buffer, undefined]);
    beside.end();
    assert.equal(worker.ended, true);
    assert.equal(beside.ready(), false);
  });
}

test('what fails in it is said by its name, and it goes on', async () => {
  const { beside, worker } = await begun();
  worker.answer({});
  await until(() => beside.ready());
  const written = beside.commit([], []);
  worker.answer({ failed: { name: 'Conflict', message: '{}' } });
  await assert.rejects(written, { name: 'Conflict', message: '{}' });
  assert.equal(beside.ready(), true);
});

test('where it cannot begin, or breaks down, it is not asked again', async () => {
  const absent = await begun('');
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(absent.beside.ready(), false);
  assert.equal(made.length, 0);

  const refused = await begun();
  refused.worker.answer({ failed: { name: 'AbortError', message: 'it is gone' } });
  await until(() => refused.worker.ended);
  assert.equal(refused.beside.ready(), false);

  const broken = await begun();
  broken.worker.answer({});
  await until(() => broken.beside.ready());
  const written = broken.beside.commit([], []);
  broken.worker.onerror({ preventDefault: () => {} });
  await assert.rejects(written);
  assert.equal(broken.beside.ready(), false);
});
