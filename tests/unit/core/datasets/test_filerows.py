"""Files as rows."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import filerows, limits
from app.core.datasets.filerows import FileRow, FilesTable, GivenFile, cells_of, is_wanted, read_file
from app.core.datasets.table import UnreadableTable
from tests.kit.tables import decode, refusal


@pytest.mark.parametrize(
    ("path", "data", "row"),
    [
        ("a/b.txt", b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", FileRow("text", "text/plain", "Grüße")),
        ("b.md", b"# x", FileRow("text", "text/markdown", "# x")),
        ("c", b"", FileRow("text", "text/plain", "")),
        (
            "d.txt",
            "Größe".encode("cp1252"),
            FileRow("text", "text/plain", "Größe", "It isn't UTF-8 text; it was read as Western European (Windows)."),
        ),
        ("e.dat", b"\x89PNG\r\n\x1a\n...", FileRow("image", "image/png")),
        ("f.jpg", b"\xff\xd8\xff\xe0", FileRow("image", "image/jpeg")),
        ("g.webp", b"RIFF1234WEBPVP8 ", FileRow("image", "image/webp")),
        ("h.pdf", b"%PDF-1.7", FileRow("pdf", "application/pdf")),
    ],
)
def test_what_a_file_becomes(path: str, data: bytes, row: FileRow) -> None:
    """Its bytes say what it is."""
    assert read_file(path, data, decode) == row


def test_cells_of_a_row() -> None:
    """The path with its folders; a picture as a data: URL, a text as it reads."""
    url = "data:image/png;base64,iVBORw=="
    assert cells_of("x\\y/p.png", b"\x89PNG", FileRow("image", "image/png")) == ("p.png", "x/y/p.png", "image/png", 4, "", url)
    assert cells_of("t.txt", b"t", FileRow("text", "text/plain", "t")) == ("t.txt", "t.txt", "text/plain", 1, "t", "")
    assert len(cells_of("t.txt", b"t", FileRow("text", "text/plain", "t"))) == len(filerows.COLUMNS)
    assert filerows.KEY in filerows.COLUMNS


def test_a_file_as_large_as_it_may_be_is_a_cell() -> None:
    """As a data: URL it is a third longer."""
    (*_, url) = cells_of("p.pdf", b"%PDF-" + bytes(limits.MAX_FILE - 5), FileRow("pdf", "application/pdf"))
    assert len(str(url)) <= limits.MAX_CELL


@pytest.mark.parametrize(("path", "data"), [("x.png", b"GARBAGE"), ("x.bin", bytes(range(256))), ("x.txt", b"\0\1\2\3" * 9)])
def test_what_is_no_row_is_told(path: str, data: bytes) -> None:
    """In a sentence."""
    with pytest.raises(UnreadableTable):
        read_file(path, data, decode)


def test_limits_are_known_before_anything_is_read() -> None:
    """How many files, and how large."""
    assert filerows.too_many(limits.MAX_FILES) is None
    assert "50,001 files" in str(filerows.too_many(limits.MAX_FILES + 1))
    assert filerows.too_large(limits.MAX_FILE) == ""
    assert filerows.too_large(limits.MAX_FILE + 1) == "It has 20 MB; the maximum is 20 MB."


@pytest.mark.parametrize(
    ("path", "wanted"), [("a.txt", True), ("a/b.txt", True), (".git/x", False), ("a/.DS_Store", False), ("Thumbs.db", False), ("a/", False)]
)
def test_which_files_are_meant(path: str, wanted: bool) -> None:
    """Not those that are hidden, nor the system's own."""
    assert is_wanted(path) is wanted


@given(st.binary(max_size=100) | st.sampled_from([b"\x89PNG\r\n\x1a\n", b"%PDF-", b"\xff\xfea"]), st.sampled_from(["a", "a.png", "a.txt"]))
def test_any_file_is_a_row_or_a_sentence(data: bytes, path: str) -> None:
    """Nothing else is raised."""
    assert refusal(lambda: read_file(path, data, decode))[-1:] in ("", ".")


PATHS = st.sampled_from(["a.txt", "b/.hidden", "c.png", "d/e.pdf", "f"])
FILES = st.lists(st.tuples(PATHS, st.binary(max_size=60) | st.just(b"\x89PNG\r\n\x1a\nx")), max_size=8)


@given(FILES)
def test_every_file_is_a_row_at_fault_or_passed_over(files: list[tuple[str, bytes]]) -> None:
    """None is lost, and each fault names its file."""
    given_files = [GivenFile(path, len(data), 0) for path, data in files]
    table = FilesTable(given_files, decode)
    rows = [group for n, (_, data) in enumerate(files, 1) if table.wanted(n) for group in [table.take(n, data)] if group.numbers]
    hidden = sum(path == "b/.hidden" for path, _ in files)
    assert len(rows) + table.faults.count + hidden == len(files)
    assert all(one.sentence.startswith(f"{files[one.row - 1][0]}: ") for one in table.faults.kept)
    assert table.done == table.size == sum(len(data) for _, data in files)
    for group in rows:
        path, data = files[group.numbers[0] - 1]
        url = str(group.cells[0][5])
        assert group.cells[0][1] == path
        assert not url or b64decode(url.partition(",")[2]) == data
    assert bool(table.remarks) >= bool(hidden)
