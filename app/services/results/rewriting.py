"""Makes the lines of requests again that are sent again otherwise than before (core.results.retrying)."""

from __future__ import annotations

from app.core.batches.ledger import Ledger
from app.core.bodies import requests
from app.core.bodies.requests import LineFault
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.results import retrying
from app.core.results.retrying import RetryChange
from app.core.results.samples import facts_of
from app.ports import Clock, Store
from app.services.batches.resend import RequestLines
from app.services.runtime.slices import Slicer

_LOADED_AT_ONCE = 4


class Rewriting:
    """What services.batches.resend.Resender asks for other lines. Raises LineFault where one of them cannot be made: then it is looked for
    among them and stays where it is."""

    def __init__(self, store: Store, clock: Clock, change: RetryChange) -> None:
        self._store, self._clock, self._change = store, clock, change

    async def __call__(self, batch: Batch, ledger: Ledger | None, lines: RequestLines) -> RequestLines:
        """The same requests under the same ids."""
        came = await self._came(batch, ledger, [row for row, _id, _line in lines]) if self._change.tell and ledger is not None else {}
        slicer, made = Slicer(self._clock), []
        for row, id, line in lines:
            code = ledger.code_of(row) if ledger is not None else ""
            made.append((row, id, self._line(batch.lane.endpoint, id, line, came.get(row), code)))
            if slicer.over():
                await slicer.rest()
        return made

    def _line(self, endpoint: str, id: str, line: bytes, came: bytes | None, code: str) -> bytes:
        asked = requests.decode(line)
        try:
            body = jsonread.value(asked.body)
        except jsonread.Unreadable as error:
            raise LineFault(f"The request can't be read: {error}.") from None
        if not isinstance(body, dict):
            raise LineFault("The request's body is not a JSON object.")
        said = fault = ""
        if came is not None:
            facts = facts_of(endpoint, came)
            said = facts.samples[0].text if facts.samples else ""
            fault = retrying.fault_of(code, said, body)
        return requests.line(id, asked.url, retrying.changed(endpoint, body, self._change, said, fault))

    async def _came(self, batch: Batch, ledger: Ledger, rows: list[int]) -> dict[int, bytes]:
        """What came for these rows, a few byte runs at a time."""
        wanted: dict[str, list[tuple[int, int, int]]] = {}
        for row in rows:
            if (place := ledger.place_of(row)) is not None:
                id = keys.answer_id(batch.id, place.file, place.segment)
                wanted.setdefault(id, []).append((row, place.offset, place.offset + place.length))
        ids, found = list(wanted), dict[int, bytes]()
        for n in range(0, len(ids), _LOADED_AT_ONCE):
            some = ids[n : n + _LOADED_AT_ONCE]
            for id, data in zip(some, await self._store.load(some), strict=True):
                if data is not None:
                    found |= {row: data[begin:end] for row, begin, end in wanted[id] if end <= len(data)}
        return found
