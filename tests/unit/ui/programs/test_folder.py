"""The watched folder in the room of programs: choosing it, what became of its files, and what stands in the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.ports import Chosen, Table
from app.services.programs.folder_watcher import LOOK
from tests.fakes.folder import MemoryFolder
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open


def lines(*ids: str) -> bytes:
    """Requests as lines of a file."""
    body = {"model": "gpt-4o-mini", "input": "Hi"}
    return b"".join(json.dumps({"custom_id": id, "url": "/v1/responses", "method": "POST", "body": body}).encode() + b"\n" for id in ids)


async def watching(tabs: Open, **files: bytes) -> Visit:
    """A page that watches a folder with these files."""
    folder = MemoryFolder()
    folder.picks.append(Chosen("in", same=False))
    visit = await tabs(folder=folder)
    await visit.go("#/programs")
    await visit.click("Choose a folder…")
    for name, data in files.items():
        folder.drop(f"{name}.jsonl", data)
    await pass_looks(visit)
    return visit


async def pass_looks(visit: Visit, looks: int = 3) -> None:
    """Let so many looks at the folder go by."""
    for _ in range(looks):
        await visit.clock.advance(LOOK)
        await visit.rest()


async def test_a_browser_that_cannot_watch_one_is_not_told_of_it(visit: Visit) -> None:
    """Firefox and Safari have no such folders."""
    await visit.go("#/programs")
    assert "folder" not in visit.text.lower()


async def test_choosing_none_changes_nothing(tabs: Open) -> None:
    """The browser's dialog was closed."""
    folder = MemoryFolder()
    folder.picks.append(None)
    visit = await tabs(folder=folder)
    await visit.go("#/programs")
    await visit.click("Choose a folder…")
    assert "No folder" in visit.text


async def test_files_are_listed_with_what_became_of_their_lines(tabs: Open) -> None:
    """And their requests stand in the queue."""
    visit = await watching(tabs, orders=lines("1", "2") + b"nonsense\n")
    assert "Files of requests (.jsonl) in “in” are queued" in visit.text
    assert "orders.jsonl" in visit.text
    assert "reasons in orders.problems.jsonl" in visit.text
    assert "2 from a folder" in visit.text
    await visit.go("#/queue")
    assert "1" in visit.text


@pytest.mark.slow
async def test_the_browser_wants_to_be_asked_again(tabs: Open) -> None:
    """After it was allowed, what could not be written is due at once."""
    visit = await watching(tabs, orders=lines("1"))
    visit.folder.how, visit.folder.allows = "locked", False
    await visit.go("#/queue")
    await visit.click("Submit 1")
    due: list[Any] = []
    while not due or not due[0].get("attempts"):
        await pass_looks(visit)
        due = [json.loads(row.doc) for row in await visit.store.page(Table.HANDED, state="due", limit=9)]
    assert due[0]["attempts"][0]["outcome"] == "authorization_error"
    await visit.go("#/programs")
    assert "The browser asks you to allow “in” again" in visit.text
    await visit.click("Allow it")
    assert "still does not let this page" in visit.text
    visit.folder.allows = True
    await visit.click("Allow it")
    assert "1 result will be written now." in visit.text
    await pass_looks(visit)
    assert visit.folder.files["orders.results.jsonl"].count(b"\n") == 1
    await visit.click("1")
    assert "Result goes to" not in visit.text
    await visit.click("Redeliver")
    await pass_looks(visit)
    assert visit.folder.files["orders.results.jsonl"].count(b"\n") == 2


async def test_stopping_and_going_on(tabs: Open) -> None:
    """Files that are dropped meanwhile wait."""
    visit = await watching(tabs)
    await visit.click("Stop")
    assert "are not read" in visit.text
    visit.folder.drop("later.jsonl", lines("1"))
    await pass_looks(visit)
    assert "later.jsonl" not in visit.text
    await visit.click("Watch it")
    await pass_looks(visit)
    assert "later.jsonl" in visit.text


async def test_a_file_with_results_beside_it_is_sent_when_a_person_says_so(tabs: Open) -> None:
    """Until then it is not."""
    folder = MemoryFolder()
    folder.drop("orders.results.jsonl", b"")
    folder.drop("orders.jsonl", lines("1"))
    folder.picks.append(Chosen("in", same=False))
    visit = await tabs(folder=folder)
    await visit.go("#/programs")
    await visit.click("Choose a folder…")
    await pass_looks(visit)
    assert "another browser may have sent it" in visit.text
    await visit.click("Send it from here")
    await pass_looks(visit)
    assert [id.partition("~")[0] for id in visit.store.disk.records[Table.HANDED]] == ["1"]


async def test_another_tab_chooses_and_the_one_that_leads_watches(tabs: Open) -> None:
    """The folder is this browser's, not one tab's."""
    folder = MemoryFolder()
    folder.picks.append(Chosen("in", same=False))
    first = await tabs(folder=folder)
    second = await tabs(beside=first)
    assert (first.state.engine.leads, second.state.engine.leads) == (True, False)
    await second.go("#/programs")
    await second.click("Choose a folder…")
    folder.drop("orders.jsonl", lines("1"))
    await pass_looks(first)
    row = next((one for id, one in first.store.disk.records[Table.HANDED].items() if id.startswith("1~")), None)
    assert row is not None
    assert json.loads(row.doc)["source"] == "folder"


async def test_a_folder_that_went(tabs: Open) -> None:
    """Is said, with what becomes of the results."""
    visit = await watching(tabs)
    visit.folder.how = "gone"
    await pass_looks(visit)
    await visit.go("#/queue")
    await visit.go("#/programs")
    assert "“in” was moved or deleted" in visit.text


@pytest.mark.slow
async def test_lines_that_can_be_converted_have_a_button(tabs: Open) -> None:
    """It says how many, and takes them."""
    visit = await watching(tabs, orders=lines("1") + lines("2").replace(b"/v1/responses", b"v1/responses"))
    assert "reasons in orders.problems.jsonl" in visit.text
    await visit.click("Convert and take 1")
    await pass_looks(visit)
    assert not visit.has("Convert and take 1")
    assert sum(one.requests for one in visit.state.queue.lanes) == 2
