// How many tokens texts have, as OpenAI's tiktoken counts them. Runs in a worker of its own (tokens-worker.mjs), and in Node for the tests.
//
// gpt-tokenizer has the merges; what it does otherwise than tiktoken is put right here: JavaScript's \s knows U+FEFF and not U+0085, and its
// TextDecoder drops a U+FEFF at the beginning of what it decodes. There are no special tokens: "<|endoftext|>" in a prompt is text.
/** @import { RawBytePairRanks } from 'gpt-tokenizer/BytePairEncodingCore' */
import { BytePairEncodingCore } from 'gpt-tokenizer/BytePairEncodingCore';
import { CL100K_TOKEN_SPLIT_REGEX, O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';

const PATTERNS = { o200k_base: O200K_TOKEN_SPLIT_REGEX, cl100k_base: CL100K_TOKEN_SPLIT_REGEX };

// Merging takes the square of a piece's length, and a piece is a run of letters or blanks: a megabyte of one letter would take an hour.
const LONGEST = 2_000; // characters of a piece; what is longer is counted in parts, each of which may be a token off

const AT_ONCE = 1_000_000; // characters of a text whose pieces are held all at once
const REMEMBERED = 64; // characters of a piece that is remembered
const MOST_KNOWN = 200_000; // pieces that are remembered
const MOST_LONG = 1_000; // pieces of any length that gpt-tokenizer remembers, with their tokens

const marked = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The same text with memory of its own: what a pattern finds in a text may be a view of it, and would hold all of it for one word's sake.
 * @param {string} piece
 */
const copied = (piece) => Array.from(piece).join('');

/** @param {ArrayLike<number>} bytes */
const begins = (bytes) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/**
 * @param {Uint8Array} bytes
 * @returns {string | undefined}
 */
const textOf = (bytes) => {
  try {
    return marked.decode(bytes);
  } catch {
    return undefined;
  }
};

/** @param {string} piece */
const parts = (piece) => Array.from({ length: Math.ceil(piece.length / LONGEST) }, (_, n) => piece.slice(n * LONGEST, (n + 1) * LONGEST));

/**
 * Its methods for single pieces are there, but not for TypeScript.
 * @typedef {object} Merges
 * @property {(piece: string) => number | undefined} getBpeRankFromString
 * @property {(piece: Uint8Array) => number | undefined} getBpeRankFromBytes
 * @property {(piece: string) => number[]} bytePairEncode
 */

export class TokenCounter {
  #merges;
  #pattern;
  /** @type {Map<string, number>} tokens of pieces that were counted: words come again and again */
  #known = new Map();

  /**
   * @param {keyof typeof PATTERNS} encoding
   * @param {RawBytePairRanks} ranks gpt-tokenizer's of this encoding
   */
  constructor(encoding, ranks) {
    const source = PATTERNS[encoding].source.replaceAll(String.raw`\s`, String.raw`\p{White_Space}`);
    this.#pattern = new RegExp(source.replaceAll(String.raw`\S`, String.raw`\P{White_Space}`), 'gu');
    const bytePairRankDecoder = ranks.map((one) => (typeof one === 'string' || !begins(one) ? one : (textOf(Uint8Array.from(one)) ?? one)));
    const core = new BytePairEncodingCore({ bytePairRankDecoder, tokenSplitRegex: this.#pattern, mergeCacheSize: MOST_LONG });
    const merges = /** @type {Merges} */ (/** @type {unknown} */ (core));
    const usual = merges.getBpeRankFromBytes.bind(core);
    merges.getBpeRankFromBytes = (piece) => {
      const text = begins(piece) ? textOf(piece) : undefined;
      return text === undefined ? usual(piece) : merges.getBpeRankFromString(text);
    };
    this.#merges = merges;
  }

  /**
   * The tokens themselves, for the tests.
   * @param {string} text
   */
  encode(text) {
    /** @type {number[]} */
    const found = [];
    for (const [piece] of text.matchAll(this.#pattern)) {
      for (const part of parts(piece)) {
        const known = this.#merges.getBpeRankFromString(part);
        if (known === undefined) found.push(...this.#merges.bytePairEncode(part));
        else found.push(known);
      }
    }
    return found;
  }

  /** @param {string} text */
  count(text) {
    let found = 0;
    if (text.length > AT_ONCE) for (const [piece] of text.matchAll(this.#pattern)) found += this.#counted(piece);
    // All pieces at once: twice as fast as one by one, and as large as the text.
    else for (const piece of text.match(this.#pattern) ?? []) found += this.#counted(piece);
    return found;
  }

  /** @param {string} piece */
  #counted(piece) {
    const known = this.#known.get(piece);
    return known === undefined ? this.#merged(piece.length <= LONGEST ? copied(piece) : piece) : known;
  }

  /** @param {string} piece */
  #merged(piece) {
    const merges = this.#merges;
    let found = 0;
    if (merges.getBpeRankFromString(piece) !== undefined) found = 1;
    else if (piece.length <= LONGEST) found = merges.bytePairEncode(piece).length;
    else
      for (const part of parts(piece).map(copied))
        found += merges.getBpeRankFromString(part) === undefined ? merges.bytePairEncode(part).length : 1;
    if (piece.length <= REMEMBERED) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(piece, found);
    }
    return found;
  }

  /**
   * Of many texts in one run of UTF-8: text i ends before byte ends[i].
   * @param {Uint8Array} bytes
   * @param {ArrayLike<number>} ends
   */
  counts(bytes, ends) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const found = new Uint32Array(ends.length);
    let start = 0;
    for (let n = 0; n < ends.length; n += 1) {
      const end = ends[n] ?? start;
      found[n] = this.count(decoder.decode(bytes.subarray(start, end)));
      start = end;
    }
    return found;
  }
}
