"""The queue: selecting, deleting, editing, submitting."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.openai.wire import Response
from app.ports import StorageFull
from tests.kit.screen import RIGHT_KEY, WRONG_KEY, Visit
from tests.unit.ui.conftest import Open

LANE = Lane("practice", "/v1/chat/completions", "gpt-4o-mini")


async def waiting(visit: Visit, lane: Lane = LANE) -> list[str]:
    """The texts that wait in a lane, in order, as they are stored."""
    queue = await visit.app.services.queue.lane(lane)
    rows = await visit.app.services.queue.rows(queue, 0, 10_000)
    return [row.preview.text for row in rows]


def rows(visit: Visit) -> list[str]:
    """The texts of the rows that are drawn."""
    return [one.text for one in visit.dom.of("button", "cell")]


@pytest.fixture
async def full(visit: Visit) -> Visit:
    """A tab on its queue: three requests in one lane, and no toast left."""
    await visit.queue("one", "two", "three")
    await visit.wait(20)
    await visit.go("#/queue")
    return visit


# --- seeing


async def test_rows(full: Visit) -> None:
    """Every request is a row, in the order in which it was added; the rail counts them."""
    assert rows(full) == ["one", "two", "three"]
    assert "Queue3" in full.dom.of("nav")[0].text


async def test_empty(visit: Visit) -> None:
    """An empty queue says why, and there is nothing to submit."""
    await visit.go("#/queue")
    assert "Queue is empty" in visit.text
    assert "disabled" in visit.button("Submit all").attributes


async def test_lanes(full: Visit) -> None:
    """Each model has a lane of its own."""
    await full.queue("four", model="gpt-4.1")
    await full.go("#/queue")
    assert [one["aria-label"] for one in full.dom.of("section", "lane")] == [
        "Queue group /v1/chat/completions gpt-4.1",
        "Queue group /v1/chat/completions gpt-4o-mini",
    ]


# --- selecting and deleting


async def test_selection(full: Visit) -> None:
    """Rows are selected one by one or all at once, counted, and let go again."""
    await full.check("Select request 2", True)
    assert full.has("Submit 1 selected")
    await full.check("Select all in this group", True)
    assert full.has("Submit 3 selected")
    assert "checked" in full.field("Select all in this group").attributes
    await full.check("Select request 2", False)
    assert full.has("Delete 2")
    await full.click("Clear")
    assert not full.has("Clear")
    assert full.has("Submit 3")


async def test_delete_undone(full: Visit) -> None:
    """Deleted requests come back to their places."""
    await full.click("Delete request", 1)
    assert rows(full) == ["one", "three"]
    await full.click("Undo")
    assert rows(full) == await waiting(full) == ["one", "two", "three"]
    await full.check("Select request 1", True)
    await full.check("Select request 3", True)
    await full.click("Delete 2")
    assert rows(full) == ["two"]
    assert not full.has("Clear")
    await full.click("Undo")
    assert rows(full) == ["one", "two", "three"]


async def test_undo_only_its_own(full: Visit) -> None:
    """Undo brings back what that deletion took, nothing that was deleted before."""
    await full.click("Delete request", 0)
    await full.wait(13)
    await full.click("Delete request", 0)
    await full.click("Undo")
    assert rows(full) == ["two", "three"]


async def test_restore_and_forget(full: Visit) -> None:
    """What was deleted can be restored later, until it is deleted for good."""
    await full.check("Select all in this group", True)
    await full.click("Delete 3")
    await full.wait(20)
    assert "3 requests deleted from this group." in full.text
    await full.click("Restore")
    assert rows(full) == ["one", "two", "three"]
    await full.click("Delete request", 2)
    await full.click("Delete permanently …")
    assert "Delete 1 request permanently?" in full.text
    await full.click("Delete permanently")
    assert "deleted from this lane" not in full.text
    assert await waiting(full) == ["one", "two"]


async def test_selection_forgets_what_is_gone(tabs: Open, full: Visit) -> None:
    """A request that another tab deleted is selected no longer."""
    await full.check("Select all in this group", True)
    other = await tabs(beside=full, route="#/queue")
    await other.click("Delete request", 0)
    await full.rest()
    assert full.has("Submit 2 selected")
    assert rows(full) == ["two", "three"]


# --- one request


@pytest.mark.slow
async def test_other_tabs_know_what_is_open_in_this_ones_editor(full: Visit) -> None:
    """From the moment that a request is opened until it is closed, however long that takes: it may be another tab that sends the lane."""
    rules = full.app.services.rules
    await full.click("two")
    assert await rules.edited() == {LANE.key}
    await full.wait(200)
    assert await rules.edited() == {LANE.key}
    await full.click("Close")
    await full.wait(2)
    assert await rules.edited() == frozenset()


async def test_edit(full: Visit) -> None:
    """A request is edited as JSON; it keeps its id and its place."""
    before = full.state.queue.lines[LANE.key][1][1].id
    await full.click("two")
    assert full.dialog is not None
    assert before in full.dialog.text
    assert "disabled" in full.button("Save").attributes
    body = json.loads(full.field("Body of the request").value)
    body["messages"][0]["content"] = "deux"
    await full.type("Body of the request", json.dumps(body))
    await full.click("Format")
    assert "\n" in full.field("Body of the request").value
    await full.click("Save")
    assert full.dialog is None
    assert full.toasts[-1] == "Saved."
    assert rows(full) == ["one", "deux", "three"]
    assert full.state.queue.lines[LANE.key][1][1].id == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"model": "m",', "Line 1"),
        ("[]", "JSON object"),
        ('{"messages": []}', "model"),
        ('{"model": "gpt-4o-mini", "messages": [], "stream": true}', "stream"),
    ],
)
async def test_edit_refused(full: Visit, text: str, fault: str) -> None:
    """What no provider would take is not saved; the fault stands below the text."""
    await full.click("two")
    await full.type("Body of the request", text)
    await full.click("Save")
    assert full.dialog is not None
    assert fault in full.dialog.classed("fault")[0].text
    assert await waiting(full) == ["one", "two", "three"]


@pytest.mark.slow
async def test_edit_the_model(full: Visit) -> None:
    """With another model a request moves to that model's lane."""
    await full.click("two")
    await full.type("Body of the request", json.dumps({"model": "gpt-4.1", "messages": [{"role": "user", "content": "two"}]}))
    await full.click("Save")
    assert full.toasts[-1] == "Saved; with another model it moved to the group of gpt-4.1."
    assert await waiting(full) == ["one", "three"]
    assert await waiting(full, Lane("practice", "/v1/chat/completions", "gpt-4.1")) == ["two"]


