// Writes gpt-tokenizer's merges for make.py: an array in which the place is the rank, each as base64 of its bytes.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const modules = new URL('../../../static/node_modules/gpt-tokenizer/esm/bpeRanks/', import.meta.url);
for (const name of ['o200k_base', 'cl100k_base']) {
  const { default: ranks } = await import(new URL(`${name}.js`, modules).href);
  const out = ranks.map((/** @type {string | number[]} */ one) => Buffer.from(one).toString('base64'));
  writeFileSync(fileURLToPath(new URL(`${name}.ranks.json`, import.meta.url)), JSON.stringify(out));
}
