// The order of rows in typed arrays, held against the plain way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { order } from '../../static/js/ordering.mjs';

/**
 * @param {number[]} keys
 * @param {Uint8Array} mask
 * @param {boolean} reverse
 */
const plainly = (keys, mask, reverse) =>
  keys
    .map((_, n) => n)
    .filter((n) => mask[n])
    .sort((a, b) => (reverse ? -1 : 1) * (Number(keys[a]) - Number(keys[b])) || a - b); // a stable sort

const KINDS = {
  few: () => Math.floor(Math.random() * 4),
  numbers: () =>
    Math.random() < 0.1 ? [0, -0, 1e300, -1e300, 5e-324][Math.floor(Math.random() * 5)] : Math.round(Math.random() * 1e6) / 100 - 5000,
};

for (const [name, draw] of Object.entries(KINDS)) {
  test(`rows are sorted as plainly: ${name}`, () => {
    for (let round = 0; round < 300; round++) {
      const count = Math.floor(Math.random() * 40);
      const values = Float64Array.from({ length: count }, () => Number(draw()));
      const mask = Uint8Array.from({ length: count }, () => (Math.random() < 0.8 ? 1 : 0));
      values.forEach((_, n) => {
        if (!mask[n]) values[n] = Number.NaN; // what is blank
      });
      for (const reverse of [false, true])
        assert.deepEqual([...order(values, undefined, mask, reverse)], plainly([...values], mask, reverse));
    }
  });
}

test('texts are sorted by the places of their codes, of which two may be the same', () => {
  const places = Uint32Array.from([0, 3, 1, 3, 2]);
  const codes = Uint32Array.from([1, 2, 0, 3, 4, 2, 1]);
  const mask = Uint8Array.from([1, 1, 0, 1, 1, 1, 1]);
  assert.deepEqual([...order(codes, places, mask, false)], [1, 5, 4, 0, 3, 6]);
  assert.deepEqual([...order(codes, places, mask, true)], [0, 3, 6, 4, 1, 5]);
  assert.deepEqual([...order(new Uint32Array(0), places, new Uint8Array(0), true)], []);
});
