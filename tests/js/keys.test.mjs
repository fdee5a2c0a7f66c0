// API keys: sealed so that only this browser opens them, under the id of their profile, or under a passphrase.
/** @import { Vault } from '../../static/js/vault.mjs' */
import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, has, mark, put, remove, seal, unopened, unseal } from '../../static/js/keys.mjs';
import { rejection } from './page.mjs';

const SECRET = 'sk-secret-ü';

/** The vault's table in memory. */
const vaultOf = () => {
  /** @type {Map<string, any>} */
  const records = new Map();
  const vault = {
    get: async (/** @type {string} */ id) => records.get(id),
    put: async (/** @type {{ id: string }} */ record) => records.set(record.id, record),
    change: async (/** @type {string} */ id, /** @type {any} */ record, /** @type {(found: any) => boolean} */ fits) => {
      if (!fits(records.get(id))) return false;
      if (record) records.set(id, record);
      else records.delete(id);
      return true;
    },
    remove: async (/** @type {string} */ id) => records.delete(id),
    ids: async (/** @type {string} */ prefix) => [...records.keys()].filter((id) => id.startsWith(prefix)),
    getOrAdd: async (/** @type {{ id: string }} */ record) => records.get(record.id) ?? records.set(record.id, record).get(record.id),
  };
  return { records, vault: /** @type {Vault} */ (/** @type {unknown} */ (vault)) };
};

test('a key comes back as it was, and is nowhere to be read', async () => {
  const { records, vault } = vaultOf();
  await put(vault, 'default', SECRET);
  assert.equal(await get(vault, 'default'), SECRET);
  const sealed = records.get('key:default');
  assert.ok(!Buffer.from(sealed.data).includes(Buffer.from('secret')));
  assert.equal(records.get('master').key.extractable, false);
  await remove(vault, 'default');
  assert.deepEqual([await has(vault, 'default'), await get(vault, 'default')], [false, undefined]);
});

test('a key that another tab saved meanwhile is neither written over nor removed', async () => {
  const { vault } = vaultOf();
  const none = await mark(vault, 'default');
  assert.equal(await put(vault, 'default', 'theirs', none), true);
  assert.equal(await put(vault, 'default', 'mine', none), false);
  assert.equal(await remove(vault, 'default', none), false);
  const seen = await mark(vault, 'default');
  assert.equal(await put(vault, 'default', 'theirs', seen), true); // the same key, sealed again
  assert.equal(await put(vault, 'default', 'mine', seen), false);
  assert.equal(await get(vault, 'default'), 'theirs');
  assert.equal(await put(vault, 'default', 'mine', null), true); // whatever is there
  assert.equal(await remove(vault, 'default', await mark(vault, 'default')), true);
  assert.deepEqual([await mark(vault, 'default'), await get(vault, 'default')], [none, undefined]);
});

test('a sealed key opens under no other profile', async () => {
  const { records, vault } = vaultOf();
  await put(vault, 'default', SECRET);
  records.set('key:other', { ...records.get('key:default'), id: 'key:other' });
  assert.equal(await get(vault, 'other'), undefined);
});

test('damaged records open nothing, and a damaged master key is made anew', async () => {
  const { records, vault } = vaultOf();
  await put(vault, 'default', SECRET);
  records.get('key:default').data[0] ^= 1;
  assert.equal(await get(vault, 'default'), undefined);
  records.set('master', { id: 'master', key: 'no key' });
  await put(vault, 'default', SECRET);
  assert.equal(await get(vault, 'default'), SECRET);
});

test('what another sealing key sealed is named, whatever it was for', async () => {
  const { records, vault } = vaultOf();
  await put(vault, 'default', SECRET);
  await put(vault, 'webhook:https://a.example', SECRET);
  assert.equal(await unopened(vault), '[]');
  records.delete('master');
  assert.deepEqual(JSON.parse(await unopened(vault)), ['default', 'webhook:https://a.example']);
  await put(vault, 'default', SECRET);
  assert.deepEqual(JSON.parse(await unopened(vault)), ['webhook:https://a.example']);
});

test('an error says nothing of the key, but a full store is told as such', async () => {
  const failing = (/** @type {Error} */ error) =>
    /** @type {Vault} */ (
      /** @type {unknown} */ ({
        get: async () => {
          throw error;
        },
      })
    );
  const odd = await rejection(put(failing(new Error(`could not write ${SECRET}`)), 'default', SECRET));
  assert.deepEqual([odd.name, odd.message.includes('secret')], ['StorageLost', false]);
  const full = Object.assign(new Error('full'), { name: 'StorageFull' });
  assert.equal(await rejection(has(failing(full), 'default')), full);
});

test('under a passphrase a content opens with that passphrase only', async () => {
  const sealed = await seal('Grüße', SECRET);
  assert.ok(!sealed.includes('secret'));
  assert.equal(await unseal('Gru\u0308ße', sealed), SECRET); // the same, typed otherwise
  assert.equal(await unseal('grüße', sealed), undefined);
});

test('a strange seal opens nothing, and keeps nobody busy', async () => {
  const sealed = JSON.parse(await seal('pass', SECRET));
  for (const other of [{ rounds: 1e12 }, { rounds: 0 }, { rounds: null }, { data: '' }, { iv: '!' }, { salt: undefined }]) {
    assert.equal(await unseal('pass', JSON.stringify({ ...sealed, ...other })), undefined, JSON.stringify(other));
  }
  for (const text of ['', 'null', '[]', '{']) assert.equal(await unseal('pass', text), undefined);
});
