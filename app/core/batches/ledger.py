"""What became of every request of a batch: typed arrays, one row a request, in the order of the input.

Answers under unknown ids (``unexpected``) and unreadable lines (``damaged``) are counted too. If an id comes twice, an answer beats a
failure, a good answer one with a flaw, and of equal ones the first stays; the answer that does not count is remembered to be compared
(``twice``). A request without a line that may have been answered all the same is :attr:`Outcome.UNFOUND` (core.batches.doubts).
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.batches.doubts import LINE_UNREADABLE, NOT_FOUND, Counted, unfound_reason
from app.core.batches.ledger_lines import DamagedLine, LineLocation, Unexpected
from app.core.model import trail
from app.core.model.batches import Tally
from app.core.openai.cutting import each_object, each_value
from app.core.openai.flaws import GAP
from app.core.openai.outcomes import ANSWERS, FileKind, Outcome, Read, damaged, read_line
from app.core.openai.wrapped import each_wrapped, wraps

SHOWN: Final = 200  # characters of an id that the batch does not have; two that begin alike are distinguished by their lines only
KEPT: Final = 1_000  # unexpected and damaged lines listed one by one; all are counted
MAX_CODES: Final = 1_000  # different error codes; what comes after is "other"

FILES: Final[tuple[FileKind, ...]] = ("output", "error")  # stored as their place here from 1; 0: no file mentions the request
DAMAGED_LINE: Final = "damaged_line"
"""The code of a missing request that a damaged line of the output file names: it was answered, and the line is kept."""
_U32: Final = 0xFFFF_FFFF
_MOST: Final = {"status": 0xFFFF, "input_tokens": _U32, "cached_tokens": _U32, "output_tokens": _U32, "reasoning_tokens": _U32}
_CUSTOM_ID: Final = b'"custom_id"'
_ANSWERS: Final = frozenset(map(int, ANSWERS))
_RANK: Final = (0, 3, 0, 0, 0, 0, 1, 2)
"""By outcome: of two lines for one request the higher counts, and of equal ones the first."""
_UNSEEN: Final[dict[str, Outcome]] = {
    "completed": Outcome.MISSING,
    "expired": Outcome.EXPIRED,
    "cancelled": Outcome.CANCELLED,
    "failed": Outcome.FAILED,
}


class LedgerUnreadable(Exception):
    """The stored ledger is damaged, or newer than this program. Reconciling the answer files again makes a new one."""


class _Header(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Nothing in it is skipped: what is unknown is refused by its length, so that no depth reaches the decoder (core.json.jsonread).
    Fields of later versions are at its end, and have defaults. Each is an attribute of the ledger under the same name."""

    ids: tuple[str, ...]
    codes: list[str]
    unexpected: list[Unexpected]
    damaged: list[DamagedLine]
    unexpected_count: int
    damaged_count: int
    duplicates: int
    unknown_answers: int = 0
    differing: list[tuple[int, LineLocation]] = []
    differing_count: int = 0


