"""Files as rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import filerows, limits
from app.core.datasets.filerows import FileRow, cells_of, is_wanted, read_file
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
    """Name and folder apart; the bytes of a picture by their run."""
    assert cells_of("x\\y/p.png", 7, FileRow("image", "image/png"), "dataset:d:file:0") == (
        "p.png",
        "x/y",
        "image/png",
        7,
        "",
        "dataset:d:file:0",
    )
    assert cells_of("t.txt", 1, FileRow("text", "text/plain", "t"), "dataset:d:file:1") == ("t.txt", "", "text/plain", 1, "t", "")
    assert len(cells_of("t.txt", 1, FileRow("text", "text/plain", "t"), "")) == len(filerows.COLUMNS)


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
    assert filerows.too_large(limits.MAX_FILE + 1) == "It has 32 MB; 32 MB are the most."


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
