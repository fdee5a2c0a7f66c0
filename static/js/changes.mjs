// What a commit means: what lies there now is gathered inside the transaction, what shall lie there is decided from it, and a change that may not be
// made throws before anything is written.
/** @import { Bytes, Change, ConflictText, IllegalMoveText, Moves, Put, Restore, StoredRecord } from './types/protocol.ts' */
import { failure } from './errors.mjs';
import { revisionOf } from './records.mjs';

/**
 * What lies under an id, or shall lie there: a record, a run of bytes (before the change only its key, unless it shall move), or nothing.
 * @typedef {Map<string, Map<string, any>>} Lying
 */

/**
 * What a request of IndexedDB comes to.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {Change} change */
export const tableOf = (change) => ('table' in change ? change.table : 'bytes');

const MANY = 50;

/**
 * Records that must not exist yet, by table, where a commit has many of them: they are added, which finds those that do, instead of being looked
 * for one by one. Those that a second change names as well are none.
 * @param {Change[]} list
 */
export function fresh(list) {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  const times = new Map();
  let count = 0;
  for (const change of list) {
    const key = `${tableOf(change)}/${change.id}`;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  for (const change of list) {
    if (change.type !== 'put' || change.rev !== 0 || times.get(`${change.table}/${change.id}`) !== 1) continue;
    found.set(change.table, (found.get(change.table) ?? new Set()).add(change.id));
    count += 1;
  }
  return count < MANY ? new Map() : found;
}

/**
 * What lies there now under the ids of the changes: table -> id -> record (for bytes: only whether there is one, unless they shall move).
 * @param {IDBTransaction} tx
 * @param {Change[]} list
 * @param {Map<string, Set<string>>} [unasked] ids that are taken to have nothing
 */
export async function gather(tx, list, unasked) {
  /** @type {Lying} */
  const before = new Map();
  /** @type {Promise<unknown>[]} */
  const waits = [];
  const moving = new Set(list.filter((change) => change.type === 'move_bytes').map((change) => change.id));
  /**
   * @param {string} table
   * @param {string} id
   */
  const ask = (table, id) => {
    const records = before.get(table) ?? new Map();
    before.set(table, records);
    if (records.has(id) || unasked?.get(table)?.has(id)) return;
    records.set(id, undefined);
    const store = tx.objectStore(table);
    const request = table === 'bytes' && !moving.has(id) ? store.getKey(id) : store.get(id);
    waits.push(done(request).then((found) => records.set(id, found)));
  };
  for (const change of list) {
    ask(tableOf(change), change.id);
    if (change.type === 'move_bytes') ask('bytes', change.to);
  }
  await Promise.all(waits);
  return before;
}

/**
 * What shall lie there afterwards, the changes taken in turn: null where nothing shall. Throws a Conflict or an IllegalMove where one may not be made.
 * @param {Lying} before
 * @param {Change[]} list
 * @param {Bytes[]} buffers
 * @param {Moves} moves
 */
export function decide(before, list, buffers, moves) {
  /** @type {Lying} */
  const after = new Map();
  let nextBuffer = 0;
  for (const change of list) {
    const table = tableOf(change);
    const changed = after.get(table) ?? new Map();
    after.set(table, changed);
    /** @param {string} id */
    const at = (id) => (changed.has(id) ? changed.get(id) : before.get(table)?.get(id));
    const now = at(change.id);
    if (change.type === 'drop_bytes') {
      changed.set(change.id, null);
    } else if (change.type === 'put_bytes') {
      if (now != null) throw conflict(table, change.id, 0, 1);
      changed.set(change.id, { id: change.id, data: buffers[nextBuffer++] });
    } else if (change.type === 'move_bytes') {
      if (now == null) throw conflict(table, change.id, 1, 0);
      if (change.to !== change.id && at(change.to) != null) throw conflict(table, change.to, 0, 1);
      changed.set(change.id, null);
      changed.set(change.to, { id: change.to, data: now.data });
    } else if (change.type === 'restore') {
      if (now) throw conflict(table, change.id, 0, revisionOf(now));
      changed.set(change.id, kept(change, change.rev));
    } else {
      const found = now ? revisionOf(now) : 0;
      if (change.rev !== -1 && change.rev !== found) throw conflict(table, change.id, change.rev, found);
      changed.set(change.id, change.type === 'remove' ? null : written(change, now, found, moves));
    }
  }
  return after;
}

/**
 * Writes what shall lie there. Where one of `added`, which are taken to have nothing, is there after all, `clashed` hears the Conflict and the
 * transaction is aborted.
 * @param {IDBTransaction} tx
 * @param {Lying} after
 * @param {Map<string, Set<string>>} added
 * @param {(conflict: Error) => void} clashed
 */
export function write(tx, after, added, clashed) {
  for (const [table, records] of after) {
    const store = tx.objectStore(table);
    for (const [id, record] of records) {
      if (!record) store.delete(id);
      else if (!added.get(table)?.has(id)) store.put(record);
      else {
        const adding = store.add(record);
        adding.onerror = (event) => {
          if (adding.error?.name !== 'ConstraintError') return;
          event.preventDefault(); // the transaction goes on until it is known what lies there
          event.stopPropagation();
          const asking = store.get(id);
          asking.onsuccess = () => {
            clashed(conflict(table, id, 0, revisionOf(asking.result ?? {})));
            tx.abort();
          };
        };
      }
    }
  }
}

/**
 * @param {Put} change
 * @param {StoredRecord | undefined} now
 * @param {number} found its revision
 * @param {Moves} moves
 */
function written(change, now, found, moves) {
  const { table, id, state } = change;
  const old = now?.state ?? '';
  if (moves[table] && !(now && old === state) && !moves[table][old]?.includes(state)) {
    throw failure('IllegalMove', JSON.stringify(/** @type {IllegalMoveText} */ ({ table, id, old: String(old), new: state })));
  }
  return kept(change, found + 1);
}

/**
 * JSON has no infinities: null comes in their place, and a record without a number would drop out of its index.
 * @param {Put | Restore} change
 * @param {number} rev
 * @returns {StoredRecord}
 */
const kept = ({ id, doc, owner, state, order }, rev) => ({ id, rev, doc, owner, state, order: order ?? 0 });

/**
 * @param {string} table
 * @param {string} id
 * @param {number} expected
 * @param {number} found
 */
export const conflict = (table, id, expected, found) =>
  failure('Conflict', JSON.stringify(/** @type {ConflictText} */ ({ table, id, expected, found })));
