"""Damaged records: whatever lies in the store, the page starts, says what is damaged and what that means, and sets it aside."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from app.core.batches.durations import BatchTiming, History
from app.core.model.batches import RemoteOwner
from app.core.model.damage import Quarantined
from app.core.model.providers import Limits, ModelList, Profile, Spent
from app.core.model.records import Record
from app.core.model.settings import Automatic, AutoSubmitNotice, BrokerSettings, Preferences, RetentionNotice
from app.core.model.stored_names import row_id
from app.core.programs.folder import Dropped, Watched
from app.core.programs.message import IntakeCounters, OutboxEntry, ProgramMessage, Programs, ServerIdentity
from app.core.workspace.imports import Hold, Import, Marks
from app.ports import Put, Table
from app.services.runtime.records import put
from tests.fakes.memory_store import MemoryDisk, MemoryStore, Snapshot
from tests.fakes.platform import FakeClock
from tests.kit.screen import Visit, open_visit
from tests.kit.stored import placed
from tests.unit.ui.conftest import Open

SETTINGS: dict[str, Record] = {
    "preferences": Preferences(id="preferences", theme="dark"),
    "profile": Profile(id="openai", name="Gateway", base_url="https://gateway.example/v1"),
    "own profile": Profile(id="p-1", name="Mine", base_url="https://llm.example/v1"),
    "automatic": Automatic(id="openai", after=60.0),
    "programs": Programs(id="programs", profile="openai"),
    "limits": Limits(id="openai", own={"gpt": 5}),
    "spent": Spent(id="openai", days={"2026-11-30": 5}),
    "brokersettings": BrokerSettings(id="broker", address="wss://mq.example/ws", user="u", queue="in"),
    "intake": IntakeCounters(id="programs", taken=3),
    "history": History(id="practice|/v1/chat/completions|gpt-4o-mini", runs=(BatchTiming("b", 1.0, 9, "m", 5.0),)),
    "modellist": ModelList(id="openai", models=("m",)),
    "import": Import(id="last", name="x", done=True),
    "hold": Hold(id="engine", until=1.0),
    "marks": Marks(id="workspace"),
    "removed": RetentionNotice(id="last", count=1, names=("x",)),
    "told": AutoSubmitNotice(id="openai", at=1.0),
    "watched": Watched(id="folder", folder="f", name="in"),
    "dropped": Dropped(id="f/a.jsonl", name="a.jsonl", size=1, modified=1.0, at=1.0),
    "door": ServerIdentity(id="door", name="page-1"),
    "bound": RemoteOwner(id="openai|batch_1", batch="b"),
}
TABLES = ("threads", "segments", "batches", "batch segments", "practice", "practice file", "events", "handed", "news")
PLACES = (*TABLES, *(f"settings {name}" for name in SETTINGS))
DEEP = 100_000
KINDS = {
    "garbage": "not JSON \x00 \ufffd",
    "half": '{"id":"',
    "another type": "[1,2,3]",
    "wrong fields": '{"id":5,"name":[],"lane":7,"owner":{},"entries":9,"source":0,"models":1,"files":7,"until":"x","at":"x","pieces":"x"}',
    "a number": "7",
    "deep": "[" * DEEP + "]" * DEEP,
    "deep in a field": '{"id":"x","unknown":' + '{"a":' * DEEP + "1" + "}" * DEEP + "}",
    "empty": "",
    "null": "null",
}


async def _live() -> tuple[Snapshot, float]:
    """A browser that has something of everything: what lies there, and when."""
    visit = await open_visit()
    await visit.write("Hello")
    await visit.queue("one", "two")
    await visit.go("#/queue")
    await visit.click("Submit 2")
    await visit.wait(120)
    assert [one.state for one in visit.state.batches.all] == ["done"]
    await visit.queue("three")
    for one in SETTINGS.values():
        await visit.store.commit([put(one, -1)])
    await visit.store.commit(
        [
            placed(ProgramMessage(id="m-1", source="http", at=1.0, lane="l", state="kept")),
            placed(ProgramMessage(id="m-2", source="http", at=2.0, lane="l", state="kept")),
            put(OutboxEntry(id="m-1", at=1.0), 0),
            Put(Table.PRACTICE, "file-x", 0, '{"pieces":0,"size":0}'),
        ]
    )
    await visit.close()
    return visit.store.snapshot(), visit.clock.now()


@pytest.fixture(scope="module")
def lived() -> tuple[Snapshot, float]:
    return asyncio.run(_live())


Lived = tuple[Snapshot, float]


def disk_of(lived: Lived) -> MemoryDisk:
    """A copy of what lies there."""
    disk = MemoryDisk()
    disk.records, disk.bytes = {table: dict(rows) for table, rows in lived[0].records.items()}, dict(lived[0].bytes)
    return disk


def place(disk: Any, where: str) -> tuple[Table, str]:
    """One record of this place."""
    if where.startswith("settings "):
        one = SETTINGS[where.removeprefix("settings ")]
        return Table.SETTINGS, row_id(one.stored, one.id)
    if where == "practice":
        return Table.PRACTICE, "brain"
    if where == "practice file":
        return Table.PRACTICE, "file-x"
    table = Table(where.removeprefix("batch "))
    owner = "batch:" if where == "batch segments" else "queue:" if where == "segments" else ""
    return table, min(id for id, row in disk.records[table].items() if row.owner.startswith(owner))


def spoil(disk: Any, table: Table, id: str, **fields: Any) -> Any:
    """Change what lies there; as it lies there then."""
    disk.records[table][id] = msgspec.structs.replace(disk.records[table][id], **fields)
    return disk.records[table][id]


FOUND_LATER = {"practice file", "news"}
"""Found when somebody needs it (a file of the practice provider), or never needed: what the server must be told is known by its id."""


async def opened(tabs: Open, lived: Lived, disk: MemoryDisk) -> Visit:
    """The page over this disk, after its look for damage, and after every view was looked at."""
    visit = await tabs(disk=disk, clock=FakeClock(lived[1]))
    await visit.wait(3)
    batches = [f"#/batches/{one.id}" for one in visit.state.batches.all]
    for route in ("#/threads", "#/queue", "#/batches", *batches, "#/log", "#/programs", "#/settings"):
        await visit.go(route)
    assert not [code for code in visit.state.problems if code.startswith(("internal:start", "internal:draw"))], visit.state.problems
    return visit


def whole_but(visit: Visit, table: str) -> None:
    """Everything else is there."""
    if table != "threads":
        assert visit.state.threads.all
    if table != "batches":
        assert [one.state for one in visit.state.batches.all] == ["done"]
    if table != "segments":
        assert sum(one.requests for one in visit.state.queue.lanes) == 1


def quarantined(disk: MemoryDisk) -> list[Quarantined]:
    rows = disk.records[Table.SETTINGS].values()
    return [msgspec.json.decode(row.doc, type=Quarantined) for row in rows if row.owner == "quarantined"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_the_page_starts_whatever_lies_in_every_table(tabs: Open, lived: Lived, kind: str) -> None:
    """One record of each kind is damaged in this way: all are named with what it means, everything else is there, and none is lost."""
    disk = disk_of(lived)
    places = [place(disk, where) for where in PLACES if where not in FOUND_LATER and where != "batch segments"]
    before = {(table.value, id): spoil(disk, table, id, doc=KINDS[kind]) for table, id in places}
    here = await opened(tabs, lived, disk)
    told = {(one.table, one.id) for one in here.state.damage.found}
    aside = {(one.table, one.row) for one in quarantined(disk) if one.doc == KINDS[kind]}
    assert told | aside == set(before), "what was damaged and is neither told nor kept aside"
    assert all(one.means and one.why and one.noun for one in here.state.damage.found)
    for key in told:
        assert disk.records[Table(key[0])][key[1]] == before[key]
    assert f"{len(told)} records cannot be read." in here.text
    assert here.state.threads.all
    await here.click("Export all")
    saved = json.loads(here.page.saved[-1].content)
    assert {(one["table"], one["id"]) for one in saved} == set(before)
    assert all(one["doc"] == KINDS[kind] for one in saved)


@pytest.mark.slow
@pytest.mark.parametrize("where", [one for one in PLACES if one not in FOUND_LATER])
async def test_each_record_is_named_handed_out_set_aside_and_put_back(tabs: Open, lived: Lived, where: str) -> None:
    """The rest works. What must be written where it lies puts it aside by itself first."""
    disk = disk_of(lived)
    table, id = place(disk, where)
    damaged = spoil(disk, table, id, doc="{")
    here = await opened(tabs, lived, disk)
    whole_but(here, table.value)
    if disk.records[table].get(id) != damaged:
        assert [(one.table, one.row, one.doc) for one in quarantined(disk)] == [(table.value, id, "{")]
        assert f"{table.value}/{id}" in here.text
        return
    (first,) = here.state.damage.found
    assert (first.table, first.id) == (table.value, id)
    assert f"{first.noun[:1].upper()}{first.noun[1:]} “{first.name}”" in here.text
    assert "1 record cannot be read." in here.text
    await here.click("Export damaged records")
    saved = json.loads(here.page.saved[-1].content)
    assert (saved["table"], saved["id"], saved["doc"]) == (table.value, id, "{")
    await here.click("Set them aside")
    await here.rest()
    assert here.state.damage.found == ()
    assert disk.records[table].get(id) != damaged
    assert any("set aside" in one for one in here.toasts)
    if id not in disk.records[table]:  # nobody wrote a new one since
        await here.click(f"Put back {table.value}/{id}")
        await here.rest()
        assert disk.records[table].get(id) == damaged or quarantined(disk)


@pytest.mark.slow
async def test_many_damaged_records_stand_by_kind_with_their_number(tabs: Open) -> None:
    """41 of them are a few lines: each kind with its number and what it means, one by one on demand, exported and set aside as a kind."""
    visit = await tabs()
    await visit.store.commit(
        [
            *(Put(Table.SETTINGS, f"limits:p{n:02}", 0, "{", owner="limits") for n in range(38)),
            *(Put(Table.SETTINGS, f"modellist:p{n}", 0, "{", owner="modellist") for n in range(3)),
        ]
    )
    from app.ui.damage.handlers import inspect

    await inspect(visit.app)
    await visit.go("#/settings")
    assert len(visit.state.damage.found) == 41
    assert "Limits of a provider: 38 records. The table's limits are used" in visit.text
    assert "A list of models “modellist:p2”" in visit.text
    assert "A list of models:" not in visit.text
    await visit.click("Export 38: limits of a provider")
    assert {one["id"] for one in json.loads(visit.page.saved[-1].content)} == {f"limits:p{n:02}" for n in range(38)}
    await visit.click("Set 38 aside: limits of a provider")
    await visit.rest()
    assert {one.noun for one in visit.state.damage.found} == {"a list of models"}
    assert "Limits of a provider: 38 records. They are kept in full." in visit.text
    await visit.click("Put back settings/limits:p07")
    assert len(visit.state.damage.found) == 4


WRONG_INDEX: dict[str, dict[str, Any]] = {
    "threads": {},
    "segments owner": {"owner": "queue:broken"},
    "segments other lane": {"owner": "queue:openai|/v1/chat/completions|gpt-9"},
    "segments batch": {"owner": "batch:b-unknown"},
    "segments nobody": {"owner": "nobody"},
    "batches": {"state": "planned"},
    "batches none": {"state": "no state"},
    "handed": {"state": "due"},
    "handed owner": {"owner": "b-unknown", "state": "kept"},
    "settings own profile": {"owner": "colour"},
}


@pytest.mark.slow
@pytest.mark.parametrize("where", WRONG_INDEX)
async def test_a_record_in_the_wrong_place_of_the_index_is_not_used(tabs: Open, lived: Lived, where: str) -> None:
    """It could be sent twice, or as another's: it is told. A wrong order alone changes nothing but the order."""
    disk = disk_of(lived)
    table, id = place(disk, where if where.startswith("settings") else where.partition(" ")[0])
    spoil(disk, table, id, order=-1e300, **WRONG_INDEX[where])
    here = await opened(tabs, lived, disk)
    whole_but(here, table.value)
    found = [(one.table, one.id) for one in here.state.damage.found]
    if where in ("segments batch", "handed owner"):
        assert found in ([], [(table.value, id)])  # told as soon as somebody looks there
    else:
        assert found == ([(table.value, id)] if WRONG_INDEX[where] else [])
    assert sum(one.requests for one in here.state.queue.lanes) <= 1


