"""The page's side of the mailbox: letters are acknowledged when they are stored, and the server hears of everything, whatever dies."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from app.core.model.providers import Profile
from app.core.programs import protocol as words
from app.core.programs.message import ProgramMessage, Programs
from app.ports import StorageFull, Table
from app.services.programs.intake import Intake
from app.services.programs.rabbit import Brokers
from app.services.programs.supervisor import ProgramPorts, ProgramsSupervisor
from app.services.runtime.records import put
from tests.fakes.broker import MemoryBroker
from tests.fakes.folder import MemoryFolder
from tests.fakes.mailbox import MemoryServer
from tests.fakes.mortal import MortalHttp
from tests.kit.programs import all_are, handed
from tests.kit.world import CHAT, LANE, Tab, World, body


def message(id: str, config: Any = None, **changes: Any) -> bytes:
    whole = {"custom_id": id, "url": CHAT, "method": "POST", "body": body(f"Say {id}"), "delivery_config": config}
    return json.dumps({**whole, **changes}).encode()


def post(tab: Tab, server: MemoryServer, broker: MemoryBroker | None = None) -> ProgramsSupervisor:
    """Everything for programs in this tab, at work."""
    made = broker or MemoryBroker()
    brokers = Brokers(tab.records, tab.keys, tab.profiles, tab.runtime.log, lambda: made)
    http = MortalHttp(server, tab.life)

    async def provider() -> Profile:
        return tab.profiles.known[LANE.profile]

    taker = Intake(tab.runtime, tab.queue, provider, lambda: None)
    ports = ProgramPorts(server, MemoryFolder(offered=False), http, tab.keys)
    found = ProgramsSupervisor(tab.runtime, ports, tab.profiles, tab.queue, tab.again, taker, brokers, lambda: None)
    tab.tasks.start("programs", found.run())
    return found


async def opened(world: World, server: MemoryServer) -> tuple[Tab, ProgramsSupervisor]:
    world._put(Programs(id="programs", profile=LANE.profile))
    tab = await world.tab()
    return tab, post(tab, server)


async def test_a_created_batchs_metadata_reaches_the_provider(world: World) -> None:
    """What a script gave its batch stands at the provider's, beside our id. Other lines of the lane share no batch with them."""
    server = MemoryServer()
    server.hand_in(*(message(f"batch_a-{n}") for n in range(3)), metadata={"run": "7", "nightshift": "mine"})
    server.hand_in(*(message(f"batch_b-{n}") for n in range(2)), metadata={})
    await opened(world, server)
    await world.until(lambda: len(server.taken) == 5)
    await world.until(lambda: len(world.batches()) == 2 and all(one.remote is not None for one in world.batches()))
    first, second = sorted(world.batches(), key=lambda one: -one.requests)
    found = {one.id: one.metadata for one in world.remote()}
    assert first.remote is not None
    assert second.remote is not None
    assert found[first.remote.id] == {"nightshift": first.id, "run": "7", "name": first.name}
    assert found[second.remote.id] == {"nightshift": second.id, "name": second.name}
    assert "“nightshift” (that key is Nightshift's own)" in first.timeline[0].note


async def test_letters_are_acknowledged_after_they_are_stored(world: World) -> None:
    """Taken, duplicate and rejected, each told as it is."""
    server = MemoryServer()
    server.hand_in(message("a"), message("b"), message("a"), message("bad", url="/v1/none"))
    await opened(world, server)
    await world.until(lambda: not server.letters)
    assert (server.taken, server.duplicates) == ([1, 2], [3])
    assert server.rejected[4].pointer == "/url"
    assert world.queued() == ["a", "b"]
    assert {one.source for one in handed(world).values()} == {"http"}


async def test_without_room_nothing_is_acknowledged(world: World) -> None:
    """The letters come again by the next connection, and are taken then."""
    server = MemoryServer()
    tab, _ = await opened(world, server)
    await world.until(lambda: len(server.pages) == 1)
    tab.inner.fail_next = StorageFull("no room")
    server.hand_in(message("a"))
    await world.until(lambda: server.taken == [1])
    assert len(server.pages) == 2
    assert [name for name, _ in tab.failures] == ["mailbox"]
    tab.failures.clear()


async def test_states_and_answers_go_back(world: World) -> None:
    """The whole line and the state; nothing is left to be told once the server has heard."""
    server = MemoryServer()
    tab, _ = await opened(world, server)
    server.hand_in(message("a"))
    await world.until(lambda: server.taken == [1])
    await tab.submit()
    await world.until(lambda: "a" in server.news)
    news = server.news["a"]
    assert (news.state, news.outcome, news.batch) == ("kept", "answered", world.batch().id)
    assert json.loads(bytes(news.answer))["custom_id"] == "a"
    await world.until(lambda: not world.disk.records[Table.NEWS])


