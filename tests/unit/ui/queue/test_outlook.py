"""Requests that go out by themselves: what the queue says about it beforehand, and what can be chosen."""

from __future__ import annotations

import json

import pytest

from app.core.model.lanes import Lane
from app.core.model.settings import AutoSubmitNotice
from app.services.programs.intake import RawMessage
from app.services.runtime.records import Records
from tests.kit.screen import WRONG_KEY, Visit
from tests.unit.ui.conftest import Open

AFTER = "Auto-submit requests added by hand"
PROGRAMS = "Auto-submit requests from programs"
OPENAI, PRACTICE = 0, 1
"""Which of the two such fields in the settings."""
LANE = Lane("practice", "/v1/chat/completions", "gpt-4o-mini")


async def go_after(visit: Visit, seconds: str, which: int = PRACTICE) -> None:
    await visit.go("#/settings")
    await visit.choose(AFTER, seconds, which)


def said(visit: Visit) -> str:
    """What the queue says of its only lane."""
    (found,) = visit.dom.of("div", "outlook")
    return found.text


def sent(visit: Visit) -> int:
    return sum(one.requests for one in visit.state.batches.all)


async def test_the_queue_says_when_it_goes_and_how_full_it_is(visit: Visit) -> None:
    """An hour after the first came, where that was chosen; with how much of a batch is here."""
    await go_after(visit, "3600")
    await visit.queue("one", "two")
    await visit.go("#/queue")
    assert "Submits automatically at " in said(visit)
    assert "or as soon as 50,000 requests or 100 MB are here" in said(visit)
    assert "2 of 50,000 requests" in said(visit)
    assert "tokens (estimated)" in said(visit)
    assert "bills" not in said(visit), "practice costs nothing"


@pytest.mark.slow
async def test_they_go_when_their_time_has_come(visit: Visit) -> None:
    """Five minutes after the first came, and the page says that they did."""
    await go_after(visit, "300")
    await visit.queue("one")
    await visit.wait(200)
    await visit.queue("two")
    await visit.go("#/queue")
    assert "(in 2 min)" in said(visit) or "(in 1 min" in said(visit)
    for _ in range(120):
        await visit.wait(1)
        if visit.toasts and "submitted automatically" in visit.toasts[-1]:
            break
    assert sent(visit) == 2
    assert visit.toasts[-1] == "2 requests of gpt-4o-mini were submitted automatically."
    assert "Queue is empty" in visit.text


@pytest.mark.slow
async def test_a_lane_is_held_and_released(visit: Visit) -> None:
    """The hold outlives a reload."""
    await go_after(visit, "300")
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("Pause")
    assert "Paused" in said(visit)
    await visit.wait(400)
    assert sent(visit) == 0
    again = await visit.other_tab()
    await again.go("#/queue")
    assert "Paused" in said(again)
    await again.click("Resume")
    await again.close()
    await visit.wait(10)
    assert sent(visit) == 1


@pytest.mark.slow
async def test_never_by_itself(visit: Visit) -> None:
    """By hand only: nothing goes, and the queue says so."""
    await go_after(visit, "0")
    await visit.queue("one")
    await visit.go("#/queue")
    assert "Waits until you submit it." in said(visit)
    assert not visit.has("Pause")
    await visit.wait(400)
    assert sent(visit) == 0


async def test_minutes_of_ones_own(visit: Visit) -> None:
    """What is half typed changes nothing, and says so."""
    await go_after(visit, "other")
    await visit.type("Minutes", "")
    assert "A whole number from 1 to 43,200" in visit.text
    assert "practice" not in visit.state.queue.automatic
    await visit.type("Minutes", "2")
    assert visit.state.queue.automatic["practice"].own == 120
    again = await visit.other_tab()
    await again.go("#/settings")
    assert again.field("Minutes").value == "2"
    await again.close()
    await visit.choose(AFTER, "900", PRACTICE)
    assert visit.state.queue.automatic["practice"].own == 900


@pytest.mark.slow
async def test_a_newcomer_is_told_before_anything_is_billed(visit: Visit) -> None:
    """Nothing goes to a provider with a key while the queue was never looked at; then it is said in full, with the time, and there is time
    to hold it."""
    await visit.use_openai()
    await go_after(visit, "300", OPENAI)
    await visit.queue("one")
    await visit.wait(1_000)
    assert sent(visit) == 0
    await visit.go("#/queue")
    assert "These requests are submitted automatically." in visit.text
    assert "they are sent to OpenAI with your key, and OpenAI bills them" in visit.text
    assert "OpenAI bills it." in said(visit)
    await visit.wait(200)
    assert sent(visit) == 0
    await visit.click("Pause")
    await visit.wait(400)
    assert sent(visit) == 0
    await visit.click("Resume")
    await visit.wait(10)
    assert sent(visit) == 1


async def test_a_tab_in_the_background_tells_nobody(visit: Visit) -> None:
    """Nobody sees it, so nothing was said."""
    await visit.use_openai()
    await go_after(visit, "3600", OPENAI)
    await visit.queue("one")
    await visit.send('{"notice":"hidden"}')
    await visit.go("#/queue")
    await visit.wait(5)
    assert visit.state.queue.notices == {}
    await visit.send('{"notice":"visible"}')
    await visit.wait(5)
    assert "openai" in visit.state.queue.notices


