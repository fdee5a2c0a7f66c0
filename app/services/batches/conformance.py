"""Checks whether a batch's answers have the requested form (core.openai.conformance), after its ledger is read.

Only segments of which a line may ask for a form are loaded, each once. Requests of one batch ask for the same few forms as a rule: each is
decoded and kept once, up to a bound; then the answers that ask for them are read in the order in which they lie in their files.
"""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from app.core.batches.ledger import Ledger
from app.core.batches.ledger_lines import LineLocation
from app.core.batches.rows import Rows
from app.core.bodies import requests
from app.core.json import jsonread
from app.core.model.segments import Segment
from app.core.openai import conformance, flaws
from app.core.openai.outcomes import Outcome, read_line
from app.core.results import answers
from app.ports import Store
from app.services.runtime.isolation import Isolation
from app.services.runtime.slices import Slicer

_CHECKED: Final = 1_000_000
"""Bytes of an answer that is compared with its schema."""
_KEPT: Final = 4_000_000
"""Bytes of different forms, as text, that are kept at a time."""


class _Form(msgspec.Struct, gc=False):
    """What of a request's body names its form, for both endpoints that have one."""

    response_format: msgspec.Raw = msgspec.Raw(b"")
    text: msgspec.Raw = msgspec.Raw(b"")


_form: Final = jsonread.Decoder[_Form](_Form, depth=jsonread.SKIP_DEPTH)


class Forms:
    """``line`` gives the answer at a place; nothing where it is not here. A request or answer that cannot be looked at is put ``aside``."""

    def __init__(
        self, store: Store, endpoint: str, line: Callable[[LineLocation], Awaitable[bytes]], slicer: Slicer, aside: Isolation
    ) -> None:
        self._store, self._endpoint, self._line, self._slicer, self._aside = store, endpoint, line, slicer, aside
        self._forget()

    def _forget(self) -> None:
        self._known: dict[bytes, int] = {}
        self._schemas: list[dict[str, Any] | None] = []
        self._size = 0
        self._rows, self._asked = array("I"), array("I")  # the rows that ask for a form, and for which: figures, since they may be 50,000

    async def follow(self, ledger: Ledger, rows: Rows) -> None:
        """Mark the answers that do not have the form that their requests asked for. Where a request was answered twice, and another answer
        has the form, that one counts. ``rows`` are numbered as the ledger's are."""
        for start, segment in rows.each():
            if segment.asks is not False:
                await self._gather(ledger, start, segment)
                await self._slicer.rest()
        await self._check(ledger)

    async def _gather(self, ledger: Ledger, start: int, segment: Segment) -> None:
        (data,) = await self._store.load([segment.bytes_id])
        if data is None or conformance.MARK not in data:
            return
        for i in range(len(segment.ids)):
            place = ledger.place_of(start + i) if ledger.outcome_of(start + i) is Outcome.ANSWERED else None
            if place is not None and place.length <= _CHECKED:
                with self._aside.item(segment.ids[i]):
                    asked = self._form(requests.pick(data, segment.ends, i))
                    if asked is not None and self._schemas[asked] is not None:
                        self._rows.append(start + i)
                        self._asked.append(asked)
                if self._size > _KEPT:
                    await self._check(ledger)
            if self._slicer.over():
                await self._slicer.rest()

    def _form(self, line: bytes) -> int | None:
        """The number of the form that a request asks for; None where it asks for none, or cannot be read."""
        if conformance.MARK not in line:
            return None
        try:
            found = _form.decode(requests.decode(line).body)
            name = b'{"response_format":%s,"text":%s}' % (bytes(found.response_format) or b"null", bytes(found.text) or b"null")
            if name not in self._known:
                self._schemas.append(conformance.schema_of(jsonread.value(name)) if conformance.MARK in name else None)
                self._known[name] = len(self._schemas) - 1
                self._size += len(name)
        except (requests.LineFault, jsonread.Unreadable):
            return None
        return self._known[name]

    async def _check(self, ledger: Ledger) -> None:
        """Read the answers that were asked for in a form, and forget the forms."""
        rows, file, segment, offset = self._rows, ledger.file, ledger.segment, ledger.offset
        for n in sorted(range(len(rows)), key=lambda n: file[rows[n]] << 64 | segment[rows[n]] << 32 | offset[rows[n]]):
            row, schema = rows[n], self._schemas[self._asked[n]]
            place = ledger.place_of(row)
            with self._aside.item(ledger.ids[row]):
                wrong = place is not None and schema is not None and not self._follows(await self._line(place), schema)
                if wrong and schema is not None and not await self._other(ledger, row, schema):
                    ledger.settle(row, flaws.SCHEMA)
            if self._slicer.over():
                await self._slicer.rest()
        self._forget()

    async def _other(self, ledger: Ledger, row: int, schema: dict[str, Any]) -> bool:
        """Whether another answer of the row is a good one with this form; then it counts from now on."""
        for place in ledger.twice.get(row, ()):
            line = await self._line(place) if place.length <= _CHECKED else b""
            read = read_line(line, place.file)
            if read.outcome is Outcome.ANSWERED and self._follows(line, schema):
                ledger.prefer(row, read, place)
                return True
        return False

    def _follows(self, line: bytes, schema: dict[str, Any]) -> bool:
        """Whether an answer has the form that was asked for, or is none that could have it."""
        answer = answers.answer_of(self._endpoint, line)
        return not answer.text or bool(answer.tools) or conformance.follows(answer.text, schema)
