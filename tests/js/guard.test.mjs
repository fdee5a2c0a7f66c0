// Keys under a passphrase: nothing opens before it was entered, a change of it loses nothing, and one tab hands the other what it has open.
/** @import { Vault } from '../../static/js/vault.mjs' */
import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardOf } from '../../static/js/guard.mjs';
import * as keys from '../../static/js/keys.mjs';

const SECRET = 'sk-secret-ü';

/** The vault's table in memory. */
const vaultOf = () => {
  /** @type {Map<string, any>} */
  const records = new Map();
  /** @param {any} record */
  const put = (record) => records.set(record.id, record);
  const vault = {
    get: async (/** @type {string} */ id) => records.get(id),
    change: async (/** @type {string} */ id, /** @type {any} */ record, /** @type {(found: any) => boolean} */ fits) => {
      if (!fits(records.get(id))) return false;
      if (record) put(record);
      else records.delete(id);
      return true;
    },
    changeAll: async (/** @type {string[]} */ ids, /** @type {any[]} */ made, /** @type {(found: any[]) => boolean} */ fits) => {
      if (!fits(ids.map((id) => records.get(id)))) return false;
      for (const id of ids) records.delete(id);
      made.forEach(put);
      return true;
    },
    remove: async (/** @type {string} */ id) => records.delete(id),
    ids: async (/** @type {string} */ prefix) => [...records.keys()].filter((id) => id.startsWith(prefix)),
    getOrAdd: async (/** @type {{ id: string }} */ record) => records.get(record.id) ?? put(record).get(record.id),
  };
  return { records, vault: /** @type {Vault} */ (/** @type {unknown} */ (vault)) };
};

test('a key opens after the passphrase was entered, and the browser alone opens nothing', async () => {
  const { records, vault } = vaultOf();
  await keys.put(vault, 'default', SECRET);
  const guard = guardOf(vault);
  assert.equal(await guard.state(), 'none');
  assert.equal(await guard.set('Grüße'), true);
  assert.deepEqual([await guard.state(), await guard.get('default')], ['open', SECRET]);
  assert.equal(await keys.get(vault, 'default'), undefined);
  assert.equal(await keys.unopened(vault), '[]');
  assert.ok(!JSON.stringify([...records.values()]).includes('secret'));
  const later = guardOf(vault);
  assert.deepEqual([await later.state(), await later.get('default'), await later.locked()], ['locked', undefined, '["default"]']);
  assert.equal(await later.set('other'), false);
  assert.equal(await later.drop(), false);
  assert.equal(await later.unlock('grüße'), false);
  assert.equal(await later.unlock('Gru\u0308ße'), true); // the same, typed otherwise
  assert.deepEqual([await later.get('default'), await later.locked()], [SECRET, '[]']);
  later.lock();
  assert.equal(await later.get('default'), undefined);
});

test('another passphrase, and none again, lose nothing', async () => {
  const { records, vault } = vaultOf();
  const guard = guardOf(vault);
  await guard.set('first');
  assert.equal(await guard.put('default', SECRET, ''), true);
  assert.equal(await guard.put('default', 'mine', ''), false); // another one is there
  assert.equal(await guard.set('second'), true);
  const later = guardOf(vault);
  assert.equal(await later.unlock('first'), false);
  assert.equal(await later.unlock('second'), true);
  assert.equal(await later.get('default'), SECRET);
  assert.equal(await later.drop(), true);
  assert.deepEqual([await guard.state(), await keys.get(vault, 'default')], ['none', SECRET]);
  await guard.set('third');
  await guard.forget();
  assert.deepEqual([...records.keys()], ['master']);
});

test('what another tab changed meanwhile is not written over', async () => {
  const { vault } = vaultOf();
  await keys.put(vault, 'default', SECRET);
  const changeAll = vault.changeAll;
  vault.changeAll = async (...given) => {
    await keys.put(vault, 'default', 'theirs');
    return changeAll(...given);
  };
  const guard = guardOf(vault);
  assert.equal(await guard.set('pass'), false);
  assert.deepEqual([await guard.state(), await keys.get(vault, 'default')], ['none', 'theirs']);
});

