"""Full text over the prompts and answers of a table, one byte run after another: what was found so far can be shown at any time.

The bytes are searched first, which is fast; a line that holds the words is read, since they may be in its JSON and not in its text.
"""

from __future__ import annotations

import time
from typing import Final

from app.core.queue.search import TextSearch
from app.core.results.lines import answer_cells, prompt_text
from app.ports.compute import Job
from app.services.results.line_runs import LineRunRows
from app.services.results.table_index import KeptIndex

_SEARCHES: Final = "searches"
_KEPT: Final = 8
"""Searches that are remembered; each has a byte a row."""


class AnswerSearch:
    """Where some words stand: ``hits`` has 1 for each row whose prompt or answer holds them, as far as it was searched."""

    def __init__(self, kept: KeptIndex, words: str) -> None:
        self._kept, self._search = kept, TextSearch(words)
        self._words = self._search.words.lower()
        self.hits = bytearray(len(kept))
        self.done = 0
        self.total = 1
        self.ended = not self._words
        if self.ended:
            self.hits = bytearray(b"\1") * len(kept)

    async def go_on(self, job: Job, seconds: float | None = None) -> None:
        """Search what was not searched yet; no longer than ``seconds``, where they are given. Raises CancelledError, and what the store
        raises."""
        if self.ended:
            return
        began = time.perf_counter()
        answers, requests = await self._kept.answer_runs(job), await self._kept.request_runs(job)
        self.total = len(answers) + len(requests)
        while self.done < self.total:
            if self.done < len(answers):
                await self._answers(job, answers[self.done])
            else:
                await self._requests(job, requests[self.done - len(answers)])
            self.done += 1
            job.moved(self.done, self.total)
            if seconds is not None and time.perf_counter() - began > seconds:
                return
            await job.rest()
        self.ended = True

    async def _answers(self, job: Job, run: LineRunRows) -> None:
        data = await self._kept.run(run.bytes_id)
        for n in self._search.lines(data, run.ends) if data is not None else ():
            row = run.rows[n]
            if data is not None and not self.hits[row]:
                text = answer_cells(run.endpoint, data[run.begins[n] : run.ends[n]], fields=False).text
                self.hits[row] = self._words in text.lower()
            if job.over():
                await job.rest()

    async def _requests(self, job: Job, run: LineRunRows) -> None:
        data = await self._kept.run(run.bytes_id)
        for n in self._search.lines(data, run.ends) if data is not None else ():
            row = run.rows[n]
            if data is not None and not self.hits[row]:
                self.hits[row] = self._words in prompt_text(data[run.begins[n] : run.ends[n]]).lower()
            if job.over():
                await job.rest()


async def searched(job: Job, kept: KeptIndex, words: str, seconds: float | None = None) -> AnswerSearch | None:
    """What was found of some words, after up to ``seconds`` more (None: to the end); None where no words are looked for."""
    if not words.strip():
        return None
    searches: dict[str, AnswerSearch] = kept.memory.setdefault(_SEARCHES, {})
    search = searches.pop(words, None) or AnswerSearch(kept, words)
    searches[words] = search  # the last one in use is the last one to go
    while len(searches) > _KEPT:
        del searches[next(iter(searches))]
    await search.go_on(job, seconds)
    return search
