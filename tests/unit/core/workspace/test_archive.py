"""The layout of an exported workspace: whatever is written comes back, and nothing else is taken for whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.entries import RecordEntry
from app.core.workspace import archive
from app.core.workspace.archive import Frame, Head, InvalidArchive, Reader, Tail

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
entries = st.builds(
    RecordEntry,
    table=st.sampled_from(["settings", "threads", "segments", "batches", "practice", "events", "handed", "news"]),
    id=texts,
    rev=st.integers(1, 2**53),
    doc=texts,
    owner=texts,
    state=texts,
    order=st.floats(allow_nan=False, allow_infinity=False),
)
runs = st.tuples(texts, st.binary(max_size=60))
parts = st.lists(entries | runs, max_size=6)


def written(items: Iterable[RecordEntry | tuple[str, bytes]], sealed: str = "", **head: Any) -> bytes:
    """A whole workspace of these records and byte runs."""
    tail = Tail()
    pieces = [tail.add(archive.head(Head(**head)))]
    for one in items:
        if isinstance(one, RecordEntry):
            tail.records += 1
            pieces.append(tail.add(archive.record(one)))
        else:
            tail.runs += 1
            pieces.append(tail.add(archive.run(*one)))
    if sealed:
        pieces.append(tail.add(archive.sealed_keys(sealed)))
    return b"".join([*pieces, tail.end()])


def read(data: bytes, piece: int = 1 << 20) -> tuple[Reader, list[Frame]]:
    """Everything in it. Raises InvalidArchive."""
    reader = Reader()
    found = [frame for at in range(0, len(data), piece) for frame in reader.feed(data[at : at + piece])]
    reader.close()
    return reader, found


def unfit(data: bytes) -> InvalidArchive:
    with pytest.raises(InvalidArchive) as raised:
        read(data)
    return raised.value


@given(items=parts, piece=st.integers(1, 40), made=st.floats(0, 1e10))
def test_what_is_written_comes_back(items: list[RecordEntry | tuple[str, bytes]], piece: int, made: float) -> None:
    """Records with every field and runs with every byte, in their order, however the content is cut into pieces."""
    reader, found = read(written(items, made=made, export="x", exports={"e": 1.5}), piece)
    again = [one.entry if one.facts.kind == "record" else (one.facts.id, one.content) for one in found]
    assert again == items
    assert reader.head == Head(made=made, export="x", exports={"e": 1.5})


@pytest.mark.slow
@given(items=parts)
def test_every_truncation_is_recognised(items: list[RecordEntry | tuple[str, bytes]]) -> None:
    """Wherever a workspace is cut, it is said to be cut, or to be none where not even its beginning is there."""
    data = written(items)
    for stop in range(len(data)):
        assert unfit(data[:stop]).code in (("cut", "strange") if stop < 3 else ("cut",))


@given(items=parts, data=st.data())
def test_every_changed_byte_is_recognised(items: list[RecordEntry | tuple[str, bytes]], data: st.DataObject) -> None:
    """One byte that is another one, wherever it stands, refuses the whole."""
    content = written(items)
    at = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[at] ^= data.draw(st.integers(1, 255))
    unfit(bytes(flipped))


def test_what_stands_behind_the_end_is_refused() -> None:
    """A workspace ends with its end."""
    assert unfit(written([]) + b"x").code == "damaged"
    assert unfit(written([]) * 2).code == "damaged"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"nightshift":"other"}\n', b"x" * 2_000_000, b"PK\x03\x04"]
)
def test_what_is_no_workspace_is_named_so(data: bytes) -> None:
    """Any other file is said to be none, whatever it holds."""
    error = unfit(data)
    assert error.code == "strange"
    assert "not a workspace" in str(error)


@pytest.mark.parametrize("field", ["format", "schema"])
def test_a_newer_one_is_refused_politely(field: str) -> None:
    """A workspace of a newer format or schema is not guessed at: the person is told to reload."""
    head = {**json.loads(archive.head(Head())), field: getattr(archive, field.upper()) + 1, "strange": [1]}
    error = unfit(json.dumps(head).encode() + b"\n")
    assert error.code == "newer"
    assert "newer Nightshift" in str(error)


@pytest.mark.parametrize("head", [{"format": "1"}, {"format": 0}, {"schema": None}, {"made": "now"}, {"exports": []}])
def test_a_damaged_head_is_told_from_a_newer_one(head: dict[str, Any]) -> None:
    """A first line that contradicts itself is damaged."""
    whole = {**json.loads(archive.head(Head())), **head}
    assert unfit(json.dumps(whole).encode() + b"\n").code == "damaged"


def test_damage_is_named_with_its_place() -> None:
    """The record or run at fault is named, with the byte where it begins."""
    data = written([("lines:a", b"first"), RecordEntry("threads", "t-1", 3, '{"id":"t-1"}')])
    error = unfit(data.replace(b"first", b"fjrst"))
    assert "bytes lines:a" in str(error)
    at = data.index(b'{"kind":"bytes"')
    assert f"byte {at:,} " in str(error)
    assert "threads t-1" in str(unfit(data.replace(b'{"id":"t-1"}', b'{"id":"t-2"}')))


def test_what_is_not_known_is_skipped() -> None:
    """A frame of another kind, and fields that nobody knows, do no harm: they have a size like all others."""
    tail = Tail()
    line = b'{"kind":"picture","size":3,"crc":891568578,"colour":"red"}\nabc\n'
    data = tail.add(archive.head(Head())) + tail.add(line) + tail.end()
    _, found = read(data)
    assert [(one.facts.kind, one.content) for one in found] == [("picture", b"abc")]


@pytest.mark.parametrize(
    "line", [b"[]\n", b"{}\n", b'{"kind":"bytes","size":-1}\n', b'{"kind":"bytes","size":9000000000}\n', b"\xff\n", b'{"kind":1}\n']
)
def test_a_frame_that_cannot_be_read_is_damage(line: bytes) -> None:
    """A line that is no frame, or one of an impossible size, refuses the whole before anything is kept of it."""
    assert unfit(archive.head(Head()) + line).code == "damaged"


def test_a_line_without_an_end_is_damage() -> None:
    """What never ends its line is not gathered for ever."""
    assert unfit(archive.head(Head()) + b"x" * 2_000_000).code == "damaged"


LARGE = 100_000_000


def gathered(pieces: Iterable[bytes]) -> tuple[InvalidArchive, int]:
    """Why a file that comes in these pieces is refused, and how many bytes of it were taken until then."""
    reader, taken = Reader(), 0
    for piece in pieces:
        taken += len(piece)
        try:
            for _frame in reader.feed(piece):
                pass
        except InvalidArchive as error:
            return error, taken
    raise AssertionError("it was taken")


def in_pieces(data: bytes, size: int = 256 * 1024) -> Iterable[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.slow
@pytest.mark.parametrize("end", [b"", b"\n"], ids=["without an end", "with one"])
def test_a_line_of_100_mb_is_refused_after_its_first(end: bytes) -> None:
    """As the first line it is no workspace, as a later one damage; in one piece, as in many, nothing decodes it."""
    large = b"x" * LARGE + end
    for before, code in ((b"", "strange"), (archive.head(Head()), "damaged")):
        refused, taken = gathered(in_pieces(before + large))
        assert (refused.code, taken < 2_000_000) == (code, True)
        assert gathered([before + large])[0].code == code


@pytest.mark.slow
def test_a_record_of_100_mb_comes_in_whole_and_one_of_a_gigabyte_is_refused_unread() -> None:
    """A thread may hold so much; what no page could hold is refused by what its line says, with a sentence, before it is gathered."""
    entry = RecordEntry("threads", "t", 1, "x" * LARGE, "", "", 1.0)
    assert read(written([entry]))[1][0].entry == entry
    line = b'{"kind":"record","table":"threads","id":"t","size":999000000}\n'
    refused, taken = gathered([archive.head(Head()) + line, b"x"])
    assert (refused.code, taken < 1_000) == ("large", True)
    assert "a record of 999 MB (threads/t), which is more than this page can load. Nothing was imported." in str(refused)


def test_records_that_are_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file can unpack to more than the page's memory: the sum is known before the last of them is gathered."""
    monkeypatch.setattr(archive, "_RECORDS", 1_000_000)
    one, run = archive.record(RecordEntry("threads", "t", 1, "x" * 100_000, "", "", 1.0)), archive.run("r", b"x" * 2_000_000)
    refused, taken = gathered([archive.head(Head()), run, *[one] * 20])
    assert (refused.code, taken) == ("large", len(archive.head(Head())) + len(run) + 11 * len(one))
    assert "records of more than 1.0 MB together" in str(refused)