async def test_edit_put_aside(full: Visit) -> None:
    """Closing the dialog over an edit loses nothing; closing it over nothing says nothing."""
    await full.click("two")
    await full.escape()
    assert "put aside" not in " ".join(full.toasts)
    await full.click("two")
    await full.type("Body of the request", "half a thought")
    await full.escape()
    assert "not saved" in full.toasts[-1]
    await full.click("Undo", -1)
    assert full.field("Body of the request").value == "half a thought"


async def test_edit_overtaken(tabs: Open, full: Visit) -> None:
    """An edit of a request that was submitted meanwhile is refused, and the text stays."""
    await full.click("two")
    await full.type("Body of the request", '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "deux"}]}')
    other = await tabs(beside=full, route="#/queue")
    await other.click("Submit 3")
    await full.click("Save")
    assert full.dialog is not None
    assert "left the queue meanwhile" in full.dialog.text
    assert "deux" in full.field("Body of the request").value
    await full.click("Open as a prompt")
    assert full.field("Text of message 1").value == "deux"


async def test_edit_without_room(full: Visit) -> None:
    """A save that the disk refuses says so and leaves the dialog open and usable."""
    await full.click("two")
    await full.type("Body of the request", '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "deux"}]}')
    full.store.fail_next = StorageFull("no room")
    await full.click("Save")
    assert full.notes == ["storage_full"]
    await full.click("Save")
    assert full.dialog is None
    assert rows(full) == ["one", "deux", "three"]


async def test_as_thread(full: Visit) -> None:
    """A request can be opened as a thread and stays in the queue."""
    await full.click("Edit", 2)
    await full.click("Open as a prompt")
    assert full.page.route == "#/compose"
    assert full.field("Text of message 1").value == "three"
    assert len(await waiting(full)) == 3


async def test_delete_in_the_dialog(full: Visit) -> None:
    """A request that is deleted from its dialog closes it."""
    await full.click("two")
    await full.click("Delete")
    assert full.dialog is None
    assert rows(full) == ["one", "three"]


async def test_open_what_is_gone(full: Visit) -> None:
    """A row that is no longer there says so and disappears."""
    row = full.button("two")
    await full.app.services.queue.delete(LANE, {full.state.queue.lines[LANE.key][1][1].id})
    await full.emit(row, "click", "")
    assert full.dialog is None
    assert full.toasts[-1] == "That request is no longer in the queue."
    assert rows(full) == ["one", "three"]


# --- submit


@pytest.mark.slow
async def test_submit_lane(full: Visit) -> None:
    """A lane is submitted as one batch, which is opened; its queue is empty."""
    await full.click("Submit 3")
    (batch,) = full.state.batches.all
    assert full.page.route == f"#/batches/{batch.id}"
    assert batch.requests == 3
    assert full.state.queue.lanes == []
    await full.wait(60)
    assert full.state.batches.all[0].state == "done"


