"""One bad line, answer, row, entry or file at the provider never stops the others: the loops that read, check and tidy up."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.activity.log import LogEntry
from app.core.batches import ledger
from app.core.bodies import bodies, requests, tokens
from app.core.model.problem import Problem
from app.core.model.remote import Remote
from app.core.openai import conformance, outcomes
from app.core.openai.problems import Refused
from app.core.openai.recognition import OUR_ID
from app.core.openai.replies import BatchPage
from app.ports import Change, DropBytes, PutBytes, StorageLost
from app.services.batches.remote_cleanup import EVERY, RemoteCleaner
from app.services.batches.retention import Retention
from app.services.programs.waiting import WaitingMessages
from app.services.provider.account import _IN_A_ROW, Account, DeletionResult
from app.services.queue import auto_submit
from app.services.results import review
from app.services.runtime import logbook
from app.services.runtime.log import Log
from app.services.runtime.logbook import Logbook
from app.services.runtime.records import Records
from tests.fakes.folder import MemoryFolder
from tests.fakes.platform import SeededRandom
from tests.kit.programs import handed
from tests.kit.world import LANE, Tab, World
from tests.unit.services.batches.test_adopt import bring, elsewhere, gone
from tests.unit.services.programs.test_folder_watcher import rig_of as folder_rig
from tests.unit.services.runtime.test_isolation import COUNT, FEW, drawn, lived, message, told


@contextmanager
def instead(place: Any, name: str, call: Callable[..., Any]) -> Iterator[None]:
    """Another function in this place, for as long as the block lasts; it gets the real one first."""
    real = getattr(place, name)
    setattr(place, name, lambda *given, **named: call(real, *given, **named))
    try:
        yield
    finally:
        setattr(place, name, real)


def odd_at(marks: Callable[[Any], bool]) -> Callable[..., Any]:
    """Throws where one of what is given is the bad item."""

    def call(real: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if any(marks(one) for one in given):
            raise ValueError("odd")
        return real(*given, **named)

    return call


def names(id: str) -> Callable[[Any], bool]:
    """Whether this is the line of this request, or of its answer."""
    mark = f'"custom_id":"{id}"'.encode()
    return lambda one: isinstance(one, bytes) and mark in one.replace(b'": "', b'":"')


async def finished(world: World, count: int = COUNT, prefix: str = "r") -> Tab:
    tab = await world.tab()
    await tab.add(count, prefix=prefix)
    await tab.submit()
    await world.ended()
    return tab


async def of_provider(tab: Tab, delete: Callable[[str], None]) -> None:
    """Every provider of this tab asks ``delete`` before it deletes a file."""
    real = tab.profiles.provider

    async def provider(*given: Any) -> Any:
        found = await real(*given)
        really = found.delete

        async def first(id: str) -> None:
            delete(id)
            await really(id)

        found.delete = first  # type: ignore[method-assign, assignment]
        return found

    tab.profiles.provider = provider  # type: ignore[method-assign, assignment]


def refused(code: str, status: int) -> Refused:
    return Refused(Problem(code=code, what=f"The provider said {code}.", status=status))


FAULTS = {
    "a refusal of this file": lambda: refused("bad_request", 400),
    "a fault of the provider": lambda: refused("server_error", 500),
    "not deleted, it says": lambda: refused("not_deleted", 0),
    "a fault of ours": lambda: ValueError("odd"),
}


async def swept(tab: Tab) -> tuple[list[str], DeletionResult]:
    account = Account(tab.records, tab.profiles, tab.clock)
    seen = await account.look("openai", lambda _files, _batches: None)
    chosen = [one.id for one in seen.files]
    return chosen, await account.sweep(seen, chosen, lambda _done, _total: None, lambda: False)


@pytest.mark.slow
@FEW
@given(at=drawn, fault=st.sampled_from([*FAULTS]))
def test_a_file_that_cannot_be_deleted_keeps_no_other(at: int, fault: str) -> None:
    """By hand: it is named, with the reason; all others are gone."""

    async def life(world: World) -> None:
        tab = await finished(world)
        for n in range(COUNT - 2):
            await elsewhere(world, metadata={"n": str(n)})
        await world.clock.advance(3_600)
        seen = await Account(tab.records, tab.profiles, tab.clock).look("openai", lambda _files, _batches: None)
        bad = seen.files[at].id

        def delete(id: str) -> None:
            if id == bad:
                raise FAULTS[fault]()

        await of_provider(tab, delete)
        chosen, came = await swept(tab)
        assert came.gone == set(chosen) - {bad}
        assert came.problem is not None
        assert f"“{seen.files[at].filename}”" in came.problem.what
        assert came.problem.code == "aside:sweep"

    lived(life)


@pytest.mark.parametrize(("code", "status"), [("wrong_key", 401), ("rate_limited", 429), ("offline", 0)])
async def test_what_every_call_would_be_refused_for_ends_the_deletion(world: World, code: str, status: int) -> None:
    """A wrong key, too many calls, no network: said as it is, after one call and not after hundreds."""
    tab = await finished(world)
    asked: list[str] = []

    def delete(id: str) -> None:
        asked.append(id)
        raise refused(code, status)

    await of_provider(tab, delete)
    _chosen, came = await swept(tab)
    assert (len(asked), came.gone) == (1, frozenset())
    assert came.problem is not None
    assert came.problem.code == code


async def test_a_provider_that_refuses_every_deletion_is_not_asked_for_each(world: World) -> None:
    """After some in a row it is left alone, with its reason."""
    tab = await finished(world)
    for n in range(8):
        await elsewhere(world, metadata={"n": str(n)})
    await world.clock.advance(3_600)
    asked: list[str] = []

    def delete(id: str) -> None:
        asked.append(id)
        raise refused("server_error", 503)

    await of_provider(tab, delete)
    _chosen, came = await swept(tab)
    assert (len(asked), came.gone) == (_IN_A_ROW, frozenset())
    assert came.problem is not None
    assert came.problem.code == "server_error"


async def test_files_of_a_purpose_that_is_not_listed_keep_no_others_from_the_list(world: World) -> None:
    """The rest is shown, with the reason; without the batches nothing is."""
    tab = await finished(world)
    account = Account(tab.records, tab.profiles, tab.clock)
    real = tab.profiles.provider

    async def provider(*given: Any) -> Any:
        found = await real(*given)
        pages = found.file_pages

        def file_pages(purpose: str) -> Any:
            if purpose == "batch_output":
                raise refused("bad_request", 400)
            return pages(purpose)

        found.file_pages = file_pages  # type: ignore[method-assign]
        return found

    tab.profiles.provider = provider  # type: ignore[method-assign, assignment]
    seen = await account.look("openai", lambda _files, _batches: None)
    assert [one.id for one in seen.files] == [world.batch().input_file_id]
    assert seen.problem is not None
    assert seen.problem.code == "bad_request"


@FEW
@given(at=st.integers(0, 1), fault=st.sampled_from([*FAULTS]))
def test_a_file_of_a_batch_that_cannot_be_deleted_keeps_no_other(at: int, fault: str) -> None:
    """By itself: what is gone is stored, the other is tried again later, and why is shown at the batch."""

    async def life(world: World) -> None:
        world.provider(clear=world.clock.now() - 1)
        tab = await finished(world)
        assert world.batch().remote is not None
        files = (world.batch().input_file_id, world.batch().remote.output_file_id)  # type: ignore[union-attr]
        bad = files[at]

        def delete(id: str) -> None:
            if id == bad:
                raise FAULTS[fault]()

        await of_provider(tab, delete)
        await world.result(RemoteCleaner(tab.records, tab.profiles, tab.clock, tab.tasks, lambda: True, lambda _batch: None).turn())
        clearing = world.batch().remote_cleanup
        assert clearing.gone == tuple(one for one in files if one != bad)
        assert clearing.problem is not None
        assert clearing.retry_at > world.clock.now()

    lived(life)


@FEW
@given(at=drawn)
def test_an_answer_line_that_throws_counts_as_damaged_and_the_others_as_answered(at: int) -> None:
    """It is kept as it came, in the batch, and not sent again by itself."""

    async def life(world: World) -> None:
        with instead(ledger, "read_line", odd_at(names(f"r{at}"))):
            tab = await finished(world)
        batch = world.batch()
        assert (batch.state, batch.tally.answered, batch.tally.damaged) == ("done", COUNT - 1, 1)
        assert world.queued() == []
        _total, rows = await tab.review.rows(batch, "damaged", 0, 9)
        assert "odd" in rows[0].answered

    lived(life)


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.slow
@FEW
@given(at=drawn, where=st.sampled_from(["answer_of", "follows"]))
def test_an_answer_that_cannot_be_checked_counts_as_answered_and_the_others_are_checked(at: int, where: str) -> None:
    """It is named; one that does not follow its schema is found all the same."""

    async def life(world: World) -> None:
        form = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}
        asked = {"model": LANE.model, "messages": [{"role": "user", "content": "Go."}], "response_format": form}
        lines = [{"custom_id": f"r{n}", "method": "POST", "url": LANE.endpoint, "body": asked} for n in range(COUNT)]
        tab = await world.tab()
        await tab.queue.add(LANE, [(str(one["custom_id"]), json.dumps(one).encode() + b"\n") for one in lines])

        def prose(data: bytes) -> bytes:
            found = [json.loads(line) for line in data.splitlines()]
            for one in found:
                one["response"]["body"]["choices"][0]["message"]["content"] = f"Of course, {one['custom_id']}!"
            return b"".join(json.dumps(one).encode() + b"\n" for one in found)

        world.http.content = prose
        from app.core.results import answers

        place = answers if where == "answer_of" else conformance
        bad = names(f"r{at}") if where == "answer_of" else lambda one: one == f"Of course, r{at}!"
        with instead(place, where, odd_at(bad)):
            await tab.submit()
            await world.ended()
        batch = world.batch()
        assert (batch.state, batch.tally.answered, batch.tally.flawed) == ("done", 1, COUNT - 1)
        assert f"“r{at}”" in told(tab, "checks")

    lived(life)


@FEW
@given(at=drawn)
def test_a_request_answered_twice_that_cannot_be_compared_keeps_no_other_from_it(at: int) -> None:
    """It is named; of the others a second, different answer is found."""

    async def life(world: World) -> None:
        def twice(data: bytes) -> bytes:
            found = [line for line in data.splitlines() if line.strip()]
            return b"\n".join([*found, *(one.replace(b'"content":"', b'"content":"Or: ') for one in found)])

        world.http.content = twice
        from app.services.batches import ledgers

        with instead(ledgers, "body_of", odd_at(names(f"r{at}"))):
            tab = await finished(world)
        assert (world.batch().tally.answered, world.batch().tally.differing) == (COUNT, COUNT - 1)
        assert f"“r{at}”" in told(tab, "checks")

    lived(life)


@FEW
@given(at=drawn)
def test_a_line_that_throws_while_requests_are_known_from_their_answers_keeps_no_other(at: int) -> None:
    """Its place in the file is named; every other request of the batch is listed."""

    async def life(world: World) -> None:
        tab = await world.tab()
        id = await elsewhere(world, COUNT)
        await world.clock.advance(60)
        await gone(world, tab, id)
        with instead(outcomes, "read_line", odd_at(names(f"theirs{at}"))):
            await bring(tab, id)
            await world.ended()
        batch = world.batch()
        assert (batch.state, batch.requests) == ("done", COUNT - 1)
        ids = [one for segment in world.segments(f"batch:{batch.id}") for one in segment.ids]
        assert sorted(ids) == [f"theirs{n}" for n in range(COUNT) if n != at]
        assert "output, piece 1, byte" in told(tab, "rebuilding")

    lived(life)


@FEW
@given(at=drawn)
def test_a_request_that_cannot_be_queued_again_keeps_no_other(at: int) -> None:
    """It stays in its batch and is named; the others are in the queue, once."""

    async def life(world: World) -> None:
        tab = await finished(world)
        batch = world.batch()
        held = await tab.again._ledgers.read(batch)
        for row in range(COUNT):
            held.outcome[row] = outcomes.Outcome.MISSING
        await tab.records.commit(_stored(batch.id, held))
        real = tokens.index

        def index(run: Any) -> Any:
            if f"r{at}" in run.ids:
                raise ValueError("odd")
            return real(run)

        tokens.index = index
        try:
            assert await tab.again.send(batch.id) == COUNT - 1
            assert await tab.again.send(batch.id) == 0
        finally:
            tokens.index = real
        assert sorted(world.queued()) == [f"r{n}" for n in range(COUNT) if n != at]
        assert f"“r{at}”" in told(tab, "again")
        assert await tab.again.send(batch.id) == 1
        assert sorted(world.queued()) == [f"r{n}" for n in range(COUNT)]

    lived(life)


def _stored(id: str, held: ledger.Ledger) -> list[Change]:
    return [DropBytes(f"ledger:{id}"), PutBytes(f"ledger:{id}", held.to_bytes())]


@FEW
@given(at=drawn)
def test_a_row_that_cannot_be_shown_keeps_no_other_from_the_list(at: int) -> None:
    """It says so in its place; opened by itself the request of another is whole."""

    async def life(world: World) -> None:
        tab = await finished(world)
        batch = world.batch()
        with instead(review, "_words", odd_at(lambda one: f"r{at}" in str(getattr(one, "text", "")))):
            total, rows = await tab.review.rows(batch, "all", 0, COUNT)
        assert total == COUNT
        assert ["cannot be shown: ValueError: odd" in one.asked for one in rows] == [n == at for n in range(COUNT)]
        with instead(review, "read_body", odd_at(lambda one: isinstance(one, dict) and f"r{at}" in str(one))):
            opened = [await tab.review.open(batch, row) for row in range(COUNT)]
        assert ["cannot be shown" in one.asked[0][1] for one in opened] == [n == at for n in range(COUNT)]
        assert all(one.answer is not None for one in opened)

    lived(life)


@FEW
@given(at=drawn)
def test_an_entry_of_the_log_that_cannot_be_told_keeps_no_other_from_the_file(at: int) -> None:
    """The file has a line for each; that of the bad one says why it says no more."""

    async def life(world: World) -> None:
        tab = await world.tab()
        entries = [LogEntry(id=str(n), at=float(n), kind="setting", what="theme") for n in range(COUNT)]
        with instead(logbook, "said", odd_at(lambda one: getattr(one, "id", "") == str(at))):
            data = await Logbook(tab.records, tab.clock).file(entries)
        lines = [json.loads(one)["said"] for one in data.splitlines()]
        assert ["Not told: ValueError: odd" in one for one in lines] == [n == at for n in range(COUNT)]

    lived(life)


@FEW
@given(at=st.integers(0, 2))
def test_a_twin_that_cannot_be_cancelled_keeps_no_other_running(at: int) -> None:
    """A browser that sent one create several times: every other twin, which would be paid too, is cancelled at once."""

    async def life(world: World) -> None:
        tab = await finished(world)
        batch = world.batch()
        assert batch.remote is not None
        provider = await tab.profiles.provider("openai")
        ids = [f"twin-{n}" for n in range(3)]
        page = BatchPage(
            tuple(Remote(id=id, status="in_progress", metadata={OUR_ID: batch.id}, created_at=int(batch.created)) for id in ids)
        )
        gone: list[str] = []

        async def call(_call: str, _request: Any, _read: Any, _progress: Any = None) -> Any:
            return page

        async def cancel(id: str, _batch: Any = None) -> Any:
            if id == ids[at]:
                raise refused("server_error", 500)
            gone.append(id)

        provider._call, provider.cancel = call, cancel  # type: ignore[method-assign, assignment]
        assert await provider.part_from_twins(batch, batch.remote.id) is None  # it is looked at again
        assert gone == [one for one in ids if one != ids[at]]

    lived(life)


@FEW
@given(at=drawn)
def test_a_line_of_the_queue_that_cannot_be_shown_keeps_no_other_from_the_list(at: int) -> None:
    """It says so in its place."""

    async def life(world: World) -> None:
        tab = await world.tab(engine=False)
        await tab.add(COUNT)
        with instead(requests, "preview", odd_at(names(f"r{at}"))):
            rows = await tab.queue.rows(await tab.queue.lane(LANE), 0, COUNT)
        assert ["ValueError: odd" in one.preview.fault for one in rows] == [n == at for n in range(COUNT)]
        assert [one.id for one in rows] == [f"r{n}" for n in range(COUNT)]

    lived(life)


@FEW
@given(at=drawn)
def test_a_request_that_cannot_be_judged_keeps_no_other_of_its_lane(at: int) -> None:
    """It stays in the queue with the reason; the others go when their time has come."""

    async def life(world: World) -> None:
        tab = await world.tab(engine=False)
        await tab.add(COUNT)
        (one,) = (await tab.queue.lane(LANE)).segments
        segment = await tab.queue.segment(one)
        assert segment is not None
        run = await tab.queue.run(segment)
        with instead(bodies, "body_problems", odd_at(lambda one: isinstance(one, dict) and f"r{at}" in str(one))):
            found = [auto_submit._fault(LANE, id, line) for id, line in requests.lines_of(run)]
        assert found == ["odd" if n == at else "" for n in range(COUNT)]

    lived(life)


async def test_a_file_that_the_folder_cannot_open_keeps_no_other_from_being_read(world: World) -> None:
    """A link, a device, a file without rights: it is named with the browser's reason, and read when that is mended."""
    folder = MemoryFolder()
    folder.faults = {"b.jsonl": "The browser cannot read it; it may have changed meanwhile."}
    rig = await folder_rig(world, folder)
    for name in ("a", "c"):
        folder.drop(f"{name}.jsonl", message(name, None))
    await world.until(lambda: len(world.queued()) == 2 and bool(rig.tab.failures))
    assert "“b.jsonl”" in told(rig.tab, "files")
    folder.faults = {}
    folder.drop("b.jsonl", message("b", None))
    await world.until(lambda: len(world.queued()) == 3)


