// One transaction: what lies there is compared, what shall lie there is decided (changes.mjs) and written, all of it or nothing.
/** @import { Bytes, Change, Moves } from './types/protocol.ts' */
import { decide, fresh, gather, tableOf, write } from './changes.mjs';
import { CLOSED, failure } from './errors.mjs';

/**
 * Resolves when the transaction is complete; on disk, when it touches batches, since those record what is paid for, or messages of programs, which
 * are acknowledged then. The n-th put_bytes takes the n-th of `buffers`.
 * @param {IDBDatabase} idb
 * @param {Change[]} list
 * @param {Bytes[]} buffers
 * @param {Moves} moves
 */
export async function commit(idb, list, buffers, moves) {
  const tables = new Set(list.map(tableOf));
  const durability = tables.has('batches') || tables.has('handed') ? 'strict' : 'relaxed';
  const tx = idb.transaction([...tables], 'readwrite', { durability });
  /** @type {Error | undefined} */
  let clash;
  /** @type {Promise<void>} */
  const complete = new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(clash ?? tx.error ?? failure('StorageLost', CLOSED));
  });
  try {
    let added = fresh(list);
    let after;
    try {
      after = decide(await gather(tx, list, added), list, buffers, moves);
    } catch (error) {
      if (!added.size) throw error;
      added = new Map(); // what lies there may have made another fault of it
      after = decide(await gather(tx, list), list, buffers, moves);
    }
    write(tx, after, added, (found) => {
      clash ??= found;
    });
  } catch (error) {
    complete.catch(() => {}); // the reason is `error`
    try {
      tx.abort();
    } catch {
      // it has ended by itself, for the same reason
    }
    throw error;
  }
  await complete;
}

/**
 * The runs of bytes under these ids, read in one transaction: a Uint8Array, or nothing, for each.
 * @param {IDBDatabase} idb
 * @param {string[]} ids
 * @returns {Promise<(Bytes | undefined)[]>}
 */
export function runs(idb, ids) {
  const store = idb.transaction('bytes', 'readonly').objectStore('bytes');
  return Promise.all(
    ids.map(
      (id) =>
        new Promise((resolve, reject) => {
          const asking = store.get(id);
          asking.onsuccess = () => resolve(asking.result?.data instanceof Uint8Array ? asking.result.data : undefined); // anything else is no bytes of ours
          asking.onerror = () => reject(asking.error);
        }),
    ),
  );
}
