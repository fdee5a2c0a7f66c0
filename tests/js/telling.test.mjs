// What a tab tells the others of its commits, over the browser's own kind of channel: nothing that was written stays unheard, also of a tab that dies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Telling } from '../../static/js/telling.mjs';

/** @typedef {import('node:test').TestContext} TestContext */

let names = 0;

const LONG = 100_000;

/**
 * Two tabs, and what the other one of them hears: the next message, whenever it comes.
 * @param {TestContext} t
 */
function tabs(t) {
  names += 1;
  const name = `telling-${names}`;
  const [one, other] = [new Telling(name), new Telling(name, LONG)];
  /** @type {string[][]} */
  const heard = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  other.watch((tables) => {
    heard.push(tables);
    waiting.shift()?.();
  });
  t.after(() => {
    one.close();
    other.close();
  });
  const next = () => new Promise((resolve) => waiting.push(() => resolve(undefined)));
  return { name, one, other, heard, next };
}

test('what was written is heard once, and not before it is', async (t) => {
  const { one, heard, next } = tabs(t);
  const first = next();
  const done = await one.during(['segments', 'batches'], async () => {
    assert.deepEqual(heard, []);
    return 'done';
  });
  assert.equal(done, 'done');
  await first;
  const second = next();
  await one.during(['settings'], async () => undefined);
  await second;
  assert.deepEqual(heard, [['segments', 'batches'], ['settings']]);
});

test('of a tab that dies in a commit it is heard all the same, of one whose commit came to nothing it is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { one, other, heard } = tabs(t);
  const refused = one.during(['segments'], async () => {
    throw new Error('conflict');
  });
  await assert.rejects(refused, /conflict/);
  void one.during(['batches'], () => new Promise(() => {}));
  void one.during(['settings'], () => new Promise(() => {}));
  while (other.awaited < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, []);
  t.mock.timers.tick(LONG);
  assert.deepEqual(heard, [['batches'], ['settings']]);
  assert.equal(other.awaited, 0);
});

test('what is quiet is told nobody', async (t) => {
  const { one, heard, next } = tabs(t);
  await one.during([], async () => undefined);
  const told = next();
  await one.during(['batches'], async () => undefined);
  await told;
  assert.deepEqual(heard, [['batches']]);
});

test('a tab that is closed in a commit has the end of its commit', async (t) => {
  const { one } = tabs(t);
  const done = await one.during(['segments'], async () => {
    one.close();
    return 'stored';
  });
  assert.equal(done, 'stored');
});

test('a tab of an older program is told of tables as it was, and tells so', async (t) => {
  const { name, one, heard, next } = tabs(t);
  const older = new BroadcastChannel(name);
  t.after(() => older.close());
  const got = new Promise((resolve) => {
    older.onmessage = ({ data }) => resolve(data);
  });
  const mine = next();
  await one.during(['segments'], async () => undefined);
  assert.deepEqual(await got, ['segments']);
  await mine;
  const theirs = next();
  older.postMessage(['batches']);
  await theirs;
  assert.deepEqual(heard, [['segments'], ['batches']]);
});