class Ledger:
    """One row a request. The arrays are public to read: ``outcome`` and ``file`` (u8), ``status`` and ``code`` (u16), the rest u32."""

    VERSION: Final = 2  # 2: outcomes from UNFOUND on
    COLUMNS: Final[tuple[tuple[str, str], ...]] = (
        ("outcome", "B"),
        ("file", "B"),
        ("status", "H"),
        ("code", "H"),
        ("segment", "I"),
        ("offset", "I"),
        ("length", "I"),
        ("input_tokens", "I"),
        ("cached_tokens", "I"),
        ("output_tokens", "I"),
        ("reasoning_tokens", "I"),
    )

    outcome: array[int]
    file: array[int]
    status: array[int]
    code: array[int]
    segment: array[int]
    offset: array[int]
    length: array[int]
    input_tokens: array[int]
    cached_tokens: array[int]
    output_tokens: array[int]
    reasoning_tokens: array[int]

    def __init__(self, ids: Sequence[str]) -> None:
        """``ids``: the custom_id of every request, in the order of the input. All are unread."""
        self.ids = tuple(ids)
        for name, kind in self.COLUMNS:
            setattr(self, name, array(kind, bytes(array(kind).itemsize * len(self.ids))))
        self.codes = [""]
        self.unexpected: list[Unexpected] = []
        self.damaged: list[DamagedLine] = []
        self.unexpected_count = self.damaged_count = self.duplicates = self.unknown_answers = self.differing_count = 0
        self.differing: list[tuple[int, LineLocation]] = []
        """Rows that were answered twice and differently, each with the place of the other answer; at most KEPT, all are counted."""
        self.twice: dict[int, list[LineLocation]] = {}
        """Rows that were answered twice, each with the places of the answers that do not count, to be compared (not stored)."""
        self.names: dict[str, str] = {}
        """Ids of the files that stand for others, as the person matched them (core.batches.matching)."""
        self.inputs: Sequence[int] = ()
        """By row, how many inputs each request of embeddings has; empty: one each, or it is not looked at (not stored)."""
        self._guessed: set[int] = set()
        self._maybe: set[int] = set()
        self._strays = 0
        self.version = self.VERSION
        """The version of the program's rules that closed it: a lower one than VERSION was read from the store."""
        self._rows: dict[str, int] | None = None
        self._codes: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    # --- writing ---------------------------------------------------------------------------------------------------------------

    def record(self, read: Read, place: LineLocation) -> None:
        """Enter one line."""
        if read.damaged:
            self.damaged_count += 1
            guessed = self.row_of(read.custom_id)
            if guessed is None:
                self._strays += 1
            else:
                (self._guessed if place.file == "output" else self._maybe).add(guessed)
            if len(self.damaged) < KEPT:
                guess = read.custom_id[:SHOWN] if guessed is None else self.ids[guessed]
                self.damaged.append(DamagedLine(place, read.damaged, guess))
            return
        row = self.row_of(read.custom_id) if self._rows is None or self.names else self._rows.get(read.custom_id)
        if row is None:
            self.unexpected_count += 1
            self.unknown_answers += read.outcome in (Outcome.ANSWERED, Outcome.FLAWED, Outcome.UNFOUND)
            if len(self.unexpected) < KEPT:
                self.unexpected.append(Unexpected(read.custom_id[:SHOWN], place))
            return
        if self.inputs and read.outcome is Outcome.ANSWERED and 0 < read.vectors < self.inputs[row]:
            read = replace(read, outcome=Outcome.FLAWED, code=GAP)
        if self.file[row]:
            self.duplicates += 1
            before = self.outcome[row]
            better = _RANK[read.outcome] > _RANK[before]
            if before in _ANSWERS and read.outcome in ANSWERS:
                self.twice.setdefault(row, []).append(self._at(row) if better else place)
            if not better:
                return
        self._enter(row, read, place)

    def prefer(self, row: int, read: Read, place: LineLocation) -> None:
        """Let another answer of the row count, which is one of ``twice``; the one that counted is there in its stead."""
        others = self.twice[row]
        others[others.index(place)] = self._at(row)
        self._enter(row, read, place)

    def _enter(self, row: int, read: Read, place: LineLocation) -> None:
        self.outcome[row] = read.outcome
        self.file[row] = 1 if place.file == FILES[0] else 2
        self.segment[row] = place.segment
        self.offset[row] = place.offset
        self.length[row] = place.length
        self.code[row] = self._code(read.code) if read.code else 0
        try:
            self.status[row] = read.status
            self.input_tokens[row] = read.input_tokens
            self.cached_tokens[row] = read.cached_tokens
            self.output_tokens[row] = read.output_tokens
            self.reasoning_tokens[row] = read.reasoning_tokens
        except OverflowError:  # figures that nobody means: the most that a column holds
            for name, most in _MOST.items():
                getattr(self, name)[row] = min(getattr(read, name), most)

    def read_segment(self, data: bytes, file: FileKind, number: int, bytes_id: str = "") -> Iterator[int]:
        """Enter every line of answer segment ``number``, yielding the bytes read so far after each, so that the caller can pause. A line
        that stopped Python before (core.model.trail, by ``bytes_id``) is entered as damaged, unread."""
        passed_over = trail.suspected_offsets(bytes_id)
        for offset, length in each_value(data):
            line = data[offset : offset + length]
            if offset in passed_over:
                read = damaged(line, trail.NOT_READ)
            else:
                trail.begin(f"line:{bytes_id}:{offset}")
                try:
                    read = read_line(line, file)
                except Exception as error:  # the boundary of one line: it is kept, as one that cannot be read
                    read = damaged(line, f"The line cannot be read ({type(error).__name__}: {error}).")
                trail.end()
                if read.damaged and (line.count(_CUSTOM_ID) > 1 or wraps(line)):
                    yield from self._read_run(line, LineLocation(file, number, offset, length))
                    continue
            self.record(read, LineLocation(file, number, offset, length))
            yield offset + length

    def _read_run(self, line: bytes, place: LineLocation) -> Iterator[int]:
        """Enter what is in one line and names several requests: objects without a line end between them, or a list of them."""
        for offset, size in each_wrapped(line) if wraps(line) else each_object(line):
            self.record(
                read_line(line[offset : offset + size], place.file), LineLocation(place.file, place.segment, place.offset + offset, size)
            )
            yield place.offset + offset + size

    def close(self, ending: str, said: Counted | None = None) -> None:
        """Mark the requests that no line mentions by the provider's final status; those that may have been answered as ``UNFOUND``, by
        ``said`` (None: nothing is known but the ending), and so those whose lines say that they expired, where more are counted as answered
        than were found. A request that a damaged line of the output file names is missing, with the code ``damaged_line``."""
        if not {int(Outcome.UNREAD), int(Outcome.EXPIRED)}.intersection(self.outcome.tobytes()):
            return  # the usual batch: every row has a line that says what came of it
        why = self._unfound_reason(ending, said) if said is not None else ""
        if why == NOT_FOUND:  # a line that says that its request did not run is no proof against the count of those that were answered
            expired, code = int(Outcome.EXPIRED), self._code(why)
            for row in [row for row, outcome in enumerate(self.outcome) if outcome == expired]:
                self.outcome[row], self.code[row] = Outcome.UNFOUND, code
        found = self.outcome.tobytes()
        if Outcome.UNREAD not in found:
            return
        unseen = Outcome.UNFOUND if why else _UNSEEN.get(ending, Outcome.MISSING)
        code = self._code(why or ("missing" if unseen is Outcome.MISSING else f"batch_{unseen.name.lower()}"))
        self.outcome = array("B", found.replace(bytes([Outcome.UNREAD]), bytes([unseen])))
        self.code = array("H", [before if outcome else code for outcome, before in zip(found, self.code, strict=True)])  # unread is 0
        for rows, outcome, name in ((self._maybe, Outcome.UNFOUND, LINE_UNREADABLE), (self._guessed, Outcome.MISSING, DAMAGED_LINE)):
            for row in rows:
                if not found[row]:
                    self.outcome[row], self.code[row] = outcome, self._code(name)

    def _unfound_reason(self, ending: str, said: Counted) -> str:
        output = FILES.index("output") + 1
        expired = int(Outcome.EXPIRED)
        found = sum(map((lambda file, outcome: (file == output and outcome != expired) or outcome in _ANSWERS), self.file, self.outcome))
        found += sum(not self.file[row] for row in self._guessed)
        return unfound_reason(said, ending, found=found, unknown=self.unknown_answers, unreadable=self._strays)

    def settle(self, row: int, code: str) -> None:
        """Mark an answer as one that is no good one, by the code of its flaw."""
        self.outcome[row], self.code[row] = Outcome.FLAWED, self._code(code)

    def differs(self, row: int, place: LineLocation) -> None:
        """Note that a request was answered a second time, and differently."""
        self.differing_count += 1
        if len(self.differing) < KEPT:
            self.differing.append((row, place))

    def _code(self, code: str) -> int:
        if not code:
            return 0
        if self._codes is None:
            self._codes = {known: index for index, known in enumerate(self.codes)}
        if code not in self._codes:
            if len(self.codes) >= MAX_CODES and code != "other":
                return self._code("other")
            self._codes[code] = len(self.codes)
            self.codes.append(code)
        return self._codes[code]

    # --- reading ---------------------------------------------------------------------------------------------------------------

    def row_of(self, custom_id: str) -> int | None:
        """The row of an id. The map is made when it is first needed."""
        if self._rows is None:
            self._rows = {id: row for row, id in enumerate(self.ids)}
        return self._rows.get(self.names.get(custom_id, custom_id) if self.names else custom_id)

    def outcome_of(self, row: int) -> Outcome:
        return Outcome(self.outcome[row])

    def code_of(self, row: int) -> str:
        """The error code of a row, "" for an answer."""
        return self.codes[self.code[row]]

    def place_of(self, row: int) -> LineLocation | None:
        """Where the row's line is; None if no file mentions it."""
        return self._at(row) if self.file[row] else None

    def _at(self, row: int) -> LineLocation:
        return LineLocation(FILES[self.file[row] - 1], self.segment[row], self.offset[row], self.length[row])

    def damaged_line_of(self, row: int) -> LineLocation | None:
        """The damaged line that stands for the row's answer, if there is one and it is listed."""
        if self.code_of(row) != DAMAGED_LINE:
            return None
        id = self.ids[row]
        found = next((line.place for line in self.damaged if line.guess == id and line.place.file == "output"), None)
        if found is not None or len(id) <= SHOWN or sum(other.startswith(id[:SHOWN]) for other in self.ids) > 1:
            return found
        return next(
            (line.place for line in self.damaged if line.guess == id[:SHOWN] and line.place.file == "output"), None
        )  # an older ledger

    def unreadable(self) -> list[int]:
        """The rows whose answer is a damaged line."""
        if DAMAGED_LINE not in self.codes:
            return []
        wanted = self.codes.index(DAMAGED_LINE)
        return [row for row in self.rows(Outcome.MISSING) if self.code[row] == wanted]

    def rows(self, outcome: Outcome) -> list[int]:
        """The rows that ended so, in order."""
        wanted = int(outcome)  # an enum's own comparison takes ten times longer
        return [row for row, found in enumerate(self.outcome) if found == wanted]

    def tally(self) -> Tally:
        """The sums. Those of the outcomes add up to the number of requests."""
        count = self.outcome.tobytes().count
        return Tally(
            answered=count(Outcome.ANSWERED),
            failed=count(Outcome.FAILED),
            expired=count(Outcome.EXPIRED),
            cancelled=count(Outcome.CANCELLED),
            missing=count(Outcome.MISSING),
            unfound=count(Outcome.UNFOUND),
            flawed=count(Outcome.FLAWED),
            differing=self.differing_count,
            unread=count(Outcome.UNREAD),
            unexpected=self.unexpected_count,
            damaged=self.damaged_count,
            unreadable=len(self.unreadable()),
            input_tokens=sum(self.input_tokens),
            cached_tokens=sum(self.cached_tokens),
            output_tokens=sum(self.output_tokens),
            reasoning_tokens=sum(self.reasoning_tokens),
        )

    # --- storing ---------------------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """Magic, version, checksum, header length (u32, little-endian), header (msgpack), the arrays (little-endian)."""
        header = msgspec.msgpack.encode(_Header(*(getattr(self, name) for name in _Header.__struct_fields__)))
        body = b"".join((header, *(_little(getattr(self, name)).tobytes() for name, _ in self.COLUMNS)))
        return _MAGIC + _numbers(self.VERSION, zlib.crc32(body), len(header)) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Ledger:
        """The opposite of :meth:`to_bytes`. Raises :class:`LedgerUnreadable`."""
        start = len(_MAGIC) + 12
        if len(data) < start or data[: len(_MAGIC)] != _MAGIC:
            raise LedgerUnreadable("This is not a ledger.")
        version, checksum, header_size = (int.from_bytes(data[at : at + 4], "little") for at in range(len(_MAGIC), start, 4))
        if version > cls.VERSION:
            raise LedgerUnreadable("The ledger was made by a newer version of this program.")
        if version < 1:
            raise LedgerUnreadable("The ledger is damaged: there is no such version.")
        body = memoryview(data)[start:]
        if zlib.crc32(body) != checksum:
            raise LedgerUnreadable("The ledger is damaged: its checksum does not fit.")
        try:
            header = msgspec.msgpack.decode(body[:header_size], type=_Header)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise LedgerUnreadable("The ledger is damaged: its header can't be read.") from error
        ledger = cls(header.ids)
        ledger.version = version
        for name in _Header.__struct_fields__:
            setattr(ledger, name, getattr(header, name))
        at = header_size
        for name, kind in cls.COLUMNS:
            column = array(kind)
            size = column.itemsize * len(ledger)
            if at + size > len(body):
                raise LedgerUnreadable("The ledger is damaged: it is too short.")
            column.frombytes(body[at : at + size])
            setattr(ledger, name, _little(column))
            at += size
        return ledger


_MAGIC: Final = b"NSLEDGER"


def _numbers(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


def _little(column: array[int]) -> array[int]:
    """The array in the other byte order where this machine's is not little-endian."""
    if sys.byteorder == "little":
        return column
    other = array(column.typecode, column)
    other.byteswap()
    return other
