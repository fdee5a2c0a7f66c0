"""Messages that programs hand in: taken once, checked as a person's are, stored whole or not at all."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.providers import OPENAI, Profile
from app.core.programs.intake import MessageRefusal
from app.core.programs.message import ProgramMessage
from app.ports import Conflict, StorageFull, Table
from app.services.programs.intake import KEPT, PORTION, Accepted, Duplicate, Intake, RawMessage, Verdict
from tests.kit.world import CHAT, LANE, Tab, World, body

HOOK = {"type": "webhook", "webhook_url": "https://example.com/hook"}


def message(id: str, config: Any = HOOK, model: str = "gpt-4o-mini", **changes: Any) -> bytes:
    """A message as a program writes it."""
    whole = {"custom_id": id, "url": CHAT, "method": "POST", "body": {**body(f"Say {id}"), "model": model}, "delivery_config": config}
    return json.dumps({**whole, **changes}).encode()


class Worlds(Intake):
    """A taker that knows its world."""

    world: World


def taker(tab: Tab, profile: Profile = OPENAI) -> Worlds:
    async def provider() -> Profile:
        return profile

    made = Worlds(tab.runtime, tab.queue, provider, tab.auto_submitter.nudge)
    made.world = tab.world
    return made


def handed(world: World) -> dict[str, ProgramMessage]:
    """What is stored of every message."""
    return {id: msgspec.json.decode(row.doc, type=ProgramMessage) for id, row in world.disk.records[Table.HANDED].items()}


async def take(by: Worlds, *data: bytes, **more: Any) -> list[Verdict]:
    """Hand these in, while time passes."""
    found: list[Verdict] = await by.world.result(by.take([RawMessage(one, "http", **more) for one in data]), 600)
    return found


def words(verdicts: list[Verdict]) -> str:
    """A letter for each verdict: taken, duplicate, refused."""
    return "".join({Accepted: "T", Duplicate: "D", MessageRefusal: "R"}[type(one)] for one in verdicts)


async def test_a_message_is_stored_with_its_request(world: World) -> None:
    """One commit makes the record and the line, marked as a program's; what the sender said of itself is kept."""
    tab = await world.tab(engine=False)
    before = tab.inner.commits
    found = await take(taker(tab), message("a"), message_id="m", correlation_id="c", reply_to="q")
    assert found == [Accepted()]
    assert tab.inner.commits == before + 1
    record = handed(world)["a"]
    assert (record.state, record.where, record.lane) == ("waiting", "https://example.com/hook", LANE.key)
    assert (record.message_id, record.correlation_id, record.reply_to) == ("m", "c", "q")
    assert [one.from_program for one in world.segments("queue:")] == [True]
    assert json.loads(world.queue_lines()[0]) == {"custom_id": "a", "method": "POST", "url": CHAT, "body": body("Say a")}
    assert b"delivery_config" not in world.queue_lines()[0]


async def test_a_custom_id_is_taken_once(world: World) -> None:
    """Within a portion, in a later one, and in another page's: a duplicate is told and changes nothing. Each has a key of its own."""
    tab = await world.tab(engine=False)
    first = taker(tab)
    assert words(await take(first, message("a"), message("a", None), message("b"))) == "TDT"
    assert words(await take(first, message("b"), message("c"))) == "DT"
    assert words(await take(taker(await world.tab(engine=False)), message("c"))) == "D"
    assert world.queued() == ["a", "b", "c"]
    assert len({one.key for one in handed(world).values()}) == 3
    assert handed(world)["a"].target is not None


async def test_a_bad_message_stops_no_other_and_is_kept_with_its_reason(world: World) -> None:
    """Of a portion everything that can be taken is; what cannot is told in words, with its text, as far as that is kept."""
    tab = await world.tab(engine=False)
    bad = [b"{", message("x", extra=1), message("y", body={"model": "m"}), message("z", body={**body("s"), "stream": True})]
    found = await take(taker(tab), message("a"), *bad, message("b"))
    assert words(found) == "TRRRRT"
    assert [one.code for one in found if isinstance(one, MessageRefusal)] == [
        "invalid_json",
        "invalid_request",
        "invalid_body",
        "invalid_body",
    ]
    assert [one.pointer for one in found if isinstance(one, MessageRefusal)][1:] == ["/extra", "/body/messages", "/body/stream"]
    record = await taker(tab).record()
    assert (record.taken, record.duplicates, record.refused) == (2, 0, 4)
    assert [one.custom_id for one in record.rejected] == ["", "x", "y", "z"]
    assert record.rejected[0].text == "{"
    assert "stream" in record.rejected[3].detail


