// Counts the texts on stdin (a JSON string a line) as the page does and as OpenAI's tiktoken does: its own Rust, with its own merges, from npm.
// Prints {"tokens": {encoding: how many}, "wrong": [[encoding, line from 0, ours, tiktoken's], …]}.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { TokenCounter } from '../../../static/js/token-counts.mjs';

const { get_encoding } = createRequire(new URL('../package.json', import.meta.url))('tiktoken');
const modules = new URL('../../../static/node_modules/gpt-tokenizer/esm/bpeRanks/', import.meta.url);
const both = await Promise.all(
  /** @type {const} */ (['o200k_base', 'cl100k_base']).map(async (name) => {
    const { default: ranks } = await import(new URL(`${name}.js`, modules).href);
    return { name, ours: new TokenCounter(name, ranks), theirs: get_encoding(name) };
  }),
);
const tokens = { o200k_base: 0, cl100k_base: 0 };
const wrong = [];
let line = 0;
for await (const written of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
  const text = JSON.parse(written);
  for (const { name, ours, theirs } of both) {
    const found = ours.count(text);
    const wanted = theirs.encode_ordinary(text).length;
    tokens[name] += wanted;
    if (found !== wanted) wrong.push([name, line, found, wanted]);
  }
  line += 1;
}
process.stdout.write(`${JSON.stringify({ tokens, wrong: wrong.slice(0, 20) })}\n`);
