"""Python over answers, as a person writes it: seen over the rows in sight, filled, filtered, stopped; and code that came from elsewhere."""

from __future__ import annotations

import json

import pytest

from app.core.model.python_code import AcceptedCode, PythonCode
from app.core.results.python_code import digest
from app.services.runtime.records import put
from app.ui.results.python_examples import BEGINNING
from tests.kit.markup import Element
from tests.kit.screen import Visit
from tests.unit.ui.results.test_table import cells, opened, press, settled

COUNT = "def column(row, answer):\n    return row['number'] * 2\n"
SMALL = "def keep(row, answer):\n    return row['number'] < 3\n"


async def idle(visit: Visit) -> None:
    """Wait until no code runs and nothing is read."""
    python = visit.state.python
    await visit.until(lambda: not python.doing and (python.draft is None or not python.draft.looking))
    await settled(visit)


async def written(visit: Visit, source: str, name: str = "") -> None:
    await visit.type("Code", source)
    await visit.wait(1)
    await idle(visit)
    if name:
        await visit.type("Name of the column", name)


def editor(visit: Visit) -> Element:
    """What stands around the field, for the editor."""
    (found,) = visit.dom.of("code-editor")
    return found


def marks(visit: Visit) -> list[list[object]]:
    """Lines that the editor marks, and what is wrong there."""
    found: list[list[object]] = json.loads(editor(visit).attributes.get("data-marks") or "[]")
    return found


@pytest.mark.slow
async def test_a_column_is_written_seen_and_filled(visit: Visit) -> None:
    """What is typed runs over the rows in sight; the column stands in the address, is sorted like any, and is replaced under its name."""
    await opened(visit)
    await press(visit, "Python")
    await idle(visit)
    draft = visit.state.python.draft
    assert draft is not None
    assert draft.source == BEGINNING["column"]
    assert draft.seen is not None
    assert len(draft.seen) == 6
    await written(visit, "def column(row, answer):\n    return row['nothing']\n")
    assert visit.text.count("Line 2: KeyError: 'nothing'") == 6
    assert marks(visit) == [[2, "KeyError: 'nothing'"]]
    await written(visit, "def column(row, answer) return 1")
    assert "Line 1:" in visit.text
    assert [line for line, _ in marks(visit)] == [1]
    await written(visit, COUNT)
    assert marks(visit) == []
    assert visit.button("Fill the column")["title"] == "Give it a name first."
    await visit.type("Name of the column", "Twice")
    await visit.click("Fill the column")
    await idle(visit)
    assert "6 rows of 6 with an answer filled." in visit.text
    assert cells(visit, "Twice") == ["2", "4", "6", "8", "10", "12"]
    assert "python%3ATwice" in visit.page.route
    (kept,) = await visit.app.services.records.all(PythonCode)
    assert (kept.value.name, kept.value.source, kept.value.kind) == ("Twice", COUNT, "column")
    await written(visit, "def column(row, answer):\n    return row['number'] if row['number'] > 2 else 1 / 0\n")
    await visit.click("Fill the column")
    await idle(visit)
    assert cells(visit, "Twice") == ["(error)", "(error)", "3", "4", "5", "6"]
    assert "2 failed" in visit.text
    assert "Line 2: ZeroDivisionError: division by zero" in visit.text
    await visit.click("Undo", -1)
    await idle(visit)
    assert cells(visit, "Twice") == ["2", "4", "6", "8", "10", "12"]


@pytest.mark.slow
async def test_rows_are_filtered_by_code(visit: Visit) -> None:
    """A filter of its column, which can be taken away like any; nothing given back is told."""
    await opened(visit)
    await press(visit, "Python")
    await visit.click("Filters rows")
    await idle(visit)
    await written(visit, SMALL, "Small")
    await visit.click("Filter all rows")
    await idle(visit)
    assert "2 of 6 rows" in visit.text
    await press(visit, "Clear all")
    assert "6 rows" in visit.text
    await written(visit, "def keep(row, answer):\n    row['number'] < 3\n")
    await visit.click("Filter all rows")
    await idle(visit)
    assert "is a “return” missing?" in visit.text


@pytest.mark.slow
async def test_code_from_elsewhere_runs_when_it_was_read(visit: Visit) -> None:
    """A view names its column: it is told, and nothing runs. Opened, it can be read only; accepted, it runs, and only this very text."""
    await opened(visit)
    records, route = visit.app.services.records, visit.page.route
    await records.commit([put(PythonCode(id="py-1", name="Twice", source=COUNT), -1)])
    await visit.go(f"{route}?c=id.python%3ATwice")
    await idle(visit)
    assert "“Twice” was not filled. Its code came with an import." in visit.text
    assert cells(visit, "Twice") == [""] * 6
    await visit.click("Open it")
    await idle(visit)
    draft = visit.state.python.draft
    assert draft is not None
    assert draft.unread
    assert draft.seen is None
    assert "readonly" in visit.field("Code").attributes
    assert "data-locked" in editor(visit).attributes
    await visit.click("I have read it: allow it to run")
    await idle(visit)
    assert [one.value.id for one in await records.all(AcceptedCode)] == [digest(COUNT, "column")]
    assert not draft.unread
    assert draft.seen is not None
    await visit.click("Fill the column")
    await idle(visit)
    assert cells(visit, "Twice") == ["2", "4", "6", "8", "10", "12"]
    await records.commit([put(PythonCode(id="py-1", name="Twice", source=COUNT + "# another\n"), -1)])
    await visit.go("#/queue")
    await visit.go(f"{route}?c=id.python%3ATwice")
    await idle(visit)
    assert cells(visit, "Twice") == [""] * 6


@pytest.mark.slow
async def test_a_view_fills_its_column_again(visit: Visit) -> None:
    """Left and opened again, by an address that shows, sorts or filters by it."""
    await opened(visit)
    route = visit.page.route
    await press(visit, "Python")
    await idle(visit)
    await written(visit, COUNT, "Twice")
    await visit.click("Fill the column")
    await idle(visit)
    shown = visit.page.route
    await visit.go("#/queue")
    await visit.go(shown)
    await idle(visit)
    assert cells(visit, "Twice") == ["2", "4", "6", "8", "10", "12"]
    await visit.go("#/queue")
    await visit.go(f"{route}?c=python%3ATwice&s=-python%3ATwice&f=python%3ATwice.in.%3E5")
    await idle(visit)
    assert cells(visit, "Twice") == ["12", "10", "8", "6"]


@pytest.mark.slow
async def test_a_code_is_forgotten_and_had_back(visit: Visit) -> None:
    """With a way back; a new one begins with an example."""
    await opened(visit)
    await press(visit, "Python")
    await idle(visit)
    await written(visit, COUNT, "Twice")
    await visit.click("Fill the column")
    await idle(visit)
    await visit.click("Forget Twice")
    assert await visit.app.services.records.all(PythonCode) == []
    await visit.click("Undo", -1)
    assert len(await visit.app.services.records.all(PythonCode)) == 1
    await visit.click("Close Python")
    assert visit.state.python.draft is None
