// Tokens of texts in all scripts are those of OpenAI's tiktoken, one by one (tests/data/tokens/make.py made them).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import cl100k from '../../static/node_modules/gpt-tokenizer/esm/bpeRanks/cl100k_base.js';
import o200k from '../../static/node_modules/gpt-tokenizer/esm/bpeRanks/o200k_base.js';
import { TokenCounter } from '../../static/js/token-counts.mjs';

const corpus = JSON.parse(readFileSync(new URL('../data/tokens/corpus.json', import.meta.url), 'utf8'));
const COUNTERS = { o200k_base: new TokenCounter('o200k_base', o200k), cl100k_base: new TokenCounter('cl100k_base', cl100k) };

for (const [name, counter] of Object.entries(COUNTERS)) {
  test(`tokens equal tiktoken's: ${name}`, () => {
    assert.ok(corpus.texts.length > 400);
    for (const [n, text] of corpus.texts.entries()) {
      assert.deepEqual(counter.encode(text), corpus[name][n], JSON.stringify(text));
      assert.equal(counter.count(text), corpus[name][n].length);
    }
  });
}

test('many texts are counted in one run of bytes', () => {
  const encoder = new TextEncoder();
  const runs = corpus.texts.map((/** @type {string} */ text) => encoder.encode(text));
  let end = 0;
  const ends = runs.map((/** @type {Uint8Array} */ run) => (end += run.length));
  const bytes = new Uint8Array(end);
  for (const [n, run] of runs.entries()) bytes.set(run, ends[n] - run.length);
  const wanted = corpus.o200k_base.map((/** @type {number[]} */ tokens) => tokens.length);
  assert.deepEqual([...COUNTERS.o200k_base.counts(bytes, ends)], wanted);
  assert.deepEqual([...COUNTERS.o200k_base.counts(new Uint8Array(), [])], []);
});

test('a megabyte without a blank is counted within seconds, and hardly off', { timeout: 60_000 }, () => {
  const counter = COUNTERS.o200k_base;
  assert.equal(counter.count('a'.repeat(2_000)), 250);
  assert.equal(counter.count('a'.repeat(1_000_000)), 125_000);
  const mixed = Array.from({ length: 200_000 }, (_, n) => String.fromCharCode(97 + ((n * 7_919) % 26))).join('');
  const exact = counter.count(mixed.slice(0, 2_000)) * 100;
  assert.ok(Math.abs(counter.count(mixed) - exact) <= exact / 100);
});

test('what is remembered of a text does not hold all of it', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const counter = new TokenCounter('o200k_base', o200k);
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  counter.count('a b '.repeat(250_000));
  const before = used();
  for (let n = 0; n < 10; n += 1) counter.count(`${String.fromCharCode(97 + n).repeat(20)} ${'a b '.repeat(240_000)}`);
  assert.ok(used() - before < 4_000_000);
});
