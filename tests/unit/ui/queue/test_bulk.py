"""Many selected requests of the queue: what would change is shown, changed at once, and put back at once."""

from __future__ import annotations

import json

import pytest

from app.core.model.lanes import Lane
from app.ports import StorageFull
from app.services.queue import bulk_edits
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.queue.test_queue import LANE, rows, waiting


@pytest.fixture
async def full(visit: Visit) -> Visit:
    """A tab on its queue: three requests in one lane, and no toast left."""
    await visit.queue("one", "two", "three")
    await visit.wait(20)
    await visit.go("#/queue")
    return visit


async def bodies(visit: Visit, lane: Lane = LANE) -> list[dict[str, object]]:
    queue = visit.app.services.queue
    found = await queue.rows(await queue.lane(lane), 0, 10_000)
    return [json.loads(await queue.line(lane, row.id))["body"] for row in found]


async def opened(visit: Visit, *numbers: int) -> None:
    """The dialog over these rows, or all."""
    if numbers:
        for n in numbers:
            await visit.check(f"Select request {n}", True)
    else:
        await visit.check("Select all in this group", True)
    await visit.click(f"Edit {len(numbers) or 3} …")


async def typed(visit: Visit, field: str, value: str, name: str = "Value") -> None:
    await visit.choose("Change", field)
    await visit.type(name, value)
    await visit.wait(1)


async def test_a_parameter_of_the_selected_requests(full: Visit) -> None:
    """How many change, and one of them before and after, stands there first; nothing is changed until it is asked for."""
    await opened(full, 1, 3)
    assert "disabled" in full.button("Change the requests").attributes
    await typed(full, "temperature", "0.5")
    assert full.dialog is not None
    assert "2 requests change." in full.dialog.text
    assert '"temperature": 0.5' in full.dialog.text
    assert not any("temperature" in one for one in await bodies(full))
    await full.click("Change 2 requests")
    assert full.dialog is None
    assert full.toasts[-1] == "2 requests were changed: temperature = 0.5."
    assert ["temperature" in one for one in await bodies(full)] == [True, False, True]
    await full.click("Undo")
    assert not any("temperature" in one for one in await bodies(full))
    assert full.toasts[-1] == "2 requests are as before."
    assert "were changed." not in full.text


async def test_another_model_and_back_from_the_queue_after_a_reload(tabs: Open, full: Visit) -> None:
    """They move to that model's group; the queue says so, also to the next page, and puts them back in their order."""
    before = await bodies(full)
    await opened(full)
    await typed(full, "model", "gpt-4.1", "New model")
    await full.click("Change 3 requests")
    assert await waiting(full) == []
    assert await waiting(full, Lane("practice", LANE.endpoint, "gpt-4.1")) == ["one", "two", "three"]
    other = await tabs(beside=full, route="#/queue")
    assert "3 requests were changed." in other.text
    await other.click("Undo the change")
    assert await bodies(other) == before
    assert rows(other) == ["one", "two", "three"]


async def test_what_cannot_be_changed_is_said_before(full: Visit) -> None:
    """With the reason, and what a provider may refuse; what says so already is counted apart."""
    await full.click("two")
    await full.type(
        "Body of the request", json.dumps({"model": "gpt-4o-mini", "max_tokens": 5, "messages": [{"role": "user", "content": "two"}]})
    )
    await full.click("Save")
    await opened(full)
    await typed(full, "max_output_tokens", "900")
    assert full.dialog is not None
    assert "2 requests change." in full.dialog.text
    assert "1 request cannot be changed and stays as it is:" in full.dialog.text
    assert "1: max_tokens and max_completion_tokens can't be used together." in full.dialog.text
    await typed(full, "model", "gpt-4o-mini", "New model")
    assert "3 requests say so already." in full.dialog.text
    assert "disabled" in full.button("Change no requests").attributes


async def test_a_pair_of_metadata_and_a_parameter_that_goes(full: Visit) -> None:
    """Both ways, by the names that are typed."""
    await opened(full)
    await full.choose("Change", ":metadata")
    await full.type("Key", "team")
    await full.type("Value", "blue")
    await full.wait(1)
    await full.click("Change 3 requests")
    assert [one["metadata"] for one in await bodies(full)] == [{"team": "blue"}] * 3
    await full.wait(30)
    await opened(full)
    await full.choose("Change", ":metadata")
    await full.click("Remove")
    await full.type("Key", "team")
    await full.wait(1)
    await full.click("Change 3 requests")
    assert not any("metadata" in one for one in await bodies(full))
    await full.click("Keep it", 0)
    await full.click("Keep it", 0)
    assert not full.has("Undo the change")
    assert not [id for id in full.store.disk.bytes if id.startswith("edited:")]


async def test_what_is_typed_wrongly_stands_below_the_field(full: Visit) -> None:
    """And nothing is looked at."""
    await opened(full)
    await typed(full, "temperature", "warm")
    assert full.dialog is not None
    assert "takes a number" in full.dialog.classed("fault")[0].text
    await typed(full, ":other", "{")
    await full.type("Parameter", "top_k")
    assert "isn't JSON" in full.dialog.classed("fault")[0].text


async def test_it_is_found_by_key_and_in_the_list_of_commands(full: Visit) -> None:
    """Only while something is selected; the sheet of shortcuts says which key."""
    assert "e" not in json.loads(full.dom.by_id("main")["data-page-key"])
    await full.check("Select request 2", True)
    await full.press(full.dom.by_id("main"), "e")
    assert full.dialog is not None
    assert "Edit 1 request" in full.dialog.text
    await full.escape()
    await full.press(full.dom.by_id("main"), "?")
    assert full.dialog is not None
    assert "Edit the selected requests" in full.dialog.text


async def test_many_are_looked_at_apart_from_the_page_and_stopped(full: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """As jobs, with progress; other tabs know that requests are being edited."""
    monkeypatch.setattr(bulk_edits, "FEW", 0)
    await opened(full)
    assert await full.app.services.rules.edited() == {LANE.key}
    await typed(full, "seed", "7")
    await full.click("Change 3 requests")
    assert [one["seed"] for one in await bodies(full)] == [7, 7, 7]
    await full.click("Undo the change")
    assert not any("seed" in one for one in await bodies(full))


async def test_without_room_nothing_is_changed(full: Visit) -> None:
    """It says so as every refused save does, and what was selected is selected still."""
    await opened(full)
    await typed(full, "seed", "7")
    full.store.fail_next = StorageFull("no room")
    await full.click("Change 3 requests")
    assert full.notes == ["storage_full"]
    assert not any("seed" in one for one in await bodies(full))
    assert full.has("Edit 3 …")
