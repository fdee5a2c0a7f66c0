"""A text as Markdown in the page: elements and attributes that are known, and nothing else, whatever the text says."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.results.markdown import is_link, read
from app.ui.base import prose
from app.ui.base.drawing import render
from tests.hostile.corpus import CORPUS
from tests.kit.screen import check
from tests.states import reading
from tests.states.drawn import draw, everything
from tests.unit.core.results.test_markdown import PIECES

ELEMENTS = frozenset(
    (
        *("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "del", "hr", "br"),
        *("table", "thead", "tbody", "tr", "th", "td", "a", "span", "div", "button"),
    )
)
ATTRIBUTES = frozenset(["class", "dir", "start", "role", "aria-label", "tabindex", "href", "target", "rel", "title", "type", "data-click"])


class Seen(HTMLParser):
    """The elements and attributes of a markup, each checked."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag in ELEMENTS, tag
        assert given.keys() <= ATTRIBUTES, given
        if tag == "a":
            assert is_link(given["href"] or ""), given
            assert (given["rel"], given["target"]) == ("noreferrer noopener", "_blank")
        if "data-click" in given:
            assert (given["data-click"] or "").startswith(('{"type":"CopyPiece"', '{"type":"SaveText"')), given


def drawn(said: str) -> str:
    """The markup of a text; what stands in it was looked at."""
    html = render(prose.nodes(read(said).nodes))
    Seen().feed(html)
    return html


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "- {}",
        "> {}",
        "| a | {} |\n|---|---|\n| {} | b |",
        "[{}](https://example.org)",
        "```{}\n{}\n```",
        "**{}**",
        "[x](<{}>)",
        "![{}]({})",
    ],
)
def test_hostile_texts_are_text(wrap: str) -> None:
    """Each text of the corpus, as it is and within the marks that a model writes."""
    for said in CORPUS:
        if len(said) < 2_000:
            html = drawn(wrap.replace("{}", said.encode("utf-8", "replace").decode()))
            check(html)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_drawn_of_known_elements(said: str) -> None:
    """Markup that a browser reads as it was meant, of elements and attributes that are listed here."""
    drawn(said)


def test_nothing_of_a_long_line_is_lost() -> None:
    """A label is cut where it is too long; a text within a line is not."""
    said = "word " * 1_000
    assert drawn(f"**{said.strip()}** `{'x' * 5_000}`").count("word") == 1_000
    assert "x" * 2_000 in drawn(f"`{'x' * 5_000}`").replace("</code>", "")


def test_right_to_left_and_east_asian_texts() -> None:
    """The browser finds the direction of each block by its letters; code goes from left to right."""
    html = drawn("שלום **עולם**\n\n- 日本語\n\n```\nx\n```")
    assert '<p dir="auto">שלום <strong>עולם</strong></p>' in html
    assert 'dir="ltr"' in html


def test_links_say_where_they_lead() -> None:
    """The address is seen on hover; words that pretend to be another address are found out; images are links."""
    html = drawn("[openai.com](https://evil.example/a) ![a cat](https://example.org/cat.png)")
    assert 'title="https://evil.example/a"' in html
    assert "this link leads to evil.example" in html
    assert "Image: a cat (open it from example.org)" in html
    assert "<img" not in html


@pytest.mark.slow
@pytest.mark.parametrize("said", ["The night train", "<img src=x onerror=alert(1)>", "](javascript:alert(1))", "{" * 50, "| a |"])
def test_answers_of_every_shape(said: str) -> None:
    """Each is drawn in the panel as markup that a browser reads as it was meant, whatever its texts say."""
    for _name, answers, texts in reading.states(said):
        state = everything(said, "results")
        state.results, state.reading = answers, texts
        check(draw(state))