@pytest.mark.parametrize(
    ("key", "words"), [("", "there is no key for OpenAI"), (WRONG_KEY, "the last test of the key for OpenAI failed")], ids=["none", "wrong"]
)
async def test_what_stands_in_the_way_is_said(visit: Visit, key: str, words: str) -> None:
    """Without a key, or with one that does not work."""
    if key:
        await visit.use_openai(key)
    await go_after(visit, "3600", OPENAI)
    await visit.choose_provider("openai")
    await visit.queue("one")
    await visit.go("#/queue")
    assert words in said(visit)
    assert "These requests are submitted automatically." not in visit.text


@pytest.mark.slow
async def test_a_request_in_the_editor_does_not_go(visit: Visit) -> None:
    """It goes when the editor is closed."""
    await go_after(visit, "300")
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("one")
    assert visit.dialog is not None
    await visit.wait(400)
    assert sent(visit) == 0
    assert "being edited" in said(visit)
    await visit.escape()
    await visit.wait(400)
    assert sent(visit) == 1


@pytest.mark.slow
async def test_what_cannot_go_is_named(visit: Visit) -> None:
    """A line that would spoil the batch stays in the queue, with its reason and the way to mend it."""
    await go_after(visit, "300")
    await visit.app.services.queue.add(
        LANE, [("bad", b'{"custom_id":"bad","method":"POST","url":"/v1/chat/completions","body":{"model":7}}\n')]
    )
    await visit.queue("one")
    await visit.wait(400)
    await visit.go("#/queue")
    assert sent(visit) == 1
    assert "1 request cannot be submitted and stays here." in visit.text
    assert "The request “bad” cannot be sent" in visit.text
    await visit.click("Delete request")
    assert "cannot be submitted" not in visit.text


async def test_two_tabs_show_the_same(tabs: Open, visit: Visit) -> None:
    """What one tab chooses, the other shows."""
    await go_after(visit, "3600")
    await visit.queue("one")
    other = await tabs(beside=visit)
    await other.go("#/queue")
    assert "Submits automatically" in said(other)
    await go_after(visit, "0")
    await other.rest()
    assert "Waits until you submit it." in said(other)


async def hand_in(visit: Visit, id: str) -> None:
    """A program hands in a request."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": id}]}
    line = {"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    await visit.app.services.post().taker.take([RawMessage(json.dumps(line).encode(), "http")])
    await visit.rest()


async def test_it_is_said_where_requests_are_added(visit: Visit) -> None:
    """In the composer, when one was added, in the queue, and for programs' in their room: mine wait, theirs go."""
    await visit.use_openai()
    await visit.go("#/queue")
    assert "In the queue it waits until you submit it." in visit.text
    await visit.go("#/compose")
    assert "In the queue it waits until you submit it." in visit.text
    await visit.queue("mine")
    assert visit.toasts[-1] == "Added to the queue: it waits until you submit it."
    await visit.go("#/queue")
    assert "Waits until you submit it." in said(visit)
    await visit.go("#/programs")
    assert "Their requests are submitted automatically after 1 h at the latest, while this page is open." in visit.text
    await go_after(visit, "900", OPENAI)
    await visit.go("#/compose")
    assert "it submits automatically after 15 min at the latest, while this page is open, and OpenAI bills it." in visit.text
    await visit.queue("another")
    assert visit.toasts[-1] == "Added to the queue."


@pytest.mark.slow
async def test_a_lane_with_both_kinds_says_what_becomes_of_each(visit: Visit) -> None:
    """Two sentences with their numbers; a hold keeps what would go."""
    await visit.queue("mine")
    await hand_in(visit, "theirs")
    await visit.go("#/queue")
    own, programs = (one.text for one in visit.dom.of("div", "outlook"))
    assert "1 added by hand: Waits until you submit it." in own
    assert "1 from programs, or sent again: Submits automatically at" in programs
    await visit.click("Pause")
    assert "Paused" in visit.dom.of("div", "outlook")[1].text
    await visit.click("Resume")
    await visit.go("#/settings")
    await visit.choose(PROGRAMS, "300", PRACTICE)
    await visit.wait(400)
    assert sent(visit) == 1
    await visit.go("#/queue")
    assert "mine" in visit.text
    assert "added by hand" not in visit.text, "one kind alone needs no name"


async def test_who_was_told_otherwise_is_told(visit: Visit) -> None:
    """An older version said that requests made by hand go by themselves. It is said once that they wait now, until that was read."""
    await visit.use_openai()
    await visit.queue("mine")
    await Records(visit.app.services.store).save(AutoSubmitNotice(id="openai", at=1.0))
    again = await visit.other_tab()
    await again.go("#/queue")
    assert "Requests that you add by hand are no longer submitted automatically." in again.text
    assert "OpenAI bills nothing for them before" in again.text
    await again.click("Understood")
    assert "no longer go out" not in again.text
    await again.close()
