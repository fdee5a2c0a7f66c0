// Parquet for Python: a worker for each file (static/vendor/parquet.mjs).
/** @import { Bytes } from './types/protocol.ts' */
import { Asking, workerOf } from './asking.mjs';

const BUNDLE = new URL('../vendor/parquet.mjs', import.meta.url);

/** An open file. Python awaits its methods. */
class ParquetFile {
  /** @type {string[]} */
  columns = [];
  rows = 0;
  #asking;

  /** @param {Asking} asking */
  constructor(asking) {
    this.#asking = asking;
  }

  /**
   * @param {number} start
   * @param {number} stop
   * @returns {Promise<Bytes>}
   */
  read(start, stop) {
    return this.#asking.ask({ start, stop });
  }

  close() {
    this.#asking.end();
  }
}

/** @param {Blob} blob */
export async function open(blob) {
  const asking = new Asking(await workerOf(BUNDLE), 'This Parquet file can’t be read: its reader stopped.');
  const file = new ParquetFile(asking);
  try {
    [file.columns, file.rows] = await asking.ask({ blob });
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}
