// The database. Dexie declares the schema and its upgrades and reads; every write goes through one function, `commit`, which is one
// IndexedDB transaction with the revisions and the moves of states compared inside it.
//
// Python awaits these functions, so whatever they reject with is a native Error (anything else would hang Python); its name is the
// protocol: Conflict and IllegalMove carry JSON in the message, StorageFull, StorageLost and MissingBytes carry text.
// «Nothing» is undefined, which is Python's None; null would not be.
/** @import { Bytes, Change, Found, Moves } from './types/protocol.ts' */
import { Dexie } from '../vendor/dexie.mjs';
import { Beginnings } from './beginnings.mjs';
import { tableOf } from './changes.mjs';
import { commit, runs } from './commit.mjs';
import { CLOSED, failure, translated } from './errors.mjs';
import * as lastView from './lastview.mjs';
import * as reading from './reading.mjs';
import { listed, read, sorted } from './records.mjs';
import { StoreBeside } from './store-beside.mjs';
import { Telling } from './telling.mjs';
import { Vault } from './vault.mjs';

export * as guard from './guard.mjs';
export * as keys from './keys.mjs';

const VERSION = 4;
const PATIENCE_MS = 5000;
const RUNS = 4; // byte runs of about 1 MB that are read at a time for a Blob

const NEWER = 'These data were written by a newer Nightshift. Reload the page to get the newer program; nothing was changed.';
const REPLACED = 'Another tab opened a newer Nightshift, which changed the database. Reload this page; nothing is lost.';
const BLOCKED = 'Another tab still uses the database in its older form. Close the other tabs of Nightshift and reload this page.';

// One entry for each version that was ever published, oldest first, never edited afterwards: a later version adds
// `db.version(n).stores({changed tables}).upgrade((tx) => …)`.
/** @param {Dexie} db */
function declare(db) {
  db.version(1).stores({
    settings: 'id',
    threads: 'id, order',
    segments: 'id, [owner+order]',
    batches: 'id, order',
    practice: 'id',
    bytes: 'id',
    vault: 'id',
  });
  db.version(2).stores({ events: 'id, order' });
  db.version(3).stores({ handed: 'id, [owner+order+id], [state+order+id], [owner+state]', news: 'id, [owner+order+id]' });
  db.version(4).stores({ segments: 'id, [owner+order], [owner+rev]', settings: 'id, [owner+order]' });
}

/**
 * Opens the database. `movesJson` is the JSON of Moves; `patience` is how many ms another tab may take to let go of an older form of it.
 * @param {string} movesJson
 */
export async function open(movesJson, name = 'nightshift', patience = PATIENCE_MS) {
  try {
    // Dexie would open a newer database all the same, and even add what it misses there.
    const known = (await globalThis.indexedDB?.databases?.()) ?? [];
    if (known.some((entry) => entry.name === name && (entry.version ?? 0) >= (VERSION + 1) * 10)) throw failure('StorageLost', NEWER);
    const db = new Dexie(name, { autoOpen: false });
    declare(db);
    const store = new Store(db, JSON.parse(movesJson));
    await store.connect(patience);
    return store;
  } catch (error) {
    throw translated(error);
  }
}

// Forgets a whole database. For tests and for «delete everything».
export async function destroy(name = 'nightshift') {
  try {
    lastView.forget();
    await Dexie.delete(name);
  } catch (error) {
    throw translated(error);
  }
}

const LARGE = 1_000_000;

/**
 * Whether these changes are worth another thread: runs of bytes with a quiet note of them, so that no list need know the moment at which they are made.
 * @param {Change[]} list
 * @param {Bytes[]} buffers
 */
const worthIt = (list, buffers) =>
  buffers.reduce((sum, one) => sum + one.length, 0) >= LARGE &&
  list.every((change) => change.type === 'put_bytes' || (change.type === 'put' && change.quiet));

class Store {
  #db;
  #moves;
  #lost = '';
  #letGo = () => {};
  #telling;
  #beginnings = new Beginnings();
  #beside;

