"""Feeds the page from inside: requests into the queue through the program's own services, and submissions as the button makes them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.core.base import ids
from app.core.batches import pipeline
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.services.provider.profiles import PRACTICE
from app.services.runtime.records import Records
from app.ui.shell.loop import App

MODEL, ENDPOINT = "gpt-5-nano", "/v1/chat/completions"
LANE = Lane(PRACTICE.id, ENDPOINT, MODEL)


class Feeder:
    """Called method by method by the test."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._records = Records(app.services.store)

    async def feed(self, count: int) -> int:
        """Queue so many requests, then submit them; how many batches that made."""
        services = self._app.services
        now = services.clock.now()
        lines = ((name, requests.line(name, ENDPOINT, _body(n))) for n, name in zip(range(count), self._names(), strict=False))
        writing: asyncio.Task[None] | None = None
        for n, run in enumerate(requests.make_segments(lines)):
            if writing is not None:
                await writing
            writing = asyncio.create_task(self._records.commit(services.queue.fresh(keys.queue_owner(LANE), now + n * 1e-3, run)))
            await services.clock.sleep(0)
        if writing is not None:
            await writing
        made = await services.submitter.submit(LANE, PRACTICE)
        services.engine.nudge()
        return len(made.batches)

    def _names(self) -> Iterator[str]:
        while True:
            yield from ids.series("r", self._app.services.clock.now(), self._app.services.random.token(10), 1_000)

    async def look(self) -> dict[str, Any]:
        """Where the batches are: how many in each state, how many requests were answered, and their problems."""
        batches = [one.value for one in await self._records.all(Batch)]
        return {
            "states": Counter(one.state for one in batches),
            "requests": sum(one.requests for one in batches),
            "answered": sum(one.tally.answered for one in batches),
            "problems": sorted({one.problem.what for one in batches if one.problem}),
            "ended": all(one.state in pipeline.FINAL for one in batches),
        }

    async def usage(self) -> int:
        """Bytes that this origin stores."""
        return (await self._app.services.store.usage()).used


def _body(n: int) -> dict[str, Any]:
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": f"Letter {n}: say in one word whether the customer is pleased with the harbour quarter."}],
        "max_completion_tokens": 16,
    }