async def test_refused_messages_do_not_fill_the_browser(world: World) -> None:
    """Only the newest are kept, and of each no more than can be read."""
    tab = await world.tab(engine=False)
    await take(taker(tab), *(b"x" * 50_000 for _ in range(KEPT + 30)))
    record = await taker(tab).record()
    assert record.refused == KEPT + 30
    assert len(record.rejected) == KEPT
    assert len(msgspec.json.encode(record)) < 300_000


async def test_what_no_batch_could_hold_is_refused_at_once(world: World) -> None:
    """Else it would wait in the queue for ever, and its program with it."""
    tab = await world.tab(engine=False)
    (found,) = await take(taker(tab, Profile(id="openai", name="OpenAI", max_bytes=300)), message("a" * 300))
    assert isinstance(found, MessageRefusal)
    assert found.code == "too_large"


async def test_messages_that_come_one_by_one_share_a_segment(world: World) -> None:
    """A day of single messages is not thousands of segments; what was submitted meanwhile is left alone."""
    tab = await world.tab(engine=False)
    one = taker(tab)
    for n in range(20):
        await take(one, message(f"m{n}"))
    assert len(world.segments("queue:")) == 1
    await tab.submit()
    await take(one, message("after"))
    assert world.queued() == ["after"]
    world.check_stored()


async def test_requests_of_people_and_programs_never_share_a_segment(world: World) -> None:
    """So a request that a person adds is never taken for a program's."""
    tab = await world.tab(engine=False)
    await take(taker(tab), message("p"))
    await tab.add(2)
    await take(taker(tab), message("q"))
    assert {id: one.from_program for one in world.segments("queue:") for id in one.ids} == {"p": True, "r0": False, "r1": False, "q": True}


async def test_lanes_are_apart(world: World) -> None:
    """Messages for two models go into two queues by one commit."""
    tab = await world.tab(engine=False)
    await take(taker(tab), message("a"), message("b", model="gpt-4o"), message("c"))
    assert sorted((one.owner.rpartition("|")[2], one.ids) for one in world.segments("queue:")) == [
        ("gpt-4o", ("b",)),
        ("gpt-4o-mini", ("a", "c")),
    ]


async def test_without_room_nothing_of_a_portion_is_taken(world: World) -> None:
    """The sender is not told, and can hand it in again."""
    tab = await world.tab(engine=False)
    one = taker(tab)
    tab.inner.fail_next = StorageFull("no room")
    with pytest.raises(StorageFull):
        await take(one, message("a"))
    assert handed(world) == {}
    assert words(await take(one, message("a"))) == "T"


async def test_another_tab_in_the_way_changes_nothing(world: World) -> None:
    """A conflict is decided anew: here the other tab took one of the messages first."""
    tab, other = await world.tab(engine=False), await world.tab(engine=False)
    one = taker(tab)

    def race(changes: object) -> None:
        tab.inner.on_commit = None

    await take(taker(other), message("b"))
    tab.inner.fail_next = Conflict("handed", "b", 0, 1)
    tab.inner.on_commit = race
    assert words(await take(one, message("a"), message("b"))) == "TD"
    assert sorted(world.queued()) == ["a", "b"]


async def test_a_large_hand_in_goes_portion_by_portion(world: World) -> None:
    """Each commit is bounded; what was committed stays when a later one fails."""
    tab = await world.tab(engine=False)
    one = taker(tab)
    before = tab.inner.commits
    assert set(words(await take(one, *(message(f"m{n}") for n in range(2 * PORTION + 1))))) == {"T"}
    assert tab.inner.commits == before + 3
    assert world.queued() == [f"m{n}" for n in range(2 * PORTION + 1)]
    assert sum(sum(one.values()) for one in one.minutes.values()) == 2 * PORTION + 1


@given(st.lists(st.sampled_from("abcdefgh"), max_size=30), st.lists(st.integers(0, 7), max_size=6))
def test_however_they_come_each_is_there_once(names: list[str], cuts: list[int]) -> None:
    """Any order, any repetition, any portions: every message stands once in the queue with one record, in the order of first arrival."""
    asyncio.run(each_once(names, cuts))


async def each_once(names: list[str], cuts: list[int]) -> None:
    world = World()
    tab = await world.tab(engine=False)
    one = taker(tab)
    found: list[Verdict] = []
    rest = list(names)
    for cut in [*cuts, len(names)]:
        found += await take(one, *map(message, rest[:cut]))
        rest = rest[cut:]
    assert [name for name, verdict in zip(names, found, strict=True) if isinstance(verdict, Accepted)] == list(dict.fromkeys(names))
    assert all(isinstance(one, Accepted | Duplicate) for one in found)
    assert world.queued() == list(dict.fromkeys(names))
    assert set(handed(world)) == set(names)
    await world.close()