@pytest.mark.slow
@FEW
@given(at=st.integers(0, 2))
def test_a_file_whose_results_cannot_be_written_keeps_none_of_another_from_its_place(at: int) -> None:
    """What was not reached in that look is written with the next one, without a reload."""

    async def life(world: World) -> None:
        folder = MemoryFolder()
        rig = await folder_rig(world, folder)
        for n in range(3):
            folder.drop(f"{n}.jsonl", message(str(n), None))
        await world.until(lambda: len(world.queued()) == 3)
        failed: list[str] = []
        real = rig.dispatcher._file

        async def write(file: Any, *rest: Any) -> None:
            if file.file == f"{at}.jsonl" and not failed:
                failed.append(file.file)
                rig.dispatcher._flying.difference_update(one.value.id for one in rest[0])
                raise StorageLost("gone")
            await real(file, *rest)

        rig.dispatcher._file = write  # type: ignore[method-assign, assignment]
        await rig.tab.submit()
        await world.until(lambda: len(failed) == 1 and all(one.state == "delivered" for one in handed(world).values()), within=2_000)
        assert all(len(folder.files[f"{n}.results.jsonl"].splitlines()) == 1 for n in range(3))
        rig.tab.failures.clear()

    lived(life)


# --- workers


def _workers(tab: Tab, records: Records) -> dict[str, Callable[[], Awaitable[None]]]:
    async def removed() -> None:
        pass

    log = Log(records, tab.clock, SeededRandom(1))
    return {
        "cleaning": RemoteCleaner(records, tab.profiles, tab.clock, tab.tasks, lambda: True, lambda _batch: None).run,
        "retention": Retention(records, tab.clock, tab.tasks, lambda: True, WaitingMessages(records, tab.clock).awaits, removed).run,
        "log": lambda: Logbook(records, tab.clock).keep(log, tab.tasks, lambda: True),
    }


