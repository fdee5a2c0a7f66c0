"""Parquet files as another program reads them: hyparquet, which the page reads such files with, in Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.core.datasets.table import Cell
from app.core.results.kinds import CellKind, SeenKinds, bit_of, kind_of
from app.core.results.parquet_file import GROUP_BYTES, ParquetWriter
from tests.unit.core.results.test_writing import texts, written

READER = Path(__file__).resolve().parents[4] / "static" / "js" / "parquet-rows.mjs"
SCRIPT = f"""
import {{ readFileSync }} from 'node:fs';
import {{ Rows }} from {json.dumps(READER.as_uri())};
for (const path of JSON.parse(process.argv[1])) {{
  const data = readFileSync(path);
  const slice = (from, to) => data.buffer.slice(data.byteOffset + from, data.byteOffset + (to ?? data.length));
  const rows = await Rows.open({{ byteLength: data.length, slice }});
  console.log(JSON.stringify([rows.columns, new TextDecoder().decode(await rows.read(0, rows.rows))]));
}}
"""
values: dict[CellKind, st.SearchStrategy[Cell]] = {
    "text": texts,
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "json": st.sampled_from([msgspec.Raw(b'{"a":[1.5,null]}'), msgspec.Raw(b"[]")]),
}


def read(folder: Path, *files: bytes) -> list[tuple[list[str], list[list[object]]]]:
    """The columns and rows of these files. One process reads them all: starting it takes longer than reading."""
    paths = []
    for n, data in enumerate(files):
        (folder / f"{n}.parquet").write_bytes(data)
        paths.append(str(folder / f"{n}.parquet"))
    done = subprocess.run(["node", "--input-type=module", "-e", SCRIPT, json.dumps(paths)], check=True, capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    return [(columns, [json.loads(line) for line in lines.split("\n") if line]) for columns, lines in found]


@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_what_is_read_is_what_was_written(data: st.DataObject, tmp_path: Path) -> None:
    """Every type, with nulls and without, in one group of rows and in several."""
    files, expected = [], []
    for _ in range(12):
        kinds = data.draw(st.lists(st.sampled_from(list(values)), min_size=1, max_size=4))
        row = st.tuples(*[st.one_of(st.none(), values[kind]) for kind in kinds]).map(list)
        rows = data.draw(st.lists(row, max_size=20))
        names = [f"column {n} ü" for n in range(len(kinds))]
        files.append(written(ParquetWriter(kinds, group_rows=7), names, rows))
        expected.append((names, kinds, rows))
    for (columns, found), (names, kinds, rows) in zip(read(tmp_path, *files), expected, strict=True):
        assert columns == names
        doubles = [
            [float(str(one)) if kind == "number" and one is not None else one for one, kind in zip(row, kinds, strict=True)]
            for row in found
        ]
        assert doubles == [[json.loads(bytes(cell)) if isinstance(cell, msgspec.Raw) else cell for cell in row] for row in rows]


def test_many_columns_and_rows_are_read(tmp_path: Path) -> None:
    """Lists and runs beyond what fits into one byte."""
    rows: list[list[Cell]] = [[None if (n + m) % 3 == 0 else f"{n}:{m}" for m in range(20)] for n in range(1_000)]
    ((columns, found),) = read(tmp_path, written(ParquetWriter(["text"] * 20, group_rows=300), [f"c{m}" for m in range(20)], rows, 100))
    assert (len(columns), found) == (20, rows)


def test_a_group_ends_where_lists_and_objects_fill_it() -> None:
    """They weigh as much as texts do: a reader holds a whole column of a group."""
    writer = ParquetWriter(["json"])
    writer.begin(["found"])
    large = msgspec.Raw(b"[" + b"1," * (GROUP_BYTES // 4) + b"1]")
    assert writer.put([[large]]) == b""
    assert writer.put([[large, large]]) != b""


def test_a_file_without_rows_is_one(tmp_path: Path) -> None:
    """It has its columns."""
    assert read(tmp_path, written(ParquetWriter(["text", "integer"]), ["a", "b"], [])) == [(["a", "b"], [])]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([], "text"),
        ([None], "text"),
        ([1, None, 2], "integer"),
        ([1, 2.5], "number"),
        ([2**60], "integer"),
        ([2**60, 2.5], "text"),
        ([2**70], "text"),
        ([True, False], "boolean"),
        ([True, 1], "text"),
        ([msgspec.Raw(b"[1]"), msgspec.Raw(b"{}")], "json"),
        ([msgspec.Raw(b"1.10"), 2], "number"),
        ([msgspec.Raw(b"0.1234567890123456")], "text"),
        ([msgspec.Raw(b"1e400")], "text"),
        ([msgspec.Raw(b"[1]"), "x"], "text"),
    ],
)
def test_a_column_is_what_all_its_cells_are(cells: list[Cell], kind: CellKind) -> None:
    """Numbers that a double would change make it text: no digit is lost."""
    seen = SeenKinds()
    for cell in cells:
        seen.add([cell])
    assert seen.kinds(1) == [kind]
    bits = 0
    for cell in cells:
        bits |= bit_of(cell)
    assert kind_of(bits) == kind
