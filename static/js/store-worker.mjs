// What writes and reads much for a worker with Python, in a thread of its own (store-beside.mjs): the browser packs and unpacks a megabyte in some
// milliseconds, in the thread that asks for it. Answers as asking.mjs hears them; what failed is said with its name, in a value.
/** @import { Bytes, Change, Moves } from './types/protocol.ts' */
import { commit, runs } from './commit.mjs';
import { aboutError, CLOSED, failure } from './errors.mjs';

/** @type {IDBDatabase | undefined} */
let idb;
/** @type {Moves} */
let moves = {};

/**
 * The database as it is: who asks has it open already.
 * @param {string} name
 * @returns {Promise<IDBDatabase>}
 */
const opened = (name) =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => opening.transaction?.abort(); // it is gone: there is nothing to be made here
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });

/**
 * @typedef {{ open?: { name: string, moves: Moves }, list?: Change[], buffers?: Bytes[], ids?: string[] }} Question
 * @param {Question} question
 */
async function answer({ open, list, buffers, ids }) {
  if (open) {
    idb = await opened(open.name);
    moves = open.moves;
    for (const event of ['versionchange', 'close']) {
      idb.addEventListener(event, () => {
        idb?.close();
        idb = undefined;
      });
    }
    return undefined;
  }
  if (!idb) throw failure('StorageLost', CLOSED);
  return list ? commit(idb, list, buffers ?? [], moves) : runs(idb, ids ?? []);
}

/** @param {MessageEvent} event */
const heard = async ({ data }) => {
  const { id, ...question } = data;
  try {
    const done = await answer(question);
    postMessage({ id, value: { done } }, { transfer: (done ?? []).flatMap((one) => (one ? [one.buffer] : [])) });
  } catch (error) {
    postMessage({ id, value: { failed: aboutError(error) } });
  }
};

globalThis.onmessage = heard;
/** @type {MessageEvent[]} */
const early = /** @type {any} */ (globalThis).early ?? []; // what was said before this was here
early.splice(0).forEach(heard);
