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
 * Each record, and in `docs` its document's end.
 * @param {Found[]} found
 */
function joined(found) {
  const encoder = new TextEncoder();
  const records = found.map(read);
  const texts = records.map((record) => encoder.encode(record.doc));
  const docs = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
  let end = 0;
  const ends = texts.map((text) => {
    docs.set(text, end);
    end += text.length;
    return end;
  });
  return { records, ends, docs };
}

/**
 * Python takes bytes many times faster than JS strings, and the index of 50,000 requests is 2 MB of text.
 * @param {Found[]} found
 * @returns {Listed}
 */
export function listed(found) {
  const { records, ends, docs } = joined(found);
  /** @type {Listed['index']} */
  const index = [];
  records.forEach(({ id, rev, owner, state, order }, n) => {
    index.push(id, rev, owner, state, order, ends[n]);
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
  const { records, ends, docs } = joined(found);
  const index = records.map(({ id, rev, owner, state, order }, n) => [table, id, rev, owner, state, order, ends[n]]);
  return { index: new TextEncoder().encode(JSON.stringify(index)), docs };
}
