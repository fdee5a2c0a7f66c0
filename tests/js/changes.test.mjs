// What a commit means: revisions compared, batches moved as the table says, bytes never overwritten; all of it decided before anything is written.
/** @import { Change, Put } from '../../static/js/types/protocol.ts' */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, gather, tableOf } from '../../static/js/changes.mjs';

const MOVES = { batches: { '': ['planned'], planned: ['sent'], sent: ['done'] } };
const BYTES = new Uint8Array([1, 2]);

/**
 * @param {Partial<Put>} [other]
 * @returns {Put}
 */
const put = (other) => ({
  type: 'put',
  table: 'threads',
  id: 'a',
  rev: 0,
  doc: '{}',
  owner: '',
  state: '',
  order: 0,
  quiet: false,
  ...other,
});

/**
 * What a commit of these changes writes: table -> id -> record. `lying`: what lies there before.
 * @param {Change[]} changes
 * @param {Record<string, Record<string, unknown>>} [lying]
 */
const decided = (changes, lying = {}) => {
  const before = new Map(Object.entries(lying).map(([table, records]) => [table, new Map(Object.entries(records))]));
  for (const change of changes) if (!before.has(tableOf(change))) before.set(tableOf(change), new Map());
  const after = decide(before, changes, [BYTES], MOVES);
  return Object.fromEntries([...after].map(([table, records]) => [table, Object.fromEntries(records)]));
};

/**
 * @param {Parameters<typeof decided>} given
 * @returns {[name: string, said: unknown]}
 */
const refused = (...given) => {
  try {
    decided(...given);
  } catch (error) {
    assert.ok(error instanceof Error);
    return [error.name, JSON.parse(error.message)];
  }
  throw new assert.AssertionError({ message: 'It was not refused.' });
};

test('a new record begins at revision 1, a changed one counts on', () => {
  assert.equal(decided([put()]).threads.a.rev, 1);
  assert.equal(decided([put({ rev: 4 })], { threads: { a: { id: 'a', rev: 4 } } }).threads.a.rev, 5);
  assert.equal(decided([put({ rev: -1 })], { threads: { a: { id: 'a', rev: 9 } } }).threads.a.rev, 10);
});

test('a record that was seen at another revision is a conflict that says both', () => {
  assert.deepEqual(refused([put({ rev: 3 })], { threads: { a: { id: 'a', rev: 4 } } }), [
    'Conflict',
    { table: 'threads', id: 'a', expected: 3, found: 4 },
  ]);
  assert.deepEqual(refused([put({ rev: 2 })]), ['Conflict', { table: 'threads', id: 'a', expected: 2, found: 0 }]);
});

test('changes are taken in turn: the second sees what the first does', () => {
  const { threads } = decided([put(), put({ rev: 1, doc: '{"n":2}' })]);
  assert.deepEqual([threads.a.rev, threads.a.doc], [2, '{"n":2}']);
  assert.equal(decided([put(), { type: 'remove', table: 'threads', id: 'a', rev: 1 }]).threads.a, null);
});

test('removing needs the revision that was seen, or says that any will do', () => {
  const lying = { threads: { a: { id: 'a', rev: 2 } } };
  assert.equal(decided([{ type: 'remove', table: 'threads', id: 'a', rev: 2 }], lying).threads.a, null);
  assert.equal(decided([{ type: 'remove', table: 'threads', id: 'a', rev: -1 }]).threads.a, null);
  assert.equal(refused([{ type: 'remove', table: 'threads', id: 'a', rev: 1 }], lying)[0], 'Conflict');
});

test('a batch moves only as the table says', () => {
  const batch = { table: 'batches', id: 'b', state: 'sent' };
  assert.equal(decided([put({ ...batch, rev: 1 })], { batches: { b: { rev: 1, state: 'planned' } } }).batches.b.state, 'sent');
  assert.equal(decided([put({ ...batch, rev: 1 })], { batches: { b: { rev: 1, state: 'sent' } } }).batches.b.rev, 2);
  assert.deepEqual(refused([put(batch)]), ['IllegalMove', { table: 'batches', id: 'b', old: '', new: 'sent' }]);
  assert.deepEqual(refused([put({ ...batch, rev: 1 })], { batches: { b: { rev: 1, state: 'done' } } }), [
    'IllegalMove',
    { table: 'batches', id: 'b', old: 'done', new: 'sent' },
  ]);
});

test('a restored record keeps its revision and state, and takes nobody’s place', () => {
  const restore = /** @type {const} */ ({ ...put({ table: 'batches', id: 'b', state: 'done', rev: 7 }), type: 'restore' });
  assert.deepEqual([decided([restore]).batches.b.rev, decided([restore]).batches.b.state], [7, 'done']);
  assert.deepEqual(refused([restore], { batches: { b: { rev: 2, state: 'sent' } } }), [
    'Conflict',
    { table: 'batches', id: 'b', expected: 0, found: 2 },
  ]);
});

test('bytes are written once, dropped freely, and moved only where there are some and nothing else', () => {
  assert.deepEqual(decided([{ type: 'put_bytes', id: 'x' }]).bytes.x, { id: 'x', data: BYTES });
  assert.equal(refused([{ type: 'put_bytes', id: 'x' }], { bytes: { x: 'x' } })[0], 'Conflict');
  const again = decided(
    [
      { type: 'drop_bytes', id: 'x' },
      { type: 'put_bytes', id: 'x' },
    ],
    { bytes: { x: 'x' } },
  );
  assert.deepEqual(again.bytes.x, { id: 'x', data: BYTES });
  const moved = decided([{ type: 'move_bytes', id: 'x', to: 'y' }], { bytes: { x: { id: 'x', data: BYTES } } });
  assert.deepEqual(moved.bytes, { x: null, y: { id: 'y', data: BYTES } });
  assert.deepEqual(refused([{ type: 'move_bytes', id: 'x', to: 'y' }]), ['Conflict', { table: 'bytes', id: 'x', expected: 1, found: 0 }]);
  assert.deepEqual(refused([{ type: 'move_bytes', id: 'x', to: 'y' }], { bytes: { x: { data: BYTES }, y: 'y' } }), [
    'Conflict',
    { table: 'bytes', id: 'y', expected: 0, found: 1 },
  ]);
});

test('a place that JSON could not say is the first one', () => {
  assert.equal(decided([put({ order: null })]).threads.a.order, 0);
});

test('only what the changes name is read, each once, and of bytes only whether they are there', async () => {
  /** @type {string[]} */
  const asked = [];
  /** @param {string} what @param {unknown} result */
  const answer = (what, result) => {
    asked.push(what);
    /** @type {{ result: unknown, onsuccess?: () => void }} */
    const request = { result };
    queueMicrotask(() => request.onsuccess?.());
    return request;
  };
  const tx = {
    objectStore: (/** @type {string} */ table) => ({
      get: (/** @type {string} */ id) => answer(`${table} ${id}`, { id, rev: 1 }),
      getKey: (/** @type {string} */ id) => answer(`${table} key ${id}`, id),
    }),
  };
  /** @type {Change[]} */
  const changes = [put(), put({ rev: 1 }), { type: 'put_bytes', id: 'x' }, { type: 'move_bytes', id: 'y', to: 'z' }];
  const before = await gather(/** @type {any} */ (tx), changes);
  assert.deepEqual(asked, ['threads a', 'bytes key x', 'bytes y', 'bytes key z']);
  assert.deepEqual(before.get('threads')?.get('a'), { id: 'a', rev: 1 });
});
