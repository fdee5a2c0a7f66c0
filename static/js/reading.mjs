// What is read by an index, record by record or page by page: each function is one transaction of the database that it is given.
/** @import { Found, Packed } from './types/protocol.ts' */
import { done } from './changes.mjs';
import { packed, revisionOf } from './records.mjs';

const READ = 32; // records that are read at a time, of up to 1,000 requests each
const BY_OWNER = ['[owner+order]', '[owner+order+id]'];

/**
 * The index over owner and order, of those that a table has; nothing where it has none.
 * @param {Iterable<string>} indexes
 */
export const byOwner = (indexes) => {
  const there = new Set(indexes);
  return BY_OWNER.find((name) => there.has(name));
};

/**
 * @param {IDBDatabase} idb
 * @param {string} table
 */
const storeOf = (idb, table) => idb.transaction(table, 'readonly').objectStore(table);

/**
 * Shows `seen` every record that a cursor comes to, until it says false.
 * @template {IDBCursor} C
 * @param {IDBRequest<C | null>} request
 * @param {(cursor: C) => boolean} seen
 * @returns {Promise<void>}
 */
const walked = (request, seen) =>
  new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      if (!request.result || !seen(request.result)) resolve();
    };
  });

/**
 * At most `limit` records whose `field` (owner or state) is `value`, by order and id; `after` is [order, id], which segments are not read by, and so is
 * `from`, before which it is known that there are none.
 * @param {IDBDatabase} idb
 * @param {string} table
 * @param {'owner' | 'state'} field
 * @param {string} value
 * @param {[number, string] | undefined} after
 * @param {number} limit
 * @param {boolean} newest the last ones first
 * @param {[number, string]} [from]
 * @returns {Promise<Found[]>}
 */
export async function page(idb, table, field, value, after, limit, newest, from) {
  const store = storeOf(idb, table);
  const index = store.index(field === 'state' ? '[state+order+id]' : /** @type {string} */ (byOwner(store.indexNames)));
  const [low, high] = [[value], [value, []]]; // an array sorts after every number
  const edge = after && [value, ...after];
  if (!newest && !edge && from && index.name.endsWith('+id]'))
    return done(index.getAll(IDBKeyRange.bound([value, ...from], high, false, true), limit));
  if (!newest) return done(index.getAll(IDBKeyRange.bound(edge ?? low, high, true, true), limit));
  /** @type {Found[]} */
  const found = [];
  await walked(index.openCursor(IDBKeyRange.bound(low, edge ?? high, true, true), 'prev'), (cursor) => {
    if (found.length >= limit) return false;
    found.push(cursor.value);
    cursor.continue();
    return true;
  });
  return found;
}

/**
 * [[state, how many], …] of all records, or of one owner's.
 * @param {IDBDatabase} idb
 * @param {string} table
 * @param {string | undefined} owner
 */
export async function counts(idb, table, owner) {
  const index = storeOf(idb, table).index(owner === undefined ? '[state+order+id]' : '[owner+state]');
  const head = owner === undefined ? [] : [owner];
  /** @type {[string, number][]} */
  const found = [];
  for (let range = IDBKeyRange.bound(head, [...head, []]); ; ) {
    const cursor = await done(index.openKeyCursor(range));
    if (!cursor) return found;
    const state = /** @type {IDBValidKey[]} */ (cursor.key)[head.length];
    const all = owner === undefined ? IDBKeyRange.bound([state], [state, []]) : IDBKeyRange.only([owner, state]);
    if (typeof state === 'string') found.push([state, await done(index.count(all))]);
    range = owner === undefined ? IDBKeyRange.bound([state, []], [[]], true) : IDBKeyRange.bound([owner, state], [owner, []], true);
  }
}

/**
 * The records that nobody finds by their owner: it is not text, or their place is no key. For tables with an index by owner.
 * @param {IDBDatabase} idb
 * @param {string} table
 * @returns {Promise<Found[]>}
 */