test('a tab is handed what another one has open, and locked with it', async () => {
  const { vault } = vaultOf();
  await keys.put(vault, 'default', SECRET);
  const one = guardOf(vault);
  const other = guardOf(vault);
  /** @type {string[]} */
  const heard = [];
  /** @type {(what: string) => void} */
  let next = () => {};
  const word = () => /** @type {Promise<string>} */ (new Promise((resolve) => (next = resolve)));
  try {
    one.share(() => {});
    await one.set('pass');
    const first = word();
    other.share((what) => {
      heard.push(what);
      next(what);
    });
    await first;
    assert.equal(await other.get('default'), SECRET);
    const second = word();
    one.stir();
    assert.equal(await second, 'stir');
    const third = word();
    one.lock();
    assert.equal(await third, 'guard');
    assert.equal(await other.get('default'), undefined);
  } finally {
    one.close();
    other.close();
  }
});

test("everything that is sealed is under it: secrets of webhooks, a broker's password, and a key of which nobody knows the provider", async () => {
  const { records, vault } = vaultOf();
  const names = ['default', 'webhook:https://a.example', 'broker:b|/|u', 'lost'];
  for (const name of names) await keys.put(vault, name, `secret of ${name}`);
  const guard = guardOf(vault);
  await guard.set('first');
  await guard.set('second');
  const later = guardOf(vault);
  assert.deepEqual(JSON.parse(await later.locked()).sort(), [...names].sort());
  for (const name of names) assert.deepEqual([await keys.get(vault, name), await later.get(name)], [undefined, undefined]);
  await later.unlock('second');
  for (const name of names) assert.equal(await later.get(name), `secret of ${name}`);
  await later.drop();
  for (const name of names) assert.equal(await keys.get(vault, name), `secret of ${name}`);
  assert.ok(!records.has('guard'));
});

test('a damaged record of it unlocks nothing, says so and can be removed; what it does not open any more is known as lost', async () => {
  for (const damage of [
    { salt: 7 },
    { salt: '%' },
    { salt: undefined },
    { rounds: 1e12 },
    { rounds: 'x' },
    { iv: undefined },
    { check: 'x' },
  ]) {
    const { records, vault } = vaultOf();
    await keys.put(vault, 'default', SECRET);
    await guardOf(vault).set('pass');
    Object.assign(records.get('guard'), damage);
    const guard = guardOf(vault);
    assert.equal(await guard.state(), 'locked', JSON.stringify(damage));
    await assert.rejects(guard.unlock('pass'), { name: 'StorageLost', message: /passphrase is damaged/ });
    await guard.forget();
    assert.equal(await guard.state(), 'none');
  }
  const { records, vault } = vaultOf();
  await keys.put(vault, 'default', SECRET);
  const guard = guardOf(vault);
  await guard.set('pass');
  records.delete('guard');
  assert.deepEqual([await keys.unopened(vault), await guard.locked(), await guard.state()], ['["default"]', '[]', 'none']);
});

test('a key is not kept under a passphrase that another tab has changed since', async () => {
  const { vault } = vaultOf();
  const guard = guardOf(vault);
  await guard.set('first');
  const other = guardOf(vault);
  await other.unlock('first');
  await other.set('second');
  await assert.rejects(guard.put('default', SECRET), { name: 'StorageLost' });
  await guard.unlock('second');
  const changeAll = vault.changeAll;
  vault.changeAll = async (...given) => {
    vault.changeAll = changeAll;
    await other.set('third');
    return changeAll(...given);
  };
  assert.equal(await guard.put('default', SECRET), false);
  assert.equal(await keys.has(vault, 'default'), false);
});
