"""Two tabs write one template, and a change is undone when others followed it: what the change left alone stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.templates import PromptContent, PromptMessage
from app.core.templates.merging import lost, merged

_IDS = ("a", "b", "c", "d")
_texts = st.sampled_from(("", "one", "two", "{{x}}"))
_messages = st.lists(st.sampled_from(_IDS), unique=True).flatmap(
    lambda ids: st.tuples(*(st.builds(PromptMessage, st.just(id), st.sampled_from(("user", "system")), _texts) for id in ids))
)
contents = st.builds(
    PromptContent,
    fields=st.dictionaries(st.sampled_from(("model", "seed", "top_p")), _texts),
    messages=_messages,
    custom_id=_texts,
    raw=st.none() | _texts,
    inputs=st.lists(_texts).map(tuple),
)
FIRST = PromptContent(
    fields={"model": "m"}, messages=(PromptMessage("a", "system", "Be short."), PromptMessage("b", "user", "Rate {{text}}"))
)


def said(content: PromptContent) -> list[tuple[str, str]]:
    return [(one.id, one.text) for one in content.messages]


@given(contents, contents)
def test_a_change_alone_is_done_and_undone(before: PromptContent, after: PromptContent):
    """Exactly, whatever it was."""
    assert merged(before, before, after) == after
    assert merged(after, after, before) == before
    assert merged(after, before, before) == after


@given(contents, contents, contents)
def test_nothing_that_the_change_wrote_is_missing(now: PromptContent, before: PromptContent, after: PromptContent):
    """Nor does a message stand twice."""
    found = merged(now, before, after)
    ids = [one.id for one in found.messages]
    assert len(ids) == len({*ids})
    was = {one.id: one for one in before.messages}
    for one in after.messages:
        if one != was.get(one.id):
            assert one.text in (text for _, text in said(found)) or one.text == was[one.id].text
    assert not lost(after, before, found) or any(one.text not in (text for _, text in said(found)) for one in after.messages)


def test_two_tabs_write_two_messages():
    """Both are kept; so is a parameter that one of them set."""
    mine = replace(FIRST, messages=(FIRST.messages[0], PromptMessage("b", "user", "Rate {{text}} now")))
    theirs = replace(FIRST, fields={"model": "m", "seed": "1"}, messages=(PromptMessage("a", "system", "Be kind."), FIRST.messages[1]))
    found = merged(theirs, FIRST, mine)
    assert said(found) == [("a", "Be kind."), ("b", "Rate {{text}} now")]
    assert found.fields == {"model": "m", "seed": "1"}
    assert not lost(theirs, FIRST, found)


def test_two_tabs_write_one_message():
    """The later text stands there; that another gave way is known."""
    mine, theirs = (replace(FIRST, messages=(PromptMessage("a", "system", text), FIRST.messages[1])) for text in ("Mine.", "Theirs."))
    found = merged(theirs, FIRST, mine)
    assert found == mine
    assert lost(theirs, FIRST, found)


def test_messages_are_moved_added_and_taken_away_together():
    """The order of who moved counts; what the other added stands behind what it followed; what was written in stays."""
    moved = replace(FIRST, messages=FIRST.messages[::-1])
    added = replace(FIRST, messages=(FIRST.messages[0], PromptMessage("c", "user", "More"), FIRST.messages[1]))
    assert said(merged(added, FIRST, moved)) == [("b", "Rate {{text}}"), ("a", "Be short."), ("c", "More")]
    without = replace(FIRST, messages=FIRST.messages[1:])
    written = replace(FIRST, messages=(PromptMessage("a", "system", "Be long."), FIRST.messages[1]))
    assert said(merged(written, FIRST, without)) == [("a", "Be long."), ("b", "Rate {{text}}")]
    assert said(merged(without, FIRST, written)) == [("a", "Be long."), ("b", "Rate {{text}}")]
    assert said(merged(without, FIRST, added)) == [("c", "More"), ("b", "Rate {{text}}")]


def test_a_message_that_was_taken_away_comes_back_where_it_was():
    """With what was typed since in the others."""
    without = replace(FIRST, messages=FIRST.messages[1:])
    typed = replace(without, messages=(PromptMessage("b", "user", "Rate"),))
    assert said(merged(typed, without, FIRST)) == [("a", "Be short."), ("b", "Rate")]