@pytest.mark.slow
async def test_a_record_that_no_index_holds_is_found(tabs: Open, lived: Lived) -> None:
    """Its owner is no key: nobody who asks for an owner's records would ever meet it."""
    disk = disk_of(lived)
    table, id = place(disk, "segments")
    disk.strays.add(id)
    here = await opened(tabs, lived, disk)
    assert [(one.table, one.id) for one in here.state.damage.found] == [(table.value, id)]
    assert "Requests in the queue" in here.text


async def test_damage_that_is_found_later_is_told_at_once(tabs: Open, lived: Lived) -> None:
    """In the tab that meets it, without a reload."""
    disk = disk_of(lived)
    visit = await opened(tabs, lived, disk)
    table, id = place(disk, "batches")
    spoil(disk, table, id, doc="{")
    visit.app.told_by_other_tab(frozenset({"batches"}))
    await visit.rest()
    assert [(one.table, one.id) for one in visit.state.damage.found] == [(table.value, id)]
    assert "1 record cannot be read." in visit.text
    assert "what it answers is billed" in visit.text


@pytest.mark.slow
async def test_everything_damaged_at_once_still_starts(tabs: Open, lived: Lived) -> None:
    """Every record of every table; all are named, handed out together and set aside together, and put back by one undo."""
    disk = disk_of(lived)
    for table in Table:
        for id in list(disk.records[table]):
            spoil(disk, table, id, doc="{")
    here = await opened(tabs, lived, disk)
    count = len(here.state.damage.found)
    assert count > 20
    assert f"{count} records cannot be read." in here.text
    await here.click("Export all")
    assert len(json.loads(here.page.saved[-1].content)) >= count
    await here.click("Set all aside")
    await here.rest()
    assert here.state.damage.found == ()
    await here.write("It works again")
    assert any(one.name or one.messages for one in here.state.threads.all)


