"""What only a real database shows: several tabs, other versions, no room, data cleared. Plays on static/js/store.mjs alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.blank import open_blank

MOVES = {"batches": {"": ["planned"], "planned": ["uploading"]}}

SETUP = """async ([moves, name, patience]) => {
  const { open, keys } = await import('/static/js/store.mjs');
  globalThis.keys = keys;
  globalThis.store = await open(JSON.stringify(moves), name ?? undefined, patience ?? undefined);
  globalThis.commit = (changes, ...buffers) => store.commit(new TextEncoder().encode(JSON.stringify(changes)), buffers);
  globalThis.put = (table, id, rev, doc = '{}', state = '') => ({ type: 'put', table, id, rev, doc, owner: '', state, order: 0 });
}"""

FAILURE = "(error) => ({ name: error.name, message: error.message, native: Object.getPrototypeOf(error) === Error.prototype })"

VERSION_1 = """async (name) => {
  const opening = indexedDB.open(name, 10);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    for (const table of ['settings', 'practice', 'bytes', 'vault']) db.createObjectStore(table, { keyPath: 'id' });
    for (const table of ['threads', 'batches']) db.createObjectStore(table, { keyPath: 'id' }).createIndex('order', 'order');
    db.createObjectStore('segments', { keyPath: 'id' }).createIndex('[owner+order]', ['owner', 'order']);
  };
  const db = await new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const tx = db.transaction([...db.objectStoreNames], 'readwrite');
  const row = (id, rev, doc, more) => ({ id, rev, doc, owner: '', state: '', order: 0, ...more });
  tx.objectStore('settings').put(row('preferences', 3, '{"id":"preferences","theme":"dark"}'));
  tx.objectStore('threads').put(row('t2', 1, '{"id":"t2"}', { order: 1 }));
  tx.objectStore('threads').put(row('t1', 2, '{"id":"t1"}', { order: 2 }));
  tx.objectStore('segments').put(row('s1', 4, '{"id":"s1"}', { owner: 'queue:p|e|m', order: 1.5 }));
  tx.objectStore('batches').put(row('b1', 7, '{"id":"b1","state":"planned"}', { state: 'planned' }));
  tx.objectStore('practice').put(row('p1', 1, '{}'));
  tx.objectStore('bytes').put({ id: 'd1', data: new Uint8Array([0, 1, 255]) });
  await new Promise((resolve, reject) => { tx.oncomplete = resolve; tx.onabort = () => reject(tx.error); });
  db.close();
}"""
"""Makes a database as schema version 1 wrote it. Never edited: it stands for what lies in people's browsers."""


def ready(page: Page, name: str = "nightshift") -> Page:
    """Open the store in this tab."""
    page.evaluate(SETUP, [MOVES, name, None])
    return page


def failure(page: Page, script: str) -> dict[str, Any]:
    """What this promise rejects with."""
    found = page.evaluate(f"() => ({script}).then(() => null, {FAILURE})")
    assert found is not None, "it did not fail"
    assert found["native"], "Python would wait for ever"
    return dict(found)


@pytest.fixture
def tab(context: BrowserContext, site: str) -> Page:
    """A tab without a store."""
    return open_blank(context, site)


HEAD = "([rev, doc]) => [rev, doc]"


def test_version_1_keeps_everything(tab: Page) -> None:
    """A database that schema version 1 wrote opens with all that it held, and goes on from there."""
    tab.evaluate(VERSION_1, "nightshift")
    ready(tab)
    assert tab.evaluate(f"() => store.get('settings', 'preferences').then({HEAD})") == [3, '{"id":"preferences","theme":"dark"}']
    text = "({ index, docs }) => [index.filter((_, n) => [0, 1, 5].includes(n % 6)), new TextDecoder().decode(docs)]"
    assert tab.evaluate(f"() => store.scan('threads').then({text})") == [["t2", 1, 11, "t1", 2, 22], '{"id":"t2"}{"id":"t1"}']
    assert tab.evaluate(f"() => store.scan('segments', 'queue:p|e|m').then({text})") == [["s1", 4, 11], '{"id":"s1"}']
    assert tab.evaluate("() => store.owners('segments')") == ["queue:p|e|m"]
    assert tab.evaluate(f"() => store.get('practice', 'p1').then({HEAD})") == [1, "{}"]
    assert tab.evaluate("() => store.load(['d1']).then(([data]) => [...data])") == [0, 1, 255]
    tab.evaluate("() => commit([put('batches', 'b1', 7, '{}', 'uploading')])")
    assert tab.evaluate(f"() => store.get('batches', 'b1').then({HEAD})") == [8, "{}"]