export async function strays(idb, table) {
  const store = storeOf(idb, table);
  const index = store.index(/** @type {string} */ (byOwner(store.indexNames)));
  const texts = IDBKeyRange.bound([''], [[]], false, true); // a number or a date is a key as well, and sorts before every text
  const [all, indexed] = await Promise.all([done(store.count()), done(index.count(texts))]);
  if (all === indexed) return [];
  const known = new Set(await done(index.getAllKeys(texts)));
  return (await done(store.getAll())).filter((record) => !known.has(record.id));
}

/**
 * Everybody who owns a record of the table, sorted.
 * @param {IDBDatabase} idb
 * @param {string} table
 */
export async function owners(idb, table) {
  const store = storeOf(idb, table);
  /** @type {Set<string>} */
  const found = new Set();
  const index = byOwner(store.indexNames);
  if (index) {
    await walked(store.index(index).openKeyCursor(), (cursor) => {
      const [owner = ''] = /** @type {IDBValidKey[]} */ (cursor.key);
      if (typeof owner === 'string') found.add(owner);
      cursor.continue([owner, []]); // an array sorts after every number: on to the next owner
      return true;
    });
  } else {
    for (const { owner } of await done(store.getAll())) if (typeof owner === 'string') found.add(owner);
  }
  found.delete('');
  return [...found].sort();
}

export const byRevision = '[owner+rev]';

/**
 * [id, revision, id, revision, …] of one owner's records, by order and then id, from the indexes alone: few revisions are many records'.
 * @param {IDBDatabase} idb
 * @param {string} table that has both indexes
 * @param {string} owner
 */
export async function revisions(idb, table, owner) {
  const store = storeOf(idb, table);
  const all = IDBKeyRange.bound([owner], [owner, []]); // an array sorts after everything else
  const ids = await done(store.index(/** @type {string} */ (byOwner(store.indexNames))).getAllKeys(all));
  const index = store.index(byRevision);
  /** @type {Map<IDBValidKey, number>} */
  const known = new Map();
  for (let range = all; ; ) {
    const cursor = await done(index.openKeyCursor(range));
    if (!cursor) break;
    const key = /** @type {IDBValidKey[]} */ (cursor.key);
    const rev = revisionOf({ rev: key[1] });
    for (const id of await done(index.getAllKeys(IDBKeyRange.only(key)))) known.set(id, rev);
    range = IDBKeyRange.bound(key, [owner, []], true);
  }
  return ids.flatMap((id) => [String(id), known.get(id) ?? revisionOf({})]);
}

/**
 * The same of the records with these ids, which `read` gives: a few at a time, since only this is kept of them.
 * @param {(ids: any[]) => PromiseLike<(Found | undefined)[]>} read
 * @param {any[]} ids
 */
export async function revisionsOf(read, ids) {
  /** @type {(string | number)[]} */
  const flat = [];
  for (let n = 0; n < ids.length; n += READ) {
    for (const record of await read(ids.slice(n, n + READ))) if (record) flat.push(String(record.id), revisionOf(record));
  }
  return flat;
}

/**
 * Every record and the ids of all byte runs, read in one transaction. `next` gives one part after another, and nothing at the end.
 * @param {IDBDatabase} idb
 * @param {string[]} tables
 */
export async function dump(idb, tables) {
  const tx = idb.transaction([...tables, 'bytes'], 'readonly');
  /** @type {Packed[]} */
  const parts = [];
  for (const table of tables) {
    const store = tx.objectStore(table);
    /** @type {IDBKeyRange | undefined} */
    let range;
    for (;;) {
      /** @type {Found[]} */
      const records = await done(store.getAll(range, READ));
      const last = records.at(-1);
      if (!last) break;
      parts.push(packed(table, records));
      range = IDBKeyRange.lowerBound(last.id, true);
    }
  }
  const runs = await done(tx.objectStore('bytes').getAllKeys());
  return { runs, next: () => parts.shift() };
}
