// What a commit means: what lies there now is gathered inside the transaction, what shall lie there is decided from it, and a change that may not be
// made throws before anything is written.

export function failure(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export const tableOf = (change) => (change.type.endsWith('_bytes') ? 'bytes' : change.table);

// The revision of a record; 1 where what lies there is none, as a reader is told.
export const revisionOf = ({ rev }) => (Number.isSafeInteger(rev) && rev > 0 ? rev : 1);

// What lies there now under the ids of the changes: table -> id -> record (for bytes: only whether there is one, unless they shall move).
export async function gather(tx, list) {
  const before = new Map();
  const waits = [];
  const moving = new Set(list.filter((change) => change.type === 'move_bytes').map((change) => change.id));
  const ask = (table, id) => {
    if (!before.has(table)) before.set(table, new Map());
    const records = before.get(table);
    if (records.has(id)) return;
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

// What shall lie there afterwards, the changes taken in turn; throws where one may not be made.
export function decide(before, list, buffers, moves) {
  const after = new Map();
  let nextBuffer = 0;
  for (const change of list) {
    const table = tableOf(change);
    if (!after.has(table)) after.set(table, new Map());
    const changed = after.get(table);
    const at = (id) => (changed.has(id) ? changed.get(id) : before.get(table).get(id));
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

function written(change, now, found, moves) {
  const { table, id, state } = change;
  const old = now?.state ?? '';
  if (moves[table] && !(now && old === state) && !moves[table][old]?.includes(state)) {
    throw failure('IllegalMove', JSON.stringify({ table, id, old: String(old), new: state }));
  }
  return kept(change, found + 1);
}

// JSON has no infinities: null comes in their place, and a record without a number would drop out of its index
const kept = ({ id, doc, owner, state, order }, rev) => ({ id, rev, doc, owner, state, order: order ?? 0 });

const conflict = (table, id, expected, found) => failure('Conflict', JSON.stringify({ table, id, expected, found }));
