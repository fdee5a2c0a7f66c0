"""The prompt of a table: kept as it is typed by one tab or two, and every version that was sent."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from app.core.model.templates import PromptContent, PromptMessage, Template, TemplateVersion
from app.core.templates import writing
from app.ports import StorageFull
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.services.templates.templates import ELSEWHERE, FRESH, Templates
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, SeededRandom


class Tab:
    """A tab with nothing but templates: what it shows is what it typed, or was told."""

    def __init__(self, disk: MemoryDisk, seed: int = 1) -> None:
        self.store = MemoryStore({}, disk)
        self.failed: list[BaseException] = []
        self.told: list[str] = []
        self.tasks = Tasks(lambda _name, error: self.failed.append(error))
        runtime = Runtime.over(self.store, FakeClock(auto=True), SeededRandom(seed), self.tasks)
        self.records = runtime.records
        self.templates = Templates(runtime, self.hear)
        self.shown: Template | None = None

    def hear(self, template: Template, saving: str) -> None:
        self.shown = template
        self.told.append(saving)

    async def open(self) -> PromptContent:
        self.shown = await self.templates.of("d-1")
        return self.shown.content

    def type(self, id: str, text: str) -> None:
        assert self.shown is not None
        self.change(writing.message(self.shown.content, id, text=text))

    def change(self, content: PromptContent) -> None:
        assert self.shown is not None
        self.shown = replace(self.shown, content=content)
        self.templates.change(self.shown)

    async def settled(self) -> None:
        await self.tasks.settled()
        assert self.failed == []


async def test_a_prompt_is_kept_as_it_is_typed() -> None:
    """Nothing is stored before something is typed; the newest text is, whatever was typed while it was written."""
    disk = MemoryDisk()
    tab = Tab(disk)
    assert await tab.open() == FRESH
    assert await tab.records.all(Template) == []
    for text in ("R", "Ra", "Rat", "Rate {{text}}"):
        tab.type("m-1", text)
    assert tab.templates.unsaved("d-1")
    await tab.settled()
    assert (tab.told[0], tab.told[-1], tab.templates.unsaved("d-1")) == ("saving", "saved", False)
    assert (await Tab(disk).open()).messages == (PromptMessage("m-1", "user", "Rate {{text}}"),)


async def test_two_tabs_write_one_prompt() -> None:
    """What each changed stands in both; the same text's later wording does, and the other one is kept as a version."""
    disk = MemoryDisk()
    one, two = Tab(disk), Tab(disk, 2)
    await one.open()
    await two.open()
    one.type("m-1", "Rate {{text}}")
    await one.settled()
    assert two.shown is not None
    two.change(writing.written(two.shown.content, "fields", "model", "gpt-4o-mini"))
    await two.settled()
    assert two.shown.content.messages[0].text == "Rate {{text}}"
    assert two.shown.content.fields == {"model": "gpt-4o-mini"}
    one.type("m-1", "Mine")
    two.type("m-1", "Theirs")
    await one.settled()
    await two.settled()
    assert (await Tab(disk).open()).messages[0].text == "Theirs"
    (kept,) = await two.templates.versions("d-1")
    assert (kept.name, kept.content.messages[0].text) == (ELSEWHERE, "Mine")


async def test_what_another_tab_wrote_joins_what_is_being_typed() -> None:
    """Also when more was typed while it was written."""
    disk = MemoryDisk()
    one, two = Tab(disk), Tab(disk, 2)
    await one.open()
    await two.open()
    two.change(writing.written(FRESH, "custom_id", "", "{{id}}"))
    await two.settled()
    one.type("m-1", "a")
    await asyncio.sleep(0)
    one.type("m-1", "ab")
    await one.settled()
    assert one.shown is not None
    assert (one.shown.content.custom_id, one.shown.content.messages[0].text) == ("{{id}}", "ab")
    assert await Tab(disk).open() == one.shown.content
    assert await one.templates.versions("d-1") == []


async def test_a_full_disk_is_told_and_nothing_that_was_typed_is_lost() -> None:
    """The text stays wanted, and is written with the next change."""
    disk = MemoryDisk()
    tab = Tab(disk)
    await tab.open()
    tab.store.fail_next = StorageFull("full")
    tab.type("m-1", "Rate")
    await tab.settled()
    assert tab.told[-1] == "full"
    assert tab.templates.unsaved("d-1")
    assert (await tab.templates.of("d-1")).content.messages[0].text == "Rate"
    tab.type("m-1", "Rate it")
    await tab.settled()
    assert (await Tab(disk).open()).messages[0].text == "Rate it"


async def test_every_version_that_was_sent_is_kept() -> None:
    """Numbered from 1, one for each wording, found by its id, and called as the person likes."""
    disk = MemoryDisk()
    tab = Tab(disk)
    await tab.open()
    tab.type("m-1", "Rate {{text}}")
    assert tab.shown is not None
    first = await tab.templates.sent(tab.shown)
    assert (await tab.templates.sent(tab.shown)).id == first.id
    tab.type("m-1", "Rate {{text}}, 1 to 5")
    second = await tab.templates.sent(tab.shown)
    await tab.settled()
    assert [one.number for one in await tab.templates.versions("d-1")] == [1, 2]
    await tab.templates.call(second.id, "  with a   scale ")
    found = await Tab(disk).templates.version(second.id)
    assert found is not None
    assert (found.name, found.content.messages[0].text) == ("with a scale", "Rate {{text}}, 1 to 5")
    assert await tab.templates.call("v-none", "x") is None
    assert (await Tab(disk).open()).messages[0].text == "Rate {{text}}, 1 to 5"


async def test_two_tabs_never_give_one_number_twice() -> None:
    """Both send at once, different words."""
    disk = MemoryDisk()
    one, two = Tab(disk), Tab(disk, 2)
    mine = replace(await one.templates.of("d-1"), content=writing.written(FRESH, "custom_id", "", "a"))
    theirs = replace(await two.templates.of("d-1"), content=writing.written(FRESH, "custom_id", "", "b"))
    await asyncio.gather(one.templates.sent(mine), two.templates.sent(theirs))
    found = [stored.value for stored in await one.records.all(TemplateVersion)]
    assert sorted(version.number for version in found) == [1, 2]
