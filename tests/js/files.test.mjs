// Files that the person gives and takes: packed and unpacked in slices; what cannot be read is named.
import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keep, pack, picked, unpack } from '../../static/js/files.mjs';
import { rejection } from './page.mjs';

/** @param {Blob} blob */
const unpacked = async (blob) => {
  const file = unpack(blob);
  const parts = [];
  for (let part = await file.next(); part; part = await file.next()) parts.push(part);
  return { bytes: Buffer.concat(parts), parts: parts.length, read: file.done };
};

const packedOf = async (/** @type {Uint8Array<ArrayBuffer>[]} */ ...pieces) => {
  const packing = pack();
  for (const piece of pieces) await packing.write(piece);
  return packing.finish();
};

/** @param {number} length bytes that do not pack well */
const noise = (length) => {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let n = 0; n < length; n += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[n] = state >> 16;
  }
  return bytes;
};

test('what was packed is unpacked the same, handed over part by part', async () => {
  const [first, second] = [noise(700_000), noise(3)];
  const packed = await packedOf(first, second);
  const { bytes, parts, read } = await unpacked(packed);
  assert.ok(bytes.equals(Buffer.concat([first, second])));
  assert.ok(parts > 1);
  assert.equal(read, packed.size);
});

test('nothing packs to a file that unpacks to nothing', async () => {
  assert.deepEqual(await unpacked(await packedOf()), { bytes: Buffer.alloc(0), parts: 0, read: 20 });
});

test('a file that is no gzip data is strange', async () => {
  const error = await rejection(unpacked(new Blob(['{"not": "gzip"}'])));
  assert.equal(error.name, 'FileStrange');
});

test('a file that breaks off, or was changed, is damaged', async () => {
  const packed = await packedOf(noise(100_000));
  assert.equal((await rejection(unpacked(packed.slice(0, packed.size - 500)))).name, 'FileDamaged');
  const bytes = new Uint8Array(await packed.arrayBuffer());
  bytes[bytes.length - 6] ^= 1; // its checksum
  assert.equal((await rejection(unpacked(new Blob([bytes])))).name, 'FileDamaged');
});

test('a file that the browser cannot read any more says why', async () => {
  const gone = { size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('It changed.', 'NotReadableError')) }) };
  const error = await rejection(unpacked(/** @type {any} */ (gone)));
  assert.deepEqual([error.name, error.message], ['FileUnreadable', 'NotReadableError: It changed.']);
});

test('of the files that were picked those of the last four times are kept, each time with all of them as one', async () => {
  const files = Array.from({ length: 12 }, (_, n) => /** @type {File} */ (new Blob([`${n} `])));
  const tokens = [0, 2, 4, 6, 8, 10].map((n) => keep(files.slice(n, n + 2)));
  assert.equal(new Set(tokens.flat()).size, 18);
  const kept = tokens.map(([one = '', other = '']) => [picked(one), picked(other)]);
  assert.deepEqual(kept.flat(), [undefined, undefined, undefined, undefined, ...files.slice(4)]);
  assert.equal(await picked(tokens.at(-1)?.[2] ?? '')?.text(), '10 11 ');
});
