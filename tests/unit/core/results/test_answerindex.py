"""The index of a table of answers, held against the plain way to do the same."""

from __future__ import annotations

from array import array
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.ledger import DAMAGED_LINE
from app.core.openai import flaws
from app.core.openai.outcomes import Outcome
from app.core.results.answerindex import NAMES, AnswerIndex, AnswerState, NoSuchColumn, answer_state
from app.core.results.columns import NumberColumn, WordBuilder, WordColumn, as_number, both, number_text, plain, sort_keys
from app.core.results.facets import facet, summary
from app.core.results.query import ColumnFilter, TableQuery

WORDS = st.sampled_from(["", "a", "A", "b", "row-9", "row-10", "007", "ß", "😀", "<b>"])
NUMBERS = st.one_of(st.just(float("nan")), st.integers(-5, 5).map(float), st.floats(-1e6, 1e6))


class PlainRow(NamedTuple):
    word: str
    number: float
    answer: str
    state: int


ROWS = st.lists(st.builds(PlainRow, WORDS, NUMBERS, WORDS, st.integers(0, 10)), max_size=40)
FILTERS = st.lists(
    st.one_of(
        st.builds(
            ColumnFilter,
            st.sampled_from(["word", "answer"]),
            st.lists(WORDS, max_size=3).map(tuple),
            st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
            st.booleans(),
        ),
        st.builds(
            ColumnFilter,
            st.just("number"),
            st.lists(st.integers(-5, 5).map(str), max_size=2).map(tuple),
            st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
            st.booleans(),
            st.one_of(st.none(), st.floats(-10, 10)),
            st.one_of(st.none(), st.floats(-10, 10)),
        ),
    ),
    max_size=3,
)


def table(rows: list[PlainRow]) -> AnswerIndex:
    made = AnswerIndex(array("i", [0] * len(rows)), array("I", range(len(rows))), bytes(one.state for one in rows))
    made.columns["word"] = WordColumn.of(one.word for one in rows)
    made.columns["number"] = NumberColumn(one.number for one in rows)
    made.makers["answer"] = lambda: WordColumn.of(one.answer for one in rows)
    made.of_answers.add("answer")
    return made


def plainly(row: PlainRow, name: str) -> tuple[str | float | None, str]:
    """What a cell is: its value, or which special choice."""
    value = getattr(row, name)
    if name == "answer" and row.state != AnswerState.GOOD:
        return None, NAMES[row.state]
    return (None, "blank") if value in ("", None) or value != value else (value, "")


def let_through(row: PlainRow, filter: ColumnFilter) -> bool:
    value, special = plainly(row, filter.column)
    if value is None:
        found = special in filter.specials
    elif isinstance(value, float):
        ranged = filter.low is not None or filter.high is not None
        low, high = float("-inf") if filter.low is None else filter.low, float("inf") if filter.high is None else filter.high
        found = value in {float(one) for one in filter.values} or (ranged and low <= value <= high)
    else:
        found = value in filter.values
    return found != filter.exclude


@given(ROWS, FILTERS, st.sampled_from(["", "word", "-word", "number", "-number", "answer", "-answer"]))
def test_rows_are_those_that_the_plain_way_finds(rows: list[PlainRow], filters: list[ColumnFilter], sort: str) -> None:
    """Filters over several columns, and an order with blank cells last and equal ones in the rows' own order."""
    query = TableQuery(filters=tuple(filters), sort=sort)
    wanted = [n for n, row in enumerate(rows) if all(let_through(row, one) for one in filters if not one.empty)]
    name, reverse = query.sorted_by
    if name:
        keys = sort_keys(["", *(str(getattr(row, name)) for row in rows)])[1:] if name != "number" else [row.number for row in rows]
        filled = [n for n in wanted if plainly(rows[n], name)[0] is not None]
        filled.sort(key=keys.__getitem__, reverse=reverse)
        wanted = filled + [n for n in wanted if plainly(rows[n], name)[0] is None]
    assert list(table(rows).rows(query)) == wanted


@given(ROWS, FILTERS)
def test_a_facet_counts_every_row_once(rows: list[PlainRow], filters: list[ColumnFilter]) -> None:
    """Values and special choices together are the rows that the other filters let through; a header says the same of blank and distinct."""
    made = table(rows)
    mask = made.masks(TableQuery(filters=tuple(filters)))
    chosen = [row for n, row in enumerate(rows) if mask is None or mask[n]]
    for name in ("word", "answer", "number"):
        found, head = facet(made, name, mask, shown=1_000), summary(made, name, mask)
        values = [value for value, _ in (plainly(row, name) for row in chosen) if value is not None]
        counted = sum(one.count for one in found.values) + sum(one.count for one in found.bins)
        assert counted == len(values)
        assert sum(one.count for one in found.specials) == len(chosen) - len(values)
        assert (head.rows, head.blank, head.distinct, found.distinct) == (
            len(chosen),
            len(chosen) - len(values),
            len(set(values)),
            len(set(values)),
        )
        if name != "number":
            assert {one.value: one.count for one in found.values} == {value: values.count(value) for value in set(values)}
        elif values:
            assert head.mean == pytest.approx(sum(values) / len(values), abs=1e-6)  # type: ignore[arg-type]  # numbers
            assert (head.low, head.high) == (min(values), max(values))
            for one in found.bins:
                inside = made.mask(ColumnFilter("number", low=one.low, high=one.high))
                assert one.count == sum(inside if mask is None else both(inside, mask)), "pressed, it lets through what it counts"


