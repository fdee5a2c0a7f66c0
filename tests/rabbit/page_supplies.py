"""The browser's broker under a test's command: ``globalThis.rabbit(text)`` takes a command as JSON and answers with JSON."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import js
import msgspec
from pyodide.ffi import create_proxy

from app.adapters.broker import BrowserBroker
from app.core.programs.rabbit import Access, Arrival, OutgoingResult
from app.ports import StorageFull
from tests.rabbit.command_supplies import Command, State


class Page:
    """Takes messages in memory, as a program would in a database."""

    def __init__(self) -> None:
        self.broker = BrowserBroker()
        self.state = State()
        self.task: asyncio.Task[None] | None = None
        self.fail = 0
        self.stopping: asyncio.Event | None = None
        self.refuse: set[str] = set()

    async def taken(self, portion: Sequence[Arrival]) -> frozenset[int]:
        state = self.state
        state.begun += 1
        await asyncio.sleep(0)  # what a store would do meanwhile
        if self.stopping is not None:
            await self.stopping.wait()
            await asyncio.sleep(0.05)
        state.came += len(portion)
        if self.fail:
            self.fail -= 1
            raise StorageFull("The disk is full.")
        now = time.perf_counter() * 1000
        state.first = state.first or now
        state.last = now
        state.portions += 1
        refused: set[int] = set()
        for one in portion:
            body = one.body.decode("utf-8", "backslashreplace")
            if body in self.refuse:
                refused.add(one.tag)
                state.refused.append(body)
                continue
            state.ids.append(one.message_id)
            if len(state.bodies) < 100:
                state.bodies.append(body)
                state.replies.append(one.reply_to)
        return frozenset(refused)

    async def consume(self, access: Access) -> None:
        try:
            await self.broker.consume(access, self.taken, self.state.lights.append)
        finally:
            self.state.ended = True

    async def obey(self, text: str) -> str:
        command = msgspec.json.decode(text, type=Command)
        match command.do:
            case "consume":
                assert command.access is not None
                self.state, self.fail, self.refuse = State(), command.fail, set(command.refuse)
                self.stopping = asyncio.Event() if command.slow else None
                self.task = asyncio.create_task(self.consume(command.access))
            case "stop":
                if self.task is not None:
                    self.task.cancel()
                    if self.stopping is not None:
                        self.stopping.set()
                    await asyncio.wait([self.task])
            case "publish" | "flood":
                return msgspec.json.encode(await self.publish(command)).decode()
            case "test":
                assert command.access is not None
                return msgspec.json.encode(await self.broker.test(command.access)).decode()
            case "state":
                pass
        return msgspec.json.encode(self.state).decode()

    async def publish(self, command: Command) -> Any:
        assert command.access is not None
        if command.do == "publish":
            return await self.broker.publish(command.access, command.messages)
        body = b'{"x":"' + b"y" * command.size + b'"}'
        messages = [OutgoingResult(f"m{n}", body, queue="results", correlation_id=f"c{n}") for n in range(command.count)]
        began = time.perf_counter()
        outcomes: dict[str, int] = {}
        for at in range(0, command.count, command.portion):
            for one in await self.broker.publish(command.access, messages[at : at + command.portion]):
                outcomes[one.outcome] = outcomes.get(one.outcome, 0) + 1
        return {"outcomes": outcomes, "seconds": time.perf_counter() - began}


async def case_listen() -> None:
    """From here on the page obeys."""
    page = Page()

    async def obey(text: str) -> str:
        return await page.obey(text)

    js.rabbit = create_proxy(obey)