@pytest.mark.parametrize("kind", ["garbage", "empty"])
async def test_a_damaged_provider_sends_its_key_nowhere_else(tabs: Open, lived: Lived, kind: str) -> None:
    """The address of «openai» may have been another one: OpenAI's own does not take its place, and setting the record aside removes the
    key."""
    disk = disk_of(lived)
    spoil(disk, Table.SETTINGS, "profile:openai", doc=KINDS[kind])
    here = await opened(tabs, lived, disk)
    await here.app.services.keys.put("openai", "sk-for-the-gateway", remember=True)
    assert "openai" not in here.state.provider.profiles
    assert here.state.preferences.profile == "practice"
    assert await here.app.services.keys.get("openai")
    await here.click("Set them aside")
    await here.rest()
    assert here.state.provider.profiles["openai"].base_url == "https://api.openai.com/v1"
    assert await here.app.services.keys.get("openai") is None


async def test_nothing_goes_out_by_itself_while_the_choice_about_it_is_damaged(tabs: Open, lived: Lived) -> None:
    """Nobody is billed who did not ask: the default is not taken for what was chosen."""
    disk = disk_of(lived)
    spoil(disk, Table.SETTINGS, "automatic:openai", doc="{")
    here = await opened(tabs, lived, disk)
    chosen = (await here.app.services.rules.chosen())["openai"]
    assert (chosen.after, chosen.own) == (0.0, 0.0)