  /**
   * @param {Dexie} db
   * @param {Moves} moves
   */
  constructor(db, moves) {
    this.#db = db;
    this.#moves = moves;
    this.#telling = new Telling(db.name);
    this.#telling.watch((tables) => this.#beginnings.told(tables));
    if (!globalThis.document && globalThis.Worker) this.#beside = new StoreBeside(db.name, moves); // a page has more to do than to wait for it
    this.vault = new Vault(db, (work) => this.#guard(work));
  }

  /** @param {number} patience */
  async connect(patience) {
    const db = this.#db;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {Promise<never>} */
    const blocked = new Promise((_, reject) => {
      db.on('blocked', () => {
        timer ||= setTimeout(() => reject(failure('StorageLost', BLOCKED)), patience);
      });
    });
    db.on('versionchange', () => {
      this.#lost = REPLACED;
      db.close({ disableAutoOpen: true }); // and so it hears the next
      return false; // in place of Dexie's own handler
    });
    db.on('close', () => {
      this.#lost ||= CLOSED;
      this.#letGo();
    });
    try {
      await Promise.race([db.open(), blocked]);
    } catch (error) {
      db.close({ disableAutoOpen: true });
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (db.backendDB().version >= (VERSION + 1) * 10) {
      db.close({ disableAutoOpen: true });
      throw failure('StorageLost', NEWER);
    }
  }

  close() {
    this.#letGo = () => {};
    this.#beside?.end();
    this.#telling.close();
    this.#db.close({ disableAutoOpen: true });
  }

  /**
   * @template T
   * @param {() => PromiseLike<T>} work
   */
  async #guard(work) {
    try {
      return await work();
    } catch (error) {
      throw translated(error, this.#lost);
    }
  }

  #idb() {
    const idb = this.#db.backendDB();
    if (!idb) throw failure('StorageLost', this.#lost || CLOSED);
    return idb;
  }

  /**
   * All changes or none (commit.mjs). `changes` is the UTF-8 JSON of a list of Change. Of a worker the buffers are moved.
   * @param {Bytes} changes
   * @param {Bytes[]} buffers
   */
  commit(changes, buffers) {
    return this.#guard(async () => {
      /** @type {Change[]} */
      const list = JSON.parse(new TextDecoder().decode(changes));
      if (!list.length) return;
      const idb = this.#idb();
      const told = new Set(list.filter((change) => !(change.type === 'put' && change.quiet)).map(tableOf));
      told.delete('bytes');
      await this.#telling.during([...told], async () => {
        this.#beginnings.writes(list);
        if (worthIt(list, buffers) && this.#beside?.ready()) await this.#beside.commit(list, buffers);
        else await commit(idb, list, buffers, this.#moves);
        lastView.written();
        if (lastView.takesAway(list)) lastView.forget();
      });
    });
  }