def test_an_upgraded_database_is_as_a_new_one(tab: Page) -> None:
    """A database of version 1 that was opened has exactly the version, tables and indexes of a new one."""
    tab.evaluate(VERSION_1, "old")
    ready(tab, "old")
    ready(tab, "new")
    shape = """(name) => new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => {
        const db = opening.result;
        const tx = db.transaction([...db.objectStoreNames]);
        const tables = [...db.objectStoreNames].map((table) => {
          const store = tx.objectStore(table);
          return [table, store.keyPath, [...store.indexNames].map((index) => [index, store.index(index).keyPath])];
        });
        db.close();
        resolve([db.version, tables]);
      };
    })"""
    version, tables = tab.evaluate(shape, "new")
    assert [version, tables] == tab.evaluate(shape, "old")
    assert version == 40
    assert ["events", "id", [["order", "order"]]] in tables


def test_one_of_two_tabs_wins(context: BrowserContext, site: str) -> None:
    """Two tabs commit against the same revision at the same moment: exactly one wins, every time, and hears of the other's commit."""
    tabs = [ready(open_blank(context, site)) for _ in range(2)]
    rounds = 20
    tabs[0].evaluate("() => commit([put('threads', 't', 0)])")
    for number, tab in enumerate(tabs):
        tab.evaluate(
            """([number, rounds]) => {
              globalThis.told = [];
              store.watch((tables) => told.push(...tables));
              const start = new BroadcastChannel('start');
              globalThis.result = new Promise((resolve) => {
                start.onmessage = async () => {
                  const won = [];
                  for (let round = 1; round <= rounds; round++) {
                    for (;;) {
                      const [rev] = await store.get('threads', 't');
                      if (rev > round) break;
                      await commit([put('threads', 't', round, `"${number}"`)]).then(() => won.push(round), (error) => {
                        if (error.name !== 'Conflict') throw error;
                      });
                    }
                  }
                  resolve(won);
                };
              });
            }""",
            [number, rounds],
        )
    third = open_blank(context, site)
    third.evaluate("() => new BroadcastChannel('start').postMessage('go')")
    won = [tab.evaluate("() => result") for tab in tabs]
    assert sorted(won[0] + won[1]) == list(range(1, rounds + 1))
    assert tabs[0].evaluate("() => store.get('threads', 't').then(([rev]) => rev)") == rounds + 1
    for number, tab in enumerate(tabs):
        tab.wait_for_function("(count) => told.length === count", arg=len(won[1 - number]))


def test_newer_database_is_left_alone(tab: Page) -> None:
    """A database of a newer program is not opened, not changed, and the person is told to reload."""
    make = """(open) => new Promise((resolve) => {
      const opening = indexedDB.open('nightshift', 50);
      opening.onupgradeneeded = () => opening.result.createObjectStore('future');
      opening.onsuccess = () => { const db = opening.result; resolve([db.version, [...db.objectStoreNames]]); db.close(); };
    })"""
    tab.evaluate(make)
    found = failure(tab, "import('/static/js/store.mjs').then(({ open }) => open('{}'))")
    assert found["name"] == "StorageLost"
    assert "newer" in found["message"]
    assert tab.evaluate(make) == [50, ["future"]]


def test_newer_program_takes_over(tab: Page) -> None:
    """When a newer program upgrades the database, this one lets go at once, tells who asked to be told, and says so at the next call."""
    ready(tab)
    tab.evaluate("() => { globalThis.losses = 0; store.watchLoss(() => { losses += 1; }); }")
    tab.evaluate(
        """() => new Promise((resolve, reject) => {
          const opening = indexedDB.open('nightshift', 50);
          opening.onsuccess = () => { opening.result.close(); resolve(); };
          opening.onblocked = () => reject(new Error('blocked'));
        })"""
    )
    assert tab.evaluate("() => losses") == 1
    for call in ("store.get('threads', 't')", "commit([put('threads', 't', 0)])", "store.scan('threads')", "store.owners('segments')"):
        found = failure(tab, call)
        assert found["name"] == "StorageLost"
        assert "newer" in found["message"]


