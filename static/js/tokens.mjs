// Counting tokens for Python: a worker for each encoding (static/vendor/tokens-*.mjs).
import { Asking, workerOf } from './asking.mjs';

const ADDRESSES = {
  o200k_base: new URL('../vendor/tokens-o200k.mjs', import.meta.url),
  cl100k_base: new URL('../vendor/tokens-cl100k.mjs', import.meta.url),
};

/** One encoding's counter. Python awaits its method. */
class Tokenizer {
  #asking;

  /** @param {Asking} asking */
  constructor(asking) {
    this.#asking = asking;
  }

  /**
   * How many tokens each text has; text i ends before byte ends[i].
   * @param {Uint8Array} bytes a copy: it goes to the worker
   * @param {Uint32Array} ends likewise
   * @returns {Promise<Uint32Array>}
   */
  counts(bytes, ends) {
    return this.#asking.ask({ bytes, ends }, [bytes.buffer, ends.buffer]);
  }

  /**
   * The same, of texts that Python never held.
   * @param {Blob | Uint8Array} texts
   * @param {Uint32Array} ends a copy
   */
  async countsIn(texts, ends) {
    return this.counts(texts instanceof Blob ? new Uint8Array(await texts.arrayBuffer()) : texts, ends);
  }

  close() {
    this.#asking.end('The tokens were not counted: it was called off.');
  }
}

/** @param {keyof typeof ADDRESSES} encoding */
export async function open(encoding) {
  return new Tokenizer(new Asking(await workerOf(ADDRESSES[encoding]), 'The tokens could not be counted: their counter stopped.'));
}
