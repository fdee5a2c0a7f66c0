"""Rows that a person looks for: found, narrowed, drawn, kept as a table, and taken by the plan."""

from __future__ import annotations

import pytest

from app.core.datasets.table import RowFault
from app.core.model.datasets import Dataset, Dialect
from app.core.openai.wire import BytesBlob
from app.services.datasets.datasets import Source
from app.ui.base.data_state import Selecting
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.datasets.test_data import brought, cells, seen
from tests.unit.ui.templates.test_prompt import opened

CSV = b"id,kind,price\n" + b"".join(b"%03d,%s,%d\n" % (n, b"red" if n % 3 else b"Blue", n) for n in range(60))


async def found(visit: Visit) -> None:
    """Wait until nothing is looked for."""
    await visit.until(lambda: visit.state.data.open is None or visit.state.data.open.selecting is None)
    await visit.rest()


async def search(visit: Visit, text: str) -> None:
    await visit.emit(visit.field("Search all columns"), "change", text)
    await found(visit)


async def test_a_search_shows_the_rows_that_hold_it(tabs: Open) -> None:
    """Of either case, with their numbers in the file; all are back by one press."""
    visit = await tabs()
    await brought(visit, CSV, "things.csv")
    await search(visit, "BLUE")
    assert "20 of 60 rows" in visit.text
    assert [row[:3] for row in cells(visit)[:2]] == [["2", "000", "Blue"], ["5", "003", "Blue"]]
    await search(visit, "green")
    assert "No row matches." in visit.text
    assert "disabled" in visit.button("Keep as a new table").attributes
    await visit.click("Show all rows")
    await found(visit)
    assert [row[0] for row in cells(visit)[:2]] == ["2", "3"]
    assert not visit.has("Keep as a new table")


async def test_filters_narrow_and_are_taken_away_one_by_one(tabs: Open) -> None:
    """A condition that means nothing is said and not added."""
    visit = await tabs()
    await brought(visit, CSV, "things.csv")
    assert "disabled" in visit.button("Add filter").attributes
    await visit.choose("Column", "kind")
    await visit.click("Add filter")
    assert "Write what the cells should contain." in visit.text
    await visit.type("Text", "red")
    await visit.click("Add filter")
    await found(visit)
    assert "40 of 60 rows" in visit.text
    await visit.choose("Column", "price")
    await visit.choose("Condition", "between")
    await visit.type("From", "cheap")
    await visit.click("Add filter")
    assert "“cheap” is not a number." in visit.text
    await visit.type("From", "10")
    await visit.type("To", "13")
    await visit.click("Add filter")
    await found(visit)
    assert [row[1] for row in cells(visit)] == ["010", "011", "013"]
    await visit.click("Remove the filter kind contains “red”")
    await found(visit)
    assert [row[1] for row in cells(visit)] == ["010", "011", "012", "013"]


async def test_a_sample_is_kept_as_a_table(tabs: Open) -> None:
    """Drawn again with the same seed it is the same; the new table says where it is from."""
    visit = await tabs()
    await brought(visit, CSV, "things.csv")
    await visit.click("Random")
    await found(visit)
    await visit.emit(visit.field("How many rows"), "change", "5")
    await found(visit)
    assert "5 drawn from 60 rows that match" in visit.text
    some = cells(visit)
    await visit.emit(visit.field("Seed"), "change", "2")
    await found(visit)
    assert cells(visit) != some
    await visit.emit(visit.field("Seed"), "change", "1")
    await found(visit)
    assert cells(visit) == some
    await visit.emit(visit.field("Seed"), "change", "one")
    assert "Write a number from 0" in visit.text
    await visit.click("Keep as a new table")
    await found(visit)
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "things, 5 rows"
    assert "things: 5 rows at random, seed 1" in visit.text
    assert cells(visit) == some
    assert "“things” is unchanged." in visit.toasts[-1]


@pytest.mark.slow
async def test_a_plan_takes_only_the_rows_that_match(tabs: Open) -> None:
    """Said where rows are looked at and where they are checked; what was checked before holds no more; all rows are back by one press."""
    visit = await tabs()
    await visit.use_openai()
    id = await opened(visit, CSV)
    await visit.type("Text of message 1", "What is {{id}}?")
    await visit.type("Model", "gpt-4o-mini")
    await visit.go(f"#/data/{id}/check")
    await visit.click("Check 60 rows")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.go(f"#/data/{id}")
    await search(visit, "blue")
    await visit.click("Check only these rows")
    await visit.rest()
    assert "20 rows: “blue” in any column." in visit.text
    await visit.go(f"#/data/{id}/check")
    assert "Only some rows are checked and sent." in visit.text
    assert "Other rows were chosen since." in visit.text
    await visit.click("Check 20 rows again")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    assert "20 rows checked · 20 requests can be sent" in visit.text
    await visit.click("Check all rows")
    await visit.rest()
    assert visit.has("Check 60 rows again")
    await visit.go(f"#/data/{id}")
    assert "Only some rows" not in visit.text


@pytest.mark.slow
async def test_lost_rows_are_said_and_looked_for_again(tabs: Open) -> None:
    """A search that cannot see all rows shows none as if there were no others."""
    visit = await tabs()
    await brought(visit, CSV, "things.csv")
    kept = dict(visit.store.disk.bytes)
    visit.store.disk.bytes.clear()
    await search(visit, "blue")
    assert "The rows could not be found." in visit.text
    visit.store.disk.bytes.update(kept)
    await visit.click("Look again")
    await found(visit)
    assert "20 of 60 rows" in visit.text


async def test_a_search_does_not_call_off_a_table_that_is_being_made(tabs: Open) -> None:
    """It is said that it waits, and what is typed of a filter stays."""
    visit = await tabs()
    await brought(visit, CSV, "things.csv")
    await search(visit, "blue")
    opened = visit.state.data.open
    assert opened is not None
    opened.selecting = Selecting("keep")
    await visit.emit(visit.field("Search all columns"), "change", "red")
    assert "A table is being created from the rows that were found." in visit.text
    assert opened.selecting.doing == "keep"
    assert opened.selection.search == "blue"


async def test_rows_that_were_found_are_not_looked_for_in_a_newer_version(tabs: Open) -> None:
    """Not even while what was at fault in it is being read."""
    visit = await tabs()
    id = await brought(visit, CSV, "things.csv")
    await search(visit, "blue")
    datasets = visit.app.services.datasets()
    read_faults, chosen = datasets.faults, []

    async def faults(dataset: Dataset) -> list[RowFault]:
        assert visit.state.data.open is not None
        chosen.append(visit.state.data.open.chosen)
        return await read_faults(dataset)

    datasets.faults = faults  # type: ignore[method-assign]  # it only looks
    await datasets.bring(Source(BytesBlob(b"id,kind,price\n1,blue,2\n"), "newer.csv"), Dialect(), into=id)
    await visit.go("#/data")
    await visit.go(f"#/data/{id}")
    await visit.until(lambda: len(cells(visit)) == 1)
    assert chosen
    assert set(chosen) == {None}
