"""What is typed before the program runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.ui.base.state import ROW
from tests.fakes.platform import FakePage
from tests.kit.screen import parse
from tests.kit.world import LANE, numbered, pairs
from tests.states.drawn import draw
from tests.states.variants import variants
from tests.unit.ui.conftest import Open

LAST_VIEW = Path(__file__).parents[4] / "static/js/lastview.js"


def page_with(text: str) -> FakePage:
    """A page whose shell has been typed into."""
    page = FakePage()
    page.typed_early = text
    return page


async def test_an_empty_composer_takes_it(tabs: Open) -> None:
    """What a newcomer typed during the start stands in the first message, is stored, and its field takes the caret."""
    visit = await tabs(page=page_with("Hello\nnight"))
    assert visit.field("Text of message 1").value == "Hello\nnight"
    assert visit.page.heirs == [visit.field("Text of message 1")["id"]]
    assert [one.messages[0].text for one in await visit.app.services.drafts.all()] == ["Hello\nnight"]
    assert not visit.page.typed_early, "the page may forget its copy"


async def test_an_open_thread_stays_as_it_is(tabs: Open) -> None:
    """Beside a thread with a text it becomes a thread of its own, with the same model, and the page says so."""
    first = await tabs()
    await first.write("Before", model="gpt-4.1")
    visit = await tabs(beside=first, page=page_with("Meanwhile"))
    assert visit.field("Text of message 1").value == "Meanwhile"
    assert visit.field("Model").value == "gpt-4.1"
    assert {one.messages[0].text for one in visit.state.threads.all} == {"Before", "Meanwhile"}
    assert any("prompt of its own" in toast for toast in visit.toasts)


async def test_another_view_is_opened_and_nothing_lost(tabs: Open) -> None:
    """Whoever typed and then went to another view finds the text among the threads."""
    visit = await tabs(page=page_with("Kept"), route="#/queue")
    assert visit.state.route.view == "queue"
    await visit.go("#/threads")
    assert "Kept" in visit.text


async def test_blank_text_makes_no_thread(tabs: Open) -> None:
    """Spaces are not a text; the focus goes on all the same."""
    visit = await tabs(page=page_with(" \n"))
    assert not visit.state.threads.all
    assert visit.page.heirs == [visit.field("Text of message 1")["id"]]


async def test_what_cannot_be_stored_is_held_once(tabs: Open) -> None:
    """Where the browser has no room, the text is held for the next load as any unsaved text, and not a second time as typed early."""
    visit = await tabs(page=page_with("Not stored"), quota=1)
    assert visit.field("Text of message 1").value == "Not stored"
    assert "Not stored" in visit.page.held
    assert not visit.page.typed_early


# --- in the view of the last visit, which stands in the page until the program draws


async def test_a_text_that_found_no_field_becomes_a_prompt_of_its_own(tabs: Open) -> None:
    """It was typed into a view that is another one now: nothing of the open prompt changes, and the page says where the text is."""
    visit = await tabs()
    await visit.write("Before", model="gpt-4.1")
    visit.page.notice("undone", {"clicks": 0, "texts": ["Meanwhile", " "]})
    await visit.rest()
    assert visit.field("Text of message 1").value == "Meanwhile"
    assert {one.messages[0].text for one in visit.state.threads.all} == {"Before", "Meanwhile"}
    assert any("prompt of its own" in toast for toast in visit.toasts)


async def test_a_click_that_means_nothing_any_more_is_told(tabs: Open) -> None:
    """Whoever clicked on what is not there any more hears that nothing came of it."""
    visit = await tabs()
    visit.page.notice("undone", {"clicks": 2, "texts": []})
    await visit.rest()
    assert any("Nothing was done" in toast for toast in visit.toasts)
    assert not visit.state.threads.all


async def test_a_list_begins_where_it_stood(tabs: Open) -> None:
    """A queue that was scrolled is read where it stands, so that the first drawing shows the rows that the last view showed."""
    first = await tabs()
    await first.app.services.queue.add(LANE, pairs(numbered(300)))
    page = FakePage()
    page.kept_scrolls = ((f"window-{LANE.key}", 100 * ROW, 10 * ROW), ("main", 40.0, 800.0))
    visit = await tabs(beside=first, page=page, route="#/queue")
    assert 'aria-rowindex="101"' in visit.page.html
    assert 'aria-rowindex="1"' not in visit.page.html
    assert set(visit.state.scroll) == {LANE.key}


async def test_no_view_is_kept_where_keys_are_under_a_passphrase(tabs: Open) -> None:
    """Who put their keys under a passphrase has nothing shown before it can be entered; of others the view is kept, without their key."""
    visit = await tabs()
    await visit.use_openai()
    assert "data-unkept" not in visit.page.html
    masked = visit.state.provider.keys["openai"].masked
    assert re.findall(rf"<span( data-secret)?>{re.escape(masked)}</span>", visit.page.html) == [" data-secret"] * 2, (
        "the rail and the strip"
    )
    visit.state.lock.guard = "locked"
    visit.app.draw()
    assert "data-unkept" in visit.page.html


@pytest.mark.slow
def test_what_opens_something_stands_only_where_no_kept_view_has_it() -> None:
    """Passphrases, keys, secrets of webhooks, the server's token and the broker's password are in no markup, or where lastview.mjs takes
    them out: as the value of a password field, or in an element that is marked as secret."""
    kept: list[str] = []
    for name, state in variants("plain"):
        state.provider.typed_keys |= {f"passphrase:{one}": f"canary-{one}" for one in ("unlock", "new", "once", "workspace")}
        state.provider.typed_keys |= dict.fromkeys(state.provider.profiles, "canary-key")
        host = next(iter(state.programs.settings.hosts), "https://hooks.example.org")
        state.programs.typed_secrets = dict.fromkeys([*state.programs.settings.hosts, host], "canary-webhook")
        state.programs.shown_secret, state.programs.typed_token = (host, "canary-shown"), "canary-token"
        state.broker.password = "canary-broker"
        root = parse(draw(state))
        for one in root:
            marked = one.get("data-secret") is not None
            if marked:
                kept.append(one.text)
                one.children.clear()
            values = [value for key, value in one.attributes.items() if value and not (key == "value" and one.get("type") == "password")]
            assert not [value for value in values if "canary-" in value], (name, one)
        assert "canary-" not in root.text, name
    assert "canary-shown" in kept, "the one that is shown once was drawn"


def allow_list(name: str) -> set[str]:
    """One of the lists of static/js/lastview.js."""
    found = re.search(rf"const {name} = new Set\((.*?)\.split", LAST_VIEW.read_text(), re.DOTALL)
    assert found, name
    return set(" ".join(re.findall("'([^']*)'", found[1])).split())


@pytest.mark.slow
def test_the_last_view_is_made_of_all_that_views_draw() -> None:
    """What is not on the lists of lastview.js is not painted before Python runs: they have each element and attribute of every view."""
    lists = {
        False: (allow_list("ELEMENTS"), allow_list("ATTRIBUTES") | {"href", "src", "name"}),
        True: (allow_list("DRAWN"), allow_list("DRAWING")),
    }
    for name, state in variants("plain"):
        for one in parse(draw(state)):
            around, up = [one], one.parent
            while up is not None:
                around.append(up)
                up = up.parent
            if any(each.tag == "dialog" or "toasts" in (each.get("class") or "") for each in around):
                continue  # none is kept
            elements, attributes = lists[any(each.tag == "svg" for each in around)]
            assert one.tag in elements, (name, one)
            plain = {each for each in one.attributes if not each.startswith(("data-", "aria-"))}
            assert plain <= {each.lower() for each in attributes} | {"target", "rel", "download"}, (name, one)
