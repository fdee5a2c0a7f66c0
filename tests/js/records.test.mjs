// Records as they cross to Python: documents as one run of UTF-8, and an index that says where each ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed, packed, read, revisionOf, sorted } from '../../static/js/records.mjs';

/** @param {object} [other] */
const record = (other) => ({ id: 'a', rev: 3, doc: '{"a":1}', owner: 'queue:x', state: 'open', order: 1.5, ...other });
const utf8 = new TextDecoder();

test('each document lies between the ends that the index names', () => {
  const docs = ['{"text":"Grüße 🌙"}', '', '{"b":2}'];
  const { index, docs: bytes } = listed(docs.map((doc, n) => record({ id: `r${n}`, doc })));
  assert.equal(index.length, 18);
  let start = 0;
  docs.forEach((doc, n) => {
    const [id, rev, owner, state, order, end] = index.slice(n * 6, n * 6 + 6);
    assert.deepEqual([id, rev, owner, state, order], [`r${n}`, 3, 'queue:x', 'open', 1.5]);
    assert.equal(utf8.decode(bytes.slice(start, Number(end))), doc);
    start = Number(end);
  });
  assert.equal(start, bytes.length);
});

test('a part of the whole store says the same, with its table, as JSON', () => {
  const found = [record(), record({ id: 'é', doc: '"ö"' })];
  const { index, docs } = packed('threads', found);
  const rows = JSON.parse(utf8.decode(index));
  assert.deepEqual(rows[0], ['threads', 'a', 3, 'queue:x', 'open', 1.5, 7]);
  assert.deepEqual(rows[1], ['threads', 'é', 3, 'queue:x', 'open', 1.5, docs.length]);
});

test('nothing is listed as nothing', () => {
  assert.deepEqual(listed([]), { index: [], docs: new Uint8Array() });
});

test('whatever lies there is read: a text that is none as the JSON of what it is, an index field of another type as nothing', () => {
  const damaged = read({ id: 7, rev: 'x', doc: { a: [1] }, owner: null, state: 5, order: Number.NaN });
  assert.deepEqual(damaged, { id: '7', rev: 1, doc: '{"a":[1]}', owner: '', state: '', order: 0 });
  assert.deepEqual(read({}), { id: undefined, rev: 1, doc: '', owner: '', state: '', order: 0 });
});

test('a document that JSON cannot say is still a text', () => {
  /** @type {{ self?: object }} */
  const circle = {};
  circle.self = circle;
  assert.equal(read({ ...record(), doc: circle }).doc, '[object Object]');
  assert.equal(read({ ...record(), doc: 10n }).doc, '10');
});

test('a revision that is none counts as the first', () => {
  for (const rev of [0, -1, 1.5, Number.NaN, Infinity, '2', null, undefined, 2 ** 53]) assert.equal(revisionOf({ rev }), 1);
  assert.equal(revisionOf({ rev: 12 }), 12);
});

test('records are sorted by order and then id, those without a place first', () => {
  const found = sorted([
    record({ id: 'c', order: 2 }),
    record({ id: 'b', order: 1 }),
    record({ id: 'a', order: 1 }),
    record({ id: 'z', order: 'x' }),
  ]);
  assert.deepEqual(
    found.map(({ id }) => id),
    ['z', 'a', 'b', 'c'],
  );
});
