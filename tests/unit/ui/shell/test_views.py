"""Views: pure, well-formed, named for everybody, and deaf to what is written in what they show."""

from __future__ import annotations

import copy
import importlib
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.ui.base.actions_base import decode
from app.ui.base.dialogs import Aside
from app.ui.base.drawing import render
from app.ui.base.parts import problem_note
from app.ui.base.state import State
from app.ui.shell import dialogs_view
from tests.kit.depth import examples, share
from tests.kit.markup import Element, parse
from tests.kit.screen import actions_in, check
from tests.states.drawn import VIEWS, draw, draw_failed, everything, nothing, titled
from tests.states.variants import variant, variants

PLAIN = "plain"
ROOT = Path(__file__).parents[4]
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick='alert(1)' x='",
    "</textarea></dialog></main><script>",
    "--><!-- ]]> <![CDATA[",
    "&lt;b&gt; &amp; &#60;i&#62; &quot;",
    '{"type":"EmptyBin"}',
    '","x":{"type":"EmptyBin"},"',
    "javascript:alert(1)",
    "a|b||c # / ? %3Cscript%3E",
    "`${1}` \\ \\u003cscript\\u003e",
    "\u202eright to left\u2028\u2029\u0000\u0007\r\n\t \ufeff",
    "😀" * 40,
)
ALL_HOSTILE = "x" + "x".join(HOSTILE) + "x"
texts = st.sampled_from(HOSTILE) | st.text(max_size=60)
sayings = texts.map(lambda text: f"x{text}x")
"""Never blank: a blank text may rightly be drawn in another way than a word."""


def skeleton(element: Element) -> object:
    """Elements and names of attributes, without any text and value; a title is where a text is cut."""
    return [
        (one.tag, sorted({*one.attributes} - {"title"}), skeleton(one)) if isinstance(one, Element) else ""
        for one in element.children
        if one != " "
    ]


STATES = dict(variants(PLAIN))
"""Made once; that drawing changes none of them is tested."""


@cache
def plain(name: str) -> object:
    """The skeleton of a state's drawing with a plain word in each place."""
    return skeleton(parse(draw(STATES[name])))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*STATES])
def test_pure(name: str) -> None:
    """Drawing changes nothing in the state, and drawing again gives the same."""
    state = STATES[name]
    before = copy.deepcopy(state)
    first = draw(state)
    assert state == before
    assert draw(state) == first


def deaf(name: str, state: State, said: str) -> None:
    """The drawing holds the text, and is otherwise the one with a plain word in its place."""
    dom = parse(draw(state))
    assert skeleton(dom) == plain(name)
    assert said in shown(dom)


@cache
def hostile() -> dict[str, State]:
    """Every state with all hostile texts in each place of one."""
    return dict(variants(ALL_HOSTILE))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*STATES])
def test_hostile_texts(name: str) -> None:
    """Markup, script, JSON and control characters in names, messages, models, problems and answers stay text in every view."""
    deaf(name, hostile()[name], ALL_HOSTILE)


@pytest.mark.slow
@settings(max_examples=examples(25, 60))
@given(st.sampled_from([*STATES]), sayings)
def test_any_text(name: str, said: str) -> None:
    """Whatever is written: no element and no attribute comes or goes, and it stands in the page as it is."""
    deaf(name, variant(name, said), said)


def shown(root: Element) -> str:
    """Every text and every value of an attribute."""
    values = [value for one in root for value in one.attributes.values() if value]
    return "\n".join([root.text, *values])