async def test_submit_selected(full: Visit) -> None:
    """Only what is selected goes."""
    await full.check("Select request 1", True)
    await full.check("Select request 3", True)
    await full.click("Submit 2 selected")
    assert full.state.batches.all[0].requests == 2
    assert await waiting(full) == ["two"]
    await full.go("#/queue")
    assert not full.has("Clear")


async def test_submit_all(full: Visit) -> None:
    """All lanes are submitted, a batch each."""
    await full.queue("four", model="gpt-4.1")
    await full.go("#/queue")
    await full.click("Submit all 4")
    assert full.page.route == "#/batches"
    assert sorted(one.requests for one in full.state.batches.all) == [1, 3]
    assert full.state.queue.lanes == []


async def test_submit_all_with_a_lane_that_cannot_go(full: Visit) -> None:
    """A lane without a key stays, asks for it where it stands, and does not hold up the others."""
    await full.choose_provider("openai")
    await full.queue("four")
    await full.go("#/queue")
    await full.click("Submit all 4")
    assert full.notes == []
    assert "No key for OpenAI yet. These requests wait here until there is one. Then this continues: Submit all" in full.text
    assert [one.lane.profile for one in full.state.batches.all] == ["practice"]
    assert await waiting(full, Lane("openai", "/v1/chat/completions", "gpt-4o-mini")) == ["four"]
    await full.type("API key", RIGHT_KEY)
    await full.click("Save the key")
    assert sorted(one.lane.profile for one in full.state.batches.all) == ["openai", "practice"]


async def test_submit_twice(full: Visit) -> None:
    """A double click makes one batch."""
    button = full.button("Submit 3")
    full.page.emit(button["data-click"], "")
    full.page.emit(button["data-click"], "")
    await full.rest()
    assert [one.requests for one in full.state.batches.all] == [3]


@pytest.mark.slow
async def test_limits_cut(full: Visit) -> None:
    """More requests than a batch may hold become several batches, which are listed."""
    small = Profile(id="small", name="Small", base_url="https://small.example/v1", max_requests=2)
    await full.app.services.profiles.save(small)
    await full.app.services.profiles.put_key("small", "sk-practice-small", remember=False)
    full.app.state.provider.profiles = dict(full.app.services.profiles.known)
    await full.choose_provider("small")
    await full.queue("four", "five", "six")
    await full.go("#/queue")
    await full.click("Submit 3", 1)
    assert full.page.route == "#/batches"
    assert sorted(one.requests for one in full.state.batches.all) == [1, 2]


@pytest.mark.slow
async def test_too_large(full: Visit) -> None:
    """A request that no batch of the provider may hold is named and stays; the others go."""
    small = Profile(id="small", name="Small", base_url="https://small.example/v1", max_bytes=10_000)
    await full.app.services.profiles.save(small)
    await full.app.services.profiles.put_key("small", "sk-practice-small", remember=False)
    full.app.state.provider.profiles = dict(full.app.services.profiles.known)
    await full.choose_provider("small")
    await full.queue("four", "x" * 1_000)
    await full.app.services.profiles.save(replace(small, max_bytes=1_000))
    await full.go("#/queue")
    await full.click("Submit 2")
    assert full.notes == ["too_large_line"]
    assert len(await waiting(full, Lane("small", "/v1/chat/completions", "gpt-4o-mini"))) == 1
    assert full.state.batches.all[0].requests == 1


@pytest.mark.slow
async def test_withdrawn(visit: Visit) -> None:
    """A batch that a wrong key stopped gives its requests back; the queue says why and submits again when it is mended."""
    await visit.use_openai(WRONG_KEY)
    await visit.queue("one", "two")
    await visit.go("#/queue")
    await visit.click("Submit 2")
    lane = Lane("openai", "/v1/chat/completions", "gpt-4o-mini")
    await visit.until(lambda: visit.state.batches.all[0].state == "withdrawn")
    await visit.go("#/queue")
    assert visit.notes == ["wrong_key"]
    assert await waiting(visit, lane) == ["one", "two"]
    await visit.go("#/settings")
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.use_openai()
    await visit.go("#/queue")
    await visit.click("Submit again")
    await visit.wait(120)
    assert sorted(one.state for one in visit.state.batches.all) == ["done", "withdrawn"]
    await visit.go("#/queue")
    assert visit.notes == []


