"""Files of answers as other programs read them: pandas, pyarrow, openpyxl and LibreOffice (``make roundtrip``).

The table, and what must come out, are those of tests/kit/roundtrip.py: repeats, ties, emoji, line breaks, what looks like a formula, nulls,
leading zeros, numbers of more than 15 digits.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import pytest

from tests.kit.roundtrip import COLUMNS, as_text, downloaded, in_workbook, neutral, of, unescaped
from tests.unit.ui.conftest import Open

pytestmark = pytest.mark.filterwarnings("default")
"""Of these programs we are guests."""
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
TEXT_COLUMNS = "/".join(f"{n}/2" for n in range(1, len(COLUMNS) + 1))
"""A filter option of LibreOffice: every column of a CSV file is text."""


@pytest.fixture
async def taken(tabs: Open) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """The files, and the rows that they must have."""
    return await downloaded(await tabs())


def plain(value: Any) -> Any:
    """A cell of a data frame: what pandas has for null is None."""
    return None if value is None or value is pandas.NA or (isinstance(value, float) and value != value) else value


async def test_every_reader_finds_the_same_rows(taken: tuple[dict[str, bytes], list[dict[str, Any]]], tmp_path: Path) -> None:
    """Same order, same cells, each answer beside its row."""
    files, rows = taken
    values = of(rows, lambda value: value)
    _pandas(files, rows, values)
    _pyarrow(files, rows, values)
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]), read_only=True)
    sheet = [list(map(unescaped, row)) for row in book.active.iter_rows(values_only=True)]
    assert sheet == [list(COLUMNS), *of(rows, in_workbook)]
    _office(files, rows, tmp_path)
    print(
        f"{len(rows)} rows of {len(COLUMNS)} columns: CSV, XLSX, JSON Lines and Parquet, the same in pandas {pandas.__version__},", end=" "
    )
    print(f"pyarrow {pyarrow.__version__}, openpyxl {openpyxl.__version__} and {_version()}")


def _pandas(files: dict[str, bytes], rows: list[dict[str, Any]], values: list[list[Any]]) -> None:
    frame = pandas.read_csv(io.BytesIO(files["csv"]), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert [list(frame.columns), *frame.values.tolist()] == [list(COLUMNS), *of(rows, neutral)]
    frame = pandas.read_excel(io.BytesIO(files["xlsx"]), dtype=object, keep_default_na=False, engine="openpyxl")
    assert [list(frame.columns), *[[unescaped(plain(cell)) for cell in row] for row in frame.values.tolist()]] == [
        list(COLUMNS),
        *of(rows, lambda value: "" if value is None else in_workbook(value)),
    ]
    frame = pandas.read_json(io.BytesIO(files["jsonl"]), lines=True, dtype=False, precise_float=True)
    assert list(frame.columns) == list(COLUMNS)
    assert [[plain(cell) for cell in row] for row in frame.astype(object).values.tolist()] == values
    frame = pandas.read_parquet(io.BytesIO(files["parquet"]), dtype_backend="pyarrow")
    assert [[plain(cell) for cell in row] for row in frame.astype(object).values.tolist()] == values


def _pyarrow(files: dict[str, bytes], rows: list[dict[str, Any]], values: list[list[Any]]) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(files["parquet"]))
    assert [str(table.schema.field(name).type) for name in COLUMNS] == [
        *("string", "string", "int64", "double", "bool", "int64", "string", "string", "string", "int64")
    ]
    assert [[row[name] for name in COLUMNS] for row in table.to_pylist()] == values
    texts = pyarrow.schema([(name, pyarrow.string()) for name in ("code", "text", "Answer")])  # else a text like a day becomes one
    table = pyarrow.json.read_json(io.BytesIO(files["jsonl"]), parse_options=pyarrow.json.ParseOptions(explicit_schema=texts))
    assert [[row[name] for name in COLUMNS] for row in table.to_pylist()] == values
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pyarrow.string()))
    table = pyarrow.csv.read_csv(
        io.BytesIO(files["csv"]), parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True), convert_options=options
    )
    assert [[row[name] for name in COLUMNS] for row in table.to_pylist()] == of(rows, neutral)


def _office(files: dict[str, bytes], rows: list[dict[str, Any]], folder: Path) -> None:
    """LibreOffice opens the workbook and the CSV file, and writes what it sees: no cell became a formula, a number or a date."""
    assert OFFICE is not None, "LibreOffice is not here: apt install libreoffice-calc"
    (folder / "book.xlsx").write_bytes(files["xlsx"])
    (folder / "table.csv").write_bytes(files["csv"])
    seen = _converted(folder, "book.xlsx")
    expected = of(rows, lambda value: as_text(in_workbook(value)))
    assert [[cell.lower() if cell in ("TRUE", "FALSE") else cell for cell in row] for row in seen] == [
        list(COLUMNS),
        *[[cell.lower() if cell in ("TRUE", "FALSE") else cell for cell in row] for row in expected],
    ]
    seen = _converted(folder, "table.csv", f"--infilter=CSV:44,34,76,1,{TEXT_COLUMNS}")
    assert seen == [list(COLUMNS), *of(rows, neutral)]


def _converted(folder: Path, name: str, *options: str) -> list[list[str]]:
    """A file as LibreOffice writes it as CSV, cells as they are shown, UTF-8."""
    out = folder / f"{name}.out"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    command = [str(OFFICE), profile, "--headless", *options, "--convert-to", form, "--outdir", str(out), str(folder / name)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (made,) = out.glob("*.csv")
    return list(csv.reader(io.StringIO(made.read_text("utf-8-sig"), newline="")))


def _version() -> str:
    done = subprocess.run([str(OFFICE), "--version"], check=True, capture_output=True, text=True, timeout=60)
    return " ".join(done.stdout.split()[:2])