@pytest.mark.parametrize("name", ["cleaning", "retention", "log"])
@pytest.mark.parametrize("error", [StorageLost("gone"), ValueError("odd"), ConnectionResetError("gone")])
async def test_a_worker_outlives_a_store_that_was_lost_for_a_moment(world: World, name: str, error: Exception) -> None:
    """Whatever met it: it is told once, and the worker looks again."""
    world.provider(clear=1.0)
    tab = await world.tab(engine=False)
    looks: list[float] = []
    real = tab.records.store.scan
    real_get = tab.records.store.get

    def met() -> None:
        looks.append(tab.clock.now())
        if len(looks) == 1:
            raise error

    async def scan(*given: Any, **named: Any) -> Any:
        met()
        return await real(*given, **named)

    async def get(*given: Any, **named: Any) -> Any:
        met()
        return await real_get(*given, **named)

    if name == "retention":
        tab.records.store.get = get  # type: ignore[method-assign]
    else:
        tab.records.store.scan = scan  # type: ignore[method-assign]
    work = tab.tasks.start(name, _workers(tab, tab.records)[name]())  # type: ignore[arg-type]
    await world.clock.advance(4 * 3_600)
    tab.records.store.scan, tab.records.store.get = real, real_get  # type: ignore[method-assign]
    assert len(looks) > 2
    assert looks[1] - looks[0] >= EVERY
    assert not work.done()
    assert [one for one, _ in tab.failures] == [name]
    tab.failures.clear()
