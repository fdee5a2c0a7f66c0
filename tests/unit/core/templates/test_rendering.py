"""A prompt beside a row: what it says, what is sent, and why nothing can be."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.core.model.lanes import EMBEDDINGS, IMAGES
from app.core.model.templates import PromptContent, PromptFile, PromptMessage
from app.core.model.threads import Image
from app.core.templates.rendering import RenderedText, filled, rendered

COLUMNS = ("id", "review", "photo")
CONTENT = PromptContent(
    fields={"model": "gpt-4o-mini"},
    messages=(
        PromptMessage("a", "system", "Be short."),
        PromptMessage("b", "user", "Rate “{{review | trim}}”", (Image("{{photo}}"),), (PromptFile("file-1"),)),
    ),
)


def test_a_row_is_filled_in() -> None:
    """Messages with what is attached to them, the body, its size and the id."""
    found = rendered(CONTENT, COLUMNS, ("7", " Fine ", ""), "row-3")
    assert found.texts == (RenderedText("system", "Be short."), RenderedText("user", "Rate “Fine”", 1))
    assert (found.custom_id, found.fault) == ("row-3", "")
    assert json.loads(found.body)["messages"][0] == {"role": "system", "content": "Be short."}
    assert found.size > len("Rate “Fine”")
    assert 0 < found.tokens < found.size
    assert rendered(CONTENT, COLUMNS, ("7", "Fine", "https://x/y.png"), "r").texts[1].parts == 2


def test_what_cannot_be_made_says_why() -> None:
    """The texts are shown as far as they go."""
    unknown = PromptContent(fields={"model": "m"}, messages=(PromptMessage("a", "user", "{{revew}} {{id}}"),))
    found = rendered(unknown, COLUMNS, ("7", "", ""), "r")
    assert (found.texts, found.fault) == ((RenderedText("user", "{{revew}} 7"),), "The table has no column “revew”.")
    unclosed = PromptContent(fields={"model": "m"}, messages=(PromptMessage("a", "user", "{{id"),))
    assert "not closed" in rendered(unclosed, COLUMNS, ("7", "", ""), "r").fault
    blank = PromptContent(fields={"model": "m"}, messages=(PromptMessage("a", "user", "x"),), custom_id="{{review}}")
    found = rendered(blank, COLUMNS, ("7", "", ""), "r")
    assert "custom_id of this row is empty" in found.fault
    assert found.remedy


def test_what_other_endpoints_are_asked() -> None:
    """All inputs where a request takes many, else the one prompt; a raw body shows itself."""
    both = ("{{id}}", "{{review}}")
    many = rendered(PromptContent(EMBEDDINGS, {"model": "m"}, inputs=both), COLUMNS, ("7", "Fine", ""), "r")
    assert [(one.title, one.text) for one in many.texts] == [("input", "7"), ("input", "Fine")]
    single = rendered(PromptContent(IMAGES, {"model": "m"}, inputs=both), COLUMNS, ("7", "Fine", ""), "r")
    assert [(one.title, one.text) for one in single.texts] == [("prompt", "7")]
    raw = rendered(PromptContent(raw='{"model":"m","n":{{id}}}'), COLUMNS, ("7", "", ""), "r")
    assert (raw.texts, json.loads(raw.body)) == ((), {"model": "m", "n": 7})
    assert rendered(PromptContent("/v1/none"), COLUMNS, ("7", "", ""), "r").fault


@given(st.text(), st.lists(st.text(), max_size=4))
def test_nothing_that_is_typed_breaks_it(text: str, cells: list[str]) -> None:
    """Whatever stands in the prompt or the row, there is a request or a sentence."""
    content = PromptContent(fields={"model": "m"}, messages=(PromptMessage("a", "user", text + "{{id}}"),), custom_id="{{" + text)
    found = rendered(content, COLUMNS, cells, "r")
    assert (found.fault == "") != (found.body == "")
    assert filled("{{id}}", {"id": 0}, ("7",)) == "7"
