// Where lists begin: nothing that lies in one is passed over, whoever put it there and whenever, and what has gone is not walked over again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Beginnings } from '../../static/js/beginnings.mjs';

/** @typedef {{ id: string, order: number }} Lying */
/** @type {Parameters<Beginnings['read']>[0]} */
const DUE = { table: 'handed', field: 'state', value: 'due' };

/**
 * @param {string} id
 * @param {number} order
 * @param {{ state?: string, owner?: string, table?: string }} [other]
 */
const put = (id, order, { state = 'due', owner = 'b', table = 'handed' } = {}) => ({
  type: /** @type {const} */ ('put'),
  table,
  id,
  rev: -1,
  doc: '{}',
  owner,
  state,
  order,
  quiet: false,
});

/**
 * The place from which a list is read that holds these.
 * @param {Beginnings} beginnings
 * @param {Lying[]} lying
 */
const readFrom = async (beginnings, lying, asked = DUE) => {
  /** @type {[number, string] | undefined} */
  let place;
  await beginnings.read(asked, async (from) => {
    place = from;
    return lying.filter(({ order, id }) => !from || order > from[0] || (order === from[0] && id >= from[1]));
  });
  return place;
};

test('a list is read from its front once, and then from where the first record was', async () => {
  const beginnings = new Beginnings();
  assert.equal(await readFrom(beginnings, [{ id: 'b', order: 3 }]), undefined);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'x', order: 7 }]), [3, 'b']);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'x', order: 7 }]), [7, 'x']);
  assert.equal(await readFrom(beginnings, [], { ...DUE, value: 'failed' }), undefined, 'another state is another list');
});

test('what is put before the beginning is where the list begins', async () => {
  const beginnings = new Beginnings();
  await readFrom(beginnings, [{ id: 'b', order: 3 }]);
  beginnings.writes([put('c', 3), put('a', 9), put('d', 1, { state: 'delivered' }), put('e', 1, { table: 'news' })]);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'b', order: 3 }]), [3, 'b']);
  beginnings.writes([{ ...put('z', 2), type: 'restore' }, put('a', 3)]);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'z', order: 2 }]), [2, 'z']);
  beginnings.writes([{ ...put('n', 0), order: null }]);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'n', order: 0 }]), [0, 'n'], 'what has no order stands at 0');
});

test('a list in which nothing was found begins with what is put there next', async () => {
  const beginnings = new Beginnings();
  await readFrom(beginnings, []);
  assert.deepEqual(await readFrom(beginnings, []), [Infinity, '']);
  beginnings.writes([put('b', 4), put('a', 5)]);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'b', order: 4 }]), [4, 'b']);
});

test('what is put while a list is read is not passed over, though that reading did not see it', async () => {
  const beginnings = new Beginnings();
  for (const first of [[{ id: 'm', order: 8 }], []]) {
    await beginnings.read(DUE, async () => {
      beginnings.writes([put('late', 2), put('later', 5)]);
      return first;
    });
    assert.deepEqual(await readFrom(beginnings, [{ id: 'late', order: 2 }]), [2, 'late']);
  }
});

test('when another tab has written, lists of that table are read from their front, also one that was being read', async () => {
  const beginnings = new Beginnings();
  await readFrom(beginnings, [{ id: 'b', order: 3 }]);
  beginnings.told(['news', 'threads']);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'b', order: 3 }]), [3, 'b']);
  beginnings.told(['handed']);
  assert.equal(await readFrom(beginnings, [{ id: 'b', order: 3 }]), undefined);
  await beginnings.read(DUE, async () => {
    beginnings.told(['handed']);
    return [{ id: 'b', order: 3 }];
  });
  assert.deepEqual(await readFrom(beginnings, [{ id: 'b', order: 3 }]), [-Infinity, '']);
});

test('once a minute a list is read from its front whatever is known', async () => {
  let now = 1000;
  const beginnings = new Beginnings(() => now);
  await readFrom(beginnings, [{ id: 'b', order: 3 }]);
  for (; now < 61_000; now += 10_000) assert.deepEqual(await readFrom(beginnings, [{ id: 'b', order: 3 }]), [3, 'b']);
  assert.equal(await readFrom(beginnings, [{ id: 'b', order: 3 }]), undefined);
  assert.deepEqual(await readFrom(beginnings, [{ id: 'b', order: 3 }]), [3, 'b']);
});

test('a reading that fails, or finds a record whose place cannot be told, teaches nothing', async () => {
  const beginnings = new Beginnings();
  await assert.rejects(
    beginnings.read(DUE, () => Promise.reject(new Error('lost'))),
    /lost/,
  );
  assert.equal(await readFrom(beginnings, []), undefined);
  await beginnings.read(DUE, async () => [{ id: 'd', order: new Date(0) }]);
  assert.deepEqual(await readFrom(beginnings, []), [Infinity, ''], 'what was known stays');
});

test('of many lists the last hundred are remembered', async () => {
  const beginnings = new Beginnings();
  for (let n = 0; n <= 100; n++) await readFrom(beginnings, [{ id: 'a', order: n }], { ...DUE, value: String(n) });
  assert.equal(await readFrom(beginnings, [], { ...DUE, value: '0' }), undefined);
  assert.deepEqual(await readFrom(beginnings, [], { ...DUE, value: '100' }), [100, 'a']);
});
