"""Every version that was sent is kept, numbered, compared and brought back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.templates import PromptContent, PromptMessage, PromptPair, Template
from app.core.templates import versions
from app.core.templates.versions import DiffLine

FIRST = PromptContent(fields={"model": "m", "temperature": "1"}, messages=(PromptMessage("a", "user", "Rate {{text}}\nshort"),))
SECOND = replace(
    FIRST,
    fields={"model": "m", "top_p": "0.5"},
    messages=(*FIRST.messages, PromptMessage("b", "user", "More")),
    metadata=(PromptPair("row", "{{id}}"),),
)
TEMPLATE = Template(id="t", content=FIRST, updated=5.0)


def test_what_is_sent_again_keeps_its_version():
    """Until it says something else; then the next number. Other templates have numbers of their own."""
    first = versions.sent(TEMPLATE, (), "v1", 10.0)
    assert (first.number, first.template, first.created, versions.title(first)) == (1, "t", 10.0, "Version 1")
    assert versions.sent(TEMPLATE, (first,), "v2", 20.0) is first
    changed = replace(TEMPLATE, content=SECOND)
    assert versions.unsent(changed, (first,))
    second = versions.sent(changed, (first,), "v2", 20.0)
    assert (second.number, second.digest == first.digest) == (2, False)
    assert versions.sent(TEMPLATE, (first, second), "v3", 30.0) is first
    assert not versions.unsent(TEMPLATE, (first, second))
    assert versions.sent(replace(TEMPLATE, id="other"), (first, second), "v4", 40.0).number == 1
    assert versions.title(replace(first, name=" Short ")) == "Short"


def test_a_version_is_brought_back():
    """The template says what it said; a clock that went backwards does not make it older."""
    second = versions.sent(replace(TEMPLATE, content=SECOND), (), "v", 10.0)
    assert versions.restored(TEMPLATE, second, 2.0) == replace(TEMPLATE, content=SECOND, updated=5.0)


def test_ids_of_messages_do_not_make_a_version():
    """Equal words have equal digests; so has what cannot be written as UTF-8."""
    moved = replace(FIRST, messages=(PromptMessage("z", "user", FIRST.messages[0].text),))
    assert versions.digest(moved) == versions.digest(FIRST) != versions.digest(SECOND)
    halved = replace(FIRST, custom_id="\ud800")
    assert versions.digest(halved) == versions.digest(halved) != versions.digest(FIRST)
    assert len(versions.digest(halved)) == 32


def test_two_versions_are_compared_as_the_form_names_things():
    """Added, removed and changed, with the lines of a text."""
    third = replace(SECOND, messages=(PromptMessage("a", "user", "Rate {{text}}\nlong\nplease"), SECOND.messages[1]))
    assert [(one.label, one.kind) for one in versions.compared(FIRST, third)] == [
        ("Temperature", "removed"),
        ("Message 1", "changed"),
        ("Top P", "added"),
        ("Message 2, role", "added"),
        ("Message 2", "added"),
        ("Metadata row", "added"),
    ]
    changed = next(one for one in versions.compared(FIRST, third) if one.label == "Message 1")
    assert changed.lines == [
        DiffLine("same", "Rate {{text}}"),
        DiffLine("removed", "short"),
        DiffLine("added", "long"),
        DiffLine("added", "please"),
    ]
    assert versions.compared(FIRST, FIRST) == []


LINES = st.lists(st.sampled_from("abc"), max_size=12).map("\n".join)


@given(LINES, LINES, st.sampled_from([2, 2_000]))
def test_a_difference_says_both_texts(before, after, most):
    """What is the same or removed is the one, what is the same or added the other; also where too many lines differ to look closer."""
    kept, versions.MAX_LINES = versions.MAX_LINES, most  # type: ignore[misc]
    try:
        found = versions.diff(before, after)
    finally:
        versions.MAX_LINES = kept  # type: ignore[misc]
    assert [line.text for line in found if line.kind != "added"] == before.splitlines()
    assert [line.text for line in found if line.kind != "removed"] == after.splitlines()
