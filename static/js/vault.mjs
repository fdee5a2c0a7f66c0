// The table of sealed API keys and the key that seals them (keys.mjs, guard.mjs), and of the watched folder's handle (folder.mjs): they are handed this object.
/** @import { Dexie, Table } from '../vendor/dexie.mjs' */

export class Vault {
  /** @type {Table<any, string>} */
  #table;
  #guard;

  /**
   * @param {Dexie} db
   * @param {<T>(work: () => PromiseLike<T>) => Promise<T>} guard has what the database throws as an error by name
   */
  constructor(db, guard) {
    this.#table = db.table('vault');
    this.#guard = guard;
  }

  /** @param {string} id */
  get(id) {
    return this.#guard(() => this.#table.get(id));
  }

  /** @param {{ id: string, [field: string]: unknown }} record */
  put(record) {
    return this.#guard(() => this.#table.put(record));
  }

  /** @param {string} prefix */
  ids(prefix) {
    return this.#guard(() => this.#table.where('id').startsWith(prefix).primaryKeys());
  }

  /** @param {string} id */
  remove(id) {
    return this.#guard(() => this.#table.delete(id));
  }

  /**
   * Put a record in the place of the one that is there, or take that away, in one transaction; false, with nothing changed, where it does not fit.
   * @param {string} id
   * @param {{ id: string, [field: string]: unknown } | undefined} record
   * @param {(found: any) => boolean} fits
   * @returns {Promise<boolean>}
   */
  change(id, record, fits) {
    return this.#guard(() =>
      this.#table.db.transaction('rw', this.#table, async () => {
        if (!fits(await this.#table.get(id))) return false;
        await (record ? this.#table.put(record) : this.#table.delete(id));
        return true;
      }),
    );
  }

  /**
   * Put records in the place of those of `ids` (one that has none there is taken away), in one transaction; false, with nothing changed, where they do not fit.
   * @param {string[]} ids
   * @param {{ id: string, [field: string]: unknown }[]} records
   * @param {(found: any[]) => boolean} fits is asked with what is there, in the order of `ids`
   * @returns {Promise<boolean>}
   */
  changeAll(ids, records, fits) {
    return this.#guard(() =>
      this.#table.db.transaction('rw', this.#table, async () => {
        if (!fits(await this.#table.bulkGet(ids))) return false;
        await this.#table.bulkDelete(ids.filter((id) => !records.some((one) => one.id === id)));
        await this.#table.bulkPut(records);
        return true;
      }),
    );
  }

  /**
   * The record that is there, or else `record`, now stored: two tabs end up with the same one.
   * @template {{ id: string }} R
   * @param {R} record
   * @returns {Promise<any>}
   */
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
