// Parquet for Python: a worker for each file, made of the bundle's text (static/vendor/parquet.mjs), which is fetched when the first file is opened.
/** @import { Bytes } from './types/protocol.ts' */

const MISSING = 'A part of Nightshift that this needs did not load. Look at the connection, and try again.';

const source = async () => {
  const response = await fetch(new URL('../vendor/parquet.mjs', import.meta.url)).catch(() => null);
  if (!response?.ok) throw new Error(MISSING);
  return URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: 'text/javascript' }));
};

/** An open file. Python awaits its methods: they reject with native Errors, whose messages are sentences for people. */
class ParquetFile {
  /** @type {string[]} */
  columns = [];
  rows = 0;
  #worker;
  #asked = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, value, error } }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values()) reject(new Error('This Parquet file can’t be read: its reader stopped.'));
      this.#waiting.clear();
    };
  }

  /**
   * @param {object} question
   * @returns {Promise<any>}
   */
  ask(question) {
    return new Promise((resolve, reject) => {
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve, reject });
      this.#worker.postMessage({ id: this.#asked, ...question });
    });
  }

  /**
   * @param {number} start
   * @param {number} stop
   * @returns {Promise<Bytes>}
   */
  read(start, stop) {
    return this.ask({ start, stop });
  }

  close() {
    this.#worker.terminate();
  }
}

/** @param {Blob} blob */
export async function open(blob) {
  const address = await source();
  const file = new ParquetFile(new Worker(address));
  URL.revokeObjectURL(address);
  try {
    [file.columns, file.rows] = await file.ask({ blob });
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}
