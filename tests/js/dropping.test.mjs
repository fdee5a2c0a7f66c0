// Files that are dropped: the folders among them are looked through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { walked } from '../../static/js/dropping.mjs';

/** @import { DroppedEntry } from '../../static/js/types/protocol.ts' */

const SOME = 3; // what a reader gives at a time

/**
 * @param {string} path
 * @param {boolean} [lost] it went away meanwhile
 * @returns {DroppedEntry}
 */
const file = (path, lost = false) => ({
  name: path.split('/').at(-1) ?? '',
  fullPath: `/${path}`,
  isDirectory: false,
  createReader: () => assert.fail('it is no folder'),
  file: (found, failed) => (lost ? failed() : found(/** @type {File} */ (/** @type {unknown} */ ({ name: path })))),
});

/**
 * @param {string} path
 * @param {DroppedEntry[]} inside
 * @param {boolean} [lost]
 * @param {number} [some]
 * @returns {DroppedEntry}
 */
const folder = (path, inside, lost = false, some = SOME) => ({
  ...file(path),
  isDirectory: true,
  createReader: () => {
    const rest = [...inside];
    return { readEntries: (found, failed) => (lost ? failed() : found(rest.splice(0, some))) };
  },
  file: () => assert.fail('it is no file'),
});

test('every file of a folder is found, at any depth and however many there are, in the order of their names', async () => {
  const many = Array.from({ length: 8 }, (_, n) => file(`top/deep/${n}.txt`));
  const found = await walked([folder('top', [folder('top/deep', many.toReversed()), file('top/a.txt')]), file('alone.csv')]);
  assert.deepEqual(
    found.map(({ path }) => path),
    ['top/a.txt', ...many.map(({ fullPath }) => fullPath.slice(1)), ''],
    'what lay beside the folder is in none: a table among it is one',
  );
  assert.equal(found.at(-1)?.file.name, 'alone.csv');
  assert.equal(found[0]?.file.name, 'top/a.txt');
});

test('what cannot be read says so, and the rest is there', async () => {
  const found = await walked([folder('top', [file('top/a.txt', true), folder('top/b', [], true), file('top/c.txt')])]);
  assert.deepEqual(
    found.map(({ path, error }) => [path, error]),
    [
      ['top/a.txt', 'unreadable'],
      ['top/b', 'unreadable'],
      ['top/c.txt', undefined],
    ],
  );
});

test('a folder of more files than a call takes arguments is looked through, and no further than anybody needs', async () => {
  const found = await walked([
    folder(
      'top',
      Array.from({ length: 200_000 }, (_, n) => file(`top/${n}.txt`)),
      false,
      50_000,
    ),
  ]);
  assert.equal(found.length, 100_000);
});
