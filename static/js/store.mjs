// The database. Dexie declares the schema and its upgrades and reads; every write goes through one function, `commit`, which is one
// IndexedDB transaction with the revisions and the moves of states compared inside it.
//
// Python awaits these functions, so whatever they reject with is a native Error (anything else would hang Python); its name is the
// protocol: Conflict and IllegalMove carry JSON in the message, StorageFull, StorageLost and MissingBytes carry text.
// «Nothing» is undefined, which is Python's None; null would not be.
import { Dexie } from '../vendor/dexie.mjs';
import { decide, done, failure, gather, revisionOf, tableOf } from './changes.mjs';

export * as keys from './keys.mjs';

const VERSION = 3;
const OURS = new Set(['Conflict', 'IllegalMove', 'StorageFull', 'StorageLost', 'MissingBytes']);
const PATIENCE_MS = 5000;
const DUMPED = 32; // records that are read at a time, of up to 1,000 requests each
const RUNS = 4; // byte runs of about 1 MB that are read at a time for a Blob

const NEWER = 'These data were written by a newer Nightshift. Reload the page to get the newer program; nothing was changed.';
const REPLACED = 'Another tab opened a newer Nightshift, which changed the database. Reload this page; nothing is lost.';
const BLOCKED = 'Another tab still uses the database in its older form. Close the other tabs of Nightshift and reload this page.';
const CLOSED = 'The browser closed the database, perhaps because its data were cleared. Reload this page.';

// One entry for each version that was ever published, oldest first, never edited afterwards: a later version adds
// `db.version(n).stores({changed tables}).upgrade((tx) => …)`.
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
}

// Opens the database. `movesJson` maps tables whose states are checked to {state: states that may follow}; "" is the state of a record that is not there yet.
// `patience` is how long another tab may take to let go of an older form of it.
export async function open(movesJson, name = 'nightshift', patience = PATIENCE_MS) {
  try {
    // Dexie would open a newer database all the same, and even add what it misses there.
    const known = (await globalThis.indexedDB?.databases?.()) ?? [];
    if (known.some((entry) => entry.name === name && entry.version >= (VERSION + 1) * 10)) throw failure('StorageLost', NEWER);
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
    await Dexie.delete(name);
  } catch (error) {
    throw translated(error);
  }
}

function translated(error, lost = '') {
  if (error instanceof Error && OURS.has(error.name)) return error;
  for (let inner = error, depth = 0; inner && depth < 5; inner = inner.inner, depth++) {
    if (inner.name === 'QuotaExceededError') return failure('StorageFull', 'The browser has no room left for this page.');
  }
  if (error?.name === 'DatabaseClosedError') lost ||= CLOSED;
  return failure('StorageLost', lost || `The browser's storage failed (${error?.name ?? 'unknown'}: ${error?.message ?? error}).`);
}

// A record as Python takes it, whatever lies there: a text that is none as the JSON of what it is, an index field of another type as nothing.
function read(record) {
  const { id, doc, owner, state } = record;
  return {
    id: typeof id === 'string' ? id : JSON.stringify(id),
    rev: revisionOf(record),
    doc: typeof doc === 'string' ? doc : asText(doc),
    owner: typeof owner === 'string' ? owner : '',
    state: typeof state === 'string' ? state : '',
    order: place(record),
  };
}

const place = ({ order }) => (typeof order === 'number' && Number.isFinite(order) ? order : 0);

function asText(value) {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return String(value);
  }
}

// Records with all their fields: texts as UTF-8 one after another, as Python takes them fastest.
function packed(table, found) {
  const encoder = new TextEncoder();
  const records = found.map(read);
  const texts = records.map((record) => encoder.encode(record.doc));
  const docs = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
  const index = [];
  let end = 0;
  records.forEach(({ id, rev, owner, state, order }, n) => {
    docs.set(texts[n], end);
    end += texts[n].length;
    index.push([table, id, rev, owner, state, order, end]);
  });
  return { index: encoder.encode(JSON.stringify(index)), docs };
}

// {index: [id, rev, owner, state, order, end, id, …], docs}: the documents one after another as UTF-8, each ending before byte `end`. Python takes bytes
// many times faster than JS strings, and the index of 50,000 requests is 2 MB of text.
function listed(found) {
  const encoder = new TextEncoder();
  const records = found.map(read);
  const parts = records.map((record) => encoder.encode(record.doc));
  const docs = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  const index = [];
  let end = 0;
  records.forEach(({ id, rev, owner, state, order }, n) => {
    docs.set(parts[n], end);
    end += parts[n].length;
    index.push(id, rev, owner, state, order, end);
  });
  return { index, docs };
}

class Store {
  #db;
  #moves;
  #lost = '';
  #channel;