@pytest.mark.slow
async def test_a_batch_of_which_requests_are_damaged_is_not_uploaded_as_if_it_were_whole(tabs: Open) -> None:
    """Fewer requests must not go as if they were all."""
    visit = await tabs()
    await visit.queue("one", "two")
    disk = visit.store.disk
    table, id = place(disk, "segments")
    doc = json.loads(disk.records[table][id].doc)
    await visit.go("#/queue")
    real = visit.app.services.engine._worker._content  # type: ignore[attr-defined]
    seen: list[str] = []

    async def content(batch: Any) -> Any:
        if not seen:
            seen.append(batch.id)
            spoil(disk, table, min(disk.records[table]), doc=json.dumps({**doc, "owner": f"batch:{batch.id}", "ids": []}))
        return await real(batch)

    visit.app.services.engine._worker._content = content  # type: ignore[attr-defined]
    await visit.click("Submit 2")
    await visit.wait(600)
    (batch,) = visit.state.batches.all
    assert batch.problem is not None
    assert batch.problem.code == "requests_lost"
    assert visit.state.damage.found


async def test_a_key_that_cannot_be_opened_is_told(tabs: Open) -> None:
    """The browser has what it sealed and cannot open it: enter it again."""
    visit = await tabs()
    await visit.use_openai()
    await visit.rest()
    visit.keys.broken.add("openai")
    from app.ui.damage.handlers import inspect
    from app.ui.provider.handlers import refresh_keys

    await refresh_keys(visit.app)
    await inspect(visit.app)
    assert [(one.table, one.name) for one in visit.state.damage.found] == [("vault", "OpenAI")]
    await visit.go("#/settings")
    assert "Enter the key again" in visit.text
    await visit.use_openai()
    assert visit.state.damage.found == ()


