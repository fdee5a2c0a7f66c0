"""Two tabs at one thread: nothing that a person typed is lost or changed without a word."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from app.ports import StorageFull
from app.ui import actions
from app.ui.actions import encode
from tests.fakes.platform import settle
from tests.kit.screen import Visit, open_visit

from .conftest import Open
from .test_compose import conflict, kept, words


def texts_kept(visit: Visit) -> set[str]:
    """The first message of every thread that is not deleted, as stored."""
    return {one.messages[0].text for one in kept(visit) if not one.deleted}


async def test_keep_mine_keeps_theirs_as_a_copy(tabs: Open) -> None:
    """The other tab's text, which was saved, does not vanish from both when this tab writes over it."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser, winner = (visit, other) if "changed in another tab" in visit.text else (other, visit)
    theirs = words(winner)[0][1]
    assert f"Message 1 there: “{theirs}”" in loser.text
    await loser.click("Keep mine")
    assert texts_kept(loser) == {"mine", "theirs"}
    await winner.rest()
    assert texts_kept(winner) == {"mine", "theirs"}
    assert any("Another tab changed this thread." in one for one in winner.toasts)
    await winner.click("Undo", 0)
    assert words(winner) == [("user", theirs)]


async def test_go_on_in_a_copy(tabs: Open) -> None:
    """Both stay, and the person goes on in a thread of their own."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser, winner = (visit, other) if "changed in another tab" in visit.text else (other, visit)
    mine, thread = words(loser), loser.state.compose.thread.id
    await loser.click("Go on in a copy")
    assert words(loser) == mine
    assert loser.state.compose.thread.id != thread
    assert words(winner)[0][1] in texts_kept(loser)
    assert texts_kept(loser) == {"mine", "theirs"}
    await loser.type("Text of message 1", "and on")
    assert "saved just now" in loser.text


async def test_typed_while_theirs_is_taken(tabs: Open) -> None:
    """What is typed between the press and the other tab's text stands in the copy."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser = visit if "changed in another tab" in visit.text else other
    field = loser.field("Text of message 1")
    loser.page.emit(loser.button("Take theirs")["data-click"], "")
    loser.page.emit(field["data-input"], "mine and more")
    await loser.rest()
    assert "mine and more" in texts_kept(loser)


async def test_save_again_writes_over_nothing_unseen(tabs: Open) -> None:
    """«Save again» after the disk refused: what another tab wrote meanwhile is kept as a copy."""
    visit = await tabs()
    await visit.write("Hello")
    other = await tabs(beside=visit)
    await other.go(f"#/compose/{visit.state.compose.thread.id}")
    visit.store.fail_next = StorageFull("full")
    await visit.type("Text of message 1", "mine")
    await other.type("Text of message 1", "theirs")
    await visit.rest()
    await visit.click("Save again")
    assert texts_kept(visit) == {"mine", "theirs"}


drawn_typing = st.lists(
    st.tuples(
        st.sampled_from((0, 1)), st.sampled_from(("type", "type", "type", "keep", "take", "copy")), st.sampled_from((0, 0, 1, 3, 50))
    ),
    min_size=4,
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(drawn_typing)
def test_two_tabs_lose_nothing(drawn: list[tuple[int, str, int]]) -> None:
    """Whatever two tabs type into one thread and choose in between: the last text that each of them typed before another tab's took its
    place is in some thread, or one press on «Undo» away."""
    asyncio.run(_two_tabs(drawn))


async def _two_tabs(drawn: list[tuple[int, str, int]]) -> None:
    one = await open_visit()
    await one.write("start")
    tabs = [one, await open_visit_beside(one)]
    for number, (which, what, turns) in enumerate(drawn):
        tab = tabs[which]
        if what == "type":
            tab.page.emit(encode(actions.EditMessage(tab.state.compose.thread.messages[0].id)), f"text {number} of tab {which}")
        elif tab.state.compose.saving == "conflict":
            action = {"keep": actions.KeepMine(), "take": actions.TakeTheirs(), "copy": actions.TakeTheirs(copy=True)}[what]
            mine = tab.state.compose.thread.messages[0].text
            theirs = await tab.app.services.drafts.stored(tab.state.compose.thread.id)
            tab.page.emit(encode(action), "")
            await settle(300)
            found = texts_kept(tab)
            assert mine in found
            # what stood there when it was pressed, or what the other tab made of its own text since
            assert theirs is None or found & {theirs.messages[0].text, tabs[1 - which].state.compose.thread.messages[0].text}
        await settle(turns)
    for tab in tabs:
        await tab.rest()
        if tab.state.compose.saving == "conflict":
            await tab.click("Go on in a copy")
        last = tab.state.compose.thread.messages[0].text
        assert last in texts_kept(tab)
    for tab in tabs:
        await tab.close()


async def open_visit_beside(visit: Visit) -> Visit:
    """Another tab at the same thread."""
    other = await visit.other_tab()
    await other.go(f"#/compose/{visit.state.compose.thread.id}")
    return other