  constructor(db, moves) {
    this.#db = db;
    this.#moves = moves;
    this.#channel = new BroadcastChannel(db.name);
    this.vault = new Vault(db, (work) => this.#guard(work));
  }

  async connect(patience) {
    const db = this.#db;
    let timer = 0;
    const blocked = new Promise((_, reject) => {
      db.on('blocked', () => {
        timer ||= setTimeout(() => reject(failure('StorageLost', BLOCKED)), patience);
      });
    });
    db.on('versionchange', () => {
      this.#lost = REPLACED;
      db.close({ disableAutoOpen: true });
      return false; // in place of Dexie's own handler
    });
    db.on('close', () => {
      this.#lost ||= CLOSED;
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
    this.#channel.close();
    this.#db.close({ disableAutoOpen: true });
  }

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

  // All changes or none. `changes` is the UTF-8 JSON of [{type: put | remove | restore | put_bytes | drop_bytes | move_bytes, …}]; the n-th
  // put_bytes takes the n-th of `buffers`. Resolves when the transaction is complete; on disk, when it touches batches, since those
  // record what is paid for, or messages of programs, which are acknowledged then.
  commit(changes, buffers) {
    return this.#guard(async () => {
      const list = JSON.parse(new TextDecoder().decode(changes));
      if (!list.length) return;
      const tables = new Set(list.map(tableOf));
      const durability = tables.has('batches') || tables.has('handed') ? 'strict' : 'relaxed';
      const tx = this.#idb().transaction([...tables], 'readwrite', { durability });
      const complete = new Promise((resolve, reject) => {
        tx.oncomplete = resolve;
        tx.onabort = () => reject(tx.error ?? failure('StorageLost', CLOSED));
      });
      try {
        const before = await gather(tx, list);
        const after = decide(before, list, buffers, this.#moves);
        for (const [table, records] of after) {
          const store = tx.objectStore(table);
          for (const [id, record] of records) {
            if (record) store.put(record);
            else store.delete(id);
          }
        }
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
      tables.delete('bytes');
      if (tables.size) this.#channel.postMessage([...tables]);
    });
  }

  // [rev, doc, owner, state, order], or nothing.
  get(table, id) {
    return this.#guard(async () => {
      const found = await this.#db.table(table).get(id);
      if (!found) return undefined;
      const { rev, doc, owner, state, order } = read(found);
      return [rev, doc, owner, state, order];
    });
  }

  // By order and then id, packed by `listed`; no `owner` means all.
  scan(table, owner) {
    return this.#guard(async () => {
      return listed(await this.#records(table, owner));
    });
  }

