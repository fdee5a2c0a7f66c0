"""Whatever is in it, a drawing is no larger than a browser can lay out while it answers."""

from __future__ import annotations

import json
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from simple_html import div, span

from app.core.base import text
from app.core.model.threads import Thread, ThreadMessage
from app.ui.base import drawing
from app.ui.base.actions_base import encode
from app.ui.base.drawing import BUDGET, FIELDS, PIECE, render
from app.ui.base.markup import EDITABLE, LABEL, SHOWN, area, at, long
from app.ui.base.state import Route
from app.ui.results.actions import CopyText
from app.ui.shell.view import shell
from app.ui.threads.actions import EditRaw
from tests.kit.depth import examples, share
from tests.kit.screen import Visit, check, parse
from tests.states import drawn
from tests.states.variants import variants

MOST = 5_000_000
"""Characters of markup that any state comes to at most: fields, texts, and what stands around them; an emoji is one of them."""
MOST_OF_SHORTER = 3_000_000
"""The same where the texts have 400,000: five of them that are drawn whole would be more."""
HUGE = {
    "letters": "a" * 1_000_000,
    "lines": "a line\n" * 150_000,
    "emoji": "😀" * (WIDE := examples(400_000, 1_000_000)),
    "families": "👨‍👩‍👧‍👦 " * (WIDE // 8),
    "markup": "<b>&'\"" * 170_000,
    "middle": "x" * 150_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HUGE)
def test_no_state_is_drawn_large(kind: str) -> None:
    """Every view and dialog, all of whose texts are as large: the markup stays below the bound. Each is drawn with two of the six kinds, in
    ``make deep`` with all."""
    said = HUGE[kind]
    most = MOST_OF_SHORTER if len(said) < EDITABLE / 2 and kind != "middle" else MOST
    for name, state in share(variants(said), [*HUGE].index(kind), 3):
        html = render(shell(state))
        assert len(html) < most, (name, len(html))


@pytest.mark.slow
def test_every_view_stays_usable_with_long_names() -> None:
    """Names of 5,000 characters: the markup is what a person, a screen reader and the policy can live with."""
    for _, state in variants("long " * 1_000):
        check(render(shell(state)))


def _one(said: str) -> str:
    return render(div({}, long(said, "answer")))


@given(st.text(alphabet="ab \n😀\u0301\u200d\ufe0f\U0001f3fd👩", min_size=0, max_size=60), st.integers(1, 40))
def test_pieces_are_the_text(said: str, most: int) -> None:
    """Together they are the text; none is empty or too large, and the first part is a part of the text."""
    parts = list(text.pieces(said, most))
    assert "".join(parts) == said
    assert all(0 < len(one) <= most for one in parts) or said == ""
    first = text.head(said, most)
    assert said.startswith(first)
    assert len(first) <= most


@pytest.mark.parametrize("whole", ["👨‍👩‍👧‍👦", "👍🏽", "❤️", "e\u0301\u0302", "1️⃣"])
def test_a_character_is_not_cut_in_two(whole: str) -> None:
    """A family of emoji, a skin tone, a letter with accents: it is shown or it is not."""
    for most in range(1, len(whole)):
        assert text.head("abc" + whole, 3 + most) == "abc"
    assert text.head("abc" + whole + "d", 3 + len(whole)) == "abc" + whole
    assert unicodedata.normalize("NFC", text.head(whole * 100, 50 * len(whole))) == unicodedata.normalize("NFC", whole * 50)


@pytest.mark.slow
def test_the_first_part_costs_no_more_for_a_larger_text() -> None:
    """A hundred megabytes are not walked through to show the first part of them."""
    said = "x" * 100_000_000
    _one(said)  # its hash is worked out once
    began = time.process_time()
    for _ in range(20):
        assert len(_one(said)) < 2 * SHOWN
    assert time.process_time() - began < 2


def test_what_is_not_too_large_is_drawn_whole() -> None:
    """A text up to the limit stands there as it is, in pieces that end with lines; one character more, and its file is offered."""
    said = ("0123456789" * 9 + "\n") * (SHOWN // 91)
    html = _one(said)
    assert "SaveText" not in html
    pieces = [one.text for one in parse(html).classed("piece")]
    assert all(len(one) <= PIECE for one in pieces)
    assert "\n".join(pieces) == said.removesuffix("\n")
    assert "SaveText" in _one(said + "x" * (SHOWN - len(said) + 1))


def test_texts_share_what_a_drawing_may_hold() -> None:
    """Of a hundred large texts the first ones are shown as far as each may be, the others by their first words; all can be saved."""
    html = render([div({}, long(f"{n} " + "y" * (SHOWN - 10), "turn")) for n in range(100)])
    assert len(html) < BUDGET + 100 * (LABEL + 1_000)
    assert html.count("SaveText") >= 96


def test_a_field_holds_what_can_be_edited() -> None:
    """A large text in ASCII is edited in its field; a larger one, or as much of other characters, is shown and kept instead."""
    attributes = at("mono", id="raw", input=EditRaw(), aria_label="Raw JSON")
    for said in ("a" * EDITABLE, "ä" * SHOWN):
        (field,) = parse(render(area(attributes, said))).of("textarea")
        assert field.value == said
    for said in ("a" * (EDITABLE + 1), "ä" * (SHOWN + 1)):
        dom = parse(render(area(attributes, said)))
        assert dom.of("textarea") == []
        assert "too large to be edited here" in dom.text
        save, clear = dom.of("button")[-1], next(one for one in dom.of("button") if "Remove it" in one.text)
        assert json.loads(save["data-click"])["type"] == "SaveText"
        assert clear["data-click"] == encode(EditRaw())
        assert dom.by_id("raw") is not None
    many = render([area(at(id=f"a{n}"), "a" * 900_000) for n in range(10)])
    assert many.count("<textarea") == FIELDS // 900_000


def test_a_label_is_cut() -> None:
    """What is not text to be read is shown by its first characters, in attributes as well; an action that is too large is not offered."""
    said = "n" * 100_000
    dom = parse(render(span(at(title=said, aria_label=said), said)))
    (one,) = dom.of("span")
    assert len(one.text) == len(one["title"]) == len(one["aria-label"]) == LABEL + 1
    dom = parse(render(span(at(click=CopyText(said)), "x")))
    assert "data-click" not in dom.of("span")[0].attributes
    assert "disabled" in dom.of("span")[0].attributes


async def test_all_of_it_can_be_saved(visit: Visit) -> None:
    """A prompt of many megabytes is kept and sent as it is; what is not shown of it is one press away; taken out, the field is back."""
    said = "😀" * 400_000
    await visit.write("Hello")
    id = visit.state.compose.thread.messages[0].id
    await visit.send(json.dumps({"action": {"type": "EditMessage", "id": id}, "value": said, "extra": {}}))
    assert visit.state.compose.thread.messages[0].text == said
    assert "too large to be edited here (1.6 MB)" in visit.text
    assert len(visit.page.html) < MOST
    await visit.click("Save all of it as a file", 0)
    assert visit.page.saved[-1].name == "nightshift-text-of-message-1.txt"
    assert visit.page.saved[-1].content == said.encode()
    await visit.click("Add to queue")
    (lane,) = await visit.app.services.queue.lanes()
    assert lane.size > 1_600_000
    await visit.click("Remove it from this field")
    await visit.type("Text of message 1", "short again")
    assert visit.state.compose.thread.messages[0].text == "short again"


async def test_a_text_that_is_not_in_sight_any_more(visit: Visit) -> None:
    """A button of long ago says so."""
    drawing._whole.clear()
    await visit.send('{"action":{"type":"SaveText","key":"0-0"},"value":"","extra":{}}')
    assert "Open it again" in visit.toasts[-1]


async def test_a_line_takes_a_line(visit: Visit) -> None:
    """What the page did not let into a field of one line is said."""
    await visit.send('{"notice":"toolong","value":{"length":30000000,"name":"Model"}}')
    assert visit.toasts[-1].startswith("This field (Model) takes one line, not 30,000,000 characters.")


@pytest.mark.slow
def test_many_messages_are_drawn_in_part() -> None:
    """A conversation of ten thousand messages: the first and the last ones are there, and how many are not shown."""
    state = drawn.nothing()
    messages = tuple(ThreadMessage(f"m-{n}", "user", f"message {n}") for n in range(10_000))
    state.compose.thread = replace(state.compose.thread, messages=messages)
    state.threads.all = [Thread(id=f"t-{n}", name=f"thread {n}", messages=messages[:1]) for n in range(10_000)]
    for view in ("compose", "threads"):
        state.route = Route(view)
        html = render(shell(state))
        assert len(html) < 1_500_000, view
        check(html)
    assert "not shown" in parse(html).text


@pytest.mark.slow
async def test_a_prompt_of_100_mb_is_kept_whole_and_refused_in_words(visit: Visit) -> None:
    """It is not laid out, and is stored; as a request it is larger than a batch may be: that is said, with both sizes, and nothing is
    queued. The page goes on, and the text can be taken out of its field."""
    said = "word " * 20_000_000
    await visit.write("short")
    await visit.type("Text of message 1", said)
    await visit.rest()
    assert "This text is too large to be edited here (100 MB)." in visit.text
    await visit.click("Add to queue")
    await visit.rest()
    assert re.search(r"The request has 100 MB, \d+ B too many; Practice takes 100 MB a batch at most.", visit.text)
    assert [len(one.messages[0].text) for one in await visit.app.services.drafts.all()] == [len(said)]
    await visit.go("#/queue")
    assert "1 request" not in visit.text
    await visit.go("#/compose")
    await visit.click("Remove it from this field")
    await visit.rest()
    assert visit.field("Text of message 1").value == ""
    assert "too large to be edited" not in visit.text
