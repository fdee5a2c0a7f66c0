"""Every request of a batch has a row, and everything that came is counted."""

from __future__ import annotations

import json
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.doubts import Counted
from app.core.batches.ledger import KEPT, MAX_CODES, Ledger, LedgerUnreadable
from app.core.batches.ledger_lines import LineLocation
from app.core.model.batches import Tally
from app.core.openai.cutting import LineCutter
from app.core.openai.outcomes import Outcome, Read

FILES = st.sampled_from(("output", "error"))
places = st.builds(LineLocation, FILES, st.integers(0, 99), st.integers(0, 1_000_000), st.integers(1, 5_000))
codes = st.sampled_from(("server_error", "rate_limit_exceeded", "status_400"))
reads = st.one_of(
    st.builds(
        Read, st.sampled_from(("a", "b", "c", "d", "x", "y")), st.just(Outcome.ANSWERED), st.just(200), input_tokens=st.integers(0, 2**40)
    ),
    st.builds(Read, st.sampled_from(("a", "b", "c", "d", "x")), st.just(Outcome.FAILED), st.integers(0, 10**6), codes),
    st.builds(Read, st.sampled_from(("a", "b", "c", "d")), st.just(Outcome.EXPIRED), st.just(0), st.just("batch_expired")),
    st.builds(Read, st.sampled_from(("", "a")), st.just(Outcome.UNREAD), damaged=st.just("Not JSON.")),
)
ENDINGS = ("completed", "expired", "cancelled", "failed", "dreaming")
PLACE = LineLocation("output", 0, 0, 10)


def answered(id: str) -> Read:
    return Read(id, Outcome.ANSWERED, 200)


def failed(id: str, code: str = "server_error") -> Read:
    return Read(id, Outcome.FAILED, 500, code)


def accounted(tally: Tally) -> int:
    return tally.answered + tally.failed + tally.expired + tally.cancelled + tally.missing + tally.unread + tally.unfound + tally.flawed


@given(st.lists(st.tuples(reads, places)), st.sampled_from(ENDINGS), st.booleans())
def test_every_request_and_every_line_is_accounted_for(lines, ending, gone):
    """The outcomes add up to the requests, before and after closing; the lines add up to rows, repeats, unexpected and damaged."""
    ledger = Ledger(["a", "b", "c", "d"])
    for read, place in lines:
        ledger.record(read, place)
        assert accounted(ledger.tally()) == 4
    rows = sum(1 for row in range(4) if ledger.place_of(row))
    assert rows + ledger.duplicates + ledger.unexpected_count + ledger.damaged_count == len(lines)
    ledger.close(ending, Counted(lacking=gone, total=4))
    tally = ledger.tally()
    assert accounted(tally) == 4
    assert tally.unread == 0
    assert all(ledger.code_of(row) or ledger.outcome_of(row) is Outcome.ANSWERED for row in range(4))
    again = Ledger.from_bytes(ledger.to_bytes())
    assert again.tally() == tally
    assert [again.place_of(row) for row in range(4)] == [ledger.place_of(row) for row in range(4)]
    assert (again.ids, again.codes, again.unexpected, again.damaged) == (ledger.ids, ledger.codes, ledger.unexpected, ledger.damaged)
    assert again.to_bytes() == ledger.to_bytes()


def test_an_answer_beats_a_failure_whichever_comes_first():
    """And the first answer stays; repeats are counted."""
    ledger = Ledger(["a", "b"])
    for place, read in enumerate((failed("a"), answered("a"), answered("a"), failed("a"), failed("b", "one"), failed("b", "two"))):
        ledger.record(read, LineLocation("output", place, 0, 1))
    assert (ledger.outcome_of(0), ledger.place_of(0)) == (Outcome.ANSWERED, LineLocation("output", 1, 0, 1))
    assert (ledger.code_of(0), ledger.code_of(1)) == ("", "one")
    assert ledger.duplicates == 4


