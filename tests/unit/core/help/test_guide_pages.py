"""The guide's pages, cut into sections and linked; and the search in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.core.help.guide import Guide, read_guide, slug
from app.core.help.search import MOST, search
from app.core.results.markdown import MarkdownNode, plain
from tools import guide

FIRST = """# Your first batch

See the [tables](tables.md), [a part of them](../reference/tables.md#row-key), [this](#later) and [the design](../design.md).
Go [out](https://example.org/).

![A picture](../screens/compose.png)

<!-- for GitHub -->
## Later

Press **Submit now**,
then wait.

### It failed: a `404`?

Nothing is lost.

Code `not_found`, `gone`
"""


def made() -> Guide:
    return read_guide({"first": ("guide", FIRST), "tables": ("reference", "# Tables\n\nRows.\n\n## Row key\n\nA column.\n")})


def every(nodes: Iterable[MarkdownNode]) -> Iterator[MarkdownNode]:
    for node in nodes:
        yield node
        yield from every(node.parts)


def test_a_page_is_cut_at_its_headings() -> None:
    """The first is its title; each other has the anchor that GitHub gives it, and the codes that it is about."""
    page = made().pages[0]
    assert (page.title, page.part) == ("Your first batch", "guide")
    assert [(one.title, one.level, one.anchor, one.codes) for one in page.sections] == [
        ("", 1, "", ()),
        ("Later", 2, "later", ()),
        ("It failed: a 404?", 3, "it-failed-a-404", ("not_found", "gone")),
    ]
    assert [page.find(one) for one in ("later", "gone", "not_found", "nothing", "")] == [1, 2, 2, 0, 0]


def test_links_lead_within_the_page() -> None:
    """To other pages and to sections; of a link to what is not carried the words stay, and what is elsewhere keeps its address."""
    page = made().pages[0]
    links = {plain(one.parts): one.about for one in every(page.sections[0].nodes) if one.kind == "link"}
    assert links == {
        "tables": "#/help/tables",
        "a part of them": "#/help/tables/row-key",
        "this": "#/help/first/later",
        "out": "https://example.org/",
    }
    assert "and the design." in page.sections[0].words


def test_pictures_and_comments_stay_behind_and_lines_are_joined() -> None:
    """The page itself is at hand; a line's end in the source is a blank."""
    page = made().pages[0]
    assert not any(one.kind in ("image", "html", "break") for section in page.sections for one in every(section.nodes))
    assert "picture" not in page.sections[0].words
    assert page.sections[1].words == "Press Submit now, then wait."


def test_words_are_found_in_headings_first() -> None:
    """All words must be there, whatever their case; what stands around them is shown."""
    found = search(made(), "LATER")
    assert [(one.page.name, one.section.anchor) for one in found] == [("first", "later")]
    assert [one.section.anchor for one in search(made(), "column row")] == ["row-key"]
    assert search(made(), "not_found")[0].section.codes == ("not_found", "gone")
    assert search(made(), "column elephant") == []
    assert search(made(), "  ") == []


def test_a_long_section_is_cut_around_what_was_found() -> None:
    """And no more places are listed than anybody reads."""
    many = "\n\n".join(f"## Part {n}\n\n{'before ' * 40}needle {'after ' * 60}" for n in range(40))
    found = search(read_guide({"long": ("guide", f"# Long\n\n{many}")}), "needle")
    assert len(found) == MOST
    assert found[0].excerpt.startswith("… before")
    assert found[0].excerpt.endswith(" …")
    assert "needle" in found[0].excerpt


def test_the_guide_itself_can_be_read_whole() -> None:
    """Every page has a title and text, no section was too much for the reader, and each message is found by its code."""
    known = read_guide(guide.pages())
    assert [one.name for one in known.pages] == list(guide.pages())
    assert all(one.sections and any(section.words for section in one.sections) for one in known.pages)
    page = known.page("messages")
    assert page is not None
    assert page.sections[page.find("wrong_key")].title.endswith("does not accept the key (401).")
    for one in known.pages:
        for section in one.sections:
            for link in (node for node in every(section.nodes) if node.kind == "link" and node.about.startswith("#/help/")):
                name, _, anchor = link.about.removeprefix("#/help/").partition("/")
                there = known.page(name)
                assert there is not None, link.about
                assert not anchor or there.find(anchor), link.about


def test_anchors_are_githubs() -> None:
    """Small letters, blanks as dashes, marks left out."""
    assert [slug(one) for one in ("What is never paid twice", "Over HTTP", "Café & more…")] == [
        "what-is-never-paid-twice",
        "over-http",
        "café--more",
    ]