def test_a_record_that_is_no_text_is_damage() -> None:
    """Records are UTF-8."""
    frame = read(written([("x", b"\xff")]))[1][0]
    with pytest.raises(InvalidArchive, match="is not text"):
        _ = frame.entry


def test_counts_must_agree() -> None:
    """The end says how many records and runs there are; another number is damage."""
    tail = Tail()
    data = tail.add(archive.head(Head())) + tail.add(archive.run("a", b""))
    assert unfit(data + tail.end()).code == "damaged"


def test_the_program_names_its_version() -> None:
    """The version in the file is the project's."""
    project = (Path(__file__).resolve().parents[4] / "pyproject.toml").read_text()
    assert f'version = "{archive.PROGRAM}"' in project


def test_the_schema_is_the_databases() -> None:
    """A workspace says which version of the stored records it holds: the one that the page's database has."""
    store = (Path(__file__).resolve().parents[4] / "static/js/store.mjs").read_text()
    assert f"const VERSION = {archive.SCHEMA};" in store


def test_only_imports_put_records_past_the_moves() -> None:
    """Restoring records and moving bytes are for bringing a workspace in and taking it back, and for putting back what was set aside as
    damaged; nothing else does it."""
    app = Path(__file__).resolve().parents[4] / "app"
    users = [path.relative_to(app).as_posix() for path in app.rglob("*.py") if re.search(r"\b(Restore|MoveBytes)\(", path.read_text())]
    assert sorted(users) == ["ports/store.py", "services/runtime/damage.py", "services/workspace/bring.py", "services/workspace/kept.py"]