@pytest.mark.parametrize("flaw", ["empty", "cut_off", "refused"])
def test_a_flawed_answer_that_a_good_one_replaces_is_remembered_to_be_compared(flaw: str) -> None:
    """Whichever comes first: the good one counts, and beside it stand the others, never the good one itself."""
    flawed = Read("a", Outcome.FLAWED, 200, flaw)
    for order in ((flawed, answered("a")), (flawed, flawed, answered("a")), (answered("a"), flawed), (failed("a"), flawed, answered("a"))):
        ledger = Ledger(["a"])
        at = [LineLocation("output", place, 0, 1) for place in range(len(order))]
        for read, place in zip(order, at, strict=True):
            ledger.record(read, place)
        good = at[order.index(answered("a"))]
        assert (ledger.outcome_of(0), ledger.code_of(0), ledger.place_of(0)) == (Outcome.ANSWERED, "", good)
        assert sorted(ledger.twice[0], key=lambda one: one.segment) == [
            place for read, place in zip(order, at, strict=True) if read is flawed
        ]


def test_another_answer_can_be_preferred_and_the_one_that_counted_stands_in_its_stead() -> None:
    """With its figures."""
    ledger = Ledger(["a"])
    first, second = (LineLocation("output", place, 0, 1) for place in range(2))
    ledger.record(Read("a", Outcome.ANSWERED, 200, output_tokens=5), first)
    ledger.record(better := Read("a", Outcome.ANSWERED, 200, output_tokens=7), second)
    ledger.prefer(0, better, second)
    assert (ledger.place_of(0), ledger.twice, list(ledger.output_tokens), ledger.duplicates) == (second, {0: [first]}, [7], 1)


@pytest.mark.parametrize(
    ("ending", "gone", "outcome", "code"),
    [
        ("completed", False, Outcome.MISSING, "missing"),
        ("expired", False, Outcome.EXPIRED, "batch_expired"),
        ("cancelled", False, Outcome.CANCELLED, "batch_cancelled"),
        ("failed", False, Outcome.FAILED, "batch_failed"),
        ("expired", True, Outcome.UNFOUND, "file_missing"),
    ],
)
def test_what_no_file_mentions_is_named_by_the_ending(ending, gone, outcome, code):
    """Unless a file could not be fetched: then it may have been answered all the same."""
    ledger = Ledger(["a", "b"])
    ledger.record(answered("a"), PLACE)
    ledger.close(ending, Counted(total=2, completed=1, lacking=gone))
    assert [ledger.outcome_of(row) for row in range(2)] == [Outcome.ANSWERED, outcome]
    assert ledger.code_of(1) == code
    assert ledger.place_of(1) is None


def test_codes_lists_and_numbers_can_not_grow_without_end():
    """What comes from outside is bounded; everything is still counted."""
    ids = [str(n) for n in range(MAX_CODES + 50)]
    ledger = Ledger(ids)
    for id in ids:
        ledger.record(failed(id, f"code-{id}"), PLACE)
    assert len(ledger.codes) <= MAX_CODES + 1
    assert ledger.code_of(len(ids) - 1) == "other"
    for n in range(KEPT + 5):
        ledger.record(answered(f"x{n}" * 1_000), PLACE)
        ledger.record(Read("", Outcome.UNREAD, damaged="Not JSON."), PLACE)
    assert (ledger.unexpected_count, ledger.damaged_count) == (KEPT + 5, KEPT + 5)
    assert len(ledger.unexpected) == len(ledger.damaged) == KEPT
    assert len(ledger.unexpected[0].custom_id) <= 200
    ledger.record(Read("0", Outcome.ANSWERED, 10**9, input_tokens=2**50), PLACE)
    assert (ledger.status[0], ledger.input_tokens[0]) == (65_535, 2**32 - 1)


