"""A person's Python over a table of answers: rows go out to it, and what came of them is a column like any other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from app.core.model.settings import TakeAway
from app.core.openai.wire import Blob, BytesBlob
from app.core.results.joining import JoinOrder
from app.core.results.python_code import CodeFault, PythonCells
from app.core.results.query import ColumnFilter, TableQuery
from app.ports.compute import Finished, JobFailed, JobKind, unheard
from app.services.results.answers_job import WRITE_ANSWERS, AnswerFileOrder
from app.services.results.python_job import PYTHON, PythonOrder, PythonRun
from app.services.results.python_rows import (
    PYTHON_CELLS,
    PYTHON_PUT,
    PYTHON_ROWS,
    PythonCellsAsked,
    PythonFilled,
    PythonPut,
    PythonRowsAsked,
)
from app.services.results.python_runs import Code, PythonRuns, RowSeen, TooSlow
from app.services.results.table_jobs import FACET, ROWS, FacetAsked, RowsAsked, TableAsked, TableWindow
from tests.kit.answered import Shop, failed, said

CSV = 'id,text\n007,Äpfel\n8,"two\nlines"\n9,plain\n10,last\n'.encode()
LABELS = ("good", "bad", "good")


def answers(id: str) -> bytes:
    """Structured answers but for the third row; the last one failed."""
    n = int(id.rpartition("-")[2])
    if n == 4:
        return failed(id)
    return said(id, json.dumps({"label": LABELS[n - 1], "score": n * 1.5}) if n != 3 else "no JSON {", finish="stop")


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def asked(shop: Shop, query: TableQuery = TableQuery()) -> TableAsked:  # noqa: B008  # it is frozen
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    await shop.batch(answers, pieces=2, backwards=True)
    return TableAsked(JoinOrder(dataset=dataset.id), "1", query)


async def put(shop: Shop, table: TableAsked, data: bytes) -> PythonFilled:
    portion = (await shop.compute.run(PYTHON_ROWS, PythonRowsAsked(table))).value
    return (await shop.compute.run(PYTHON_PUT, PythonPut(table, "x", portion.index), files=[BytesBlob(data)])).value


async def shown(shop: Shop, table: TableAsked, columns: tuple[str, ...], query: TableQuery = TableQuery()) -> TableWindow:  # noqa: B008
    found: TableWindow = (await shop.compute.run(ROWS, RowsAsked(TableAsked(table.of, "1", query), 0, 100, columns))).value
    return found


def cells(window: TableWindow) -> list[tuple[str, ...]]:
    return [one.cells for one in window.rows]


SCORE = Code("def column(row, answer):\n    return answer['score'] * 2 if row['number'] < 3 else answer['score']\n", "column")
LABEL = Code("def column(row, answer):\n    return row['id'] + ' ' + row['text'][:2] + row['finish_reason']\n", "column")


async def test_a_column_is_filled_and_is_like_any_other(shop: Shop) -> None:
    """Sorted, filtered, counted; rows without an answer are blank, and one that went wrong is (error) and told with its line."""
    table = await asked(shop)
    told: list[tuple[int, int]] = []
    done = await PythonRuns(shop).all(SCORE, table, "Twice", lambda a, b: told.append((a, b)))
    assert (done.run, done.filled.filled, done.filled.faulty) == (PythonRun(3, 1), 2, 1)
    (fault,) = done.filled.faults
    assert (fault.number, fault.line, fault.says) == (3, 2, "TypeError: string indices must be integers, not 'str'")
    assert told[-1][0] == told[-1][1] > 0
    window = await shown(shop, table, ("python:Twice",))
    assert cells(window) == [("3",), ("6",), ("(error)",), ("",)]
    assert next(one.number for one in window.columns if one.name == "python:Twice")
    query = TableQuery(sort="-python:Twice")
    assert [one.number for one in (await shown(shop, table, (), query)).rows] == [2, 1, 3, 4]
    query = TableQuery(filters=(ColumnFilter("python:Twice", specials=("error",)),))
    assert [one.number for one in (await shown(shop, table, (), query)).rows] == [3]
    facet = (await shop.compute.run(FACET, FacetAsked(table, "python:Twice"))).value
    assert [(one.special, one.count) for one in facet.specials] == [("blank", 1), ("error", 1)]
    await PythonRuns(shop).all(LABEL, table, "Twice")
    assert cells(await shown(shop, table, ("python:Twice",))) == [("007 Äpstop",), ("8 twstop",), ("9 plstop",), ("",)]


async def test_rows_are_kept_by_a_filter_of_its_column(shop: Shop) -> None:
    """What a ``keep`` says is yes and no in a column."""
    table = await asked(shop)
    code = Code("def keep(row, answer):\n    return isinstance(answer, dict) and 'Sort' in row['prompt']\n", "keep")
    assert (await PythonRuns(shop).all(code, table, "Structured")).run.nothing == 0
    query = TableQuery(filters=(ColumnFilter("python:Structured", ("yes",)),))
    assert [one.number for one in (await shown(shop, table, (), query)).rows] == [1, 2]


async def test_rows_in_sight_are_seen_at_once(shop: Shop) -> None:
    """Each with its cell or what went wrong; those without an answer are left out."""
    table = await asked(shop)
    rows = [(one.batch, one.row) for one in (await shown(shop, table, ())).rows]
    found = await PythonRuns(shop).sight(SCORE, table, [*rows, ("no such batch", 0), (rows[0][0], 99)])
    assert found == [RowSeen(rows[0], "3"), RowSeen(rows[1], "6"), RowSeen(rows[2], None, found[2].says, 2)]
    assert await PythonRuns(shop).sight(SCORE, table, []) == []


async def test_code_that_cannot_run_is_refused(shop: Shop) -> None:
    """Before anything is filled."""
    table = await asked(shop)
    with pytest.raises(CodeFault, match="Line 1: expected ':'"):
        await PythonRuns(shop).all(Code("def column(row, answer) return 1", "column"), table, "x")
    with pytest.raises(CodeFault, match="has no “def keep"):
        await PythonRuns(shop).all(Code(SCORE.source, "keep"), table, "x")
    assert "python:x" not in [one.name for one in (await shown(shop, table, ())).columns]


@pytest.mark.slow
@pytest.mark.parametrize(
    "strange",
    [
        b"",
        b"not JSON",
        b"[" * 10_000,
        b'{"positions":[0],"values":[]}',
        b'{"positions":[99],"values":["x"]}',
        b'{"positions":[-1],"values":["x"]}',
        b'{"positions":[0],"values":[{"a":1}]}',
        b'{"positions":[1e30],"values":["x"]}',
    ],
)
async def test_what_comes_back_is_taken_for_what_it_may_be(shop: Shop, strange: bytes) -> None:
    """The index stays as it was."""
    table = await asked(shop)
    with pytest.raises(JobFailed, match=r"can't be read\. The column was not made"):
        await put(shop, table, strange)
    assert "python:x" not in [one.name for one in (await shown(shop, table, ())).columns]


async def test_texts_and_faults_that_come_back_are_bounded(shop: Shop) -> None:
    """Whatever a worker says in the place of the job."""
    table = await asked(shop)
    data = json.dumps({"positions": [0, 1], "values": ["x" * 50_000, None], "faults": [[1, -5, "y" * 5_000], [7, 1, "z"]]}).encode()
    filled = await put(shop, table, data)
    assert (filled.filled, filled.faulty, [(one.line, len(one.says)) for one in filled.faults]) == (1, 1, [(0, 300)])
    assert len(cells(await shown(shop, table, ("python:x",)))[0][0]) == 240


async def test_a_line_that_cannot_be_read_keeps_no_other_back(shop: Shop) -> None:
    """Each row is a line of its own."""
    lines = b'["a"]\n[0,"r",1,"answered","stop",1,1,null,null,"x",["1"]]\nbroken\n[2,"s",3,"answered","stop",1,1,0.5,null,"y",null]\n'
    done = await shop.fenced.run(PYTHON, PythonOrder("def column(row, answer): return row.get('a')", "column"), files=[BytesBlob(lines)])
    assert (done.value.rows, done.value.nothing, done.faulty) == (2, 1, 1)
    assert done.blob is not None
    assert json.loads(await done.blob.read()) == {"positions": [0, 2], "values": ["1", None], "faults": []}


async def test_what_came_of_other_answers_is_not_taken(shop: Shop) -> None:
    """Other rows may stand at these positions by now."""
    table = await asked(shop)
    portion = (await shop.compute.run(PYTHON_ROWS, PythonRowsAsked(table))).value
    await shown(shop, TableAsked(table.of, "2"), ())
    await shop.compute.run(ROWS, RowsAsked(TableAsked(table.of, "2"), 0, 1, ()))
    with pytest.raises(JobFailed, match="changed while the code ran"):
        await shop.compute.run(PYTHON_PUT, PythonPut(table, "x", portion.index), files=[])


async def test_its_columns_go_into_files(shop: Shop) -> None:
    """In full, as numbers where all are, beside the answers they were made of."""
    table = await asked(shop)
    long = Code("def column(row, answer):\n    return str(answer) * 10\n", "column")
    await PythonRuns(shop).all(long, table, "Ten")
    await PythonRuns(shop).all(Code("def column(row, answer):\n    return row['number'] / 2\n", "column"), table, "Half")
    cells = await shop.run(PYTHON_CELLS, PythonCellsAsked(table, ("Ten", "Half")))
    assert cells.value == 3
    assert cells.blob is not None
    order = AnswerFileOrder(
        table.of, TakeAway(format="jsonl", rows="all"), shown=("cell:id", "python:Half", "python:Ten"), filled=("Ten", "Half")
    )
    done = await shop.run(WRITE_ANSWERS, order, files=[cells.blob])
    assert done.blob is not None
    rows = [json.loads(line) for line in (await done.blob.read()).splitlines()]
    assert [(one["id"], one["Half"]) for one in rows] == [("007", 0.5), ("8", 1.0), ("9", 1.5), ("10", None)]
    assert [len(one["Ten"] or "") for one in rows] == [310, 300, 90, 0], "more than the 240 characters that the table keeps"
    with pytest.raises(JobFailed, match="“No” is not filled"):
        await shop.run(PYTHON_CELLS, PythonCellsAsked(table, ("No",)))


class Stuck:
    """A worker that never gets on, or that returns what it likes."""

    def __init__(self, shop: Shop, gives: bytes | None = None, beats: int = 0) -> None:
        self._shop, self._gives, self._beats = shop, gives, beats
        self.stopped = self.ended = 0

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        if not kind.fenced:
            return await self._shop.run(kind, arguments, files=files, moved=moved)
        if self._gives is not None:
            return Finished(PythonRun(), BytesBlob(self._gives))
        try:
            moved(0, 100)
            for n in range(self._beats):
                await asyncio.sleep(0.01)
                moved(n + 1, 100)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        raise AssertionError

    def leave(self, place: str) -> None:
        self._shop.leave(place)

    def end_fenced(self) -> None:
        self.ended += 1


async def test_code_that_does_not_get_on_is_stopped(shop: Shop) -> None:
    """At its limit, counted from the last row that was done; and at once when the run is called off."""
    table = await asked(shop)
    stuck = Stuck(shop, beats=12)
    began = asyncio.get_running_loop().time()
    with pytest.raises(TooSlow, match=r"for 0.05 seconds it did not reach the next row"):
        await PythonRuns(stuck, (0.05, 0.05)).all(SCORE, table, "x")
    assert asyncio.get_running_loop().time() - began > 0.1, "twelve rows kept it alive"
    assert stuck.stopped == 1
    task = asyncio.ensure_future(PythonRuns(stuck, (60, 60)).all(SCORE, table, "x"))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert stuck.stopped == 2
    PythonRuns(stuck).end()
    assert stuck.ended == 1


async def test_rows_in_sight_believe_nothing(shop: Shop) -> None:
    """Results for rows that nobody asked for are passed over, and what has no shape is told."""
    table = await asked(shop)
    rows = [(one.batch, one.row) for one in (await shown(shop, table, ())).rows][:1]
    gives = json.dumps({"positions": [3, 0, 10**9], "values": ["no", "yes", "no"]}).encode()
    assert await PythonRuns(Stuck(shop, gives)).sight(SCORE, table, rows) == [RowSeen(rows[0], "yes")]
    for strange in (b"x" * 2_000_000, b"no"):
        with pytest.raises(JobFailed, match="can't be read"):
            await PythonRuns(Stuck(shop, strange)).sight(SCORE, table, rows)
    assert PythonCells([], []).faults == []