@pytest.mark.slow
@settings(max_examples=20)
@given(sayings)
@example(f"x{HOSTILE[11]}x")
def test_fields_hold_texts(said: str) -> None:
    """A field shows what was typed into it, and a problem is shown in the provider's very words."""
    state = everything(said)
    dom = parse(draw(state))
    assert dom.by_id("thread-name").value == said
    assert [dom.by_id(f"text-m-{n}").value for n in (1, 2, 3)] == [said] * 3
    assert dom.by_id("o-schema_text").value == said
    for field in ("model", "temperature", "reasoning_effort", "verbosity", "schema_name"):
        assert dom.by_id(f"o-{field}").value == said
    for one in dom:
        if one.get("data-problem") is not None:
            assert one.text.count(said) == 4
    assert [next(iter(one.of("span"))).text for one in dom.classed("toast")] == [said, f"{said}!"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nothing", *STATES])
def test_markup(name: str) -> None:
    """Ids are unique, fields and buttons have names, every action can be read, and nothing carries script or style."""
    state = nothing() if name == "nothing" else STATES[name]
    check(draw(state))


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_there(view: str) -> None:
    """Every view can be drawn at the first start."""
    state = nothing()
    state.route = type(state.route)(view)  # type: ignore[arg-type]  # one of the views
    root = check(draw(state))
    assert len(root.of("main")) == 1
    assert len(root.of("h1")) == 1


def test_failed_views() -> None:
    """What stands in place of a view that failed is well-formed too, and names the problem."""
    for html in draw_failed(everything(PLAIN)):
        assert PLAIN in check(html).text


@settings(max_examples=20)
@given(sayings)
def test_actions_carry_texts(said: str) -> None:
    """An action that names a lane or a model carries it unharmed."""
    state = everything(said, "queue")
    lane = Lane("practice", "/v1/chat/completions", said).key
    found = [decode(f'{{"action":{one}}}').action for element in parse(draw(state)) for one in actions_in(element)]
    assert {one.lane for one in found if hasattr(one, "lane")} >= {lane}


@pytest.mark.slow
def test_every_dialog_over_every_view() -> None:
    """No dialog shares an id with a view, whichever it stands over; each over every second view, in ``make deep`` over all."""
    for n, dialog in enumerate(state.dialog for state in STATES.values() if state.dialog is not None):
        for view in share(VIEWS, n, 2):
            state = everything(PLAIN, view)
            state.dialog = dialog
            check(draw(state))


def test_every_dialog_has_its_view() -> None:
    """What a capability holds while a dialog of it is open is drawn; what is none is refused instead of drawn as another."""
    paths = sorted((ROOT / "app" / "ui").glob("*/dialogs.py"))
    modules = [importlib.import_module(f"app.ui.{path.parent.name}.dialogs") for path in paths]
    found = {one for each in modules for one in vars(each).values() if isinstance(one, type) and one.__module__ == each.__name__}
    structs = {one for one in found if issubclass(one, msgspec.Struct)} - {Aside}
    assert len(structs) > 10
    assert structs == {one for one in vars(dialogs_view).values() if isinstance(one, type) and one in found}
    state = nothing()
    state.dialog = Lane("", "", "")
    with pytest.raises(TypeError, match="Lane"):
        draw(state)


def test_title() -> None:
    """The document's title says how many batches are on their way and names the view, a batch or a table by its own name."""
    state = nothing()
    assert titled(state) == "Compose — Nightshift"
    assert titled(everything(PLAIN, "batches")) == "11 batches running · Batches — Nightshift"
    assert titled(everything(PLAIN, "batch")) == f"11 batches running · {PLAIN} — Nightshift"
    assert titled(everything("word " * 100, "batch")).endswith("… — Nightshift")


def test_a_profile_that_is_not_there() -> None:
    """A choice that names a removed provider falls back to practice instead of failing every view."""
    state: State = nothing()
    state.preferences = msgspec.structs.replace(state.preferences, profile="removed")
    assert "no key" in parse(draw(state)).text


@pytest.mark.parametrize(
    ("problem", "by", "words"),
    [
        (Problem(code="rate_limited", what="w", status=429, detail="d"), "", "Provider error"),
        (Problem(code="broken", what="w", blame="platform", detail="d"), "", "Technical details"),
        (Problem(code="internal:draw", what="w", blame="ours", detail="d"), "", "Technical details"),
        (Problem(code="broker_denied", what="w", detail="d"), "broker", "Broker error"),
    ],
)
def test_nobody_is_quoted_who_said_nothing(problem: Problem, by: str, words: str) -> None:
    """The page's own failure, or the browser's, is not laid into the provider's mouth."""
    assert words in shown(parse(render(problem_note(problem, by=by))))