def test_a_segment_is_entered_line_by_line():
    """Each row points at its own bytes, and the caller can pause after each line."""
    lines = [
        json.dumps({"custom_id": id, "response": {"status_code": 200, "body": {"usage": {"input_tokens": 3}}}, "error": None}).encode()
        for id in "ba"
    ]
    data = b"\r\n".join([*lines, b"", b"{damaged", b""])
    ledger = Ledger(["a", "b"])
    assert len(list(ledger.read_segment(data, "output", 7))) == 3
    for row, id in enumerate("ab"):
        place = ledger.place_of(row)
        assert place is not None
        assert place.segment == 7
        assert json.loads(data[place.offset : place.offset + place.length])["custom_id"] == id
    assert ledger.tally() == Tally(answered=2, damaged=1, input_tokens=6)
    assert data[ledger.damaged[0].place.offset :].startswith(b"{damaged")


@given(st.data())
def test_a_damaged_ledger_is_refused(data):
    """Cut short, or any byte changed."""
    ledger = Ledger(["a", "b"])
    ledger.record(answered("a"), PLACE)
    stored = ledger.to_bytes()
    at = data.draw(st.integers(0, len(stored) - 1))
    changed = bytearray(stored)
    changed[at] ^= data.draw(st.integers(1, 255))
    for broken in (stored[:at], bytes(changed)):
        with pytest.raises(LedgerUnreadable):
            Ledger.from_bytes(broken)


def test_a_newer_ledger_is_refused_by_name():
    """Its reader may know more than this one."""
    stored = bytearray(Ledger(["a"]).to_bytes())
    stored[8] = Ledger.VERSION + 1
    with pytest.raises(LedgerUnreadable, match="newer version"):
        Ledger.from_bytes(bytes(stored))


def test_an_empty_ledger_is_a_ledger():
    """No requests, nothing to account for."""
    ledger = Ledger.from_bytes(Ledger([]).to_bytes())
    ledger.close("completed")
    assert ledger.tally() == Tally()


# --- cutting a stream --------------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b""))),
    st.lists(st.integers(1, 30)),
    st.booleans(),
    st.integers(1, 40),
)
def test_segments_are_the_stream_cut_at_line_ends(lines, sizes, last, size):
    """Byte for byte, whatever the chunks; only the last may lack its newline; none is longer than the size unless it is one line."""
    data = b"\n".join(lines) + (b"\n" if last else b"")
    cutter, segments, at = LineCutter(size), list[bytes](), 0
    for step in (*sizes, len(data) or 1):
        segments += cutter.feed(data[at : at + step])
        at += step
    rest = cutter.finish()
    assert b"".join(segments) + rest == data
    assert cutter.finish() == b""
    if data.strip()[:1] in (b"{", b"[", b"]", b",", b""):
        return  # perhaps no JSONL: tests/unit/core/openai/test_cutting.py
    for segment in segments:
        assert segment.endswith(b"\n")
        assert len(segment) <= size or segment.count(b"\n") == 1
    assert len(rest) < size or b"\n" not in rest


def test_a_long_line_gets_a_segment_of_its_own():
    """Also when it comes in many pieces."""
    cutter = LineCutter(10)
    pieces = [b"ab\n", b"x" * 8, b"x" * 30, b"x\ncd", b"\nef"]
    segments = [segment for piece in pieces for segment in cutter.feed(piece)]
    assert segments == [b"ab\n", b"x" * 39 + b"\n"]
    assert cutter.finish() == b"cd\nef"


