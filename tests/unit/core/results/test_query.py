"""A query as it stands in an address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.results.query import (
    MOST_ADDRESS,
    MOST_COLUMNS,
    MOST_FILTERS,
    MOST_VALUES,
    SPECIALS,
    ColumnFilter,
    TableQuery,
    address,
    left_out,
    parsed,
    toggled,
)

TEXT = st.text(min_size=1, max_size=12).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
FILTER = st.builds(
    ColumnFilter,
    TEXT,
    st.lists(TEXT, max_size=3, unique=True).map(tuple),
    st.lists(st.sampled_from(list(SPECIALS)), max_size=3, unique=True).map(tuple),
    st.booleans(),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
).filter(lambda one: not one.empty)
QUERY = st.builds(TableQuery, TEXT, st.lists(FILTER, max_size=4, unique_by=lambda one: one.column).map(tuple), TEXT)


@given(QUERY, st.lists(TEXT, max_size=4).map(tuple))
def test_an_address_brings_back_what_was_asked(query: TableQuery, columns: tuple[str, ...]) -> None:
    """Whatever stands in values, names and words: dots, ampersands, emoji."""
    assert parsed(address(query, columns)) == (query, columns)


@given(st.text(max_size=200))
def test_any_text_is_some_query(text: str) -> None:
    """What cannot be read is left out."""
    query, _columns = parsed(text)
    assert all(not one.empty for one in query.filters)
    assert parsed(address(query))[0] == query


def test_an_address_has_bounds() -> None:
    """However much somebody writes into one."""
    query, columns = parsed("&".join([f"f=c{n}.in.=x" for n in range(500)] + ["c=" + ".".join("abc" * 200)]))
    assert (len(query.filters), len(columns)) == (MOST_FILTERS, 100) or len(query.filters) == MOST_FILTERS
    query, _ = parsed("f=a.in" + "".join(f".={n}" for n in range(1_000)))
    assert len(query.filters[0].values) == MOST_VALUES
    assert parsed("f=a.in.>inf&f=b.in.>x&f=a&f=.in.=1&f=a.on.=1&f=a.in.!nothing")[0].filters == ()


def test_what_an_address_names_beyond_that_is_said() -> None:
    """Filters, values, columns; nothing is said of what the page writes itself, as long as it may be."""
    many = TableQuery(filters=tuple(ColumnFilter(f"c{n}", ("=.x",) * 1) for n in range(MOST_FILTERS)))
    whole = address(many.put(ColumnFilter("c0", tuple(map(str, range(MOST_VALUES))))), tuple(map(str, range(MOST_COLUMNS))))
    assert left_out(whole) == left_out("") == ""
    more = many.put(ColumnFilter("one more", ("x",)))
    assert len(more.filters) == MOST_FILTERS + 1  # nothing goes in silence
    assert "more than 20 filters" in left_out(address(more))
    assert "more than 200 values" in left_out("f=a.in" + "".join(f".={n}" for n in range(MOST_VALUES + 1)))
    assert "more than 100 columns" in left_out("c=" + ".".join(map(str, range(MOST_COLUMNS + 1))))
    assert "too long" in left_out("q=" + "x" * MOST_ADDRESS)


def test_a_long_address_loses_nothing() -> None:
    """Two hundred values as long as a cell is counted by, in a script that takes six characters for one."""
    query = TableQuery(filters=(ColumnFilter("a", tuple(f"{n} " + "ж" * 240 for n in range(MOST_VALUES))), ColumnFilter("b", ("x",))))
    written = address(query)
    assert 20_000 < len(written) < MOST_ADDRESS
    assert parsed(written)[0] == query


def test_choices_come_and_go() -> None:
    """A second press takes a choice back; an empty filter leaves the query."""
    one = toggled(toggled(ColumnFilter("a"), "x", special=False), "cut", special=True)
    assert one == ColumnFilter("a", ("x",), ("cut",))
    query = TableQuery().put(one)
    assert query.of("a") == one
    assert query.put(toggled(toggled(one, "x", special=False), "cut", special=True)) == TableQuery()
    assert query.without("a") == TableQuery()
    assert query.of("b").empty