async def test_what_was_not_heard_is_told_after_a_reload(world: World) -> None:
    """The page that told it died before the server had it on its disk."""
    server = MemoryServer()
    server.deaf = True
    tab, _ = await opened(world, server)
    server.hand_in(message("a"))
    await world.until(lambda: server.taken == [1])
    await tab.submit()
    await world.until(lambda: "a" in server.news)
    await tab.close()
    server.news.clear()
    server.deaf = False
    again = await world.tab()
    post(again, server)
    await world.until(lambda: "a" in server.news and not world.disk.records[Table.NEWS])
    assert server.pages[0] == server.pages[1]


async def test_what_is_dropped_leaves_the_queue_and_is_not_delivered(world: World) -> None:
    """Told as cancelled while it was queued; forgotten when the program has removed it, so that the id may come again."""
    server = MemoryServer()
    await opened(world, server)
    server.hand_in(message("a"), message("b"))
    await world.until(lambda: server.taken == [1, 2])
    assert server.line is not None
    server.line.say(words.Drop(7, ("a", "unknown")))
    await world.until(lambda: server.done == [7] and "a" in server.news)
    assert world.queued() == ["b"]
    assert (server.news["a"].state, server.news["a"].outcome) == ("kept", "cancelled")
    assert json.loads(bytes(server.news["a"].answer))["error"]["code"] == "batch_cancelled"
    server.line.say(words.Forget(8, ("a", "b")))
    await world.until(lambda: server.done == [7, 8])
    assert set(handed(world)) == {"b"}
    server.hand_in(message("a"))
    await world.until(lambda: server.taken == [1, 2, 3])


async def test_a_program_asks_for_its_result_once_more(world: World) -> None:
    """POST …/redeliver: due again with the same key; asked for twice it does no harm."""
    hook = {"type": "webhook", "webhook_url": "https://hooks.example.com/x"}
    server = MemoryServer()
    tab, _ = await opened(world, server)
    world._put(Programs(id="programs", profile=LANE.profile, tries=1))
    server.hand_in(message("a", hook))
    await world.until(lambda: server.taken == [1])
    await tab.submit()
    await world.until(all_are(world, "failed"))
    assert server.line is not None
    for n in (1, 2):
        server.line.say(words.Redeliver(n, ("a", "unknown")))
    await world.until(lambda: server.done == [1, 2] and handed(world)["a"].made >= 2 and handed(world)["a"].state == "failed")
    assert handed(world)["a"].attempts[-1].by_hand
    await world.until(lambda: server.news["a"].state == "failed" and len(server.news["a"].attempts) >= 2)


async def test_files_of_a_batch_go_piece_by_piece(world: World) -> None:
    """Input and output as they are stored; what is not there is said."""
    server = MemoryServer()
    tab, _ = await opened(world, server)
    server.hand_in(message("a"))
    await world.until(lambda: server.taken == [1])
    await tab.submit()
    await world.until(lambda: "a" in server.news)
    assert server.line is not None
    for n, file, piece in ((1, "input", 0), (2, "output", 0), (3, "output", 9), (4, "error", 0)):
        server.line.say(words.Wanted(n, world.batch().id, file, piece))  # type: ignore[arg-type]
    await world.until(lambda: len(server.pieces) == 4)
    first, second, *rest = server.pieces
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    assert words.from_piece(first)[:2] == (1, True)
    assert json.loads(words.from_piece(second)[2])["custom_id"] == "a"
    assert all(isinstance(one, str) for one in rest)


async def test_a_server_that_wants_its_token_is_shown_it_once(world: World) -> None:
    """Until then the page waits and says so; a wrong one is not let in."""
    server = MemoryServer(token="t-1")
    _, here = await opened(world, server)
    await world.until(lambda: here.mailbox_client.state == "token")
    assert not await world.result(here.mailbox_client.enter("wrong"))
    assert await world.result(here.mailbox_client.enter(" t-1 "))
    await world.until(lambda: here.mailbox_client.state == "taking")


@pytest.mark.parametrize("settings", [None, "nowhere"])
async def test_a_host_without_a_mailbox_is_not_asked(world: World, settings: str | None) -> None:
    """A page from a static host, or from another server, makes no connection."""
    server = MemoryServer(offered=settings is None)
    server.settings = None
    _, here = await opened(world, server)
    await world.rest()
    assert (server.pages, here.mailbox_client.state) == ([], "off")


def test_what_is_told_fits_the_servers_words() -> None:
    """Records and the protocol use the same states."""
    assert (
        msgspec.json.decode(msgspec.json.encode(ProgramMessage(id="a", source="sdk", at=1, lane="")), type=ProgramMessage).state
        == "waiting"
    )
    assert put(ProgramMessage(id="a", source="sdk", at=1, lane=""), 0).state == "waiting"
