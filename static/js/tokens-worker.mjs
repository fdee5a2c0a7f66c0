// What a worker that counts tokens does. tools/bundle.mjs makes one file an encoding of it, with the merges of that. The page makes the worker of the
// file's text (tokens.mjs): a worker from an address would not have the page's policy.
/** @import { RawBytePairRanks } from 'gpt-tokenizer/BytePairEncodingCore' */
import { TokenCounter } from './token-counts.mjs';

/**
 * @param {'o200k_base' | 'cl100k_base'} encoding
 * @param {RawBytePairRanks} ranks
 */
export function serve(encoding, ranks) {
  const counter = new TokenCounter(encoding, ranks);
  addEventListener('message', ({ data: { id, bytes, ends } }) => {
    try {
      const value = counter.counts(bytes, ends);
      postMessage({ id, value }, { transfer: [value.buffer] });
    } catch (error) {
      postMessage({ id, error: error instanceof Error ? error.message : `${error}` });
    }
  });
}