def test_a_request_named_by_a_damaged_output_line_is_missing_with_a_code_of_its_own():
    """It was answered: its line is kept and can be found, whatever the batch's ending. A damaged error line may be anything."""
    ledger = Ledger(["a", "b", "c"])
    damaged = LineLocation("output", 0, 7, 3)
    ledger.record(Read("a", Outcome.UNREAD, damaged="It breaks off."), damaged)
    ledger.record(Read("b", Outcome.UNREAD, damaged="It breaks off."), LineLocation("error", 0, 0, 3))
    ledger.record(Read("c", Outcome.UNREAD, damaged="It breaks off."), damaged)
    ledger.record(answered("c"), PLACE)
    ledger.close("expired")
    again = Ledger.from_bytes(ledger.to_bytes())
    assert [(again.outcome_of(row), again.code_of(row)) for row in range(3)] == [
        *((Outcome.MISSING, "damaged_line"), (Outcome.UNFOUND, "line_unreadable"), (Outcome.ANSWERED, ""))
    ]
    assert (again.unreadable(), again.tally().unreadable) == ([0], 1)
    assert [again.damaged_line_of(row) for row in range(3)] == [damaged, None, None]


@pytest.mark.parametrize("place", ["header", "unexpected", "damaged", "place"])
def test_what_is_nested_in_a_ledger_is_refused_unread(place):
    """A made-up ledger with a deep value where none belongs is damaged: the decoder does not walk down into it, or the page would die."""
    at: list[object] = ["output", 0, 0, 1]
    parts: list[Any] = [[], [""], [["a", at]], [[at, "a sentence", ""]], 1, 1, 0]
    more = {"header": parts, "unexpected": parts[2][0], "damaged": parts[3][0], "place": at}[place]
    more.append("DEEP")
    header = msgspec.msgpack.encode(parts).replace(msgspec.msgpack.encode("DEEP"), b"\x91" * 300_000 + b"\x90")
    stored = b"NSLEDGER" + b"".join(number.to_bytes(4, "little") for number in (1, zlib.crc32(header), len(header))) + header
    with pytest.raises(LedgerUnreadable, match="header can't be read"):
        Ledger.from_bytes(stored)


@given(st.lists(st.tuples(reads, places)), st.sampled_from(ENDINGS))
def test_a_ledger_of_version_1_reads_the_same(lines, ending):
    """Stored before there were answers under unknown ids and differing ones: seven fields in its header, and the same columns."""
    ledger = Ledger(["a", "b", "c", "d"])
    for read, place in lines:
        ledger.record(read, place)
    ledger.close(ending)
    data = ledger.to_bytes()
    size = int.from_bytes(data[16:20], "little")
    header = msgspec.msgpack.encode(msgspec.msgpack.decode(data[20 : 20 + size])[:7])
    body = header + data[20 + size :]
    old = Ledger.from_bytes(data[:8] + b"".join(n.to_bytes(4, "little") for n in (1, zlib.crc32(body), len(header))) + body)
    assert old.version == 1
    assert (old.unknown_answers, old.differing, old.differing_count) == (0, [], 0)
    assert old.tally() == ledger.tally()
    assert [(old.outcome_of(row), old.code_of(row), old.place_of(row)) for row in range(4)] == [
        (ledger.outcome_of(row), ledger.code_of(row), ledger.place_of(row)) for row in range(4)
    ]
    assert (old.ids, old.unexpected, old.damaged, old.duplicates) == (ledger.ids, ledger.unexpected, ledger.damaged, ledger.duplicates)
    assert Ledger.from_bytes(old.to_bytes()).tally() == old.tally()


def test_ids_that_begin_alike_keep_their_own_damaged_lines():
    """Two ids of which the first 200 characters are the same: each has its own line."""
    first, second = "x" * 200 + "1", "x" * 200 + "2"
    ledger = Ledger([first, second])
    for n, id in enumerate((second, first)):
        ledger.record(Read(id, Outcome.UNREAD, damaged="Cut."), LineLocation("output", n, 0, 9))
    ledger.close("completed", Counted(completed=2, total=2))
    ledger = Ledger.from_bytes(ledger.to_bytes())
    assert [ledger.damaged_line_of(row) for row in (0, 1)] == [LineLocation("output", 1, 0, 9), LineLocation("output", 0, 0, 9)]