def test_older_program_in_the_way(tab: Page) -> None:
    """When another tab does not let go of an older form of the database, opening fails with what to do instead of waiting for ever."""
    tab.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open('nightshift', 5);
          opening.onsuccess = () => { globalThis.held = opening.result; resolve(); };
        })"""
    )
    found = failure(tab, "import('/static/js/store.mjs').then(({ open }) => open('{}', 'nightshift', 50))")
    assert found["name"] == "StorageLost"
    assert "Close the other tabs" in found["message"]


def test_cleared_data_are_told(tab: Page, site: str) -> None:
    """When the browser clears the data, the next call says so."""
    ready(tab)
    tab.context.new_cdp_session(tab).send("Storage.clearDataForOrigin", {"origin": site, "storageTypes": "indexeddb"})
    tab.wait_for_function("() => store.get('threads', 't').then(() => false, () => true)")
    for call in ("store.get('threads', 't')", "commit([put('threads', 't', 0)])"):
        assert failure(tab, call)["name"] == "StorageLost"


def test_no_room(tab: Page, site: str) -> None:
    """A commit that the browser has no room for raises StorageFull and writes nothing; with room again it succeeds."""
    browser = tab.context.new_cdp_session(tab)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": site, "quotaSize": 1_000_000})
    ready(tab)
    tab.evaluate("() => commit([put('threads', 't', 0, '\"before\"')])")
    large = "commit([put('threads', 't', 1, '\"after\"'), { type: 'put_bytes', id: 'b' }], new Uint8Array(5_000_000))"
    assert failure(tab, large)["name"] == "StorageFull"
    assert tab.evaluate(f"() => store.get('threads', 't').then({HEAD})") == [1, '"before"']
    browser.send("Storage.overrideQuotaForOrigin", {"origin": site})
    tab.evaluate(f"() => {large}")
    assert tab.evaluate(f"() => store.get('threads', 't').then({HEAD})") == [2, '"after"']


def test_no_database_at_all(tab: Page) -> None:
    """Where the browser has no IndexedDB, opening fails with a reason."""
    tab.evaluate("() => { Object.defineProperty(window, 'indexedDB', { value: undefined }); }")
    assert failure(tab, "import('/static/js/store.mjs').then(({ open }) => open('{}'))")["name"] == "StorageLost"


def test_sealed_key_is_unreadable(tab: Page) -> None:
    """A remembered key lies nowhere in plain text, and the key that seals it cannot be taken out."""
    ready(tab)
    tab.evaluate("() => keys.put(store.vault, 'p', 'sk-very-secret')")
    assert tab.evaluate("() => keys.get(store.vault, 'p')") == "sk-very-secret"
    dump = tab.evaluate(
        """async () => {
          const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
          const db = await done(indexedDB.open('nightshift'));
          const tx = db.transaction([...db.objectStoreNames]);
          const all = [];
          for (const table of db.objectStoreNames) all.push(...await done(tx.objectStore(table).getAll()));
          db.close();
          const text = (value) => {
            if (value instanceof Uint8Array) return new TextDecoder('latin1').decode(value);
            if (value instanceof CryptoKey) return `CryptoKey ${value.extractable}`;
            return value && typeof value === 'object' ? Object.values(value).map(text).join() : String(value);
          };
          return [...all.map(text), JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie].join('\\n');
        }"""
    )
    assert "very-secret" not in dump
    assert "CryptoKey false" in dump


def test_damaged_seal_gives_no_key(tab: Page) -> None:
    """A sealed record that was changed, or moved to another profile, gives no key instead of a wrong one."""
    ready(tab)
    found = tab.evaluate(
        """async () => {
          await keys.put(store.vault, 'p', 'sk-1');
          const sealed = await store.vault.get('key:p');
          await store.vault.put({ ...sealed, id: 'key:q' });
          const moved = await keys.get(store.vault, 'q');
          sealed.data[0] ^= 1;
          await store.vault.put(sealed);
          return [moved ?? null, (await keys.get(store.vault, 'p')) ?? null];
        }"""
    )
    assert found == [None, None]


def test_two_tabs_seal_with_one_key(context: BrowserContext, site: str) -> None:
    """Keys that two tabs put at the same first moment can be read by both."""
    tabs = [ready(open_blank(context, site)) for _ in range(2)]
    for name, tab in zip("ab", tabs, strict=True):
        tab.evaluate("(name) => { globalThis.putting = keys.put(store.vault, name, `sk-${name}`); }", name)
    for tab in tabs:
        tab.evaluate("() => putting")
    assert json.loads(
        tabs[0].evaluate("async () => JSON.stringify([await keys.get(store.vault, 'a'), await keys.get(store.vault, 'b')])")
    ) == ["sk-a", "sk-b"]
