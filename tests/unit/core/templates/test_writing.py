"""What a person does to a prompt, one thing at a time; and the raw body that goes on from what the form makes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.endpoints.table import ENDPOINTS
from app.core.model.lanes import CHAT, EMBEDDINGS, IMAGES, RESPONSES
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair
from app.core.model.threads import Image
from app.core.templates import writing
from app.core.templates.content import texts
from app.core.templates.lines import RequestMaker
from app.core.templates.skeleton import TemplateUnusable
from app.core.templates.writing import message_added, message_moved, message_removed, raw_of, text_at, unused_fields, written

COLUMNS = ("id", "text", "n")
ROW = ("7", 'Say "hi"\n\\ {{no}}', "0.5")
FULL = PromptContent(
    CHAT,
    {"model": "m"},
    (PromptMessage("a", "system", "Be short."), PromptMessage("b", "user", "Rate {{text}}", (Image("{{id}}"),), (PromptFile("f", "n"),))),
    ("one", "two"),
    metadata=(PromptPair("k", "v"),),
    custom_id="{{id}}",
)


def body(content: PromptContent) -> object:
    return json.loads(RequestMaker(content, COLUMNS).make(ROW, "r").body)


def raw(content: PromptContent) -> PromptContent:
    return PromptContent(content.endpoint, raw=raw_of(content))


def test_every_text_is_written_where_it_is_read() -> None:
    """What is typed at a place stands there, and nowhere else."""
    places = {(one.field, one.item) for endpoint in (CHAT, EMBEDDINGS) for one in texts(written_for(endpoint))}
    assert len(places) > 8
    for field, item in places:
        now = written(FULL, field, item, "new")
        assert text_at(now, field, item) == "new"
        assert [text_at(now, *each) == text_at(FULL, *each) for each in places].count(False) == 1
    assert written(FULL, "keys", "0", "key").metadata == (PromptPair("key", "v"),)
    assert written(FULL, "fields", "model", "").fields == {}


def written_for(endpoint: str) -> PromptContent:
    return PromptContent(endpoint, FULL.fields, FULL.messages, FULL.inputs, metadata=FULL.metadata, custom_id=FULL.custom_id)


@pytest.mark.parametrize(
    ("field", "item"), [("messages", "z"), ("images", "b:5"), ("files", "z:0"), ("metadata", "9"), ("metadata", "x"), ("nowhere", "")]
)
def test_what_is_not_there_any_more_changes_nothing(field: str, item: str) -> None:
    """Another tab may have taken it away."""
    assert written(FULL, field, item, "new") == FULL
    assert text_at(FULL, field, item) == ""


def test_messages_come_go_and_move() -> None:
    """A message stays where it is at an end; roles take turns."""
    more = message_added(message_added(FULL, "c"), "d")
    assert [(one.id, one.role) for one in more.messages[2:]] == [("c", "assistant"), ("d", "user")]
    assert [one.id for one in message_moved(more, "d", -2).messages] == ["a", "d", "b", "c"]
    assert message_moved(more, "a", -1) == message_moved(more, "z", 1) == more
    assert message_removed(message_removed(more, "c"), "d") == FULL
    assert writing.without((1, 2), 5) == (1, 2)


def test_parameters_of_other_endpoints_are_known() -> None:
    """They are kept, and not sent."""
    content = PromptContent(EMBEDDINGS, {"model": "m", "temperature": "1", "seed": " "})
    assert unused_fields(content) == ("temperature",)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_raw_body_says_what_the_form_says(endpoint: str) -> None:
    """For every endpoint: texts with quotes, braces and line breaks, numbers and choices from columns."""
    content = PromptContent(
        endpoint,
        {"model": "m-{{id}}", "temperature": "{{n}}", "top_p": "0.1", "size": "{{id}}", "user": "{{text}}", "tools": "[]"},
        (PromptMessage("a", "system", r'Say "{{text | trim}}" \{{as it is}} \\ {{id}}'), PromptMessage("b", "user", "{{#if n}}yes{{/if}}")),
        (r"One {{text}} \{{", "two"),
        metadata=(PromptPair("row", "{{id}}"),),
        schema_on=True,
        schema_text='{"type": "object", "description": "with {{ braces"}',
    )
    assert body(raw(content)) == body(content)


def test_what_the_form_cannot_make_is_no_raw_body() -> None:
    """The person is told why."""
    with pytest.raises(TemplateUnusable, match="not “hot”"):
        raw_of(PromptContent(CHAT, {"model": "m", "temperature": "hot"}))
    with pytest.raises(TemplateUnusable):
        raw_of(PromptContent("/v1/none"))


_pieces = st.sampled_from(
    ("{{id}}", "{{text}}", '{{n | default("x")}}', "{{#if id}}", "{{else}}", "{{/if}}", '"', "\\", "\n", "a", "{", "}}", "\\{{")
)


@given(st.lists(_pieces, max_size=8).map("".join), st.sampled_from((CHAT, RESPONSES, IMAGES)))
def test_any_text_goes_into_the_raw_body(text: str, endpoint: str) -> None:
    """As the same template, wherever the form takes it."""
    content = PromptContent(endpoint, {"model": "m"}, (PromptMessage("a", "user", text),), (text,))
    try:
        wanted = body(content)
    except TemplateUnusable:
        return
    assert body(raw(content)) == wanted
