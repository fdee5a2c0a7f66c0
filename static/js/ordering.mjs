// The order of a million rows by a column, in typed arrays: for a worker's Python (app/core/results/ordering.py), which takes ten times as long. Rows
// are dealt out by 16 bits of their keys after the other, the least significant first, so equal ones stay as they stand.
const DIGITS = 1 << 16;

/**
 * Keys of 32 bits whose order is that of the numbers; of doubles two for each, the less significant first.
 * @param {Float64Array | Uint32Array} values
 * @param {Uint32Array | undefined} places what stands for a value: values are places in it
 */
function keysOf(values, places) {
  const own = values.slice();
  if (own instanceof Uint32Array) {
    if (places) for (let n = 0; n < own.length; n++) own[n] = Number(places[Number(own[n])]);
    return [own];
  }
  for (let n = 0; n < own.length; n++) own[n] = Number(own[n]) + 0; // −0 becomes 0, which is equal
  const bits = new Uint32Array(own.buffer);
  const [low, high] = [new Uint32Array(values.length), new Uint32Array(values.length)];
  for (let n = 0; n < values.length; n++) {
    const [less, more] = [Number(bits[2 * n]), Number(bits[2 * n + 1])];
    const negative = more >>> 31;
    low[n] = negative ? ~less : less;
    high[n] = negative ? ~more : more | 0x80000000;
  }
  return [low, high];
}

/**
 * @param {Uint32Array} rows
 * @param {Uint32Array} keys
 * @param {number} shift
 */
function dealt(rows, keys, shift) {
  const next = new Uint32Array(DIGITS + 1); // where the next row of each digit goes
  for (let n = 0; n < rows.length; n++) {
    const digit = ((Number(keys[Number(rows[n])]) >>> shift) & (DIGITS - 1)) + 1;
    next[digit] = Number(next[digit]) + 1;
  }
  if (next.includes(rows.length)) return rows; // all have the same
  for (let digit = 1; digit <= DIGITS; digit++) next[digit] = Number(next[digit]) + Number(next[digit - 1]);
  const found = new Uint32Array(rows.length);
  for (let n = 0; n < rows.length; n++) {
    const row = Number(rows[n]);
    const digit = (Number(keys[row]) >>> shift) & (DIGITS - 1);
    const place = Number(next[digit]);
    found[place] = row;
    next[digit] = place + 1;
  }
  return found;
}

/**
 * The positions of the rows whose mask is 1, from the smallest to the largest or the other way round; equal ones as they stand either way.
 * @param {Float64Array | Uint32Array} values none of them is NaN
 * @param {Uint32Array | undefined} places what stands for a value
 * @param {Uint8Array} mask
 * @param {boolean} reverse
 */
export function order(values, places, mask, reverse) {
  /** @type {Uint32Array} */
  let rows = new Uint32Array(mask.length);
  let count = 0;
  for (let n = 0; n < mask.length; n++) if (mask[n]) rows[count++] = n;
  rows = rows.slice(0, count);
  for (const keys of keysOf(values, places)) {
    if (reverse) for (let n = 0; n < keys.length; n++) keys[n] = ~Number(keys[n]);
    for (const shift of [0, 16]) rows = dealt(rows, keys, shift);
  }
  return rows;
}
