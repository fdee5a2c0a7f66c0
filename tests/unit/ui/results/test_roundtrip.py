"""A table goes in, is answered and comes out: what is read of the files is what was there. pandas, pyarrow and LibreOffice read them in
``make roundtrip``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.kit.roundtrip import COLUMNS, as_text, downloaded, in_workbook, neutral, of, unescaped
from tests.unit.core.results.test_parquet_file import read
from tests.unit.ui.conftest import Open


@pytest.mark.slow
async def test_a_table_comes_out_as_it_went_in(tabs: Open, tmp_path: Path) -> None:
    """CSV, XLSX (openpyxl), JSON Lines and Parquet (hyparquet): every row in its place, every cell, each answer beside its row."""
    files, rows = await downloaded(await tabs())
    assert len({row["Answer"] for row in rows}) > 1
    found = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))
    assert found == [list(COLUMNS), *of(rows, neutral)]
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    sheet = [list(map(unescaped, row)) for row in book.active.iter_rows(values_only=True)]
    assert sheet == [list(COLUMNS), *of(rows, in_workbook)]
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert [list(json.loads(line).items()) for line in files["jsonl"].splitlines()] == [
        [(name, row[name]) for name in COLUMNS] for row in rows
    ]
    ((columns, cells),) = read(tmp_path, files["parquet"])
    assert (tuple(columns), [list(map(as_text, row)) for row in cells]) == (COLUMNS, of(rows, as_text))
