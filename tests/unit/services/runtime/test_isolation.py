"""One bad item never stops the others, in any loop; and no worker ends for good after one error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.batches import capacity, pipeline
from app.core.model.asides import WORDS, problem
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.settings import BrokerSettings
from app.core.openai.problems import Refused
from app.core.programs import protocol as words
from app.core.programs.intake import MessageRefusal as Unfit
from app.core.programs.intake import decode
from app.core.programs.message import DeliveryAttempt, IntakeCounters, ProgramMessage, Programs
from app.core.programs.rabbit import secret_name
from app.ports import Conflict, FolderLost, StorageFull, StorageLost, Table
from app.services.batches.allocator import Allocator
from app.services.batches.remote_cleanup import RemoteCleaner
from app.services.batches.retention import Retention, mark_exported
from app.services.programs.intake import RawMessage
from app.services.programs.waiting import WaitingMessages
from app.services.runtime.isolation import LONGEST, Isolation, bisected, growing, kept_up
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import put
from app.services.runtime.tasks import Tasks
from tests.fakes.broker import MemoryBroker
from tests.fakes.folder import MemoryFolder
from tests.fakes.mailbox import MemoryServer
from tests.fakes.platform import FakeClock
from tests.kit.programs import HOST, Receiver, Rig, all_are, handed
from tests.kit.world import CHAT, LANE, Tab, World, body
from tests.unit.services.programs.test_folder_watcher import rig_of as folder_rig
from tests.unit.services.programs.test_mailbox import opened

HOOK = {"type": "webhook", "webhook_url": f"{HOST}/hook"}
FEW = settings(max_examples=12)
COUNT = 5
drawn = st.integers(0, COUNT - 1)
"""Which of the items is the bad one."""


def message(id: str, config: Any = HOOK, **more: Any) -> bytes:
    return json.dumps(
        {"custom_id": id, "url": CHAT, "method": "POST", "body": {**body(f"Say {id}"), **more}, "delivery_config": config}
    ).encode()


def with_seed(id: str, seed: bytes, config: Any = HOOK) -> bytes:
    """A message whose body holds this number as it is written."""
    return message(id, config, seed=77_777).replace(b"77777", seed)


HUGE = {
    "a power": b"1e400",
    "a minus": b"-1E+400",
    "digits": b"9" * 4_301,
    "a long fraction": b"9" * 400 + b".5",
}


def lived(life: Callable[[World], Awaitable[None]]) -> None:
    """A life in a world of its own; what met the error boundary must have been expected by it."""

    async def run() -> None:
        world = World()
        try:
            await life(world)
        finally:
            await world.close()
        world.check_failures()

    asyncio.run(run())


def named(world: World) -> list[str]:
    """The custom_ids of what waits, as their files name them: what stands behind ~ says which file."""
    return [one.partition("~")[0] for one in world.queued()]


def told(tab: Tab, loop: str) -> str:
    """What the page says was put aside by this loop, in words; the boundary is empty then."""
    said = [error.problem for name, error in tab.failures if name == loop and isinstance(error, Refused)]
    assert said, f"{loop} told nothing: {tab.failures}"
    assert all(name == loop for name, _ in tab.failures), tab.failures
    tab.failures.clear()
    last = said[-1]
    assert last.code == f"aside:{loop}"
    assert last.means
    assert last.do
    return last.what


def why(tab: Tab) -> str:
    """The reason that stands below what the page said last."""
    return next(error.problem.detail for _, error in reversed(tab.failures) if isinstance(error, Refused))


# --- the mechanism


@given(bad=st.sets(st.integers(0, 40), max_size=5), count=st.integers(0, 41))
def test_halving_finds_the_bad_ones_and_does_the_work_on_all_others_once(bad: set[int], count: int) -> None:
    """Whatever their number: each good item is worked on once with success, each bad one is put aside with its reason."""

    async def run() -> None:
        done: list[int] = []
        aside: list[int] = []

        async def work(some: Any) -> None:
            if wrong := bad.intersection(some):
                raise ValueError(f"{wrong}")
            done.extend(some)

        await bisected(range(count), work, lambda item, _error: aside.append(item))
        assert done == [one for one in range(count) if one not in bad]
        assert aside == [one for one in range(count) if one in bad]

    asyncio.run(run())


@pytest.mark.parametrize(
    "error", [StorageLost("gone"), StorageFull("full"), Conflict("t", "i", 1, 2), FolderLost("gone"), ConnectionResetError()]
)
async def test_what_is_no_items_fault_is_let_through(error: Exception) -> None:
    """A lost store, a full disk, another tab that was faster: whoever runs the loop waits and tries again with all."""
    failures: list[str] = []
    isolation = Isolation(Tasks(lambda name, _error: failures.append(name)), "batches")

    async def fail(*_some: object) -> None:
        raise error

    with pytest.raises(type(error)):
        await isolation.run("a", fail())
    with pytest.raises(type(error)):
        await bisected([1, 2], fail, lambda _item, _error: failures.append("aside"))
    assert (failures, isolation.aside) == ([], {})


async def test_one_reason_is_told_once_and_again_when_it_comes_back() -> None:
    """A loop that meets the same bad item with every turn does not shout; one that worked meanwhile is told anew."""
    failures: list[BaseException] = []
    isolation = Isolation(Tasks(lambda _name, error: failures.append(error)), "batches")

    async def fail() -> None:
        raise ValueError("odd")

    async def work() -> int:
        return 7

    for _ in range(3):
        await isolation.run("a", fail())
    assert len(failures) == 1
    assert await isolation.run("a", work()) == 7
    assert isolation.aside == {}
    await isolation.run("a", fail())
    await isolation.run("b", fail())
    assert len(failures) == 3
    assert isinstance(failures[-1], Refused)
    assert "“a”, “b”" in failures[-1].problem.what


@pytest.mark.parametrize("loop", list(WORDS))
def test_every_loop_says_what_it_means_and_what_to_do(loop: Any) -> None:
    """For one item and for many, by name."""
    one, many = problem(loop, {"x": "odd"}), problem(loop, {f"item {n}": "odd" for n in range(9)})
    assert "“x”" in one.what
    assert "9 items" in many.what
    assert "and 4 more" in many.what
    assert one.means
    assert one.do
    assert one.detail == "odd"


@pytest.mark.parametrize("how", ["repeated", "kept_up"])
async def test_a_worker_that_fails_is_told_once_and_goes_on_with_growing_waits(how: str) -> None:
    """Until it works again; the waits never exceed an hour, and a worker never ends for good."""
    clock = FakeClock()
    failures: list[str] = []
    tasks = Tasks(lambda name, _error: failures.append(name))
    tries: list[float] = []

    async def turn() -> None:
        tries.append(clock.now())
        if len(tries) < 20:
            raise RuntimeError("odd")
        if how == "kept_up":
            await asyncio.Event().wait()

    work = PeriodicWorker(clock, tasks, "worker", turn, 60.0).run() if how == "repeated" else kept_up(clock, tasks, "worker", turn)
    tasks.start("worker", work)
    await clock.advance(30 * LONGEST)
    assert len(tries) >= 20
    waits = [later - earlier for earlier, later in pairwise(tries[:20])]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST
    assert failures == ["worker"]
    await tasks.stop()


def test_a_worker_that_looks_seldom_does_not_look_more_often_when_it_fails() -> None:
    """The wait is never shorter than its own."""
    assert growing(60.0, 0) == 60.0
    assert growing(60.0, 99) == LONGEST
    assert growing(2 * LONGEST, 5) == 2 * LONGEST


# --- messages


@pytest.mark.parametrize("seed", HUGE.values(), ids=list(HUGE))
def test_a_number_that_no_reader_takes_is_refused_at_the_door(seed: bytes) -> None:
    """Said which, and where; a number that only looks like it, in a text, is no reason."""
    refused = decode(with_seed("a", seed))
    assert isinstance(refused, Unfit)
    assert (refused.code, refused.pointer, refused.custom_id) == ("invalid_request", "/body", "a")
    assert seed[:20].decode() in refused.detail
    assert not isinstance(decode(message("a", note=f"as {seed.decode()} stands in a text")), Unfit)


@FEW
@given(at=drawn, seed=st.sampled_from([*HUGE.values(), b"1"]))
def test_a_bad_message_in_the_mailbox_is_rejected_and_the_others_are_taken(at: int, seed: bytes) -> None:
    """Its program is told why, the page keeps and shows it, and nothing comes again."""

    async def life(world: World) -> None:
        server = MemoryServer()
        await opened(world, server)
        await world.until(lambda: len(server.pages) == 1)
        assert server.line is not None
        letters = [
            with_seed(str(n), seed if n == at else b"1", None if n != at or seed != b"1" else {"type": "none"}) for n in range(COUNT)
        ]
        frame = {"type": "letters", "letters": [{"seq": n + 1, "source": "http", "at": 1.0, "message": None} for n in range(COUNT)]}
        text = json.dumps(frame)
        for letter in letters:
            text = text.replace('"message": null', f'"message": {letter.decode()}', 1)
        server.line._frames.put_nowait(text)
        await world.until(lambda: len(server.taken) + len(server.rejected) == COUNT)
        assert sorted(server.rejected) == [at + 1]
        assert server.rejected[at + 1].detail
        assert world.queued() == [str(n) for n in range(COUNT) if n != at]
        assert len(server.pages) == 1
        stored = await world.tabs[0].records.get(IntakeCounters, "programs")
        assert stored is not None
        assert [one.custom_id for one in stored.value.rejected] == ([str(at)])
        assert (stored.value.taken, stored.value.refused) == (COUNT - 1, 1)

    lived(life)


FRAMES = [
    "",
    "{",
    "[1]",
    '{"type":"letters","letters":7}',
    '{"type":"heard"}',
    '{"type":"no such thing"}',
    "[" * 5_000,
    '{"type":"heard","n":1e400}',
]


@FEW
@given(at=drawn, frame=st.sampled_from(FRAMES))
def test_a_frame_of_the_server_that_cannot_be_read_ends_no_connection(at: int, frame: str) -> None:
    """The server is told, the person too, and every other frame is heard, on the same connection."""

    async def life(world: World) -> None:
        server = MemoryServer()
        tab, _here = await opened(world, server)
        await world.until(lambda: len(server.pages) == 1)
        assert server.line is not None
        for n in range(COUNT):
            if n == at:
                server.line._frames.put_nowait(frame)
            server.letters = {n: words.InboxMessage(n, "http", 1.0, msgspec.Raw(message(str(n))))}
            server.line.say(words.InboxMessages(tuple(server.letters.values())))
        await world.until(lambda: len(server.taken) == COUNT)
        assert (len(server.pages), [one.kind for one in server.unread]) == (1, [words.kind_of(frame)])
        assert words.kind_of(frame) or "unknown" in told(tab, "frames")
        tab.failures.clear()

    lived(life)


@FEW
@given(at=drawn)
def test_letters_that_throw_when_they_are_heard_come_by_themselves(at: int) -> None:
    """The bad one is rejected with its reason, the others are taken."""

    async def life(world: World) -> None:
        server = MemoryServer()
        tab, here = await opened(world, server)
        await world.until(lambda: len(server.pages) == 1)
        real = here.mailbox_client._taker.take

        async def take(given: Any) -> Any:
            if any(f'"custom_id": "{at}"'.encode() in one.data for one in given):
                raise ValueError("odd")
            return await real(given)

        here.mailbox_client._taker.take = take  # type: ignore[method-assign]
        server.hand_in(*(message(str(n), None) for n in range(COUNT)))
        await world.until(lambda: not server.letters)
        assert sorted(world.queued()) == [str(n) for n in range(COUNT) if n != at]
        assert ["odd" in one.detail for one in server.rejected.values()] == [True]
        assert "“letters”" in told(tab, "frames")
        assert len(server.pages) == 1

    lived(life)


async def test_a_flood_of_frames_that_cannot_be_read_ends_the_connection_and_another_is_made(world: World) -> None:
    """After a growing wait; nothing is lost by it."""
    server = MemoryServer()
    tab, _here = await opened(world, server)
    await world.until(lambda: len(server.pages) == 1)
    assert server.line is not None
    for _ in range(words.MAX_UNREADABLE + 1):
        server.line._frames.put_nowait("{")
    await world.until(lambda: len(server.pages) == 2)
    server.hand_in(message("a", None))
    await world.until(lambda: world.queued() == ["a"])
    assert "“unknown”" in told(tab, "frames")


@FEW
@given(at=drawn)
def test_news_that_the_server_cannot_read_keep_no_others_back(at: int) -> None:
    """They are told in smaller portions; the one is told without its answer."""

    async def life(world: World) -> None:
        server = MemoryServer()
        server.chokes = {str(at)}
        tab, _here = await opened(world, server)
        server.hand_in(*(message(str(n), None) for n in range(COUNT)))
        await world.until(lambda: len(server.taken) == COUNT)
        await tab.submit()
        await world.until(lambda: len(server.news) == COUNT and all(one.outcome for one in server.news.values()), within=20_000)
        await world.until(lambda: not world.disk.records[Table.NEWS])
        assert {id: one.answer == words.NO_ANSWER for id, one in server.news.items()} == {str(n): n == at for n in range(COUNT)}
        assert "(told)" in told(tab, "frames")

    lived(life)


@FEW
@given(at=drawn)
def test_a_message_that_the_store_chokes_on_is_refused_and_the_others_are_taken(at: int) -> None:
    """A fault that only shows when it is stored: the rest of the portion is stored, its sender and the person are told."""

    async def life(world: World) -> None:
        rig = Rig(await world.tab(), Receiver())
        rig.tab.inner.chokes = {str(at)}
        verdicts = await world.result(
            rig.taker.take([RawMessage(message(str(n)), "http") for n in range(COUNT)] + [RawMessage(message("0"), "http")])
        )
        assert [isinstance(one, Unfit) for one in verdicts[:COUNT]] == [n == at for n in range(COUNT)]
        refused = verdicts[at]
        assert isinstance(refused, Unfit)
        assert refused.code == "internal"
        assert "chokes" in refused.detail
        assert sorted(world.queued()) == [str(n) for n in range(COUNT) if n != at]
        record = await rig.taker.record()
        assert (record.taken, record.duplicates, record.refused) == (COUNT - 1, 1, 1)
        assert [one.custom_id for one in record.rejected] == [str(at)]

    lived(life)


@FEW
@given(at=drawn, seed=st.sampled_from([*HUGE.values(), b"tru"]))
def test_a_bad_line_of_a_watched_folder_is_told_and_the_others_are_queued(at: int, seed: bytes) -> None:
    """With its number, in the file of problems; the file is read to its end, and the next file as well."""

    async def life(world: World) -> None:
        folder = MemoryFolder()
        await folder_rig(world, folder)
        folder.drop("a.jsonl", b"\n".join(with_seed(str(n), seed if n == at else b"1", None) for n in range(COUNT)))
        folder.drop("b.jsonl", message("b", None))
        await world.until(lambda: len(world.queued()) == COUNT)
        assert named(world) == [*(str(n) for n in range(COUNT) if n != at), "b"]
        (told_line,) = [json.loads(one) for one in folder.files["a.problems.jsonl"].splitlines()]
        assert told_line["line"] == at + 1

    lived(life)


@FEW
@given(at=st.integers(0, 2))
def test_a_file_of_the_folder_that_cannot_be_handled_holds_up_no_other(at: int) -> None:
    """It is named in the page, and tried again with each look."""

    async def life(world: World) -> None:
        folder = MemoryFolder()
        rig = await folder_rig(world, folder)
        real = rig.watcher._portion
        broken = True

        async def portion(here: Any, drop: Any, *rest: Any) -> Any:
            if broken and drop.value.name == f"{at}.jsonl":
                raise ValueError("odd")
            return await real(here, drop, *rest)

        rig.watcher._portion = portion  # type: ignore[method-assign, assignment]
        for n in range(3):
            folder.drop(f"{n}.jsonl", message(str(n), None))
        await world.until(lambda: len(world.queued()) == 2 and bool(rig.tab.failures))
        assert named(world) == [str(n) for n in range(3) if n != at]
        assert f"“{at}.jsonl”" in told(rig.tab, "files")
        broken = False
        await world.until(lambda: len(world.queued()) == 3)

    lived(life)


# --- results


def spoilt(world: World, id: str) -> None:
    """Put a byte that is no UTF-8 into the text of one stored answer."""
    for name, data in world.disk.bytes.items():
        if name.startswith("answer:"):
            lines = data.split(b"\n")
            mine = next(n for n, one in enumerate(lines) if f'"custom_id":"{id}"'.encode() in one)
            at = lines[mine].index(b'"content":"') + len(b'"content":"')
            lines[mine] = lines[mine][:at] + b"\xff" + lines[mine][at + 1 :]
            world.disk.bytes[name] = b"\n".join(lines)
            return
    raise AssertionError("no answers here")


async def answered(world: World, config: Any, **rig_with: Any) -> Rig:
    """Messages whose answers are here and not delivered yet."""
    tab = await world.tab()
    rig = Rig(tab, rig_with.pop("receiver", Receiver()), **rig_with)
    await rig.choose(private=True)
    await world.result(rig.taker.take([RawMessage(message(str(n), config), "http") for n in range(COUNT)]))
    await tab.submit()
    await world.until(lambda: world.batch().state == "done")
    return rig


@pytest.mark.slow
@FEW
@given(at=drawn, way=st.sampled_from(["page", "server", "rabbitmq"]))
def test_an_answer_that_is_no_utf8_is_marked_failed_and_the_others_are_delivered(at: int, way: str) -> None:
    """With the reason; once the answer can be read it can be delivered again by hand."""

    async def life(world: World) -> None:
        config = {"type": "rabbitmq", "rabbitmq_queue": "results"} if way == "rabbitmq" else HOOK
        broker = MemoryBroker("results") if way == "rabbitmq" else None
        server = words.ServerSettings() if way == "server" else None
        rig = await answered(world, config, broker=broker, server=server)
        if way == "server":
            await rig.choose(hosts=())
        if broker is not None:
            stored = BrokerSettings(id="broker", address="wss://broker.example.com/ws", user="u", queue="in")
            await rig.tab.records.save(stored)
            await rig.tab.keys.put(secret_name(stored), "secret", remember=True)
        whole = {name: data for name, data in world.disk.bytes.items() if name.startswith("answer:")}
        spoilt(world, str(at))
        rig.start()
        await world.until(all_are(world, "delivered", "failed"))
        assert {id for id, one in handed(world).items() if one.state == "failed"} == {str(at)}
        bad = handed(world)[str(at)]
        assert "UTF-8" in bad.attempts[-1].error
        assert len(bad.attempts) == 1
        world.disk.bytes.update(whole)
        rig.dispatcher._results._pieces.clear()
        assert await world.result(rig.dispatcher.again([str(at)])) == 1
        await world.until(all_are(world, "delivered"))

    lived(life)


@FEW
@given(at=drawn)
def test_an_answer_that_is_no_utf8_is_told_to_the_server_without_its_text(at: int) -> None:
    """The programs that ask by GET hear of all others whole, and of this one why there is no answer."""

    async def life(world: World) -> None:
        server = MemoryServer()
        tab, here = await opened(world, server)
        server.hand_in(*(message(str(n), None) for n in range(COUNT)))
        await world.until(lambda: len(server.taken) == COUNT)
        real = here.results.contents

        async def contents(wanted: Any) -> Any:
            if (
                wanted
                and any(name.startswith("answer:") for name in world.disk.bytes)
                and b"\xff" not in b"".join(world.disk.bytes.values())
            ):
                spoilt(world, str(at))
            return await real(wanted)

        here.results.contents = contents  # type: ignore[method-assign]
        await tab.submit()
        await world.until(lambda: len(server.news) == COUNT and all(one.outcome for one in server.news.values()))
        for n in range(COUNT):
            news = server.news[str(n)]
            assert (bytes(news.answer) == b"null", "UTF-8" in news.error) == (n == at, n == at)
        await world.until(lambda: not world.disk.records[Table.NEWS])

    lived(life)


@pytest.mark.slow
@FEW
@given(at=drawn, where=st.sampled_from(["send", "content", "record"]))
def test_a_delivery_that_throws_holds_up_no_other(at: int, where: str) -> None:
    """While it is sent, while its body is made, or while its end is recorded."""

    async def life(world: World) -> None:
        receiver = Receiver()
        rig = await answered(world, HOOK, receiver=receiver)
        if where == "send":
            real = rig.webhooks.prepared

            def prepared(one: ProgramMessage, *rest: Any) -> Any:
                if one.id == str(at):
                    raise ValueError("odd")
                return real(one, *rest)

            rig.webhooks.prepared = prepared  # type: ignore[method-assign, assignment]
        elif where == "content":
            real_place = rig.dispatcher._may

            def may(one: ProgramMessage) -> bool:
                if one.id == str(at):
                    raise ValueError("odd")
                return real_place(one)

            rig.dispatcher._may = may  # type: ignore[method-assign]
        else:
            await rig.tab.records.commit([])
            real_turn = rig.scheduler.turn

            async def turn(chosen: Programs) -> None:
                await real_turn(chosen)
                rig.tab.inner.chokes = {str(at)}

            rig.scheduler.turn = turn  # type: ignore[method-assign]
        rig.start()
        good = {str(n) for n in range(COUNT) if n != at}
        await world.until(lambda: {id for id, one in handed(world).items() if one.state == "delivered"} == good, within=20_000)
        if where == "record":
            await world.until(lambda: bool(rig.tab.failures))
            assert f"“{at}”" in told(rig.tab, "deliveries")
            sent = len(receiver.got)
            await world.clock.advance(3_600)
            assert len(receiver.got) == sent  # it is not sent over and over because its end cannot be recorded
        else:
            await world.until(lambda: handed(world)[str(at)].state == "failed", within=20_000)
            assert "odd" in handed(world)[str(at)].attempts[-1].error

    lived(life)


@FEW
@given(at=drawn)
def test_a_move_that_the_store_refuses_is_told_and_holds_up_no_other(at: int) -> None:
    """A message whose state may not change so (core.programs.transitions) stays as it is stored, and the page names it, its state and the
    one that was wanted: when its delivery is recorded, and when a person wants all of them delivered again."""

    async def life(world: World) -> None:
        rig = await answered(world, HOOK)
        real_turn = rig.scheduler.turn

        async def turn(chosen: Programs) -> None:
            await real_turn(chosen)
            rig.tab.inner.stuck = {str(at)}

        rig.scheduler.turn = turn  # type: ignore[method-assign]
        rig.start()
        good = {str(n) for n in range(COUNT) if n != at}
        await world.until(lambda: {id for id, one in handed(world).items() if one.state == "delivered"} == good, within=20_000)
        await world.until(lambda: bool(rig.tab.failures))
        assert handed(world)[str(at)].state == "due"
        assert why(rig.tab) == f"IllegalMove: handed/{at}: 'due' -> 'delivered' is not a legal move"
        assert f"“{at}”" in told(rig.tab, "deliveries")
        rig.tab.inner.stuck = {min(good)}
        assert await world.result(rig.dispatcher.all_again(owner=world.batch().id)) == COUNT - 1
        assert why(rig.tab) == f"IllegalMove: handed/{min(good)}: 'delivered' -> 'due' is not a legal move"
        assert f"“{min(good)}”" in told(rig.tab, "deliveries")

    lived(life)


@FEW
@given(at=drawn)
def test_a_result_that_cannot_be_read_is_marked_failed_and_its_batch_goes_on(at: int) -> None:
    """The message says why; the others of its batch are made due."""

    async def life(world: World) -> None:
        rig = await answered(world, HOOK)
        batch = world.batch()
        ledger = await rig.scheduler._results.ledger(batch)
        assert ledger is not None
        row = ledger.ids.index(str(at))
        ledger.outcome[row] = 77  # no outcome that there is
        rig.start()
        await world.until(all_are(world, "delivered", "failed"))
        assert {id for id, one in handed(world).items() if one.state == "failed"} == {str(at)}
        assert "Download the answers again" in handed(world)[str(at)].attempts[-1].error
        assert f"“{at}”" in told(rig.tab, "results")
        assert world.batch().delivery_cursor == COUNT

    lived(life)


@FEW
@given(at=st.integers(0, 2))
def test_a_batch_whose_results_cannot_be_posted_holds_up_no_other(at: int) -> None:
    """It is named; the results of the others are delivered."""

    async def life(world: World) -> None:
        rig = Rig(await world.tab(), Receiver())
        await rig.choose()
        for n in range(3):
            await world.result(rig.taker.take([RawMessage(message(str(n)), "http")]))
            await rig.tab.submit()
        await world.until(lambda: all(one.state == "done" for one in world.batches()))
        bad = world.batches()[at]
        real = rig.scheduler._results.ledger

        async def ledger(batch: Batch) -> Any:
            if batch.id == bad.id:
                raise ValueError("odd")
            return await real(batch)

        rig.scheduler._results.ledger = ledger  # type: ignore[method-assign]
        rig.start()
        await world.until(lambda: sum(one.state == "delivered" for one in handed(world).values()) == 2)
        (kept,) = world.segments(f"batch:{bad.id}")[0].ids
        assert handed(world)[kept].state == "waiting"
        assert bad.name in told(rig.tab, "posting")

    lived(life)


@pytest.mark.slow
@FEW
@given(at=drawn, order=st.sampled_from(["redeliver", "drop", "forget"]))
def test_an_order_about_one_message_that_fails_is_carried_out_for_the_others(at: int, order: str) -> None:
    """The server is told that it is done, so that it does not come again for ever; the person is told which one it was not."""

    async def life(world: World) -> None:
        server = MemoryServer()
        tab, _here = await opened(world, server)
        server.hand_in(*(message(str(n), HOOK if order == "redeliver" else None) for n in range(COUNT)))
        await world.until(lambda: len(server.taken) == COUNT)
        ids = tuple(str(n) for n in range(COUNT))
        if order != "drop":
            await tab.submit()
            await world.until(all_are(world, "failed", "kept"), within=20_000)
        await world.until(lambda: not world.disk.records[Table.NEWS])
        assert server.line is not None
        if order == "forget":  # what is removed is not written: another fault
            real = tab.records.commit

            async def commit(changes: Any) -> None:
                if any(getattr(one, "id", "") == str(at) for one in changes):
                    raise ValueError("odd")
                await real(changes)

            tab.records.commit = commit  # type: ignore[method-assign]
        else:
            tab.inner.chokes = {str(at)}
        said = {"redeliver": words.Redeliver(1, ids), "drop": words.Drop(1, ids), "forget": words.Forget(1, ids)}[order]
        server.line.say(said)  # type: ignore[arg-type]
        await world.until(lambda: server.done == [1])
        left = handed(world)
        if order == "redeliver":
            assert [left[id].by_hand or left[id].made > 5 for id in ids] == [id != str(at) for id in ids]
        elif order == "drop":
            assert [left[id].dropped for id in ids] == [id != str(at) for id in ids]
        else:
            assert set(left) == {str(at)}
        assert f"“{at}”" in told(tab, "orders")
        assert len(server.pages) == 1

    lived(life)


# --- batches


async def waiting_for_room(world: World) -> Tab:
    """Three batches that want room, and a tab whose engine does not run."""
    tab = await world.tab(engine=False)
    for n in range(3):
        batch = Batch(id=f"b-{n}", name=f"batch {n}", lane=LANE, state="planned", created=float(n), tokens=1)
        await tab.records.save(batch, 0)
        for state in ("uploading", "uploaded"):
            batch = Batch(id=f"b-{n}", name=f"batch {n}", lane=LANE, state=state, created=float(n), tokens=1)
            await tab.records.save(batch)
    return tab


@FEW
@given(at=st.integers(0, 2), where=st.sampled_from(["store", "need"]))
def test_a_batch_that_cannot_be_given_room_keeps_no_other_from_it(at: int, where: str) -> None:
    """Whether judging it throws or storing its verdict."""

    async def life(world: World) -> None:
        tab = await waiting_for_room(world)
        room = Allocator(tab.records, tab.clock, tab.engine._log, tab.tasks)
        real = capacity.need
        if where == "store":
            tab.inner.chokes = {f"b-{at}"}
        else:

            def need(batch: Batch) -> int:
                if batch.id == f"b-{at}":
                    raise ValueError("odd")
                return real(batch)

            capacity.need = need
        try:
            changed, _due = await room.allocate()
        finally:
            capacity.need = real
        assert [one.id for one in changed] == [f"b-{n}" for n in range(3) if n != at]
        assert {one.state for one in changed} == {"creating"}
        assert f"“batch {at}”" in told(tab, "room")

    lived(life)


@pytest.mark.slow
@FEW
@given(at=st.integers(0, 2))
def test_a_batch_that_the_store_chokes_on_keeps_no_other_from_its_end(at: int) -> None:
    """It is told once, taken up again after growing waits, and goes on when the fault is gone."""

    async def life(world: World) -> None:
        tab = await world.tab(engine=False)
        for n in range(3):
            await tab.add(1, prefix=f"{n}-")
            await tab.submit()
        bad = world.batches()[at]
        tab.inner.chokes = {bad.id}
        tab.tasks.start("engine", tab.engine.run())
        await world.until(lambda: sum(one.state == "done" for one in world.batches()) == 2)
        await world.clock.advance(3_600)
        names = [name for name, _ in tab.failures]
        assert names.count(f"batch {bad.id}") == 1
        tab.failures.clear()
        tab.inner.chokes = set()
        await world.until(lambda: all(one.state == "done" for one in world.batches()), within=1_000)
        assert sorted(await world.paid()) == ["0-0", "1-0", "2-0"]

    lived(life)


@FEW
@given(at=st.integers(0, 2))
def test_a_batch_that_cannot_be_looked_at_now_keeps_no_other_from_it(at: int) -> None:
    """When the person comes back to the tab."""

    async def life(world: World) -> None:
        tab = await waiting_for_room(world)
        for n in range(3):
            for state in ("creating", "in_progress"):
                await tab.records.save(Batch(id=f"b-{n}", name=f"batch {n}", lane=LANE, state=state, created=float(n), retry_at=9e9))
        tab.inner.chokes = {f"b-{at}"}
        await tab.engine.look_now()
        assert [one.retry_at == 9e9 for one in world.batches()] == [n == at for n in range(3)]
        assert f"“batch {at}”" in told(tab, "batches")

    lived(life)


@pytest.mark.slow
@FEW
@given(at=st.integers(0, 2), which=st.sampled_from(["retention", "cleaning"]))
def test_a_batch_that_cannot_be_tidied_keeps_no_other_from_it(at: int, which: str) -> None:
    """Neither here, when its days are over, nor at the provider, when its answers are stored."""

    async def life(world: World) -> None:
        world.provider(clear=1.0)
        world.prefer(keep_days=30)
        tab = await world.tab()
        for n in range(3):
            await tab.add(1, prefix=f"{n}-")
            await tab.submit()
        await world.until(lambda: all(one.state == "done" for one in world.batches()))
        for one in world.batches():
            await mark_exported(tab.records, one.id, world.clock.now())
        bad = world.batches()[at]
        if which == "cleaning":
            tab.inner.chokes = {bad.id}
            await world.result(RemoteCleaner(tab.records, tab.profiles, tab.clock, tab.tasks, lambda: True, lambda _batch: None).turn())
            assert [bool(one.remote_cleanup.gone) for one in world.batches()] == [n != at for n in range(3)]
        else:

            async def removed() -> None:
                pass

            def log_of(id: str) -> Any:
                if id == bad.id:
                    raise ValueError("odd")
                return ()

            world.clock.set(world.clock.now() + 40 * 86_400)
            await Retention(
                tab.records, tab.clock, tab.tasks, lambda: True, WaitingMessages(tab.records, tab.clock).awaits, removed, log_of
            ).turn()
            assert [one.id for one in world.batches()] == [bad.id]
        assert f"“{bad.name}”" in told(tab, which)

    lived(life)


@pytest.mark.slow
@FEW
@given(at=st.integers(0, 2))
def test_a_lane_that_cannot_be_closed_keeps_no_other_in_the_queue(at: int) -> None:
    """Its requests stay; those of the other lanes go out when their time has come."""

    async def life(world: World) -> None:
        tab = await world.tab()
        lanes = [Lane(LANE.profile, LANE.endpoint, f"gpt-4o-mini-{n}") for n in range(3)]
        rig = Rig(tab, Receiver())
        await rig.choose()
        real = tab.submitter._move

        async def move(planned: Any, lane: Lane, *rest: Any) -> Any:
            if lane == lanes[at]:
                raise ValueError("odd")
            return await real(planned, lane, *rest)

        tab.submitter._move = move  # type: ignore[method-assign, assignment]
        await tab.rules.tell(LANE.profile)
        given_in = [RawMessage(message(str(n), None, model=lane.model), "http") for n, lane in enumerate(lanes)]
        await world.result(rig.taker.take(given_in))
        await world.until(lambda: len(world.batches()) == 2, within=3 * 3_600)
        assert world.queued() == [str(at)]
        assert lanes[at].model in told(tab, "closing")

    lived(life)


def test_states_of_the_pipeline_that_a_fault_leaves_are_the_stored_ones() -> None:
    """The words of an attempt that failed for good are those of any other."""
    from app.core.programs.delivery import WORDS as OUTCOMES
    from app.core.programs.delivery import broken

    one = ProgramMessage(id="a", source="http", at=1, lane="l", state="due", outcome="answered")
    after = broken(one, DeliveryAttempt(1.0, "x", "other", error="why"))
    assert (after.state, after.retry_at, after.attempts[-1].error) == ("failed", 0.0, "why")
    assert "other" in OUTCOMES
    assert "done" in pipeline.FINAL
    assert put(after, 1).state == "failed"
