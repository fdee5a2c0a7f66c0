"""The texts of all requests of a plan, a part at a time, to be counted by what counts tokens: they never cross to Python in the page."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.bodies import requests
from app.core.bodies.prompttexts import prompt_texts
from app.core.datasets.storage import RowIndex
from app.core.json import jsonread
from app.core.model.lanes import Endpoint
from app.core.openai.encodings import Encoding, encoding_of
from app.core.planning.rowrequests import PlanOrder, RequestRun, Unplannable
from app.ports import Store
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.planning.row_source import each_request, index_of, row_requests

PART_BYTES: Final = 4_000_000
"""Bytes of texts from which on a part ends, with the run of rows that it is in: about half a second of counting."""
PART_REQUESTS: Final = 20_000
"""Requests from which on it ends likewise."""


class TextsOrder(msgspec.Struct, frozen=True):
    """The texts of those requests whose model counts in this encoding, from the ``first`` run of rows on."""

    plan: PlanOrder
    encoding: Encoding
    first: int = 0


class TextsOf(msgspec.Struct, frozen=True, array_like=True):
    """So many texts one after another: whose they are, and the tokens that each has beside its text (core.bodies.prompttexts)."""

    model: str
    extra: int
    texts: int
    tag: str = ""


class TextsPart(msgspec.Struct, frozen=True):
    """The job's bytes are the texts in UTF-8, of which the n-th ends before byte ``ends[n]``. ``next``: the run of rows with which the next
    part begins, of ``runs``; that many: there is none."""

    ends: tuple[int, ...]
    of: tuple[TextsOf, ...]
    next: int
    runs: int


PLACE: Final = "planning.texts"
"""Where the parts of a table are made one after another: its index, of megabytes, is read for the first of them alone."""
TEXTS: Final = JobKind(PLACE, TextsOrder, TextsPart, (Unplannable, RowsMissing), PLACE, background=True)
_INDEX: Final = "index"


async def texts(job: Job, order: TextsOrder) -> TextsPart:
    """Raises Unplannable, RowsMissing."""
    store, plan = await job.store(), order.plan
    index = await _kept_index(job, store, plan)
    made = await row_requests(job, store, plan, unique=False)
    gathered = _Gathered(plan.endpoint, order.encoding)
    # rows that share a request must not be parted, and which rows are chosen, or answered already, is looked for once
    together = any(one.content.rows_per_request > 1 for one in plan.asked) or plan.only is not None or plan.reuse
    n = order.first
    while n < len(index.runs):
        stop = len(index.runs) if together else n + 1
        async for run in each_request(job, store, plan, index, made, runs=(n, stop)):
            gathered.add(run)
            if gathered.held >= PART_BYTES:  # the texts of a large table are not held at once
                await job.write(gathered.taken())
        n = stop
        await job.write(gathered.taken())
        if gathered.full:
            break
    return TextsPart(tuple(gathered.ends), tuple(gathered.of), n, len(index.runs))


async def _kept_index(job: Job, store: Store, plan: PlanOrder) -> RowIndex:
    """Where the rows stand, as the part before left it. A version of a table never changes. Raises RowsMissing."""
    of = plan.dataset, plan.version
    kept: tuple[tuple[str, int], RowIndex] | None = job.kept.get(_INDEX)
    if kept is None or kept[0] != of:
        kept = job.kept[_INDEX] = of, await index_of(store, plan)
    return kept[1]


class _Gathered:
    """The texts of a part, as they arrive."""

    def __init__(self, endpoint: Endpoint, encoding: Encoding) -> None:
        self._endpoint, self._encoding = endpoint, encoding
        self._texts: list[bytes] = []
        self._wanted: dict[str, bool] = {}
        self.held = 0
        """Bytes of texts that were not taken yet."""
        self.ends: list[int] = []
        self.of: list[TextsOf] = []

    def add(self, run: RequestRun) -> None:
        """The texts of more requests, where their model counts so."""
        wanted = self._wanted.get(run.model)
        if wanted is None:
            wanted = self._wanted[run.model] = encoding_of(run.model).encoding == self._encoding
        if not wanted:
            return
        end = self.ends[-1] if self.ends else 0
        for n in range(len(run.lines)):
            found = prompt_texts(self._endpoint, jsonread.value(requests.decode(run.lines.line(n)).body))
            data = found.text.encode("utf-8", "replace")
            end += len(data)
            self.held += len(data)
            self._texts.append(data)
            self.ends.append(end)
            last = self.of[-1] if self.of else None
            if last is not None and (last.model, last.extra, last.tag) == (run.model, found.extra, run.tag):
                self.of[-1] = TextsOf(run.model, found.extra, last.texts + 1, run.tag)
            else:
                self.of.append(TextsOf(run.model, found.extra, 1, run.tag))

    def taken(self) -> bytes:
        """What was gathered since it was asked last."""
        texts, self._texts, self.held = self._texts, [], 0
        return b"".join(texts)

    @property
    def full(self) -> bool:
        return bool(self.ends) and (self.ends[-1] >= PART_BYTES or len(self.ends) >= PART_REQUESTS)
