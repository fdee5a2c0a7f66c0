"""A batch's requests beside their answers, by window; and its files as they arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from app.core.base import text
from app.core.base.lru import Lru
from app.core.base.text import shorten
from app.core.batches import matching, pipeline
from app.core.batches.ledger import DAMAGED_LINE, Ledger, LedgerUnreadable
from app.core.batches.ledger_lines import LineLocation
from app.core.batches.resend import ResentRows, doubtful, risky, sendable, unanswered
from app.core.batches.rows import Rows
from app.core.bodies import requests
from app.core.bodies.bodyread import read_body
from app.core.json import jsonread
from app.core.model import keys, trail
from app.core.model.batches import Batch
from app.core.model.threads import Options
from app.core.openai.outcomes import ANSWERS, Outcome
from app.core.openai.wire import Blob
from app.core.results.answers import Answer
from app.core.results.lineplaces import came_place, request_place
from app.ports import Page, Store, Table
from app.services.batches.ledgers import names_of
from app.services.batches.resend import Resender
from app.services.results.shown import AnswerRow, Group, Opened, schema_faults, why
from app.services.runtime import passed_over
from app.services.runtime.isolation import PASSES, reason
from app.services.runtime.records import Records

_CACHED_BYTES = 16_000_000  # of lines: one with an image may have megabytes
_LOADED_AT_ONCE = 4
_CACHED_BATCHES = 2
_ANSWER_LENGTH = 160
_LARGE_LINE = 4_000_000  # bytes of a line from which on a list does not read it
_OFFERED = 20
"""Requests that are offered for an answer whose id the batch does not have."""
_UNREADABLE = "(the record of this request is damaged or set aside: see Damaged records in the settings)"
CODE = "code:"
"""Begins the filter for one error code."""
Which = Literal["input", "output", "error"]
_Piece = tuple[str, int, int]
"""A line: the id of its bytes, where it begins and where it ends."""


class _Held:
    """What is known about one open batch: its requests, its ledger once there is one, and which rows went again. Rows are the ledger's."""

    def __init__(self, rows: Rows, ledger: Ledger | None, resent_rows: ResentRows | None) -> None:
        self.rows, self.ledger, self.resent_rows = rows, ledger, resent_rows
        self.total = len(rows)

    def asked(self, row: int) -> _Piece | None:
        """The line of a request; None where its segment cannot be read."""
        return request_place(self.rows, row)

    def gone(self, row: int) -> bool:
        """Whether a row was sent again."""
        return self.resent_rows is not None and row in self.resent_rows

    def can_go(self, row: int) -> bool:
        """Whether a row can be sent again, or could if it had not been yet."""
        if self.ledger is None:
            return self.resent_rows is not None and self.rows.at(row) is not None
        return row < self.total and self.rows.at(row) is not None and sendable(self.ledger.outcome_of(row), self.ledger.code_of(row))