async def test_removed_provider(full: Visit) -> None:
    """A lane whose provider was removed says so; submitting it is refused in words and keeps the requests."""
    own = Profile(id="own", name="Own", base_url="https://own.example/v1")
    await full.app.services.profiles.save(own)
    full.app.state.provider.profiles = dict(full.app.services.profiles.known)
    await full.choose_provider("own")
    await full.queue("four")
    await full.app.services.profiles.remove("own")
    full.app.state.provider.profiles = dict(full.app.services.profiles.known)
    await full.go("#/queue")
    assert "The provider of this group was removed." in full.text
    await full.click("Submit 1")
    assert full.notes == ["no_profile"]
    assert await waiting(full, Lane("own", "/v1/chat/completions", "gpt-4o-mini")) == ["four"]


# --- long


async def test_long_queue(visit: Visit) -> None:
    """Of ten thousand requests only those in sight are drawn, wherever the list is scrolled to."""
    await visit.write("x")
    lines = [(f"r-{n}", json.dumps({"custom_id": f"r-{n}", "method": "POST", "url": LANE.endpoint,
              "body": {"model": LANE.model, "messages": [{"role": "user", "content": f"text {n}"}]}}).encode() + b"\n")
             for n in range(10_000)]  # fmt: skip
    await visit.app.services.queue.add(LANE, lines)
    await visit.app.refresh_queue()
    await visit.go("#/queue")
    for top, first in ((0, 0), (180_000, 5_000), (360_000 - 640, 9_982), (36 * 40, 40), (-50, 0)):
        scroller = visit.dom.by_id(f"window-{LANE.key}")
        await visit.emit(scroller, "scroll", None, scrollTop=top, clientHeight=640)
        assert {f"text {n}" for n in range(first, min(10_000, first + 18))} <= set(rows(visit))
        assert len(rows(visit)) < 60
    await visit.emit(visit.dom.by_id(f"window-{LANE.key}"), "scroll", None, scrollTop="far", clientHeight=None)
    assert rows(visit)[0] == "text 0"


async def test_a_lane_is_searched_and_what_was_found_is_deleted(visit: Visit) -> None:
    """The list shows what has the words; selecting all of it and deleting leaves the others; undo brings back these."""
    await visit.write("x")
    lines = [(f"r-{n}", json.dumps({"custom_id": f"r-{n}", "method": "POST", "url": LANE.endpoint,
              "body": {"model": LANE.model, "messages": [{"role": "user", "content": f"text {n}"}]}}).encode() + b"\n")
             for n in range(2_100)]  # fmt: skip
    await visit.app.services.queue.add(LANE, lines)
    await visit.app.refresh_queue()
    await visit.go("#/queue")
    await visit.type("Search requests in this group", "TEXT 20")
    await visit.wait(1)
    found = [f"text {n}" for n in range(2_100) if str(n).startswith("20")]
    assert rows(visit)[:5] == found[:5]
    assert f"{len(found)} of 2,100 requests" in visit.text
    await visit.check("Select all that were found", True)
    await visit.check("Select request 2", False)
    await visit.click(f"Delete {len(found) - 1}")
    assert rows(visit) == [found[1]]
    await visit.type("Search requests in this group", "no such words")
    await visit.wait(1)
    assert "No requests in this group match." in visit.text
    await visit.type("Search requests in this group", "")
    await visit.wait(1)
    assert f"{2_100 - len(found) + 1:,} requests" in visit.text
    await visit.click("Undo")
    assert "2,100 requests" in visit.text
    await visit.check("Select all in this group", True)
    await visit.check("Select request 1", False)
    await visit.click("Submit 2,099 selected")
    assert [one.requests for one in visit.state.batches.all] == [2_099]
    await visit.go("#/queue")
    assert rows(visit) == ["text 0"]


@pytest.mark.slow
async def test_a_quota_of_files_is_mended_with_one_click(visit: Visit) -> None:
    """Where the provider keeps no more files, new ones can be let expire; what is submitted then says so."""
    await visit.use_openai()
    await visit.queue("one")
    await visit.go("#/queue")
    visit.out.answer = Response(400, body=b'{"error":{"code":"quotaExceeded","message":"The quota for files without expiry is reached."}}')
    await visit.click("Submit 1")
    await visit.until(lambda: visit.state.batches.all[0].state == "withdrawn")
    visit.out.answer = None
    await visit.go("#/queue")
    assert visit.notes == ["file_quota"]
    assert "Show the files there" in visit.text
    await visit.click("Let files expire after 14 days")
    assert not visit.has("Let files expire after 14 days")
    await visit.click("Submit again")
    await visit.wait(120)
    assert sorted(one.state for one in visit.state.batches.all) == ["done", "withdrawn"]
    upload = [one for one in visit.out.asked if one.file is not None][-1]
    assert ("expires_after[seconds]", "1209600") in upload.fields
