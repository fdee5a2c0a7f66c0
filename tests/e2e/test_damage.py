"""A database in which things lie that nobody wrote: the page starts, says what is damaged, hands it out and sets it aside."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.kit.journey import Journey

CHANGE = """async (changes) => {
  const db = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('nightshift');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const tx = db.transaction([...new Set(changes.map(([table]) => table))], 'readwrite');
  for (const [table, record] of changes) {
    const store = tx.objectStore(table);
    const put = (old) => store.put({ ...old, ...record, id: old?.id ?? record.id });
    if (record.id !== '*') put(record);
    else store.getAll().onsuccess = ({ target }) => put(target.result[0]);
  }
  await new Promise((resolve, reject) => { tx.oncomplete = resolve; tx.onabort = () => reject(tx.error); });
  db.close();
}"""
READ = """async ([table, id]) => {
  const db = await new Promise((resolve) => {
    const opening = indexedDB.open('nightshift');
    opening.onsuccess = () => resolve(opening.result);
  });
  const request = db.transaction(table).objectStore(table).get(id);
  const found = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result ?? null); });
  db.close();
  return found;
}"""
DEEP = "[" * 100_000 + "]" * 100_000
PLANTED: list[tuple[str, dict[str, Any]]] = [
    ("settings", {"id": "programs:programs", "rev": 1, "doc": "not JSON", "owner": "programs", "state": "", "order": 0}),
    ("settings", {"id": "preferences:preferences", "rev": 3, "doc": {"an": "object"}, "owner": "preferences", "state": "", "order": 0}),
    ("settings", {"id": "profile:openai", "rev": "one", "doc": DEEP, "owner": "profile", "state": "", "order": 0}),
    ("threads", {"id": "t-deep", "rev": 1, "doc": '{"id":"t-deep","unknown":' + DEEP + "}", "owner": "", "state": "", "order": 1}),
    ("threads", {"id": "t-null", "rev": 1, "doc": None, "owner": "", "state": "", "order": "first"}),
    ("segments", {"id": "s-lane", "rev": 1, "doc": "{}", "owner": "queue:broken", "state": "", "order": 0}),
    ("segments", {"id": "s-none", "rev": 1, "doc": "{}", "owner": 7, "state": "", "order": 0}),
    (
        "batches",
        {"id": "b-x", "rev": 1, "doc": '{"id":"b-x","name":"Summaries of May","state":"in_progress"', "owner": "", "state": 5, "order": 0},
    ),
    ("events", {"id": "e-x", "rev": 1, "doc": "", "owner": "", "state": "", "order": {}}),
    ("handed", {"id": "m-x", "rev": 1, "doc": "[]", "owner": "", "state": "due", "order": 0}),
    ("practice", {"id": "brain", "rev": 1, "doc": "7", "owner": "", "state": "", "order": 0}),
    ("bytes", {"id": "lines:s-lane", "data": "no bytes"}),
    ("vault", {"id": "master", "key": "no key"}),
    ("vault", {"id": "key:openai", "iv": 1, "data": 2}),
    ("vault", {"id": "folder", "handle": {"no": "handle"}}),
]
NAMED = {(table, record["id"]) for table, record in PLANTED} - {
    ("bytes", "lines:s-lane"),
    ("vault", "master"),
    ("vault", "key:openai"),
    ("vault", "folder"),
    ("practice", "brain"),  # put aside before the first practice call writes it anew
    ("settings", "preferences:preferences"),  # put aside before the page notes which thread is open
}


def test_the_page_starts_over_a_damaged_database(tab: Journey) -> None:
    """Records of every table and of every kind of damage: the page opens, works, and names each; they are handed out as one file, set
    aside, and one is put back as it lay there."""
    page = tab.page
    tab.write("Here before")
    tab.saved()
    page.evaluate(CHANGE, PLANTED)
    tab.reload()
    notice = page.locator(".note.bad", has_text="cannot be read.")
    notice.wait_for()
    tab.new_thread()
    tab.text(0).fill("It works")
    tab.saved()
    for view in ("Activity", "Integrations", "Settings"):  # some are found when somebody looks there
        tab.go(view)
    card = page.locator("#damaged-records")
    for table, id in sorted(NAMED):
        card.get_by_text(f"{table}/{id}:").wait_for(state="attached")
    if shots := os.environ.get("NIGHTSHIFT_SHOTS"):
        photograph(page, Path(shots))
    with page.expect_download() as download:
        tab.press("Export all", within=card)
    saved = json.loads(Path(download.value.path()).read_bytes())
    by_key = {(one["table"], one["id"]): one for one in saved}
    assert set(by_key) >= NAMED
    assert by_key["settings", "programs:programs"]["doc"] == "not JSON"
    assert by_key["settings", "preferences:preferences"]["doc"] == '{"an":"object"}'
    assert by_key["settings", "profile:openai"]["doc"] == DEEP
    tab.press("Set all aside", within=card)
    notice.wait_for(state="detached")
    for table, id in NAMED:
        assert page.evaluate(READ, [table, id]) is None
    tab.press("Put back batches/b-x", within=card)
    card.get_by_text("Summaries of May").wait_for()
    back = page.evaluate(READ, ["batches", "b-x"])
    assert back["doc"] == dict(PLANTED)["batches"]["doc"]


def photograph(page: Any, folder: Path) -> None:
    """The notice and the card, light and dark, wide and narrow."""
    for width, height in ((1280, 900), (390, 844)):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=folder / f"damage-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
