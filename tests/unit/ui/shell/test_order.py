"""What a person decided is decided on what stood there when they decided it, in the order in which they did, however quickly that was."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.model.lanes import Lane
from app.ui.account.actions import AskSweep, SweepFiles
from app.ui.account.dialogs import SweepDialog
from app.ui.base.actions_base import Action, Event, encode
from app.ui.programs.actions import ChooseTries, SwitchPrograms
from app.ui.provider.actions import SaveKey, SaveProfile, TypeKey, TypeProfile
from app.ui.provider.dialogs import ProfileDialog
from app.ui.queue.actions import (
    DeleteSelected,
    EditRequest,
    ForgetRequests,
    HoldLane,
    ReleaseLane,
    SaveRequest,
    SelectRequest,
    Submit,
    SubmitAll,
    TypeMinutes,
)
from app.ui.queue.dialogs import RequestDialog
from app.ui.settings.actions import SetKeeping, SetTheme
from app.ui.threads.actions import (
    ApplyPaste,
    DeleteThread,
    EditMessage,
    EmptyBin,
    Enqueue,
    EnqueueAndSubmit,
    NewThread,
    SetOption,
    TypePaste,
)
from app.ui.threads.dialogs import Paste
from tests.fakes.platform import settle
from tests.kit.depth import examples
from tests.kit.screen import Visit, open_visit
from tests.kit.world import PRACTICE_LANE as LANE
from tests.unit.ui.conftest import Open

OTHER = Lane(LANE.profile, LANE.endpoint, "gpt-4.1-nano")


def send(visit: Visit, action: Action, value: Any = None) -> None:
    """Hand an event over and return at once: the next may come in the same turn of the loop."""
    visit.app.receive(f'{{"action":{encode(action)},"value":{json.dumps(value)},"extra":{{}}}}')


async def queued(visit: Visit) -> list[dict[str, Any]]:
    """The bodies of all requests that wait, in their order."""
    found = []
    for lane in await visit.app.services.queue.lanes():
        for row in await visit.app.services.queue.rows(lane, 0, lane.requests):
            found.append(msgspec.json.decode(requests.decode(await visit.app.services.queue.line(lane.lane, row.id)).body))
    return found


def said(body: dict[str, Any]) -> tuple[str, str, Any]:
    """What tells one request from another here: its text, its model and its temperature."""
    return body["messages"][0]["content"], body["model"], body.get("temperature")


# --- one case: the one that was reported


async def test_a_value_corrected_after_the_press_queues_nothing(visit: Visit) -> None:
    """«Add to queue» on a wrong value, corrected in the same moment: the value was wrong when the button was pressed."""
    await visit.write("hello")
    for name, wrong, right in (("max_output_tokens", "-5", ""), ("temperature", "3", ""), ("model", "", "gpt-4o-mini")):
        send(visit, SetOption(name), wrong)
        send(visit, Enqueue())
        send(visit, SetOption(name), right)
        await visit.rest()
    assert await queued(visit) == []


@pytest.mark.parametrize("press", [Enqueue(), EnqueueAndSubmit()])
async def test_what_is_typed_after_the_press_is_not_sent(visit: Visit, press: Action) -> None:
    """The request is the one that stood there; what is typed since stays in the thread."""
    await visit.write("before")
    send(visit, press)
    send(visit, EditMessage(visit.state.compose.thread.messages[0].id), "after")
    send(visit, SetOption("model"), OTHER.model)
    await visit.rest()
    if isinstance(press, Enqueue):
        assert [said(one) for one in await queued(visit)] == [("before", LANE.model, None)]
    else:
        (batch,) = visit.state.batches.all
        assert batch.lane == LANE
        assert batch.name == "before"
        assert await queued(visit) == []
    assert visit.state.compose.thread.messages[0].text == "after"


# --- drawn sequences

_VALUES = {
    "text": ("one", "two"),
    "model": (LANE.model, OTHER.model, ""),
    "temperature": ("", "0.5", "3", "x"),
    "theme": ("light", "dark", "system"),
    "keeping": ("0", "30", "90"),
    "hold": (LANE.key, OTHER.key),
    "release": (LANE.key, OTHER.key),
    "minutes": ("5", "50", "500"),
    "select": ("0", "1", "2"),
    "unselect": ("0", "1", "2"),
    "delete": ("",),
    "tries": ("3", "15"),
    "private": ("", "on"),
}
STEPS = [(what, value) for what, values in _VALUES.items() for value in values] + 8 * [("queue", "")]
drawn_steps = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from((0, 0, 0, 1, 2, 5))), min_size=10, max_size=40)


class Expected:
    """What must come of a sequence, worked out one event at a time."""

    def __init__(self) -> None:
        self.text, self.model, self.temperature = "start", LANE.model, ""
        self.queued: list[tuple[str, str, Any]] = []
        self.theme, self.keep, self.after, self.tries, self.private = "system", 0, 3600.0, 0, False
        self.held: set[str] = set()
        self.selected: set[str] = set()
        self.deleted: set[str] = set()

    def do(self, what: str, value: str) -> None:
        match what:
            case "text" | "model" | "temperature" | "theme":
                setattr(self, what, value)
            case "queue" if self.model and self.temperature in ("", "0.5"):
                self.queued.append((self.text, self.model, 0.5 if self.temperature else None))
            case "keeping":
                self.keep = int(value)
            case "hold":
                self.held.add(value)
            case "release":
                self.held.discard(value)
            case "minutes":
                self.after = float(value) * 60
            case "select":
                self.selected.add(value)
            case "unselect":
                self.selected.discard(value)
            case "delete":
                self.deleted |= self.selected
            case "tries":
                self.tries = int(value)
            case "private":
                self.private = bool(value)


def event_of(visit: Visit, here: list[str], what: str, value: str) -> tuple[Action, Any]:
    """The event that a step is. ``here`` are the ids of the requests that wait from the beginning."""
    match what:
        case "text":
            return EditMessage(visit.state.compose.thread.messages[0].id), value
        case "model" | "temperature":
            return SetOption(what), value
        case "theme":
            return SetTheme(value), ""
        case "keeping":
            return SetKeeping(), value
        case "hold":
            return HoldLane(value), ""
        case "release":
            return ReleaseLane(value), ""
        case "minutes":
            return TypeMinutes(LANE.profile, "programs"), value
        case "select" | "unselect":
            return SelectRequest(LANE.key, here[int(value)]), what == "select"
        case "delete":
            return DeleteSelected(LANE.key), ""
        case "tries":
            return ChooseTries(), value
        case "private":
            return SwitchPrograms("private"), bool(value)
        case _:
            return Enqueue(), ""


@pytest.mark.slow
@settings(max_examples=examples(25, 60))
@given(drawn_steps)
@example([(("queue", ""), 2), (("text", "one"), 2), (("select", "0"), 2), (("select", "1"), 2), (("delete", ""), 0)])
def test_events_are_decided_one_after_the_other(drawn: list[tuple[tuple[str, str], int]]) -> None:
    """Whatever comes, and however few turns of the loop lie between: what is queued, deleted and stored is what it would be if each event
    had been waited for."""
    asyncio.run(_decided(drawn))


async def _decided(drawn: list[tuple[tuple[str, str], int]]) -> None:
    visit = await open_visit()
    await visit.queue("0", "1", "2")
    (lane,) = await visit.app.services.queue.lanes()
    here = [row.id for row in await visit.app.services.queue.rows(lane, 0, 3)]
    await visit.write("start")
    expected = Expected()
    expected.after = visit.state.queue.automatic[LANE.profile].after if LANE.profile in visit.state.queue.automatic else expected.after
    expected.tries = visit.state.programs.settings.tries
    for (what, value), turns in drawn:
        send(visit, *event_of(visit, here, what, value))
        expected.do(what, value)
        await settle(turns)
    await visit.rest()
    found = await queued(visit)
    start = [said(one)[0] for one in found if said(one)[0] in "012"]
    assert start == [n for n in "012" if n not in expected.deleted]
    rest = [said(one) for one in found if said(one)[0] not in "012"]
    assert sorted(rest, key=repr) == sorted(expected.queued, key=repr)
    stored = await visit.app.services.profiles.preferences()
    assert (stored.theme, stored.keep_days) == (expected.theme, expected.keep)
    chosen = (await visit.app.services.rules.chosen()).get(LANE.profile)
    assert (set(chosen.held) if chosen else set()) == expected.held
    assert (chosen.after if chosen else 3600.0) == expected.after
    programs = await visit.app.services.post().chosen()
    assert (programs.tries, programs.private) == (expected.tries, expected.private)
    assert visit.notes == []
    await visit.close()


# --- what is meant is what was seen


async def test_submit_means_what_was_there(visit: Visit) -> None:
    """What comes into the lane after the press is not submitted with it."""
    await visit.queue("one", "two")
    await visit.go("#/queue")
    visit.out.gate = asyncio.Event()
    send(visit, Submit(LANE.key))
    await visit.app.services.queue.add(LANE, [("r-late", requests.line("r-late", LANE.endpoint, {"model": LANE.model, "messages": []}))])
    await visit.rest()
    assert [one.requests for one in visit.state.batches.all] == [2]
    assert [one.requests for one in visit.state.queue.lanes] == [1]


async def test_submit_all_means_what_was_there(visit: Visit) -> None:
    """The same for the lanes that come after the first, and for a lane that was not there."""
    await visit.queue("one")
    await visit.queue("two", model=OTHER.model)
    await visit.go("#/queue")
    send(visit, SubmitAll())
    for lane in (LANE, OTHER, Lane(LANE.profile, LANE.endpoint, "gpt-4.1")):
        id = f"r-late-{lane.model}"
        await visit.app.services.queue.add(lane, [(id, requests.line(id, lane.endpoint, {"model": lane.model, "messages": []}))])
    await visit.rest()
    assert sorted(one.lane.model for one in visit.state.batches.all) == sorted([LANE.model, OTHER.model])
    assert [one.requests for one in visit.state.batches.all] == [1, 1]
    assert sum(one.requests for one in visit.state.queue.lanes) == 3


async def test_for_good_means_what_was_shown(tabs: Open, visit: Visit) -> None:
    """«Delete for good» in the queue and among the threads takes what this page lists, not what another tab deletes meanwhile."""
    await visit.queue("one", "two")
    await visit.go("#/queue")
    await visit.click("Delete request", 0)
    (lane,) = await visit.app.services.queue.lanes()
    (two,) = await visit.app.services.queue.rows(lane, 0, 1)
    other = await tabs(beside=visit)
    send(visit, ForgetRequests(LANE.key))
    deleting = asyncio.ensure_future(other.app.services.queue.delete(LANE, {two.id}))
    for one in (visit, other):
        await one.wait(1)  # who was overtaken tries again in some milliseconds
    assert await deleting == 1
    await other.app.services.queue.restore(LANE)
    assert [said(one)[0] for one in await queued(visit)] == ["two"]
    await visit.go("#/threads")
    first, second = visit.state.threads.all[:2]
    await visit.click("Delete prompt", 0)
    seen = await other.app.services.drafts.get(second.id)
    assert seen is not None
    send(visit, EmptyBin())
    other.app.services.drafts.save(msgspec.structs.replace(seen, deleted=9.0))
    await visit.rest()
    await other.rest()
    left = {one.id for one in await visit.app.services.drafts.all()}
    assert second.id in left
    assert first.id not in left


async def test_a_thread_is_deleted_as_it_stands(visit: Visit) -> None:
    """What is typed right after the press is not typed into the deleted thread, and undo brings back its last text."""
    await visit.write("one")
    thread = visit.state.compose.thread
    send(visit, EditMessage(thread.messages[0].id), "one and more")
    send(visit, DeleteThread(thread.id))
    assert visit.state.compose.thread.id != thread.id
    await visit.rest()
    await visit.click("Undo")
    stored = await visit.app.services.drafts.get(thread.id)
    assert stored is not None
    assert (stored.messages[0].text, stored.deleted) == ("one and more", 0.0)


@pytest.mark.slow
async def test_the_files_that_were_named_are_deleted(visit: Visit) -> None:
    """What is chosen or listed after the question was asked changes nothing of what it asked about."""
    await visit.use_openai()
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(60)
    await visit.go("#/batches/account")
    here = visit.state.account
    free = [one.file.id for one in here.files if one.free]
    assert free
    here.chosen = {free[0]}
    send(visit, AskSweep())
    assert isinstance(visit.state.dialog, SweepDialog)
    assert visit.state.dialog.ids == (free[0],)
    here.chosen = set()
    send(visit, SweepFiles())
    await visit.rest()
    assert free[0] not in {one.file.id for one in visit.state.account.files}


async def test_a_thread_opened_late_does_not_take_the_place_of_another(visit: Visit) -> None:
    """Who opens a thread and begins a new one before it came keeps the new one."""
    await visit.write("one")
    first = visit.state.compose.thread.id
    await visit.write("two")
    visit.page.go_to(f"#/compose/{first}")
    send(visit, NewThread())
    fresh = visit.state.compose.thread.id
    await visit.rest()
    assert visit.state.compose.thread.id == fresh


# --- what is typed while something is being stored stays


async def test_typed_while_a_request_is_saved(visit: Visit) -> None:
    """The dialog stays open with what was typed since; closing it offers it back."""
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("Edit")
    body = json.dumps({"model": LANE.model, "messages": [{"role": "user", "content": "two"}]})
    send(visit, EditRequest(), body)
    send(visit, SaveRequest())
    send(visit, EditRequest(), body.replace("two", "three"))
    await visit.rest()
    assert [said(one)[0] for one in await queued(visit)] == ["two"]
    assert isinstance(visit.state.dialog, RequestDialog)
    assert "three" in visit.state.dialog.text
    await visit.click("Save")
    assert [said(one)[0] for one in await queued(visit)] == ["three"]
    assert visit.dialog is None


async def test_typed_while_a_paste_is_made_a_thread(visit: Visit) -> None:
    """The thread is made of what stood there; what was typed since is put aside and can be had back."""
    await visit.click("Import from text")
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'A' * 200_000}"}}
    body = {"model": LANE.model, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}, image]}]}
    send(visit, TypePaste(), json.dumps(body))
    send(visit, ApplyPaste())
    send(visit, TypePaste(), "User: Hi and more")  # while the image is being stored
    await visit.rest()
    assert visit.state.compose.thread.messages[0].text == "Hi"
    await visit.click("Undo", 0)
    assert isinstance(visit.state.dialog, Paste)
    assert visit.state.dialog.text == "User: Hi and more"


async def test_typed_while_a_provider_is_saved(visit: Visit) -> None:
    """The dialog stays with what was typed since."""
    await visit.go("#/settings")
    await visit.click("+ Add a provider")
    send(visit, TypeProfile("name"), "Mine")
    send(visit, TypeProfile("base_url"), "https://llm.example.org/v1")
    send(visit, SaveProfile())
    send(visit, TypeProfile("name"), "Mine, renamed")
    await visit.rest()
    assert isinstance(visit.state.dialog, ProfileDialog)
    assert visit.state.dialog.profile.name == "Mine, renamed"
    assert "Mine" in [one.name for one in visit.state.provider.profiles.values()]


async def test_typed_while_a_key_is_saved(visit: Visit) -> None:
    """The field keeps the key that was typed since."""
    await visit.go("#/settings")
    send(visit, TypeKey("openai"), "sk-practice-one-0123456789")
    send(visit, SaveKey("openai"))
    send(visit, TypeKey("openai"), "sk-practice-two-0123456789")
    await visit.rest()
    assert visit.state.provider.typed_keys["openai"] == "sk-practice-two-0123456789"
    assert await visit.keys.get("openai") == "sk-practice-one-0123456789"


# --- the rule itself


async def test_every_handler_begins_when_its_event_is_dispatched(visit: Visit) -> None:
    """Of every action: its handler has taken its first step when ``dispatch`` returns."""
    handlers: dict[Any, Any] = visit.app.registry.actions
    for kind, handler in list(handlers.items()):
        begun: list[type] = []

        async def stands_for(_app: Any, action: Action, _event: Event, begun: list[type] = begun) -> None:
            begun.append(type(action))
            await asyncio.sleep(0)

        if not inspect.iscoroutinefunction(handler):
            continue
        handlers[kind] = stands_for
        fields = {one.name: 0 if one.type is int else False if one.type is bool else "" for one in msgspec.structs.fields(kind)}
        visit.app.dispatch(Event(kind(**fields)))
        assert begun == [kind]
        handlers[kind] = handler
    await visit.rest()
