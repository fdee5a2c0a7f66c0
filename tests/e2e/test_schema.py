"""Databases of other versions of the program: earlier ones open whole, newer ones are left alone, and two versions at once do no harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit import database
from tests.kit.browser import Watch, wait_state
from tests.kit.journey import Journey
from tests.kit.site import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

pytestmark = pytest.mark.only("served")  # the database is put in place by a page beside the program's
RECORDED = sorted((ROOT / "tests" / "data").glob("schema-*.json.gz"))
"""What each published version of the schema left behind (tests/record_schema.py)."""
VERSION = int((ROOT / "static" / "js" / "store.mjs").read_text().partition("const VERSION = ")[2].partition(";")[0])


def left_behind(page: Page, address: str, found: dict[str, Any]) -> None:
    """Make this the database of the browser, before the program is opened."""
    page.route("**/blank.html", lambda route: route.fulfill(body="<!doctype html><title>blank</title>", content_type="text/html"))
    page.goto(f"{address}blank.html")
    database.load(page, found)


def hurried(found: dict[str, Any]) -> dict[str, Any]:
    """The same, practising at once: what goes out by itself while the page opens is answered while a test waits."""
    preferences = rows(found, "settings", "preferences:")["preferences:preferences"]
    preferences["doc"] = json.dumps({**json.loads(preferences["doc"]), "practice_speed": 0.0})
    return found


def rows(found: dict[str, Any], table: str, *heads: str) -> dict[str, Any]:
    """The records of a table by id; with ``heads`` only those whose id begins so."""
    return {one["id"]: one for one in found["tables"][table]["records"] if not heads or one["id"].startswith(heads)}


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.name)
def test_every_published_schema_opens_with_everything_and_goes_on(page: Page, address: str, recorded: Any) -> None:
    """Threads, queue, batches, answers, images and settings of a real run are all there, to the byte. What waited in the queue, made by
    hand, waits for its person however old it is, and is answered once it is submitted; a thread whose image is stored beside it makes a
    request."""
    before = hurried(database.read(recorded))
    left_behind(page, address, before)
    journey = Journey(page, address).open()
    after = database.dump(page)
    for table in ("threads", "segments"):
        assert rows(after, table) == rows(before, table)
    heads = ("lines:", "answer:", "ledger:", "image:")
    assert rows(after, "bytes", *heads).items() >= rows(before, "bytes", *heads).items()
    if "handed" in before["tables"]:
        assert set(rows(after, "handed")) == set(rows(before, "handed"))
    assert rows(after, "settings", "profile:") == rows(before, "settings", "profile:")

    assert journey.measure("() => document.documentElement.dataset.theme") == "dark"
    journey.go("Prompts")
    for name in ("Answered", "On its way", "Waits", "With an image", "Deleted, and still in the bin."):
        journey.main.get_by_text(name).first.wait_for()
    journey.go("Settings")
    journey.provider("Research").wait_for()
    done, *_, on_its_way = sorted(rows(before, "batches").values(), key=lambda one: one["order"])
    journey.open_batch(done["id"])
    journey.wait_for_state("completed")
    assert "What outlives a new schema?" in journey.open_answer(0).inner_text()
    page.keyboard.press("Escape")
    journey.open_batch(on_its_way["id"])
    journey.wait_for_state("validating", "in progress", "finalizing", "downloading results", "verifying results", "completed")

    journey.waiting(2)
    journey.submit_lane()
    journey.waiting(0)
    (made,) = set(rows(database.dump(page), "batches")) - set(rows(before, "batches"))
    journey.open_batch(made)
    journey.wait_for_state("completed")
    journey.main.get_by_role("button", name="Answered 2").wait_for()
    journey.go("Prompts")
    journey.main.get_by_text("With an image").first.click()
    journey.message(0).get_by_text("large.png").wait_for()
    journey.enqueue()
    journey.waiting(1)


def test_a_newer_database_is_left_alone(page: Page, address: str, watch: Watch) -> None:
    """The page says in words that a newer Nightshift wrote these data and what to do; not one record changes."""
    watch.expect("newer Nightshift")
    found = database.read(RECORDED[-1])
    found["version"] = 10 * (VERSION + 1)  # Dexie counts in tens
    found["tables"]["later"] = {"keyPath": "id", "indexes": [], "records": [{"id": "a", "doc": "{}"}]}
    left_behind(page, address, found)
    page.goto("about:blank")
    page.goto(address)
    assert wait_state(page) == "failed"
    told = page.locator("#boot-failure").inner_text()
    assert "written by a newer Nightshift. Reload the page" in told
    assert "Traceback" not in told
    assert database.dump(page) == found


def next_store(route: Route) -> None:
    """The page's script as a later version might have it: the database has one more table."""
    text = route.fetch().text()
    last = rf"(\w+)\.version\({VERSION}\)\.stores\(\{{[^}}]*\}}\)"
    text, stores = re.subn(last, rf"\g<0>,\1.version({VERSION + 1}).stores({{later:'id'}})", text)
    text, limits = re.subn(r">=\(\w+\+1\)\*10\)", f">={10 * (VERSION + 2)})", text)
    assert (stores, limits) == (1, 2), "static/js/store.mjs says what it takes in other words"
    route.fulfill(body=text, content_type="text/javascript")


@contextmanager
def updated(page: Page) -> Iterator[None]:
    """What starts in this tab meanwhile is of the later version, whatever its service worker keeps."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.setBypassServiceWorker", {"bypass": True})
    page.route("**/static/js/nightshift.mjs", next_store)
    yield
    page.unroute("**/static/js/nightshift.mjs", next_store)
    protocol.detach()


def test_an_older_tab_lets_go_and_loses_nothing(context: BrowserContext, page: Page, address: str) -> None:
    """A newer program changes the database: the engine goes over to it, and what is typed here afterwards comes back with the reload."""
    older = Journey(page, address).open()
    older.write("Typed before.")
    newer = Journey(context.new_page(), address)
    with updated(newer.page):
        newer.open()
    assert newer.texts() == ["Typed before."]
    older.page.bring_to_front()
    older.text(0).fill("Typed afterwards.")
    older.main.get_by_text("What you type is kept in this tab only, over a reload too. Reload the page.").wait_for()
    assert newer.texts() == ["Typed before."]
    newer.page.bring_to_front()
    newer.leads()
    with updated(older.page):
        older.reload()
    assert older.texts() == ["Typed afterwards."]
    older.saved()
    newer.page.bring_to_front()
    newer.page.wait_for_function("() => document.querySelector('.msg textarea').value === 'Typed afterwards.'")