def numbers(*values: float) -> AnswerIndex:
    made = AnswerIndex(array("i", [0] * len(values)), array("I", range(len(values))), bytes([10] * len(values)))
    made.columns["number"] = NumberColumn(values)
    return made


def test_whole_numbers_stand_in_bins_of_their_own() -> None:
    """No number stands in two, and what a bin is called is what it has."""
    bins = facet(numbers(*map(float, range(101))), "number", None).bins
    assert [(one.low, one.high, one.count) for one in bins[:2]] == [(0, 9, 10), (10, 19, 10)]
    assert (bins[-1].low, bins[-1].count) == (100, 1)


def test_large_numbers_have_their_spread() -> None:
    """Seconds since 1970 differ in their last digits; numbers near the largest have a mean."""
    found = summary(numbers(*(1_700_000_000.0 + n for n in range(11))), "number", None)
    assert found.mean == 1_700_000_005.0
    assert found.deviation == pytest.approx(10**0.5)
    largest = summary(numbers(1.7e308, 1.7e308, -1.7e308, 1.7e308), "number", None)
    assert largest.mean == pytest.approx(8.5e307)
    assert largest.deviation == 0.0


@pytest.mark.parametrize(
    ("value", "words"), [(2.5e-06, "0.0000025"), (0.0, "0"), (1.25, "1.25"), (1200.0, "1200"), (-3e-7, "-0.0000003"), (1e300, "1e+300")]
)
def test_small_numbers_are_written_out(value: float, words: str) -> None:
    """As people write prices."""
    assert plain(value, 12) == words


def test_a_facet_is_searched_and_ordered() -> None:
    """By name or by count, those that hold some letters, and how many more there are."""
    made = AnswerIndex(array("i", [0] * 6), array("I", range(6)), bytes([10] * 6))
    made.columns["word"] = WordColumn.of(["pear", "Apple", "pear", "apricot", "", "fig"])
    assert [(one.value, one.count) for one in facet(made, "word", None, shown=2).values] == [("pear", 2), ("Apple", 1)]
    assert [one.value for one in facet(made, "word", None, order="name").values] == ["Apple", "apricot", "fig", "pear"]
    found = facet(made, "word", None, find="AP")
    assert ([one.value for one in found.values], found.found, found.distinct) == (["Apple", "apricot"], 2, 4)
    with pytest.raises(NoSuchColumn):
        facet(made, "none", None)


def test_texts_are_sorted_as_people_count() -> None:
    """A number within a text counts as one; capitals stand beside small letters."""
    words = ["", "row-10", "row-9", "Row-1", "ß", "b", "a12b", "a2b"]
    keys = sort_keys(words)
    assert sorted(words, key=lambda word: keys[words.index(word)]) == ["", "a2b", "a12b", "b", "Row-1", "row-9", "row-10", "ß"]
    many = [f"r1-{n}" for n in range(60_000)]
    keys = sort_keys(["", *many])
    assert sorted(range(len(keys)), key=keys.__getitem__) == list(range(len(keys)))


@pytest.mark.parametrize(
    "word", ["007", "1.50", "+1", "1e3", "", "x", "0x1", "1_000", " 1", "inf", "nan", "99999999999999999999", "-0", "١"]
)
def test_a_text_stays_a_text_that_a_number_would_change(word: str) -> None:
    """Leading zeros and digits that no number has are what makes an identifier."""
    assert as_number(word) is None


@pytest.mark.parametrize(("word", "value"), [("0", 0.0), ("-12", -12.0), ("1.5", 1.5), ("123456789012", 123456789012.0)])
def test_a_number_reads_back_as_it_is_written(word: str, value: float) -> None:
    """Then a column of such texts is one of numbers."""
    assert as_number(word) == value
    assert number_text(value) == word
    builder = WordBuilder(2)
    builder.put(1, word)
    column = builder.column()
    assert isinstance(column, NumberColumn)
    assert (column.cell(0), column.cell(1)) == ("", word)


def test_what_an_answer_is_good_for() -> None:
    """Each outcome and each flaw has its place among the choices."""
    assert answer_state(Outcome.ANSWERED, "") is AnswerState.GOOD
    assert answer_state(Outcome.FLAWED, flaws.CUT) is AnswerState.CUT
    assert answer_state(Outcome.FLAWED, flaws.REFUSED) is AnswerState.REFUSED
    assert answer_state(Outcome.FLAWED, flaws.EMPTY) is AnswerState.BLANK
    assert answer_state(Outcome.FLAWED, flaws.SCHEMA) is AnswerState.INVALID
    assert answer_state(Outcome.FLAWED, "of a later version") is AnswerState.INVALID
    assert answer_state(Outcome.MISSING, DAMAGED_LINE) is AnswerState.DAMAGED
    assert answer_state(Outcome.MISSING, "missing") is AnswerState.MISSING
    assert {answer_state(one, "") for one in Outcome} <= set(AnswerState)
    assert len(NAMES) == len(AnswerState) - 1


def test_a_request_is_found_by_its_batch_and_row() -> None:
    """Also where two batches have rows of the same number."""
    made = AnswerIndex(array("i", [0, 1, 0, 1]), array("I", [0, 0, 1, 1]), bytes(4))
    assert [made.position(batch, row) for batch, row in ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 7))] == [0, 1, 2, 3, None, None]
