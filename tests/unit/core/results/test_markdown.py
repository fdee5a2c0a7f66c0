"""Markdown as a tree: what is recognised, what stays text, and what is bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.results import markdown
from app.core.results.markdown import MarkdownNode, has_marks, host_of, is_link, plain, read


def every(nodes: Iterable[MarkdownNode]) -> Iterator[MarkdownNode]:
    """The nodes and all parts of theirs."""
    for node in nodes:
        yield node
        yield from every(node.parts)


def kinds(text: str) -> list[str]:
    """What a text is made of, in its order."""
    return [node.kind for node in every(read(text).nodes)]


def test_what_is_recognised() -> None:
    """Blocks and marks within a line, with what is said of them."""
    found = read(
        "# One\n\nTwo **three** *four* ~~five~~ `six`\nseven\n\n1. a\n2. b\n\n- [x] c\n- [ ] d\n\n> e\n\n---\n\n```py\nf = 1\n```\n"
    )
    heading, paragraph, numbered, tasks, quote, rule, code = (node for node in found.nodes)
    assert (heading.kind, heading.about, plain(heading.parts)) == ("heading", "1", "One")
    assert [part.kind for part in paragraph.parts] == [
        "text",
        "strong",
        "text",
        "emphasis",
        "text",
        "struck",
        "text",
        "code",
        "break",
        "text",
    ]
    assert (numbered.about, [plain(item.parts) for item in numbered.parts]) == ("1", ["a", "b"])
    assert [item.about for item in tasks.parts] == ["done", "open"]
    assert (quote.kind, plain(quote.parts), rule.kind) == ("quote", "e", "rule")
    assert (code.kind, code.about, code.text) == ("code block", "py", "f = 1")


def test_a_table_has_a_head_and_sides() -> None:
    """Rows stand under one another, the head first."""
    (table,) = read("| a | b |\n|:--|--:|\n| 1 | **2** |\n").nodes
    assert [[cell.kind for cell in row.parts] for row in table.parts] == [["head cell", "head cell"], ["cell", "cell"]]
    assert [cell.about for cell in table.parts[1].parts] == ["left", "right"]
    assert plain(table.parts) == "ab12"


def test_html_is_text() -> None:
    """Whatever it says, within a line or as a block; entities are the characters that they stand for."""
    for said in (
        "<script>alert(1)</script>",
        "a <b onclick=x>b</b> c",
        "<!-- x -->",
        "<details open ontoggle=alert(1)>\n\nx\n\n</details>",
    ):
        found = read(said)
        assert {node.kind for node in every(found.nodes)} <= {"paragraph", "text", "html"}
        assert "".join(plain(found.nodes).split()) == "".join(said.split())
    assert plain(read("&lt;b&gt; &amp;amp; &#x1F600;").nodes) == "<b> &amp; 😀"


@pytest.mark.parametrize(
    ("address", "follows"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org", True),
        ("HTTPS://EXAMPLE.ORG", True),
        ("mailto:me@example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("blob:https://example.org/1", False),
        ("//evil.example/x", False),
        ("/x", False),
        ("#x", False),
        ("https:///x", False),
        ("https://\\evil.example", False),
        ("https://example.org/" + "x" * 3_000, False),
        ("https://openai.com@evil.example/", False),
        ("https://user:password@evil.example/", False),
        ("https://ex%41mple.org/", False),
        ("https://例え.jp/", False),
        ("https://[::1]:8080/x", True),
        ("mailto:", False),
        ("", False),
    ],
)
def test_which_addresses_are_links(address: str, follows: bool) -> None:
    """Those of three schemes, whole. Of others the words and the address are there as text."""
    assert is_link(address) is follows
    found = list(every(read(f"[words](<{address}>)").nodes))
    assert (
        [node.about for node in found if node.kind == "link"] in ([address], []) if follows else not [n for n in found if n.kind == "link"]
    )
    assert "words" in plain(read(f"[words](<{address}>)").nodes)


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ("[openai.com](https://evil.example/x)", "evil.example"),
        ("[https://openai.com/](https://openai.com.evil.example/)", "openai.com.evil.example"),
        ("[www.openai.com](https://openai.com/)", ""),
        ("[https://openai.com/a](https://openai.com/b)", ""),
        ("[click here](https://evil.example/)", ""),
        ("<https://openai.com/>", ""),
        ("https://openai.com/a", ""),
        ("[openai.com](mailto:me@evil.example)", "me@evil.example"),
    ],
)
def test_words_that_look_like_another_address(said: str, host: str) -> None:
    """Behind such a link stands where it really goes."""
    assert [node.text for node in every(read(said).nodes) if node.kind == "host"] == ([host] if host else [])


def test_images_are_addresses() -> None:
    """One that can be opened is known by its words and its address; of another the address is text."""
    (image,) = (node for node in every(read("![a *cat*](https://example.org/cat.png)").nodes) if node.kind == "image")
    assert (image.text, image.about, host_of(image.about)) == ("a cat", "https://example.org/cat.png", "example.org")
    assert "image" not in kinds("![x](javascript:alert(1)) ![y](data:image/png;base64,AAAA) ![z](mailto:a@b.c)")


@pytest.mark.slow
def test_what_is_too_large_or_too_deep_stays_text() -> None:
    """It says why, and nothing of it is lost: whoever shows it shows the text."""
    assert "100,000" in read("*a* " * (markdown.LIMIT // 3)).why
    assert "parts" in read("*a* " * (markdown.LIMIT // 5)).why
    assert read("").nodes == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "said",
    [
        "[",
        "*",
        "_a",
        "**a ",
        "`",
        "![",
        "[](",
        "[a](<b",
        "<",
        "<a ",
        "<!-- ",
        "|",
        "~~a ",
        "> ",
        "- ",
        "1. ",
        "\\",
        "&",
        "http://",
        "[a]",
        "](",
    ],
)
def test_a_mark_repeated_is_read(said: str) -> None:
    """Nothing hangs or overflows, however often it stands there."""
    found = read(said * (12_000 // len(said)))
    assert found.why or found.nodes


def test_nesting_is_bounded() -> None:
    """Quotes and lists in one another, far beyond what anybody writes."""
    for said in (">" * 3_000 + " x", "".join("  " * n + "- x\n" for n in range(200)), "- " * 3_000 + "x", "*a **b " * 500 + "c"):
        deepest, nodes = 0, list(read(said).nodes)
        while nodes:
            deepest, nodes = deepest + 1, [part for node in nodes for part in node.parts]
        assert deepest <= markdown.MAX_DEPTH + 1


def test_texts_without_marks_are_not_read() -> None:
    """Most labels and short answers are words alone."""
    assert not any(has_marks(one) for one in ("", "spam", "A sentence, with (brackets) and 3 - 1 = 2.", "one\ntwo", "日本語"))
    assert all(
        has_marks(one) for one in ("*a*", "# a", "- a", "1. a", "a\n\nb", "https://example.org", "    x", "a | b", "<b>", "&amp;", "a\n---")
    )


PIECES = st.sampled_from(
    [
        *"*_`#>|~[]()!<>&\\-+=:;\"' \n\t",
        "[x](",
        "](",
        "![",
        "https://a.b",
        "javascript:",
        "```",
        "\n\n",
        "- ",
        "1. ",
        "    ",
        "|-|",
        "<b>",
        "é",
        "שלום",
        "x",
    ]
)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_read(said: str) -> None:
    """Nothing raises; each link has an address that may be followed."""
    for node in every(read(said).nodes):
        assert node.kind not in ("link", "image") or is_link(node.about)