  // Those that are there, in the order asked; packed as by `scan`. `ids` is JSON: thousands of texts cross fastest as one.
  getMany(table, ids) {
    return this.#guard(async () => {
      const found = await this.#db.table(table).bulkGet([...new Set(JSON.parse(ids))]);
      return listed(found.filter((record) => record));
    });
  }

  // At most `limit` records whose `field` (owner or state) is `value`, by order and id; `after` is [order, id].
  page(name, field, value, after, limit, newest) {
    return this.#guard(async () => {
      const index = this.#idb().transaction(name, 'readonly').objectStore(name).index(`[${field}+order+id]`);
      const [low, high] = [[value], [value, []]]; // an array sorts after every number
      const edge = after && [value, ...after];
      if (!newest) return listed(await done(index.getAll(IDBKeyRange.bound(edge ?? low, high, true, true), limit)));
      const range = IDBKeyRange.bound(low, edge ?? high, true, true);
      const records = await new Promise((resolve, reject) => {
        const [found, request] = [[], index.openCursor(range, 'prev')];
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const cursor = request.result;
          if (!cursor || found.length >= limit) return resolve(found);
          found.push(cursor.value);
          cursor.continue();
        };
      });
      return listed(records);
    });
  }

  // [[state, how many], …] of all records, or of one owner's.
  counts(name, owner) {
    return this.#guard(async () => {
      const store = this.#idb().transaction(name, 'readonly').objectStore(name);
      const index = store.index(owner === undefined ? '[state+order+id]' : '[owner+state]');
      const head = owner === undefined ? [] : [owner];
      const found = [];
      for (let range = IDBKeyRange.bound(head, [...head, []]); ; ) {
        const cursor = await done(index.openKeyCursor(range));
        if (!cursor) return found;
        const state = cursor.key[head.length];
        const all = owner === undefined ? IDBKeyRange.bound([state], [state, []]) : IDBKeyRange.only([owner, state]);
        if (typeof state === 'string') found.push([state, await done(index.count(all))]);
        range = owner === undefined ? IDBKeyRange.bound([state, []], [[]], true) : IDBKeyRange.bound([owner, state], [owner, []], true);
      }
    });
  }

  // The records that nobody finds by their owner: it is no text, or their place is no key. Packed as by `scan`. For tables with that index.
  strays(name) {
    return this.#guard(async () => {
      const store = this.#idb().transaction(name, 'readonly').objectStore(name);
      const index = store.index([...store.indexNames].find((one) => one.startsWith('[owner+order')));
      const texts = IDBKeyRange.bound([''], [[]], false, true); // a number or a date is a key as well, and sorts before every text
      const [all, indexed] = await Promise.all([done(store.count()), done(index.count(texts))]);
      if (all === indexed) return listed([]);
      const known = new Set(await done(index.getAllKeys(texts)));
      return listed((await done(store.getAll())).filter((record) => !known.has(record.id)));
    });
  }

  async #records(name, owner) {
    const table = this.#db.table(name);
    const index = ['[owner+order]', '[owner+order+id]'].find((one) => table.schema.idxByName[one]);
    if (owner !== undefined && index) {
      return table.where(index).between([owner, Dexie.minKey], [owner, Dexie.maxKey], true, true).toArray();
    }
    const records = await table.toArray();
    const chosen = owner === undefined ? records : records.filter((record) => record.owner === owner);
    return chosen.sort((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));
  }

  owners(table) {
    return this.#guard(async () => {
      const store = this.#idb().transaction(table, 'readonly').objectStore(table);
      const owners = new Set();
      const index = ['[owner+order]', '[owner+order+id]'].find((one) => store.indexNames.contains(one));
      if (!index) {
        for (const { owner } of await done(store.getAll())) if (typeof owner === 'string') owners.add(owner);
      } else {
        await new Promise((resolve, reject) => {
          const request = store.index(index).openKeyCursor();
          request.onerror = () => reject(request.error);
          request.onsuccess = () => {
            const cursor = request.result;
            if (!cursor) return resolve();
            if (typeof cursor.key[0] === 'string') owners.add(cursor.key[0]);
            cursor.continue([cursor.key[0], []]); // an array sorts after every number: on to the next owner
          };
        });
      }
      owners.delete('');
      return [...owners].sort();
    });
  }

  // Every record and the ids of all byte runs, read in one transaction: {runs, next}. `next` gives one part after another, {index, docs}, the
  // documents as in `scan`,
  // its index as the UTF-8 JSON of [table, id, rev, owner, state, order, end] for each record; and nothing at the end.
  dump(tables) {
    return this.#guard(async () => {
      const tx = this.#idb().transaction([...tables, 'bytes'], 'readonly');
      const parts = [];
      for (const table of tables) {
        const store = tx.objectStore(table);
        for (let range; ; ) {
          const records = await done(store.getAll(range, DUMPED));
          if (!records.length) break;
          parts.push(packed(table, records));
          range = IDBKeyRange.lowerBound(records.at(-1).id, true);
        }
      }
      const runs = await done(tx.objectStore('bytes').getAllKeys());
      return { runs, next: () => parts.shift() };
    });
  }

  // A Uint8Array, or nothing, for each id.
  load(ids) {
    return this.#guard(async () => {
      const found = await this.#db.table('bytes').bulkGet(ids);
      return found.map((record) => (record?.data instanceof Uint8Array ? record.data : undefined)); // anything else is no bytes of ours
    });
  }

  // A Blob copies what it is made of, at once and on this thread: it is made of a few runs at a time, and then of those Blobs, which are not copied again.
  blob(ids) {
    return this.#guard(async () => {
      const parts = [];
      for (let n = 0; n < ids.length; n += RUNS) {
        const some = ids.slice(n, n + RUNS);
        const found = await this.#db.table('bytes').bulkGet(some);
        const missing = found.findIndex((record) => !(record?.data instanceof Uint8Array));
        if (missing >= 0) throw failure('MissingBytes', some[missing]);
        parts.push(new Blob(found.map((record) => record.data)));
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

  // A channel never hears itself: `told` gets the table names of the other tabs' commits.
  watch(told) {
    this.#channel.addEventListener('message', (event) => told(event.data));
  }
}

// Sealed API keys and the key that seals them: see keys.mjs, which is handed this object.
class Vault {
  #table;
  #guard;

  constructor(db, guard) {
    this.#table = db.table('vault');
    this.#guard = guard;
  }

  get(id) {
    return this.#guard(() => this.#table.get(id));
  }

  put(record) {
    return this.#guard(() => this.#table.put(record));
  }

  remove(id) {
    return this.#guard(() => this.#table.delete(id));
  }

  // The record that is there, or else `record`, now stored: two tabs end up with the same one.
  getOrAdd(record) {
    return this.#guard(() =>
      this.#table.db.transaction('rw', this.#table, async () => {
        const found = await this.#table.get(record.id);
        if (!found) await this.#table.add(record);
        return found ?? record;
      }),
    );
  }
}