  /**
   * [rev, doc, owner, state, order], or nothing.
   * @param {string} table
   * @param {string} id
   */
  get(table, id) {
    return this.#guard(async () => {
      /** @type {Found | undefined} */
      const found = await this.#db.table(table).get(id);
      if (!found) return undefined;
      const { rev, doc, owner, state, order } = read(found);
      return [rev, doc, owner, state, order];
    });
  }

  /**
   * By order and then id; no `owner` means all.
   * @param {string} table
   * @param {string} [owner]
   */
  scan(table, owner) {
    return this.#guard(async () => listed(await this.#records(table, owner)));
  }

  /**
   * Those that are there, in the order asked. `ids` is JSON: thousands of texts cross fastest as one.
   * @param {string} table
   * @param {string} ids
   */
  getMany(table, ids) {
    return this.#guard(async () => {
      /** @type {(Found | undefined)[]} */
      const found = await this.#db.table(table).bulkGet([...new Set(JSON.parse(ids))]);
      return listed(found.filter((record) => record !== undefined));
    });
  }

  /**
   * One page of records: reading.mjs says what the arguments mean.
   * @param {string} table
   * @param {'owner' | 'state'} field
   * @param {string} value
   * @param {[number, string] | undefined} after
   * @param {number} limit
   * @param {boolean} newest
   */
  page(table, field, value, after, limit, newest) {
    /** @param {[number, string]} [from] */
    const work = (from) => reading.page(this.#idb(), table, field, value, after, limit, newest, from);
    return this.#guard(async () => listed(await (after || newest ? work() : this.#beginnings.read({ table, field, value }, work))));
  }

  /**
   * [[state, how many], …] of all records, or of one owner's.
   * @param {string} table
   * @param {string} [owner]
   */
  counts(table, owner) {
    return this.#guard(async () => reading.counts(this.#idb(), table, owner));
  }

  /**
   * The records that nobody finds by their owner. For tables with an index by owner.
   * @param {string} table
   */
  strays(table) {
    return this.#guard(async () => listed(await reading.strays(this.#idb(), table)));
  }

  /**
   * @param {string} name
   * @param {string | undefined} owner
   * @returns {Promise<Found[]>}
   */
  async #records(name, owner) {
    const table = this.#db.table(name);
    const index = reading.byOwner(Object.keys(table.schema.idxByName));
    if (owner !== undefined && index) {
      return table.where(index).between([owner, Dexie.minKey], [owner, Dexie.maxKey], true, true).toArray();
    }
    /** @type {Found[]} */
    const records = await table.toArray();
    return sorted(owner === undefined ? records : records.filter((record) => record.owner === owner));
  }

  /**
   * [id, revision, id, revision, …] of one owner's records. Where no index has the revisions, the records are read a few at a time, and only this
   * is kept of them.
   * @param {string} table
   * @param {string} owner
   */
  revisions(table, owner) {
    return this.#guard(async () => {
      const stored = this.#db.table(table);
      if (reading.byRevision in stored.schema.idxByName) return reading.revisions(this.#idb(), table, owner);
      const index = reading.byOwner(Object.keys(stored.schema.idxByName));
      /** @type {any[]} */
      const ids = index
        ? await stored.where(index).between([owner, Dexie.minKey], [owner, Dexie.maxKey], true, true).primaryKeys()
        : (await this.#records(table, owner)).map((record) => String(record.id));
      return reading.revisionsOf((some) => stored.bulkGet(some), ids);
    });
  }

  /** @param {string} table */
  owners(table) {
    return this.#guard(async () => reading.owners(this.#idb(), table));
  }

  /**
   * Every record and the ids of all byte runs, read in one transaction: {runs, next}. `next` gives one part (Packed) after another, and
   * nothing at the end.
   * @param {string[]} tables
   */
  dump(tables) {
    return this.#guard(async () => reading.dump(this.#idb(), tables));
  }

  /**
   * A Uint8Array, or nothing, for each id.
   * @param {string[]} ids
   */
  load(ids) {
    return this.#guard(async () => {
      const idb = this.#idb();
      return ids.length > 1 && this.#beside?.ready() ? this.#beside.runs(ids) : runs(idb, ids);
    });
  }

  /**
   * A Blob copies what it is made of, at once and on this thread: it is made of a few runs at a time, and then of those Blobs, which are not
   * copied again.
   * @param {string[]} ids
   */
  blob(ids) {
    return this.#guard(async () => {
      /** @type {Blob[]} */
      const parts = [];
      for (let n = 0; n < ids.length; n += RUNS) {
        const some = ids.slice(n, n + RUNS);
        const runs = (await this.load(some)).map((data, place) => {
          if (!data) throw failure('MissingBytes', some[place] ?? '');
          return data;
        });
        parts.push(new Blob(runs));
      }
      return new Blob(parts);
    });
  }

  // [used, quota, persisted]
  usage() {
    return this.#guard(async () => {
      const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
      return [usage, quota, (await navigator.storage?.persisted?.()) ?? false];
    });
  }

  persist() {
    return this.#guard(async () => (await navigator.storage?.persist?.()) ?? false);
  }

  /**
   * `told` gets the table names of the other tabs' commits.
   * @param {(tables: string[]) => void} told
   */
  watch(told) {
    this.#telling.watch((tables) => {
      lastView.written(true); // a worker has no other way to say so
      told(tables);
    });
  }

  /**
   * `told` is called when the database is no longer this tab's: a newer program changed it, or the browser closed it.
   * @param {() => void} told
   */
  watchLoss(told) {
    this.#letGo = told;
  }
}
