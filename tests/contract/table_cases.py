"""What must hold of tables wherever they are read, in CPython and in the page: its Python is another version, and has other codecs."""

import functools
from collections.abc import Awaitable, Callable

from app.core.datasets import examine
from app.core.datasets.identity import RowIdentity
from app.core.datasets.importing import TableImport
from app.core.datasets.sheets import Workbook
from app.core.datasets.table import RowFault, cell_text, read_all
from app.core.model.datasets import Column, Dataset, DatasetVersion, Dialect
from tests.kit.tables import refusal
from tests.kit.workbooks import ods, packed, sheet, xlsx, xlsx_files

Decode = Callable[[bytes, str], str]


async def case_a_text_with_faults(decode: Decode) -> None:
    """Rows at fault are told and the others stay: this rests on what Python's csv says, in either version."""
    data = b'\xef\xbb\xbfid,text\n00123,"a\nb"\n2,"x"y\n3\n4,"never\n5,\xc3\xa4\n'
    found = examine.examine(data, "x.csv", whole=True, decode=decode)
    reader = examine.reader(found.dialect, len(data), decode)
    groups = list(read_all(reader, (data[at : at + 5] for at in range(0, len(data), 5))))
    made = TableImport(Dataset(id="d", name="D", key="id"), DatasetVersion(0, 1.0), reader)
    runs = [run for group in groups for run in made.take(group)]
    done = made.finish()
    assert [run.data for run in [*runs, *done.runs] if run.id == "dataset:d:1:0"] == [b'["00123","a\\nb"]\n["5","\xc3\xa4"]\n']
    assert [(one.row, one.line) for one in reader.faults.kept] == [(3, 4), (4, 5), (5, 6)], reader.faults.kept
    assert reader.faults.kept[2] == RowFault(5, 6, 'A quote (") that opens here is never closed.', '4,"never')
    version = done.dataset.current
    assert version is not None
    assert version.columns == (Column("id", "text", 0, 2, False, 5), Column("text", "text", 0, 2, False, 3))


async def case_other_encodings(decode: Decode) -> None:
    """Those that Python has by itself, and those that the platform decodes; unknown ones and wrong bytes are told."""
    texts = {"utf-16le": "näme\nß\n", "utf-32be": "näme\nß\n"}
    for encoding, text in texts.items():
        data = text.encode(encoding.replace("le", "-le").replace("be", "-be"))
        assert read(Dialect(encoding=encoding), data, decode) == [["ß"]]
    assert read(Dialect(encoding="windows-1251"), b"a\n\xcf\xf0\xe8\xe2\xe5\xf2\n", decode) == [["Привет"]]
    assert read(Dialect(encoding="shift_jis"), b"a\n\x93\xfa\x96{\n\x81\xff\nb\n", decode) == [["日本"], ["b"]]
    assert read(Dialect(encoding="gb18030"), b"a\n\xc4\xe3\xba\xc3\n", decode) == [["你好"]]
    asked = examine.examine(b"a\nGr\xf6\xdfe\n", "x.csv", whole=True, decode=decode)
    assert asked.candidates[0].encoding == "windows-1252", [one.encoding for one in asked.candidates]
    assert asked.candidates[0].lines == ("Größe",)
    assert "klingon" in refusal(lambda: read(Dialect(encoding="klingon"), b"a\nb\n", decode))


def read(dialect: Dialect, data: bytes, decode: Decode) -> list[list[str]]:
    reader = examine.reader(dialect, len(data), decode)
    return [[cell_text(cell) for cell in row] for group in read_all(reader, [data]) for row in group.cells]


async def case_workbooks(load: Callable[[], Awaitable[None]]) -> None:
    """XLSX and ODS, when the library is there; what is none is refused in words."""
    await load()
    await load()
    rows: list[list[str | float | bool | None]] = [["id", "n", "is"], ["00123", 1.5, True], ["ä\nb", 3, False]]
    for data in (xlsx(rows), ods(rows)):
        table = Workbook(data).table(Dialect(format="sheet"))
        assert [list(row) for group in table.groups() for row in group.cells] == [["00123", 1.5, True], ["ä\nb", 3, False]]
        assert table.columns == ["id", "n", "is"]
    broken = packed(xlsx_files({"A": sheet({1: [('t="s"', "<v>9</v>")]})}))
    for data in (broken, xlsx(rows)[:-20], b"PK\x03\x04", packed(xlsx_files({"A": sheet({1: ["a"], 1_048_576: [*[None] * 16_383, "b"]})}))):
        assert refusal(functools.partial(workbook_read, data)).endswith(".")


def workbook_read(data: bytes) -> object:
    return Workbook(data).table(Dialect(format="sheet"))


async def case_rows_are_told_apart() -> None:
    """By their bytes."""
    told = RowIdentity(None, 3)
    told.know([b'["a"]\n', b'["b"]\n'], [1, 2])
    assert [told.of(["b"], b'["b"]\n', 2), told.of(["c"], b'["c"]\n', 3)] == [2, 3]
    assert told.changes().gone == (1,)
