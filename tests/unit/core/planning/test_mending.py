"""One change of the template mends all rows of a kind."""

from __future__ import annotations

import json

from msgspec.structs import replace

from app.core.bodies.remedies import ConvertField, CutText, DropField, RenameField, SetField
from app.core.model.lanes import RESPONSES
from app.core.model.templates import PromptContent, PromptMessage, PromptPair
from app.core.planning.mending import cut_column, mended, renamed
from app.core.templates.content import checked

ASK = PromptContent(
    fields={"model": "gpt-4o", "temperature": "3"},
    messages=(PromptMessage("m", "user", "Rate {{text}}"),),
    metadata=(PromptPair("row", "{{note}}"),),
)


def test_a_parameter_goes_or_is_set() -> None:
    """Where its endpoint has it in a body, also where that is deeper."""
    assert (after := mended(ASK, DropField("/temperature"))) is not None
    assert after.fields == {"model": "gpt-4o"}
    deep = replace(ASK, endpoint=RESPONSES, fields={"reasoning_effort": "most"})
    assert mended(deep, SetField("/reasoning/effort", "high")) == replace(deep, fields={"reasoning_effort": "high"})
    assert mended(ASK, DropField("/metadata/row")) == replace(ASK, metadata=())


def test_what_the_form_does_not_say_is_left() -> None:
    """No button is offered then."""
    assert mended(ASK, DropField("/seed")) is None
    assert mended(ASK, DropField("/messages/*/name")) is None
    assert mended(ASK, ConvertField("/temperature", "number")) is None
    assert mended(replace(ASK, endpoint="/v1/other"), DropField("/temperature")) is None


def test_a_body_typed_by_hand_is_mended_in_its_json() -> None:
    """Placeholders stay what they are; one that is no JSON with them in it is left."""
    raw = json.dumps({"model": "m", "max_tokens": "5", "messages": [{"role": "user", "content": "{{text}}"}]})
    prompt = replace(ASK, raw=raw)
    after = mended(prompt, RenameField("/max_tokens", "max_completion_tokens"))
    assert after is not None
    assert after.raw is not None
    assert json.loads(after.raw) == {
        "model": "m",
        "messages": [{"role": "user", "content": "{{text}}"}],
        "max_completion_tokens": "5",
    }
    after = mended(prompt, ConvertField("/max_tokens", "number"))
    assert after is not None
    assert json.loads(after.raw or "")["max_tokens"] == 5
    assert mended(replace(ASK, raw='{"n": {{count}}}'), DropField("/n")) is None


def test_cells_are_cut_where_one_column_makes_the_text() -> None:
    """By its name, or because it is the only one there."""
    assert (after := mended(ASK, CutText("/metadata/row", 512))) is not None
    assert after.metadata == (PromptPair("row", "{{note | truncate(512)}}"),)
    assert (after := cut_column(ASK, "text", 100)) is not None
    assert after.messages[0].text == "Rate {{text | truncate(100)}}"
    assert cut_column(after, "text", 100) is None


def test_a_column_that_is_not_there_is_another_one() -> None:
    """The one that is like it."""
    (finding,) = [one for one in checked(ASK, ["texts", "note"]) if one.kind == "unknown_column"]
    assert (after := renamed(ASK, finding)) is not None
    assert after.messages[0].text == "Rate {{texts}}"
