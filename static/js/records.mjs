// Records as they cross to Python: many at a time, their documents as one run of UTF-8, whatever it is that lies in the database.
/** @import { Found, Listed, Packed } from './types/protocol.ts' */

/**
 * The revision of a record; 1 where what lies there is none, as a reader is told.
 * @param {Found} record
 * @returns {number}
 */
export const revisionOf = ({ rev }) => (typeof rev === 'number' && Number.isSafeInteger(rev) && rev > 0 ? rev : 1);

/**
 * Its place in the order; 0 where what lies there is none.
 * @param {Found} record
 */
const orderOf = ({ order }) => (typeof order === 'number' && Number.isFinite(order) ? order : 0);

/** @param {unknown} value */
function asText(value) {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return String(value);
  }
}

/**
 * A record as Python takes it, whatever lies there: a text that is none as the JSON of what it is, an index field of another type as nothing.
 * @param {Found} record
 */
export function read(record) {
  const { id, doc, owner, state } = record;
  return {
    id: typeof id === 'string' ? id : JSON.stringify(id),
    rev: revisionOf(record),
    doc: typeof doc === 'string' ? doc : asText(doc),
    owner: typeof owner === 'string' ? owner : '',
    state: typeof state === 'string' ? state : '',
    order: orderOf(record),
  };
}

/**
 * By order and then id, as `scan` gives them.
 * @param {Found[]} records
 */
export function sorted(records) {
  /** @type {(record: Found) => any} */
  const idOf = ({ id }) => id;
  return records.sort((a, b) => orderOf(a) - orderOf(b) || (idOf(a) < idOf(b) ? -1 : 1));
}

/**
 * The documents one after another; `row` is called with each record and with where its document ends.
 * @param {Found[]} found
 * @param {(record: ReturnType<typeof read>, end: number) => void} row
 */
function joined(found, row) {
  const encoder = new TextEncoder();
  const parts = found.map((one) => {
    const record = read(one);
    return { record, text: encoder.encode(record.doc) };
  });
  const docs = new Uint8Array(parts.reduce((sum, { text }) => sum + text.length, 0));
  let end = 0;
  for (const { record, text } of parts) {
    docs.set(text, end);
    end += text.length;
    row(record, end);
  }
  return docs;
}

/**
 * Python takes bytes many times faster than JS strings, and the index of 50,000 requests is 2 MB of text.
 * @param {Found[]} found
 * @returns {Listed}
 */
export function listed(found) {
  /** @type {Listed['index']} */
  const index = [];
  const docs = joined(found, ({ id, rev, owner, state, order }, end) => {
    index.push(id, rev, owner, state, order, end);
  });
  return { index, docs };
}

/**
 * The same with the table's name, its index as UTF-8.
 * @param {string} table
 * @param {Found[]} found
 * @returns {Packed}
 */
export function packed(table, found) {
  /** @type {unknown[][]} */
  const index = [];
  const docs = joined(found, ({ id, rev, owner, state, order }, end) => {
    index.push([table, id, rev, owner, state, order, end]);
  });
  return { index: new TextEncoder().encode(JSON.stringify(index)), docs };
}
