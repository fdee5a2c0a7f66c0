"""What is offered behind two braces, and the text that comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.templates import editing, syntax
from app.core.templates.completion import Opening, choices, completed, opening
from app.core.templates.filters import FILTERS
from app.core.templates.syntax import ColumnNode

COLUMNS = ("id", "review", "Reviewer", "odd | name", "stars")


def offered(typed: str) -> tuple[str, ...]:
    """What is offered at ``^``."""
    caret = typed.index("^")
    found = opening(typed.replace("^", ""), caret)
    return () if found is None else choices(found, COLUMNS)


def taken(typed: str, n: int = 0) -> str:
    """The text after the n-th was taken, with ``^`` where the caret is."""
    caret, text = typed.index("^"), typed.replace("^", "")
    found = opening(text, caret)
    assert found is not None
    made, at = completed(text, found, choices(found, COLUMNS)[n])
    return f"{made[:at]}^{made[at:]}"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Rate {{^", COLUMNS),
        ("Rate {{ rev^", ("review", "Reviewer")),
        ("Rate {{view^", ("review", "Reviewer")),
        ("{{#if st^", ("stars",)),
        ("{{id}} and {{st^}}", ("stars",)),
        ("{{review | tr^", ("trim", "truncate")),
        ("{{review | truncate(5^", ()),
        ("{{review}} ^", ()),
        ("{{review\n^", ()),
        (r"\{{re^", ()),
        (r"\\{{re^", ("review", "Reviewer")),
        ("no braces^", ()),
        ("{{nothing like it^", ()),
    ],
)
def test_what_is_offered(typed: str, names: tuple[str, ...]) -> None:
    """Columns, also in conditions, then filters; nothing outside of braces."""
    assert offered(typed) == names


@pytest.mark.parametrize(
    ("typed", "n", "made"),
    [
        ("Rate {{^", 1, "Rate {{review}}^"),
        ("Rate {{ re^}} now", 0, "Rate {{ review}}^ now"),
        ("{{odd^", 0, '{{"odd | name"}}^'),
        ("{{#if^", 4, "{{#if stars}}^"),
        ("{{r^ev | trim}}", 0, "{{review^ | trim}}"),
        ("{{id | tru^", 0, "{{id | truncate(500)}}^"),
    ],
)
def test_what_comes_of_it(typed: str, n: int, made: str) -> None:
    """A placeholder that can be read, closed once, with the caret behind it."""
    assert taken(typed, n) == made
    assert not [one for one in syntax.parse(made.replace("^", "")).faults if one.kind != "condition"]


@given(st.text("{}|#if aré\\\n\"'", max_size=30), st.integers(0, 30))
def test_nothing_else_of_the_text_changes(text: str, caret: int) -> None:
    """What stands before the placeholder and behind it stays."""
    found = opening(text, min(caret, len(text)))
    if found is not None and found.kind != "filter":
        made, at = completed(text, found, "review")
        assert made.startswith(text[: found.start])
        assert made.endswith(text[found.stop :])
        assert found.start <= at <= len(made)


def test_the_guide_has_every_filter() -> None:
    """docs/reference/prompts.md says of each what the page says."""
    guide = (Path(__file__).resolve().parents[4] / "docs" / "reference" / "prompts.md").read_text()
    for rule in FILTERS.values():
        assert f"| `{rule.example}` | {rule.help} |\n" in guide


@given(st.text(min_size=1, max_size=12).filter(lambda one: one == one.strip() and "\x00" not in one), st.booleans())
def test_a_column_that_is_put_into_json_is_that_column(column: str, within: bool) -> None:
    """Whatever its name holds: within a string, where a quote would end it, and in place of a value."""
    before, after = ('{"a": "x \\"y\\" ', ' z"}') if within else ('{"a": ', "}")
    made = editing.placeholder_in_json(before + after, len(before), column)
    (node,) = [one for one in syntax.parse(before + made + after, raw=True).nodes if isinstance(one, ColumnNode)]
    assert (node.column, node.quoted) == (column, within)
    typed = before + "{{"
    text, _ = completed(typed, Opening("column", "", len(typed), len(typed)), column, raw=True)
    assert text == before + made
