"""What a file is, from its first bytes and its name."""

from __future__ import annotations

import pytest

from app.core.datasets import encodings
from app.core.datasets.csvguess import guessed
from app.core.datasets.examine import examine
from app.core.datasets.table import UnreadableTable
from tests.kit.tables import decode


@pytest.mark.parametrize(
    ("text", "delimiter", "quote", "header"),
    [
        ("a,b\n1,2\n", ",", '"', True),
        ("name;price\nx;1,5\ny;2,5\nz;3,75\n", ";", '"', True),
        ("a\tb, c\n1\tx, y\n2\tz, w\n", "\t", '"', True),
        ("a|b|c\n1|2|3\n", "|", '"', True),
        ("'a','b'\n'1,5','it''s'\n", ",", "'", True),
        ("1,2\n3,4\n", ",", '"', False),
        ("text\nHello, you\nand you\n", "\t", '"', True),
        ("one column\nno delimiter at all\n", ",", '"', True),
        ('id,text\n1,"a; b; c"\n2,"d; e; f"\n', ",", '"', True),
    ],
)
def test_delimiter_quote_and_header(text: str, delimiter: str, quote: str, header: bool) -> None:
    """Decimal commas, delimiters within quotes, and one column are not mistaken."""
    found = guessed(text, whole=True)
    assert (found.delimiter, found.quote, found.header) == (delimiter, quote, header)


@pytest.mark.parametrize(
    ("text", "skip", "header"),
    [
        ("Sales 2026\nname,price\nx,1\ny,2\n", 1, True),
        ("Sales\r\n\r\nby shop, in EUR\r\nshop;name;price\r\na;x;1\r\nb;y;2\r\n", 3, True),
        ("Sales 2026\n1,x,4\n2,y,5\n", 1, False),
        ("name,price\nx,1\ny,2\n", 0, True),
        ("\n\nname,price\nx,1\n", 0, True),
        ("price,size\n1,2,3\n4,5,6\n", 0, True),
        ('title\n"a"x,b\n1,2\n3,4\n', 0, True),
        ("review\nfine\ngood, cheap\nso, so, so\n", 0, True),
        ("a\n1\n2\n", 0, True),
        ("Sales 2026,,\n,,\nshop,name,price\na,x,1\nb,y,2\n", 2, True),
        ("Sales 2026;;\nin EUR;;\nshop;name;price\na;x;1\nb;y;2\n", 2, True),
        ("Sales 2026\nin EUR,,\nshop,name,price\na,x,1\nb,y,2\n", 2, True),
        ("a,,\nb,2,3\nc,4,5\n", 0, False),
        ("7,,\nshop,name,price\na,x,1\n", 0, False),
        ("name,\nx,1\ny,2\n", 0, True),
        ("a,,\nb,,\nc,,\n", 0, False),
    ],
)
def test_lines_above_the_table_are_seen(text: str, skip: int, header: bool) -> None:
    """Titles with fewer cells than the table has columns; a header that lacks one name, or cannot be read, is not passed over as one."""
    found = guessed(text, whole=True)
    assert (found.skip, found.header) == (skip, header)


def test_backslashes_escape_where_they_do() -> None:
    """Quotes within quotes that are not written twice."""
    assert guessed('a,b\n1,"say \\"x\\""\n').escape == "\\"
    assert guessed('a,b\n1,"say ""x"" in C:\\"\n').escape == ""


@pytest.mark.parametrize(
    ("start", "name", "form", "content"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "x", "jsonl", "table"),
        (b'[{"a": 1},\n{"a": 2}]', "x.txt", "json", "table"),
        (b'{\n "a": 1\n}\n', "x.json", "json", "table"),
        (b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m"}}\n', "x.jsonl", "jsonl", "requests"),
        (b'{"custom_id": "1", "params": {"model": "m", "messages": []}}\n', "x", "jsonl", "requests"),
        (b"[a],b\n1,2\n", "x.csv", "csv", "table"),
        (b"PK\x03\x04...", "x.xlsx", "sheet", "table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "x.xls", "sheet", "table"),
        (b"PAR1...", "x.parquet", "parquet", "table"),
    ],
)
def test_what_a_file_is(start: bytes, name: str, form: str, content: str) -> None:
    """Its bytes count more than its name."""
    found = examine(start, name, whole=True, decode=decode)
    assert (found.dialect.format, found.content, found.candidates) == (form, content, ())


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x1f\x8b\x08", "Unpack it first"),
        (bytes(range(256)) * 20, "neither text nor a table"),
        (b"a\x00\x01\x02b" * 20, "neither text nor a table"),
    ],
)
def test_what_is_no_table_is_told(start: bytes, told: str) -> None:
    """With what to do instead."""
    with pytest.raises(UnreadableTable, match=told):
        examine(start, "x.csv", whole=True, decode=decode)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1252", "Straße;Größe;Café;señor\n"),
        ("windows-1251", "Привет;мир;как дела сегодня\n"),
        ("windows-1253", "Καλημέρα;κόσμε\n"),
        ("shift_jis", "こんにちは世界;名前\n"),
        ("euc-kr", "안녕하세요;세계\n"),
    ],
)
def test_the_likeliest_encoding_comes_first(encoding: str, text: str) -> None:
    """With the lines as they would be; all others can be chosen."""
    found = encodings.candidates(("id;x\n" + text * 20).encode(encoding), decode)
    assert found[0].encoding == encoding
    assert found[0].lines[0] == text.strip()
    assert "utf-8" in {one.encoding for one in found}


def test_utf16_without_a_mark_is_asked_about() -> None:
    """It would be UTF-8 full of zeros without an error."""
    found = examine("name,wert\nx,1\n".encode("utf-16-le"), "x.csv", whole=True, decode=decode)
    assert (found.dialect.encoding, found.candidates[0].encoding) == ("utf-16le", "utf-16le")
    assert found.candidates[0].lines == ("name,wert", "x,1")


def test_without_a_decoder_only_unicode_is_offered() -> None:
    """Nothing is offered that could not be read."""
    assert [one.encoding for one in encodings.candidates(b"\xfc", None)] == ["utf-8"]
