"""A person's Python, one row after another: what it may give back, and what becomes of what goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.results.python_code import (
    KNOWN,
    MOST_CELL,
    MOST_SAID,
    MOST_SOURCE,
    CodeFault,
    CodeKind,
    RowResult,
    line_of,
    loaded,
    result_of,
    row_of,
)


def ran(body: str, row: dict[str, Any] | None = None, answer: object = "yes", kind: CodeKind = "column") -> RowResult:
    return result_of(loaded(f"def {kind}(row, answer):\n    {body}\n", kind), kind, row or {}, answer)


def given_back(expression: str) -> RowResult:
    return ran(f"return {expression}")


def test_a_cell_is_made_of_what_is_given_back() -> None:
    """Texts, numbers as they are written, True and False as words, nothing for None."""
    assert [given_back(one).cell for one in ("answer", "'Größe 😀'", "3", "2.5", "2.0", "True", "None", "''", "10 ** 20", "1e300")] == [
        *("yes", "Größe 😀", "3", "2.5", "2", "true"),
        *(None, "", str(10**20), "1e+300"),
    ]
    assert ran("return answer['n'] + row['x']", {"x": 1}, {"n": 2}).cell == "3"
    assert given_back("type('Mine', (str,), {'__str__': lambda self: 1 / 0})('x')").cell == "x"


def test_what_is_no_cell_is_told_by_its_type() -> None:
    """Lists, dicts, functions, objects; numbers that no cell can hold."""
    for one, name in (("[1]", "list"), ("{}", "dict"), ("len", "builtin_function_or_method"), ("b''", "bytes"), ("object()", "object")):
        assert given_back(one).says == f"It returned a {name}. Return a text, a number, True, False or None."
    assert given_back("float('nan')").says == "It returned nan, which is not a number that a cell can hold."
    assert given_back("10 ** 5000").says == "It returned an infinite number."
    assert "coroutine" not in (given_back("'x'").says)


def test_sizes_are_bounded() -> None:
    """A long text is cut and that is said; so are words of exceptions, names of types, and the code itself."""
    found = given_back("'ä' * 10_000_000")
    assert (len(found.cell or ""), found.cut) == (MOST_CELL, True)
    assert given_back(f"'x' * {MOST_CELL}").cut is False
    assert len(ran("raise ValueError('x' * 10_000_000)").says) <= MOST_SAID + 20
    assert len(given_back("type('N' * 1_000_000, (), {})()").says) < MOST_SAID + 100
    with pytest.raises(CodeFault, match="more than 50,000 characters"):
        loaded("#" * (MOST_SOURCE + 1), "column")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("return row['nothing']", "KeyError: 'nothing'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise type('Sly', (Exception,), {'__str__': lambda self: 1 / 0})", "Sly"),
        ("return column(row, answer)", "RecursionError: maximum recursion depth exceeded"),
        ("assert False, 'two\\nlines'", "AssertionError: two lines"),
    ],
)
def test_whatever_goes_wrong_is_that_rows(body: str, says: str) -> None:
    """In words, with the line of the code; nothing is raised."""
    found = ran(body)
    assert found.says.startswith(says)
    assert (found.line, found.cell) == (2, None)


def test_the_line_is_the_codes_own() -> None:
    """Also where the exception comes out of the library, or of a function of the code."""
    work = loaded(
        "import json\n\ndef read(text):\n    return json.loads(text)\n\ndef column(row, answer):\n    return read(answer)\n", "column"
    )
    assert result_of(work, "column", {}, "{").line == 4


def test_rows_are_kept_by_what_is_true() -> None:
    """As Python has it; nothing given back is neither."""
    assert [ran(f"return {one}", kind="keep").cell for one in ("True", "0", "'x'", "[]", "None")] == ["yes", "no", "yes", "no", None]
    assert ran("return type('Sly', (), {'__bool__': lambda self: 1 / 0})()", kind="keep").says.startswith("ZeroDivisionError")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def column(row, answer)\n    return 1", "Line 1: expected ':'."),
        ("x = 1\ny = 1 / 0\ndef column(row, answer): return 1", "Line 2: ZeroDivisionError: division by zero."),
        ("def other(row, answer): return 1", "The code has no “def column(row, answer):”."),
        ("column = 3", "The code has no “def column(row, answer):”."),
        ("raise SystemExit", "Line 1: SystemExit."),
        ("import no_such_module", "Line 1: ModuleNotFoundError: No module named 'no_such_module'."),
        ("a\0b", "null"),
        ("", "The code has no “def column(row, answer):”."),
    ],
)
def test_code_that_cannot_run_is_told_with_its_line(source: str, says: str) -> None:
    """Before any row."""
    with pytest.raises(CodeFault) as told:
        loaded(source, "column")
    assert says in str(told.value)


def test_a_fault_is_led_back_to_its_line() -> None:
    """The editor marks it; a sentence without a line marks none."""
    with pytest.raises(CodeFault) as told:
        loaded("x = 1\ny = 1 / 0", "column")
    assert line_of(str(told.value)) == 2
    assert line_of("The code has no “def column(row, answer):”.") == 0


def test_each_code_has_names_of_its_own() -> None:
    """What one defines another does not find; ``print`` says nothing."""
    loaded("left = 1\ndef column(row, answer): return 1", "column")
    assert ran("return left").says.startswith("NameError")
    assert ran("print('x'); return 'quiet'").cell == "quiet"


def test_a_rows_own_names_go_first() -> None:
    """What Nightshift knows stands there with ``_`` before it where the table has the name; a prompt that was not read is not there."""
    known = ["r-1", 7, "answered", "stop", 10, 4, 0.001, None, "yes"]
    row = row_of(["id", "text"], ["mine", 3], known)
    assert (row["id"], row["_id"], row["text"], row["cost"], row["answer"]) == ("mine", "r-1", 3, 0.001, "yes")
    assert "prompt" not in row
    assert set(row) == {"id", "text", "_id", *KNOWN} - {"prompt"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=60)
@given(VALUES, st.sampled_from(["column", "keep"]))
def test_anything_given_back_is_a_cell_or_is_told(value: object, kind: CodeKind) -> None:
    """Never both, nothing raised, and what crosses can be written as JSON."""
    found = result_of(lambda _row, _answer: value, kind, {}, "")
    assert not (found.says and found.cell is not None)
    assert len(found.cell or "") <= MOST_CELL
    (found.cell or found.says).encode()