class Review:
    """Reads batches. Raises the store's errors."""

    def __init__(self, records: Records, page: Page, again: Resender) -> None:
        self._records, self._page, self._again = records, page, again
        self._store: Store = records.store
        self._lines: Lru[_Piece, bytes] = Lru(_CACHED_BYTES, len)
        self._held: Lru[tuple[str, int, int, int], _Held] = Lru(_CACHED_BATCHES)
        self._store.watch(self._elsewhere)

    def _elsewhere(self, tables: frozenset[str]) -> None:
        """Another tab may have put back what cannot be read here."""
        if Table.SEGMENTS in tables:
            for key in self._held:
                if (held := self._held.get(key)) is not None and held.rows.lost:
                    self._held.drop(key)

    async def _fetch(self, pieces: Iterable[_Piece]) -> None:
        """Have these lines at hand. Answers come in another order than requests, so one screen may need a line from each of many segments:
        several are loaded at once, and only the lines are kept."""
        wanted: dict[str, list[_Piece]] = {}
        for piece in pieces:
            if piece not in self._lines:
                wanted.setdefault(piece[0], []).append(piece)
        ids = list(wanted)
        for n in range(0, len(ids), _LOADED_AT_ONCE):
            some = ids[n : n + _LOADED_AT_ONCE]
            for id, data in zip(some, await self._store.load(some), strict=True):
                if data is not None:  # what is missing may be fetched again
                    for piece in wanted[id]:
                        if piece not in self._lines:
                            self._lines.put(piece, data[piece[1] : piece[2]])

    async def _take(self, piece: _Piece) -> bytes | None:
        await self._fetch([piece])
        return self._lines.get(piece)

    async def _hold(self, batch: Batch) -> _Held:
        ended = batch.state in pipeline.FINAL
        seen = self._records.damage.changes
        key = (batch.id, len(batch.timeline) if ended else 0, batch.resent, seen)  # it may end more than once: answers can be fetched again

        async def read() -> _Held:
            for piece in self._lines:
                if piece[0].startswith(keys.answers(batch.id)):
                    self._lines.drop(piece)  # the answers may have been fetched again
            ledger = None
            if ended and batch.state != "withdrawn":
                (data,) = await self._store.load([keys.ledger_id(batch.id)])
                try:
                    ledger = passed_over.ledger(keys.ledger_id(batch.id), data) if data else None
                except LedgerUnreadable:
                    ledger = None  # the files are still here: the answers are shown as not read
            rows = await self._again.rows(batch, ledger)
            if ledger is not None and rows.ids != ledger.ids:
                ledger = None  # an older version made it while a part of the requests could not be read: likewise, and it can be made again
            resent_rows = None
            if batch.state in pipeline.FETCHED and (ledger is not None or pipeline.has_no_ledger(batch)):
                resent_rows = await self._again.resent_rows(batch)
            return _Held(rows, ledger, resent_rows)

        return await self._held.got(key, read)

    # --- lists

    async def rows(self, batch: Batch, which: str, first: int, last: int) -> tuple[int, list[AnswerRow]]:
        """How many rows there are under a filter (``all`` or an outcome's word), and those from ``first`` to ``last`` (exclusive)."""
        held = await self._hold(batch)
        chosen = self._chosen(held, which)
        shown = chosen[first:last]
        await self._fetch(piece for row in shown for piece in self._pieces(batch, held, row) if not _is_large(piece))
        return len(chosen), [await self._shown(batch, held, row) for row in shown]

    async def _shown(self, batch: Batch, held: _Held, row: int) -> AnswerRow:
        """A row of the list; why it cannot be shown, where that is so: the others are."""
        try:
            return await self._row(batch, held, row)
        except PASSES:
            raise
        except Exception as error:  # the boundary of one row
            id = held.rows.ids[row] if row < held.total else ""
            return AnswerRow(row, id, "unread", f"(this row cannot be shown: {shorten(reason(error), _ANSWER_LENGTH)})", "")

    def _pieces(self, batch: Batch, held: _Held, row: int) -> list[_Piece]:
        """The lines that are needed to show a row."""
        asked = held.asked(row) if row < held.total else None
        place = held.ledger.place_of(row) if held.ledger is not None and row < held.total else None
        return [*([asked] if asked else []), *([_said(batch, place)] if place else [])]

    def _chosen(self, held: _Held, which: str) -> Sequence[int]:
        if which == "all" or held.ledger is None:
            return range(held.total)
        if which == "unexpected":
            return range(held.total, held.total + len(held.ledger.unexpected))
        if which == "damaged":
            start = held.total + len(held.ledger.unexpected)
            return range(start, start + len(held.ledger.damaged))
        if which == "went":
            return list(held.resent_rows.rows()) if held.resent_rows is not None else ()
        if which == "differing":
            return sorted({row for row, _place in held.ledger.differing})
        if which.startswith(CODE):
            return _with_code(held.ledger, which.removeprefix(CODE))
        return held.ledger.rows(Outcome[which.upper()])

    async def can_go(self, batch: Batch, which: str) -> list[int]:
        """The rows under a filter that can be sent again and were not yet."""
        held = await self._hold(batch)
        if held.ledger is None:
            return [row for row in self._chosen(held, which) if held.can_go(row) and not held.gone(row)]
        return self._not_yet(held, which, unanswered(held.ledger))

    async def can_risk(self, batch: Batch, which: str) -> list[int]:
        """The rows under a filter that can be sent again on purpose only, and were not yet."""
        held = await self._hold(batch)
        if held.ledger is None:
            return []
        return self._not_yet(held, which, doubtful(held.ledger))

    def _not_yet(self, held: _Held, which: str, rows: Iterable[int]) -> list[int]:
        """Those of the rows that are under a filter, were not sent again yet, and can be read."""
        chosen = self._chosen(held, which) if which == "all" else frozenset(self._chosen(held, which))
        return [row for row in rows if row in chosen and not held.gone(row) and held.rows.at(row)]

    async def groups(self, batch: Batch) -> list[Group]:
        """What was not answered, by outcome and error code, the largest group first."""
        held = await self._hold(batch)
        ledger = held.ledger
        if ledger is None:
            return []
        counts = Counter(zip(ledger.outcome, ledger.code, strict=True))
        again = (
            Counter((ledger.outcome[row], ledger.code[row]) for row in held.resent_rows.rows())
            if held.resent_rows is not None
            else Counter()
        )
        found = [
            Group(Outcome(outcome).name.lower(), ledger.codes[code], count, again[outcome, code])
            for (outcome, code), count in counts.items()
            if outcome not in (int(Outcome.ANSWERED), int(Outcome.UNREAD))
        ]
        return sorted(found, key=lambda one: (-one.count, one.code))

    async def _row(self, batch: Batch, held: _Held, row: int) -> AnswerRow:
        if row >= held.total:
            return await self._stray_row(batch, held, row)
        piece = held.asked(row)
        if piece is None:
            asked = _UNREADABLE
        elif _is_large(piece):
            asked = f"(a request of {text.size(piece[2] - piece[1])}: open it to see its beginning)"
        else:
            line = await self._take(piece)
            asked = passed_over.preview(*piece[:2], line, length=_ANSWER_LENGTH).text if line else "(the request is no longer here)"
        ledger, id = held.ledger, held.rows.ids[row]
        resent, can_go = held.gone(row), held.can_go(row)
        if ledger is None:
            outcome = "failed" if batch.state == "failed" else "unread"
            return AnswerRow(row, id, outcome, asked, "", 0, resent, can_go)
        place = ledger.place_of(row)
        if place is not None and _is_large(_said(batch, place)):
            words = f"(an answer of {text.size(place.length)}: open it to see its beginning)"
        else:
            said = await self._answer(batch, place)
            words = _words(said) if said and ledger.outcome_of(row) is not Outcome.UNFOUND else why(ledger, row)
        tokens = ledger.input_tokens[row] + ledger.output_tokens[row]
        return AnswerRow(row, id, ledger.outcome_of(row).name.lower(), asked, words, tokens, resent, can_go)

    async def _stray_row(self, batch: Batch, held: _Held, row: int) -> AnswerRow:
        """A line that belongs to no request, or cannot be read."""
        n = row - held.total
        if held.ledger is None:
            return AnswerRow(row, "", "unread", "", "")
        if n < len(held.ledger.unexpected):
            stray = held.ledger.unexpected[n]
            said = await self._answer(batch, stray.place)
            return AnswerRow(row, stray.custom_id, "unexpected", "(this batch has no such request)", _words(said) if said else "")
        damaged = held.ledger.damaged[n - len(held.ledger.unexpected)]
        return AnswerRow(row, damaged.guess, "damaged", "(the line cannot be read)", damaged.sentence)

    async def _line(self, batch: Batch, place: LineLocation | None) -> bytes | None:
        return None if place is None else await self._take(_said(batch, place))

    async def _answer(self, batch: Batch, place: LineLocation | None) -> Answer | None:
        line = await self._line(batch, place)
        return None if line is None or place is None else passed_over.answer(batch.lane.endpoint, *_said(batch, place)[:2], line)

    # --- one

    async def open(self, batch: Batch, row: int) -> Opened:
        """One row in full."""
        held = await self._hold(batch)
        shown = await self._row(batch, held, row)
        place = _place(held, row)
        request = None
        code = ""
        stands = held.rows.at(row) if row < held.total else None
        piece = held.asked(row) if stands else None
        if piece is not None:
            request = await self._take(piece)
        if row < held.total and held.ledger is not None:
            code = held.ledger.code_of(row)
        line = await self._line(batch, place)
        others = [where for n, where in held.ledger.differing if n == row] if held.ledger is not None else []
        kept = [each for where in others if (each := await self._line(batch, where)) is not None]
        damaged = shown.outcome == "damaged" or code == DAMAGED_LINE
        unread = place is not None and trail.suspected(trail.line(*_said(batch, place)[:2]))
        if piece is not None and trail.suspected(trail.line(*piece[:2])):
            request = None
        said = None if damaged else await self._answer(batch, place)
        names = await names_of(self._store, batch.id) if line is not None and row < held.total else {}
        return Opened(
            batch=batch.id,
            row=row,
            id=shown.id,
            outcome=shown.outcome,
            code=code,
            asked=_turns(batch, request) if request else (),
            body=requests.body_text(request) if request else "",
            answer=said,
            line="" if line is None or unread else line.decode("utf-8", "replace"),
            unread=unread,
            previous_batches=stands[0].previous_batches if stands else (),
            resent=shown.resent,
            others=tuple(each.decode("utf-8", "replace") for each in kept),
            risky=held.ledger is not None and stands is not None and risky(held.ledger.outcome_of(row), code),
            can_go=shown.can_go,
            parts=passed_over.parts(*_said(batch, place)[:2], line) if line is not None and place is not None and not damaged else (),
            faults=schema_faults(request, said),
            open_ids=tuple(matching.open_ids(held.ledger)[:_OFFERED]) if held.ledger is not None and row >= held.total else (),
            matched=next((theirs for theirs, ours in names.items() if ours == shown.id), ""),
        )

    async def line(self, batch: Batch, row: int) -> bytes:
        """The line that came for a row, as it arrived; nothing where there is none."""
        held = await self._hold(batch)
        return (await self._line(batch, _place(held, row))) or b""

    async def neighbour(self, batch: Batch, which: str, row: int, by: int) -> int | None:
        """The row that stands ``by`` places after ``row`` under a filter; None beyond the ends."""
        chosen = self._chosen(await self._hold(batch), which)
        try:
            at = chosen.index(row) + by
        except ValueError:
            return None
        return chosen[at] if 0 <= at < len(chosen) else None

    # --- files

    async def file(self, batch: Batch, which: Which) -> Blob:
        """The input as it was uploaded, or an output or error file as it arrived. KeyError when parts are missing."""
        if which == "input":
            rows = await self._again.rows(batch)
            if rows.lost:
                raise KeyError(f"{rows.lost} requests")  # a file with a part of them would pass for the whole
            return await self._store.blob([one.bytes_id for _, one in rows.each()])
        fetched = next((one for one in batch.fetched if one.which == which), None)
        count = fetched.segments if fetched else 0
        return await self._store.blob([keys.answer_id(batch.id, which, n) for n in range(count)])

    async def download(self, batch: Batch, which: Which) -> None:
        """Hand a file to the person."""
        self._page.save_file(f"{batch.filename.removesuffix('.jsonl')}-{which}.jsonl", await self.file(batch, which), "application/jsonl")


