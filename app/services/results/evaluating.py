"""Answers that a model is to judge: they become a table with a prompt, and go the way of every table: a person prices and sends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from app.core.datasets.table import UnreadableTable
from app.core.model.datasets import Dataset
from app.core.model.judging import Evaluation
from app.core.model.settings import ColumnGroup, TakeAway
from app.core.results.joining import JoinOrder
from app.core.results.judge_prompt import JudgePlan, judge_content
from app.ports import Clock
from app.ports.compute import Compute, unheard
from app.services.datasets.datasets import Datasets, Source
from app.services.results.answers_job import WRITE_ANSWERS, AnswerFileOrder
from app.services.runtime.records import Records, put
from app.services.templates.templates import Templates

_PARTS: Final[tuple[ColumnGroup, ...]] = ("table", "prompt", "answer", "request")
_REQUEST, _BATCH, _OF_REQUEST = 0, 4, 7
"""Where the request's id and the batch's id are in the last group of columns, and how many there are in it."""
MAX_NAME: Final = 60
Rows = dict[str, tuple[int, ...]]


class Evaluations:
    """Raises what the store raises."""

    def __init__(self, records: Records, compute: Compute, clock: Clock, datasets: Datasets, templates: Templates) -> None:
        self._records, self._compute, self._clock = records, compute, clock
        self._datasets, self._templates = datasets, templates

    async def prepare(
        self, join: JoinOrder, only: Rows, plan: JudgePlan, name: str, expected: str = "", moved: Callable[[int, int], None] = unheard
    ) -> Dataset:
        """Make a table of these answers, with the prompt of a judge. Nothing is sent. Rows that were not answered stay out. ``expected``:
        the column of the judged table with what is right. Cancelling it leaves nothing behind, or a table without its prompt.

        Raises UnreadableTable (none was answered), RowsMissing, Unwritable, JobFailed."""
        parts = _PARTS if join.dataset else _PARTS[1:]
        order = AnswerFileOrder(join, TakeAway("jsonl", parts, "answered"), only)
        written = await self._compute.run(WRITE_ANSWERS, order, moved=lambda done, total: moved(done, 2 * total))
        if not written.value.rows or written.blob is None:
            raise UnreadableTable("None of these was answered, so there is nothing to judge.")
        columns = written.value.columns
        request = columns[-_OF_REQUEST:]
        prompt, answer = columns[-_OF_REQUEST - 2 : -_OF_REQUEST]
        source = Source(written.blob, f"{name}.jsonl")
        first = await self._datasets.examine(source)
        title = await self._free_name(name)
        made = await self._datasets.bring(source, first.dialect, name=title, moved=lambda done, total: moved(total + done, 2 * total))
        dataset = made.dataset
        evaluation = Evaluation(
            id=dataset.id,
            name=title,
            batches=tuple(only),
            batch_column=request[_BATCH],
            id_column=request[_REQUEST],
            fields=plan.fields,
            at=self._clock.now(),
        )
        template = await self._templates.of(dataset.id)
        content = judge_content(plan, prompt, answer, expected if expected in columns else "")
        await self._records.commit([put(replace(template, content=content), 0), put(evaluation, 0)])
        return dataset

    async def _free_name(self, name: str) -> str:
        """A name that no other evaluation has: columns are called by it."""
        wanted = " ".join(name.split())[:MAX_NAME].replace(":", " ").strip() or "Judge"
        taken = {one.value.name for one in await self._records.all(Evaluation)}
        return next(one for one in (wanted, *(f"{wanted} {n}" for n in range(2, len(taken) + 3))) if one not in taken)
