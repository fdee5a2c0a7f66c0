// Files that the person gives and takes: packed and unpacked in slices; what cannot be read is named.
import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksWhere, choosePlace, keep, leavePlace, pack, picked, stream, unpack } from '../../static/js/files.mjs';
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

// --- a place that the person chose ---

/**
 * @param {string} [before] what the file had
 * @param {string} [fails] the name of the error that writing ends with
 */
const handleOf = (before = '', fails = '') => {
  const file = { text: before, removed: false, aborted: false };
  /** @type {string[]} */
  const parts = [];
  const stream = {
    write: async (/** @type {Uint8Array} */ data) => {
      if (fails) throw new DOMException('no', fails);
      parts.push(Buffer.from(data).toString());
    },
    close: async () => {
      file.text = parts.join('');
    },
    abort: async () => {
      file.aborted = true;
    },
  };
  const handle = {
    createWritable: async () => stream,
    getFile: async () => new Blob([file.text]),
    remove: async () => {
      file.removed = true;
    },
  };
  return { file, handle: /** @type {any} */ (handle) };
};

test('a file at a chosen place is whole or as it was', async () => {
  const { file, handle } = handleOf('old');
  const writing = stream(handle);
  await writing.write(Buffer.from('new '));
  assert.equal(file.text, 'old');
  await writing.write(Buffer.from('rows'));
  assert.equal(await (await writing.finish()).text(), 'new rows');
  const other = handleOf('old');
  const stopped = stream(other.handle);
  await stopped.write(Buffer.from('new'));
  stopped.abort();
  await leavePlace(other.handle);
  assert.deepEqual(other.file, { text: 'old', removed: false, aborted: true });
});

test('an empty file that nothing came of is removed', async () => {
  const { file, handle } = handleOf();
  await leavePlace(handle);
  assert.ok(file.removed);
});

test('a full disk is said to be full', async () => {
  const { handle } = handleOf('', 'QuotaExceededError');
  const error = await rejection(stream(handle).write(Buffer.from('x')));
  assert.deepEqual([error.name, error.message], ['FileUnwritten', 'The disk is full.']);
});

test('who chooses no place gets none, and a browser without a picker asks for none', async () => {
  assert.equal(asksWhere(), false);
  const given = /** @type {any} */ (globalThis);
  given.showSaveFilePicker = async () => {
    throw new DOMException('no', 'AbortError');
  };
  assert.equal(await choosePlace('a.csv', 'text/csv'), undefined);
  /** @type {any} */
  let asked;
  given.showSaveFilePicker = async (/** @type {unknown} */ options) => {
    asked = options;
    return 'place';
  };
  assert.equal(await choosePlace('a.csv', 'text/csv'), 'place');
  assert.deepEqual(asked, { suggestedName: 'a.csv', types: [{ accept: { 'text/csv': ['.csv'] } }] });
  delete given.showSaveFilePicker;
});
