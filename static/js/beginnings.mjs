// Where the records of one owner, or in one state, begin. Those at the front of such a list are the ones that go: they are delivered, or told. What goes
// leaves marks in the index that the database walks over until it tidies up, so each reading from the front would take longer the more has gone. So a
// reading begins where the last one found the first record, or where something was put before it since.
/** @import { Change, Found } from './types/protocol.ts' */
import { tableOf } from './changes.mjs';

const WHOLE_MS = 60_000; // after which it is read from the front once more: of another tab it may not be heard that it wrote
const MOST = 100; // lists that are remembered

/** @typedef {[order: number, id: string]} Place */
/** @typedef {{ table: string, field: 'owner' | 'state', value: string }} Asked */
/**
 * A reading that is under way, and the first place at which something was put meanwhile.
 * @typedef {Asked & { put: Place | undefined }} Reading
 */

/** @type {Place} */
const FRONT = [-Infinity, ''];
/** @type {Place} */
const END = [Infinity, ''];

/**
 * @param {Place} one
 * @param {Place | undefined} other
 */
const earlier = (one, other) => (other && (other[0] < one[0] || (other[0] === one[0] && other[1] < one[1])) ? other : one);

/** @param {Asked} asked */
const keyOf = ({ table, field, value }) => `${table}/${field}/${value}`;

/** What this context knows of where lists begin. It learns of its own commits by `writes`, and of others' by `told`. */
export class Beginnings {
  /** @type {Map<string, { table: string, place: Place, whole: number }>} */
  #known = new Map();
  /** @type {Set<Reading>} */
  #under = new Set();
  #now;

  /** @param {() => number} [now] milliseconds that only grow */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Reads the front of a list. `work` makes its transaction before it returns, and reads from the place that it is given, or all.
   * @template {Found} F
   * @param {Asked} asked
   * @param {(from: Place | undefined) => Promise<F[]>} work
   * @returns {Promise<F[]>}
   */
  async read(asked, work) {
    const known = this.#known.get(keyOf(asked));
    const from = known && this.#now() - known.whole < WHOLE_MS ? known.place : undefined;
    const reading = { ...asked, put: /** @type {Place | undefined} */ (undefined) };
    this.#under.add(reading);
    try {
      const found = await work(from);
      const place = found[0] ? placeOf(found[0]) : END;
      if (place) this.#keep(asked, earlier(place, reading.put), from && known ? known.whole : this.#now());
      return found;
    } finally {
      this.#under.delete(reading);
    }
  }

  /**
   * @param {Asked} asked
   * @param {Place} place
   * @param {number} whole when it was read from the front
   */
  #keep(asked, place, whole) {
    const key = keyOf(asked);
    this.#known.delete(key); // it becomes the newest
    this.#known.set(key, { table: asked.table, place, whole });
    if (this.#known.size > MOST) this.#known.delete(/** @type {string} */ (this.#known.keys().next().value));
  }

  /**
   * These changes are made in a transaction that is made now. If nothing comes of it, lists only begin earlier than they might.
   * @param {Change[]} changes
   */
  writes(changes) {
    if (!this.#known.size && !this.#under.size) return;
    for (const change of changes) {
      if (change.type !== 'put' && change.type !== 'restore') continue;
      const table = tableOf(change);
      /** @type {Place} */
      const place = [change.order ?? 0, change.id];
      for (const field of /** @type {const} */ (['owner', 'state'])) {
        const value = change[field];
        const known = this.#known.get(keyOf({ table, field, value }));
        if (known) known.place = earlier(known.place, place);
      }
      for (const reading of this.#under) {
        if (reading.table === table && change[reading.field] === reading.value) reading.put = earlier(place, reading.put);
      }
    }
  }

  /**
   * Another tab wrote into these tables: their lists may begin anywhere.
   * @param {string[]} tables
   */
  told(tables) {
    for (const [key, { table }] of this.#known) if (tables.includes(table)) this.#known.delete(key);
    for (const reading of this.#under) if (tables.includes(reading.table)) reading.put = FRONT;
  }
}

/**
 * Where a record stands; nothing where an index field of it is of another type.
 * @param {Found} record
 * @returns {Place | undefined}
 */
const placeOf = ({ order, id }) => (typeof order === 'number' && typeof id === 'string' ? [order, id] : undefined);