async def test_a_secret_and_a_password_that_cannot_be_opened_are_named_with_what_to_do(tabs: Open) -> None:
    """The browser's sealing key was replaced: a webhook's secret and RabbitMQ's password are lost as the API keys are. Entered again, or
    forgotten, neither is named any more."""
    visit = await tabs()
    host, broker = "webhook:https://hooks.example", "broker:wss://mq.example|/|reader"
    for name in (host, broker, "p-gone"):
        await visit.keys.put(name, "secret", remember=True)
        visit.keys.broken.add(name)
    from app.ui.damage.handlers import inspect

    await inspect(visit.app)
    found = {one.id: one for one in visit.state.damage.found}
    assert [found[host].name, found[broker].name, found["p-gone"].name] == ["https://hooks.example", "reader at wss://mq.example", "p-gone"]
    await visit.go("#/settings")
    assert (
        "Secret of a webhook “https://hooks.example”. It cannot be opened, so results go to this receiver without a signature" in visit.text
    )
    assert (
        "Password of RabbitMQ “reader at wss://mq.example”. It cannot be opened, so no message is consumed from this broker" in visit.text
    )
    await visit.click("Forget it: password of RabbitMQ reader at wss://mq.example")
    await visit.click("Forget it: sealed API key p-gone")
    assert visit.keys.sealed == {host: "secret"}
    await visit.go("#/programs")
    await visit.click("Make a secret")
    assert "signed" in visit.text
    assert visit.state.damage.found == ()


async def test_what_must_be_written_over_is_put_aside_first() -> None:
    """In the same commit; who writes over something else than it saw is still refused."""
    from app.ports import Conflict
    from app.services.runtime.moves import STORED_MOVES
    from app.services.runtime.records import Records

    store = MemoryStore(STORED_MOVES)
    await store.commit([Put(Table.SETTINGS, "limits:x", 0, "{", owner="limits")])
    records = Records(store)
    assert await records.get(Limits, "x") is None
    assert set(records.damaged) == {"limits:x"}
    after = await records.change(Limits(id="x"), lambda one: msgspec.structs.replace(one, own={"m": 7}))
    assert after.value.own == {"m": 7}
    assert records.damaged == {}
    (kept,) = quarantined(store.disk)
    assert (kept.table, kept.row, kept.doc, kept.by_hand) == ("settings", "limits:x", "{", False)
    with pytest.raises(Conflict):
        await records.save(Limits(id="x"), 0)
