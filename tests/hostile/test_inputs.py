"""The hostile corpus through every input: each field of each view and dialog, files, messages of programs, and what a provider answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.core.base import text
from app.core.bodies import requests, schema
from app.core.json import jsontext
from app.core.model import quoting
from app.core.openai import base_urls, outcomes
from app.core.programs import intake
from app.core.programs.intake import MessageRefusal
from app.core.programs.targets import address_fault
from app.core.results import answers
from app.core.threads import paste
from app.practice.inproc import PracticeHttp
from app.services.programs.intake import Accepted
from tests.fakes.broker import MemoryBroker
from tests.fakes.platform import FakePage
from tests.hostile.corpus import CORPUS
from tests.hostile.provider import Hostile, rows
from tests.hostile.scenario import over
from tests.hostile.sizes import COUNTS
from tests.kit.screen import Element, Outside, Visit, check, name_of, open_visit
from tests.kit.world import World
from tests.unit.services.programs.test_intake import message, take, taker

WHOLE = tuple(one for one in CORPUS if one.encode("utf-8", "ignore").decode() == one)
"""Texts without half characters: what UTF-8 can carry."""
Open = Callable[[Visit], Awaitable[None]]
SENT_EVERY = 5
"""Every text is typed into every field; each fifth is sent off with the buttons of its screen."""


async def _press(visit: Visit, *names: str) -> None:
    """Press these, where they are there and not disabled."""
    for name in names:
        found = [one for one in visit.reach.of("button") if name_of(one) == name and "disabled" not in one.attributes]
        if found:
            await visit.emit(found[0], "click", "")


async def _conversation(visit: Visit) -> None:
    await visit.go("#/compose")
    await _press(visit, "Conversation")
    if not visit.has("Schema name") and visit.has("Structured output"):
        await visit.check("Structured output", on=True)


async def _json(visit: Visit) -> None:
    await visit.go("#/compose")
    await _press(visit, "Raw JSON")


async def _paste(visit: Visit) -> None:
    await visit.go("#/compose")
    await _press(visit, "Import from text")


async def _image(visit: Visit) -> None:
    await visit.go("#/threads")
    await _press(visit, "New prompt", "Add an image")


async def _threads(visit: Visit) -> None:
    await visit.go("#/threads")


async def _settings(visit: Visit) -> None:
    await visit.go("#/settings")
    if not visit.has("Passphrase"):
        await visit.check("With the API keys, encrypted", on=True)


async def _provider(visit: Visit) -> None:
    await visit.go("#/settings")
    await _press(visit, "+ Add a provider")


async def _broker(visit: Visit) -> None:
    await visit.go("#/settings")
    await _press(visit, "Connect a broker")


async def _programs(visit: Visit) -> None:
    await visit.go("#/programs")


async def _edit(visit: Visit) -> None:
    await visit.go("#/queue")
    await _press(visit, "Edit")


SCREENS: dict[str, tuple[Open, tuple[str, ...]]] = {
    "conversation": (_conversation, ()),
    "json": (_json, ()),
    "paste": (_paste, ("Import prompt", "Cancel", "Close")),
    "image": (_image, ("Add", "Add the image", "Cancel", "Close")),
    "threads": (_threads, ()),
    "settings": (_settings, ("Save the limit", "Save the key")),
    "provider": (_provider, ("Save", "Cancel")),
    "broker": (_broker, ("Save",)),
    "programs": (_programs, ("Allow this host",)),
    "edit": (_edit, ("Save", "Cancel", "Close")),
}
"""How each is opened, and what is pressed when the text stands in all of its fields."""


def typed(visit: Visit) -> list[Element]:
    """Every field within reach that takes text."""
    kinds = ("", "text", "search", "password", "url", "number")
    return [
        one
        for one in visit.reach
        if "data-input" in one.attributes
        and "disabled" not in one.attributes
        and (one.tag == "textarea" or (one.tag == "input" and (one.get("type") or "") in kinds))
    ]


@pytest.mark.parametrize("screen", SCREENS)
async def test_a_hostile_text_in_every_field(screen: str) -> None:
    """Typed into every field of a screen at once, and sent off: no handler fails, the page stays whole, and what was there stays."""
    open_it, buttons = SCREENS[screen]
    page = FakePage(hosts=("https://api.openai.com", "ws://localhost:15674"))
    visit = await open_visit(page=page, broker=MemoryBroker("intake"))
    try:
        await visit.queue("Hello")
        fields: set[str] = set()
        for n, said in enumerate(CORPUS):
            if n % SENT_EVERY == 0:
                await open_it(visit)
            found = typed(visit)
            assert found, f"{screen} has no field: {[name_of(one) for one in visit.reach.of('button')]}"
            fields |= {name_of(one) for one in found}
            for one in found:
                visit.page._hear(f'{{"action":{one["data-input"]},"value":{json.dumps(said)},"extra":{{}}}}')
            await visit.rest()
            failed = [code for code in visit.state.problems if code.startswith("internal")]
            assert not failed, (said[:80], [one.detail for one in visit.state.problems.values()])
            if n % SENT_EVERY == SENT_EVERY - 1:
                check(visit.page.html)
                await _press(visit, *buttons)
                if visit.dialog is not None:
                    await visit.escape()
        assert sum(one.requests for one in visit.state.queue.lanes) == 1
        COUNTS["times a hostile text was typed into a field"] += len(CORPUS) * len(fields)
    finally:
        await visit.close()


def test_what_reads_texts_never_fails() -> None:
    """Every pure reader takes every text of the corpus, and answers with what it read or with a sentence."""
    for said in WHOLE:
        data = said.encode()
        paste.read(said, 0.0, "token")
        jsontext.parse(said)
        schema.check(said, strict=True)
        assert isinstance(intake.decode(data), intake.MessageRefusal | intake.Message)
        assert outcomes.read_line(data, "output").outcome is not outcomes.Outcome.ANSWERED
        answers.answer_of("/v1/chat/completions", data)
        requests.preview(data, 100)
        base_urls.check_base_url(said)
        address_fault(said)
        quoting.said_by(data)
        assert len(quoting.quote(said)) <= quoting.QUOTE
        assert len(text.shorten(said, 80)) <= 81
        COUNTS["hostile texts read by every reader"] += 1


async def test_hostile_texts_from_programs() -> None:
    """As the id and the content of a message, as its model and as the message itself: each is taken, or refused by a sentence of its own,
    and none keeps another from being taken."""
    world = World()
    try:
        tab = await world.tab(engine=False)
        by = taker(tab)
        given = [message(f"good-{n}") for n in range(3)]
        for n, said in enumerate(WHOLE):
            body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": said}]}
            given += [message(said), message(f"content-{n}", body=body), message(f"model-{n}", model=said), said.encode()]
        given += [message(f"last-{n}") for n in range(3)]
        verdicts = await take(by, *given)
        assert len(verdicts) == len(given)
        assert [type(one) for one in (*verdicts[:3], *verdicts[-3:])] == [Accepted] * 6
        assert all(one.detail for one in verdicts if isinstance(one, MessageRefusal))
        assert sum(isinstance(verdicts[3 + 4 * n + 1], Accepted) for n in range(len(WHOLE))) == len(WHOLE)
        world.check_stored()
        COUNTS["messages of programs made of hostile texts"] += len(given)
    finally:
        await world.close()
    world.check_failures()


class _Out(Outside):
    def __init__(self, hostile: Hostile, world: World) -> None:
        super().__init__(world.clock)
        self._hostile, self.brain = hostile, world.brain

    async def send(self, request: Any, *, progress: Any = None) -> Any:
        return await self._hostile.send(request, progress=progress)

    async def stream(self, request: Any) -> Any:
        return await self._hostile.stream(request)


async def test_hostile_texts_from_a_provider() -> None:
    """As the content of an answer, as a refusal, and as code and message of an error: each stands in its row, can be opened, and is shown
    as the text that it is."""
    world = World(speed=0.05)
    hostile = Hostile(PracticeHttp(world.brain, world.clock.now))
    world.http.inner = hostile
    tab = await world.tab()
    ids = await tab.add(len(CORPUS))

    def hostile_row(at: int, row: dict[str, Any]) -> dict[str, Any]:
        said, message = CORPUS[at], row["response"]["body"]["choices"][0]["message"]
        if at % 3 == 0:
            message["content"] = said
        elif at % 3 == 1:
            message.update(content=None, refusal=said)
        else:
            row.update(response=None, error={"code": said[:50] or "x", "message": said})
        return row

    hostile.on("download", rows(lambda found: [hostile_row(ids.index(one["custom_id"]), one) for one in found]))
    await tab.submit()
    await world.until(lambda: over(world.batches()))
    await world.close()
    world.check_failures()
    visit = await open_visit(disk=world.disk, sealed=world.sealed, clock=world.clock, out=_Out(hostile, world))
    try:
        batch = world.batch()
        assert (batch.state, batch.requests, batch.tally.unread) == ("done", len(CORPUS), 0)
        await visit.go(f"#/batches/{batch.id}")
        for row, said in enumerate(CORPUS):
            opened = await visit.app.services.review.open(batch, row)
            visit.state.dialog = opened
            visit.app.draw()
            if row % 3 == 0 and said in WHOLE:
                assert said in visit.text or said.replace("\r\n", "\n") in visit.text, said[:80]
            if row % 4 == 0:
                check(visit.page.html)
        assert not [code for code in visit.state.problems if code.startswith("internal")]
        COUNTS["answers, refusals and errors made of hostile texts"] += len(CORPUS)
    finally:
        await visit.close()
