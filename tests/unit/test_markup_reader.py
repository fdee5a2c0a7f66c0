"""The tests' quick reading of markup is that of Python's own HTML parser, or none."""

from __future__ import annotations

import pytest

from tests.kit.depth import share
from tests.kit.markup import Element, Malformed, parse, regular, thorough
from tests.states.drawn import draw
from tests.states.variants import variants


def tree(element: Element) -> object:
    """All that was read, with the pieces of texts joined."""
    found: list[object] = []
    for one in element.children:
        if isinstance(one, Element):
            found.append(tree(one))
        elif found and isinstance(found[-1], str):
            found[-1] += one
        else:
            found.append(one)
    return element.tag, element.attributes, found


@pytest.mark.slow
@pytest.mark.parametrize("said", ["plain", "<b a='1'>&amp;&#60;</b> \"&lt;\" <!-- -->\u0000 &quot"])
def test_what_the_program_draws_is_read_the_same_way(said: str) -> None:
    """Of every tenth view, dialog and state, and in ``make deep`` of all."""
    for name, state in share(variants(said), 0, 10):
        html = draw(state)
        read = regular(html)
        assert read is not None, name
        assert tree(read) == tree(thorough(html)), name


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<br>b<br/>c &amp; &lt;d&gt; <b hidden title='' >e</b></p>",
        '<svg viewBox="0 0 9 9"><path d="M0 0"/></svg>',
        '<code-editor data-rev="0"><textarea id="a">1 &lt; 2</textarea></code-editor>',
        "<P>upper</P>",
        "1 < 2 & 3",
        '<p title="a>b<c">d</p >',
        "<style>p > b { }</style>",
        "",
    ],
)
def test_other_markup_is_read_the_same_way(html: str) -> None:
    """What the patterns do not know goes to the parser."""
    assert tree(parse(html)) == tree(thorough(html))


@pytest.mark.parametrize(
    "html", ["<p>", "</p>", "<p><b></p></b>", "<p/>", "<p id='a' id='b'></p>", '<p id="a" id="b"></p>', "<!-- -->", "<?x?>"]
)
def test_what_no_browser_would_leave_is_refused(html: str) -> None:
    """Nesting, doubled attributes, comments."""
    assert regular(html) is None
    with pytest.raises(Malformed):
        parse(html)
