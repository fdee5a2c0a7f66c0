"""A browser's whole database as a file, and back: how it looks to the program of an earlier version."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

OPEN = """
  const opened = (name, version, upgrade) => new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => upgrade(opening.result, opening.transaction);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
"""
DUMP = f"""async () => {{ {OPEN}
  const packed = (value) => {{
    if (!(value instanceof Uint8Array)) return value;
    let text = '';
    for (let at = 0; at < value.length; at += 8192) text += String.fromCharCode(...value.subarray(at, at + 8192));
    return {{ base64: btoa(text) }};
  }};
  const db = await opened('nightshift');
  const tx = db.transaction([...db.objectStoreNames]);
  const tables = {{}};
  for (const name of db.objectStoreNames) {{
    const store = tx.objectStore(name);
    const indexes = [...store.indexNames].map((index) => [index, store.index(index).keyPath]);
    const records = name === 'vault' ? [] : await done(store.getAll());
    const plain = records.map((one) => Object.fromEntries(Object.entries(one).map(([key, value]) => [key, packed(value)])));
    tables[name] = {{ keyPath: store.keyPath, indexes, records: plain }};
  }}
  const {{ version }} = db;
  db.close();
  return JSON.stringify({{ version, tables }});
}}"""
LOAD = f"""async (text) => {{ {OPEN}
  const {{ version, tables }} = JSON.parse(text);
  const db = await opened('nightshift', version, (db) => {{
    for (const [name, {{ keyPath, indexes }}] of Object.entries(tables)) {{
      const store = db.createObjectStore(name, {{ keyPath }});
      for (const [index, path] of indexes) store.createIndex(index, path);
    }}
  }});
  const whole = (value) => (value?.base64 === undefined ? value : Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)));
  const tx = db.transaction(Object.keys(tables), 'readwrite');
  for (const [name, {{ records }}] of Object.entries(tables)) {{
    for (const one of records) tx.objectStore(name).put(Object.fromEntries(Object.entries(one).map(([key, value]) => [key, whole(value)])));
  }}
  await new Promise((resolve, reject) => {{ tx.oncomplete = resolve; tx.onabort = () => reject(tx.error); }});
  db.close();
}}"""


def dump(page: Page) -> dict[str, Any]:
    """``{version, tables: {name: {keyPath, indexes, records}}}``; bytes as ``{base64}``. Sealed keys cannot leave: ``vault`` is empty."""
    found: dict[str, Any] = json.loads(page.evaluate(DUMP))
    return found


def load(page: Page, database: dict[str, Any]) -> None:
    """Make the database of a browser that has none. The page must not have it open."""
    page.evaluate(LOAD, json.dumps(database))


def write(path: Path, database: dict[str, Any]) -> None:
    """The same database gives the same bytes."""
    path.write_bytes(gzip.compress(json.dumps(database, separators=(",", ":"), sort_keys=True).encode(), 9, mtime=0))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found
