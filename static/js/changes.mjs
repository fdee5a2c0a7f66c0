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

export const tableOf = (change) => (change.type === 'put_bytes' || change.type === 'drop_bytes' ? 'bytes' : change.table);

// What lies there now under the ids of the changes: table -> id -> record (for bytes: only whether there is one).
export async function gather(tx, list) {
  const before = new Map();
  const waits = [];
  for (const change of list) {
    const table = tableOf(change);
    if (!before.has(table)) before.set(table, new Map());
    const records = before.get(table);
    if (records.has(change.id)) continue;
    records.set(change.id, undefined);
    const store = tx.objectStore(table);
    const request = table === 'bytes' ? store.getKey(change.id) : store.get(change.id);
    waits.push(done(request).then((found) => records.set(change.id, found)));
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
    const now = changed.has(change.id) ? changed.get(change.id) : before.get(table).get(change.id);
    if (change.type === 'drop_bytes') {
      changed.set(change.id, null);
    } else if (change.type === 'put_bytes') {
      if (now != null) throw conflict(table, change.id, 0, 1);
      changed.set(change.id, { id: change.id, data: buffers[nextBuffer++] });
    } else {
      const found = now?.rev ?? 0;
      if (change.rev !== -1 && change.rev !== found) throw conflict(table, change.id, change.rev, found);
      changed.set(change.id, change.type === 'remove' ? null : written(change, now, found, moves));
    }
  }
  return after;
}

function written({ table, id, doc, owner, state, order }, now, found, moves) {
  const old = now?.state ?? '';
  if (table === 'batches' && !(now && old === state) && !moves[old]?.includes(state)) {
    throw failure('IllegalMove', JSON.stringify({ id, old, new: state }));
  }
  // JSON has no infinities: null comes in their place, and a record without a number would drop out of its index
  return { id, rev: found + 1, doc, owner, state, order: order ?? 0 };
}

const conflict = (table, id, expected, found) => failure('Conflict', JSON.stringify({ table, id, expected, found }));
