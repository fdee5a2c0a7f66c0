// The watched folder: what is in it, what is written into it, and every failure as a sentence.
/** @import { Vault } from '../../static/js/vault.mjs' */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, choose, look, read, state, write } from '../../static/js/folder.mjs';
import { rejection } from './page.mjs';

const refused = (/** @type {string} */ name) => new DOMException('The browser’s own words.', name);

/** A file on the disk; `fault`: why it cannot be read. */
const file = (/** @type {string} */ name, text = '', fault = '') => {
  const held = { text };
  return {
    kind: 'file',
    name,
    held,
    getFile: async () => {
      if (fault) throw refused(fault);
      return Object.assign(new Blob([held.text]), { lastModified: 5 });
    },
    createWritable: async () => {
      let next = held.text;
      return {
        truncate: async (/** @type {number} */ size) => {
          next = next.slice(0, size);
        },
        write: async (/** @type {{ position: number, data: Uint8Array }} */ { position, data }) => {
          next = next.slice(0, position) + new TextDecoder().decode(data);
        },
        close: async () => {
          held.text = next;
        },
        abort: async () => {},
      };
    },
  };
};

/** A folder of these files, and the vault that has its handle. `permission` to read and write it. */
const folder = (/** @type {ReturnType<typeof file>[]} */ files, permission = 'granted') => {
  const handle = {
    name: 'inbox',
    isSameEntry: async (/** @type {unknown} */ other) => other === handle,
    queryPermission: async () => permission,
    requestPermission: async () => permission,
    async *values() {
      yield* files;
      yield { kind: 'directory', name: 'sub.jsonl' };
    },
    getFileHandle: async (/** @type {string} */ name) => {
      const found = files.find((one) => one.name === name);
      if (!found) throw refused('NotFoundError');
      return found;
    },
  };
  return { handle, vault: vaultOf({ id: 'folder', handle }) };
};

/** @param {unknown} [held] what lies there as the folder's handle */
const vaultOf = (held) => {
  let record = held;
  const vault = {
    get: async () => record,
    put: async (/** @type {unknown} */ put) => {
      record = put;
    },
  };
  return /** @type {Vault} */ (/** @type {unknown} */ (vault));
};

test('files of requests are listed, and one that cannot be read keeps no other from the list', async () => {
  const { vault } = folder([
    file('a.jsonl', '{}\n'),
    file('locked.JSONL', '', 'NotReadableError'),
    file('gone.jsonl', '', 'NotFoundError'),
    file('notes.txt'),
  ]);
  assert.deepEqual(JSON.parse(await look(vault)), [
    ['a.jsonl', 3, 5, ''],
    ['locked.JSONL', 0, 0, 'The browser cannot read it; it may have changed meanwhile.'],
  ]);
});

test('a file is read from place to place', async () => {
  const { vault } = folder([file('a.jsonl', '0123456789')]);
  assert.equal(new TextDecoder().decode(await read(vault, 'a.jsonl', 2, 5)), '234');
});

test('what is written goes to its place or behind what is there, and nothing is written for nothing', async () => {
  const one = file('out.jsonl', 'one\n');
  const { vault } = folder([one]);
  const bytes = new TextEncoder().encode('two\n');
  assert.equal(await write(vault, 'out.jsonl', -1, bytes), 8);
  assert.equal(one.held.text, 'one\ntwo\n');
  assert.equal(await write(vault, 'out.jsonl', 4, new TextEncoder().encode('2\n')), 6);
  assert.equal(one.held.text, 'one\n2\n');
  assert.equal(await write(vault, 'out.jsonl', -1, new Uint8Array()), 6);
});

test('failures are native Errors: what it was, and why, as a sentence', async () => {
  const { vault } = folder([file('a.jsonl', '', 'NotAllowedError')]);
  assert.equal((await rejection(read(vault, 'a.jsonl', 0, 1))).message, 'The file a.jsonl: The browser does not let this page.');
  assert.equal((await rejection(read(vault, 'b.jsonl', 0, 1))).message, 'The file b.jsonl: It is not there any more.');
  assert.equal((await rejection(look(vaultOf()))).message, 'The folder: None was chosen.');
});

test('the folder is none, locked, gone or open', async () => {
  const states = [vaultOf(), vaultOf({ id: 'folder', handle: 'damaged' }), folder([], 'prompt').vault, folder([file('a.jsonl')]).vault];
  const { handle, vault: gone } = folder([]);
  Object.assign(handle, {
    values: () => {
      throw refused('NotFoundError');
    },
  });
  assert.deepEqual(await Promise.all([...states, gone].map(state)), ['none', 'none', 'locked', 'open', 'gone']);
});

test('permission is asked for where there is a folder', async () => {
  assert.deepEqual(await Promise.all([vaultOf(), folder([], 'denied').vault, folder([]).vault].map(ask)), [false, false, true]);
});

test('a folder that is picked is kept, and known again; picking none changes nothing', async () => {
  const { handle } = folder([]);
  const vault = vaultOf();
  const pick = (/** @type {() => Promise<unknown>} */ picked) => Object.assign(globalThis, { showDirectoryPicker: picked });
  pick(async () => handle);
  assert.deepEqual(
    [await choose(vault), await choose(vault)],
    [
      ['inbox', false],
      ['inbox', true],
    ],
  );
  pick(() => Promise.reject(refused('AbortError')));
  assert.equal(await choose(vault), undefined);
  pick(() => Promise.reject(refused('SecurityError')));
  assert.equal((await rejection(choose(vault))).message, 'The folder: The browser does not let this page.');
});