def _with_code(ledger: Ledger, code: str) -> list[int]:
    """The rows that ended with this error code."""
    if not code or code not in ledger.codes:
        return []
    wanted = ledger.codes.index(code)
    return [row for row, found in enumerate(ledger.code) if found == wanted]


def _place(held: _Held, row: int) -> LineLocation | None:
    """Where the line of a row is, or of what comes after the rows; None if there is none."""
    if held.ledger is None:
        return None
    if row < held.total:
        return held.ledger.damaged_line_of(row) or held.ledger.place_of(row)
    strays = [*(one.place for one in held.ledger.unexpected), *(one.place for one in held.ledger.damaged)]
    return strays[row - held.total]


def _is_large(piece: _Piece) -> bool:
    """Whether a line is too large to be read for one row of a list: a screen of such rows would be a gigabyte."""
    return piece[2] - piece[1] > _LARGE_LINE


def _said(batch: Batch, place: LineLocation) -> _Piece:
    return came_place(batch.id, place)


def _words(answer: Answer) -> str:
    """The answer on one line; for a failure why."""
    if answer.outcome in ANSWERS and not (answer.text or answer.refusal or answer.tools):
        return answer.notice or "(an answer without text)"
    said = answer.error or answer.text or answer.refusal or next((f"calls {one.name}" for one in answer.tools), "") or answer.error_code
    return shorten(said, _ANSWER_LENGTH)


def _turns(batch: Batch, line: bytes) -> tuple[tuple[str, str], ...]:
    """The conversation of a request as (role, text); empty where its body has another shape."""
    try:
        body = jsonread.value(requests.decode(line).body)
    except (requests.LineFault, jsonread.Unreadable):
        return ()
    if not isinstance(body, dict):
        return ()
    try:
        read = read_body(body, batch.lane.endpoint, Options())
    except Exception as error:  # the boundary of what is read for people: the answer is shown all the same
        return (("user", f"(the conversation of this request cannot be shown: {shorten(reason(error), _ANSWER_LENGTH)})"),)
    return tuple(
        (one.role, one.text + "".join(f"\n[image: {image.name or image.url[:80]}]" for image in one.images)) for one in read.messages
    )
