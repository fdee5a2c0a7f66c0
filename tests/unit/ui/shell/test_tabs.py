"""Two tabs at one thread: nothing that a person typed is lost or changed without a word."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.model.providers import Profile
from app.ports import StorageFull
from app.ui.base.actions_base import encode
from app.ui.threads.actions import EditMessage, KeepMine, TakeTheirs
from tests.fakes.platform import settle
from tests.kit.depth import examples
from tests.kit.screen import Visit, open_visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.threads.test_compose import conflict, kept, words


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
    assert any("Another tab changed this prompt." in one for one in winner.toasts)
    await winner.click("Undo", 0)
    assert words(winner) == [("user", theirs)]


async def test_go_on_in_a_copy(tabs: Open) -> None:
    """Both stay, and the person goes on in a thread of their own."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser, winner = (visit, other) if "changed in another tab" in visit.text else (other, visit)
    mine, thread = words(loser), loser.state.compose.thread.id
    await loser.click("Continue in a copy")
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


@pytest.mark.slow
@settings(max_examples=examples(20, 40))
@example([(0, "type", 1), (0, "type", 1), (1, "type", 1), (0, "type", 1), (1, "take", 0)])  # the other tab writes while its text is taken
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
            tab.page.emit(encode(EditMessage(tab.state.compose.thread.messages[0].id)), f"text {number} of tab {which}")
        elif tab.state.compose.saving == "conflict":
            action = {"keep": KeepMine(), "take": TakeTheirs(), "copy": TakeTheirs(copy=True)}[what]
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
            await tab.click("Continue in a copy")
        last = tab.state.compose.thread.messages[0].text
        assert last in texts_kept(tab)
    for tab in tabs:
        await tab.close()


async def open_visit_beside(visit: Visit) -> Visit:
    """Another tab at the same thread."""
    other = await visit.other_tab()
    await other.go(f"#/compose/{visit.state.compose.thread.id}")
    return other


# --- other things that a person types


async def test_a_request_that_another_tab_edited(tabs: Open) -> None:
    """Whoever saves second is shown what the first one made of it, saves nothing unseen, and may take either."""
    visit = await tabs()
    await visit.queue("one")
    await visit.go("#/queue")
    other = await tabs(beside=visit, route="#/queue")
    await visit.click("Edit")
    await other.click("Edit")
    body = visit.field("Body of the request").value
    await other.type("Body of the request", body.replace("one", "theirs"))
    await other.click("Save")
    await visit.type("Body of the request", body.replace("one", "mine"))
    await visit.click("Save")
    assert "Another tab changed this request" in visit.text
    assert "theirs" in visit.dom.classed("code")[0].text
    await visit.click("Take theirs")
    assert "theirs" in visit.field("Body of the request").value
    await visit.escape()
    await visit.click("Undo", -1)
    assert "mine" in visit.field("Body of the request").value
    await visit.click("Save")
    await visit.go("#/queue")
    assert any("mine" in one.text for one in visit.dom.classed("queue-line"))


async def test_a_provider_that_another_tab_changed(tabs: Open) -> None:
    """What only the other tab changed is kept; where both changed the same, the second is told what stands there before it goes."""
    visit = await tabs()
    other = await tabs(beside=visit, route="#/settings")
    await visit.go("#/settings")
    for tab in (visit, other):
        await tab.click("Edit", 0)
    opened = visit.state.provider.profiles["openai"]
    await other.send('{"action":{"type":"TypeProfile","name":"name"},"value":"Theirs","extra":{}}')
    await other.send('{"action":{"type":"TypeProfile","name":"resend"},"value":"7","extra":{}}')
    await other.click("Save")
    await visit.send('{"action":{"type":"TypeProfile","name":"name"},"value":"Mine","extra":{}}')
    await visit.click("Save")
    assert "Another tab changed this provider" in visit.text
    assert "name: “Theirs”" in visit.text
    assert (await stored_profile(visit)).name == "Theirs"
    await visit.click("Save")
    assert visit.dialog is None
    after = await stored_profile(visit)
    assert (after.name, after.resend, after.base_url) == ("Mine", 7, opened.base_url)


async def stored_profile(visit: Visit) -> Profile:
    """OpenAI's profile as it is stored."""
    found = await visit.app.services.profiles.stored("openai")
    assert found is not None
    return found


async def test_half_a_character_is_told(visit: Visit) -> None:
    """An emoji that was cut in two: what became of it, where, and what to do, at once and beside the message as long as it stands there."""
    await visit.write("Hello")
    id = visit.state.compose.thread.messages[0].id
    await visit.send('{"action":{"type":"EditMessage","id":"' + id + '"},"value":"Say hi \\ud83d and more","extra":{}}')
    assert "contained half a character" in visit.toasts[-1]
    assert "It is character 8, behind “Say hi ”." in visit.toasts[-1]
    assert "holds “�” at character 8" in visit.text
    assert visit.state.compose.thread.messages[0].text == "Say hi \ufffd and more"
    await visit.type("Text of message 1", "Say hi 😀 and more")
    assert "�” at character" not in visit.dom.by_id("main").text
