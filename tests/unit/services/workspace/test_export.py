"""A workspace leaves as one file and comes back as it was: every record with its revision, and every byte."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.entries import RecordEntry
from app.core.model.providers import Profile
from app.core.model.threads import Thread
from app.core.openai.wire import BytesBlob
from app.core.workspace import archive, merging
from app.core.workspace.archive import InvalidArchive
from app.ports import DropBytes, Put, PutBytes, Table
from app.services.runtime.records import put
from app.services.workspace.export import ExportContended
from app.services.workspace.keys import opened, sealed
from tests.fakes.platform import MemoryKeys
from tests.kit.workspaces import Content, Side
from tests.kit.world import KEY, LANE, PRACTICE_LANE, World

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
STATES = sorted({state for after in pipeline.MOVES.values() for state in after})


def threads(id: str, rev: int, name: str) -> RecordEntry:
    return RecordEntry("threads", id, rev, json.dumps({"id": id, "name": name, "unknown": [1]}), "", "", 1.5)


def batches(id: str, rev: int, state: str) -> RecordEntry:
    doc = {"id": id, "state": state, "lane": {"profile": "openai", "endpoint": "/v1", "model": "m"}, "later": {"field": 1}}
    return RecordEntry("batches", id, rev, json.dumps(doc), "", state, 2.5)


def logged(id: str, rev: int) -> RecordEntry:
    doc = {"id": id, "entries": [{"id": f"e-{id}", "at": 3.5, "kind": "lead", "what": "taken", "later": 1}]}
    return RecordEntry("events", id, rev, json.dumps(doc), "", "", 3.5)


BROKEN = '{"id":'


def damaged(id: str, rev: int, table: str) -> RecordEntry:
    return RecordEntry(table, id, rev, BROKEN, "", "done" if table == "batches" else "", 0.0)


REVS = st.integers(1, 99)
entries = st.lists(
    st.one_of(
        st.builds(threads, ids, REVS, ids),
        st.builds(batches, ids, REVS, st.sampled_from(STATES)),
        st.builds(damaged, ids, REVS, st.sampled_from(["threads", "batches"])),
        st.builds(logged, ids, REVS),
        st.builds(lambda id, rev: RecordEntry("settings", f"other:{id}", rev, "7", "other"), ids, REVS),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)
runs = st.dictionaries(ids, st.binary(max_size=300), max_size=5)
worlds = st.tuples(entries, runs)


_IMPORT = re.compile(rb'\{"kind":"record"[^\n]*"table":"events"[^\n]*\n[^\n]*"kind":"workspace","what":"replace"[^\n]*\n')
"""What the log says of the import itself."""


def in_doubt(entries: list[RecordEntry], here: list[RecordEntry], *, only: bool = False) -> list[RecordEntry]:
    """These records as an import or its undoing writes them over those ``here``: a batch under way that is otherwise is marked as one that
    may have been created elsewhere; with ``only`` where one of its id is here."""
    known = {one.key: one for one in here}
    stays = [merging.same(known[one.key], one) if one.key in known else only for one in entries]
    return [one if stay else merging.unproven(one) for one, stay in zip(entries, stays, strict=True)]


@pytest.mark.slow
@given(source=worlds, there=worlds)
def test_any_workspace_replaces_any_other(source: Content, there: Content) -> None:
    """Export, import with «replace» into a workspace of any content, export again: both files hold the same, to the last byte, but for
    records that cannot be read, which are left out, and the mark of batches under way; and undoing returns what was there."""

    async def scene() -> None:
        left = await Side.bare(seed=1).fill(*source)
        right = await Side.bare(seed=2).fill(*there)
        before = await right.everything()
        first = await left.exported()
        await right.bring(first.blob, "replace")
        entries, runs_there = await left.content()
        whole = in_doubt([one for one in entries if one.doc != BROKEN], before[0])
        brought = await right.everything()
        assert await right.content() == (whole, runs_there)
        body = [_IMPORT.sub(b"", gzip.decompress(await one.blob.read()).split(b"\n", 1)[1]) for one in (first, await right.exported())]
        if whole == entries:
            assert body[0].rpartition(b'{"kind":"end"')[0] == body[1].rpartition(b'{"kind":"end"')[0]
        await right.incoming.undo()
        assert await right.everything() == (in_doubt(before[0], brought[0], only=True), before[1])

    asyncio.run(scene())


@pytest.mark.slow
@given(source=worlds, data=st.data())
def test_damage_is_refused_before_anything_is_stored(source: Content, data: st.DataObject) -> None:
    """A file that was cut anywhere, or of which a byte was changed, is refused in words; the workspace stays as it is."""

    async def scene() -> None:
        blob = await (await Side.bare(seed=1).fill(*source)).exported()
        whole = await blob.blob.read()
        at = data.draw(st.integers(0, len(whole) - 1))
        if data.draw(st.booleans()):
            broken = whole[:at]
        else:
            changed = bytearray(whole)
            changed[at] ^= data.draw(st.integers(1, 255))
            broken = bytes(changed)
        with contextlib.suppress(OSError, EOFError, zlib.error):
            if gzip.decompress(broken) == gzip.decompress(whole):
                return  # what was changed says nothing: a time in gzip's own header, bits that fill the last byte
        right = Side.bare(seed=2)
        with pytest.raises(InvalidArchive) as raised:
            await right.checked(BytesBlob(broken))
        assert "Nothing was imported" in str(raised.value)
        assert await right.everything() == ([], {})

    asyncio.run(scene())


async def test_a_worked_in_workspace_goes_and_comes(world: World) -> None:
    """Requests, answers, ledgers, threads, settings and the practice provider's memory: all of it equals, and the other tab can go on."""
    world.prefer(profile="openai", theme="dark")
    world.provider(max_requests=3)
    tab = await world.tab()
    await tab.add(7)
    await tab.submit()
    await tab.add(2, PRACTICE_LANE, "p")
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    await tab.add(4, prefix="q")
    await tab.queue.delete(LANE, {"q1"})
    await tab.store.commit([PutBytes("image:i-1", bytes(200_000)), put(Thread(id="t", name="é😀", raw='"stored:i-1"'), 0)])
    source = await Side.of(tab).exported()
    other = World()
    far = await other.tab(engine=False)
    side = Side.of(far)
    await other.result(side.bring(source.blob, "replace"))
    there, here = await other.result(side.content()), await Side.of(tab).content()
    assert there == here
    assert other.queued() == ["q0", "q2", "q3"]
    other.check_stored("import:", "image:")
    await other.close()
    assert (source.on_their_way, source.name) == (0, "nightshift-2023-11-14.nightshift")


async def test_what_arrives_meanwhile_is_in_the_file(world: World) -> None:
    """A ledger that is written anew while the export runs is written again; what it holds is of one moment."""
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    await world.ended()
    side, batch = Side.of(tab), world.batch()
    real, done = side.store.load, False

    async def load(ids: list[str]) -> list[bytes | None]:
        nonlocal done
        found = await real(ids)
        if not done and ids == [f"ledger:{batch.id}"]:
            done = True
            row = await tab.store.get(Table.BATCHES, batch.id)
            assert row is not None
            await tab.store.commit([DropBytes(ids[0]), PutBytes(ids[0], b"anew"), PutBytes("lines:late", b"late"), put(batch, row.rev)])
        return found

    side.store.load = load  # type: ignore[method-assign, assignment]
    _, found = await side.content()
    assert found[f"ledger:{batch.id}"] == b"anew"
    assert found["lines:late"] == b"late"


async def test_an_export_that_never_comes_to_rest_is_given_up(world: World) -> None:
    """Where answers keep arriving the person is told to wait, and nothing is handed over."""
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.ended()
    side, batch = Side.of(tab), world.batch()
    real = side.store.load

    async def load(ids: list[str]) -> list[bytes | None]:
        await tab.store.commit([put(batch, -1)])
        return await real(ids)

    side.store.load = load  # type: ignore[method-assign, assignment]
    with pytest.raises(ExportContended, match="kept arriving"):
        await side.exported()
    assert tab.page.packings[-1].aborted


async def test_a_cancelled_export_leaves_nothing(world: World) -> None:
    """The file is forgotten, and no export is noted."""
    tab = await world.tab()
    await tab.add(3)
    side = Side.of(tab)
    task = asyncio.ensure_future(side.exported())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [one.aborted for one in tab.page.packings] in ([], [True])
    assert not [id for id in world.disk.records[Table.SETTINGS] if id.startswith("marks")]


async def test_keys_go_only_sealed(world: World) -> None:
    """Without being asked no key is in the file; asked, it is there under the passphrase, and another passphrase opens nothing."""
    tab = await world.tab()
    side = Side.of(tab)
    plain = gzip.decompress(await (await side.exported()).blob.read())
    assert KEY.encode() not in plain
    assert b"vault" not in plain
    text = await sealed(tab.keys, "a long passphrase", tab.profiles.known)
    assert KEY not in text
    blob = (await side.exported(text)).blob
    checked = await side.checked(blob)
    assert await opened(tab.keys, "another one", checked.sealed) is None
    found = await opened(tab.keys, "a long passphrase", checked.sealed)
    assert found is not None
    assert (found["openai"].key, found["openai"].origin) == (KEY, "https://api.openai.com")
    assert await sealed(MemoryKeys(), "a long passphrase", tab.profiles.known) == "", "there is nothing to seal"


def changed(item: RecordEntry, **doc: Any) -> RecordEntry:
    """A record whose text says something else."""
    return RecordEntry(item.table, item.id, item.rev, json.dumps({**json.loads(item.doc), **doc}), item.owner, item.state, item.order)


SEGMENT = RecordEntry(
    "segments",
    "s",
    1,
    json.dumps({"id": "s", "owner": "queue:p|/v1|m", "seq": 1.0, "bytes_id": "lines:s", "ids": ["a"], "ends": [3]}),
    "queue:p|/v1|m",
)
PROFILE = RecordEntry("settings", "profile:p", 1, json.dumps({"id": "p", "name": "P", "base_url": "https://llm.example/v1"}), "profile")


@pytest.mark.parametrize(
    ("entry", "words", "kept"),
    [
        (RecordEntry("threads", "t", 1, "{"), "It cannot be read", False),
        (RecordEntry("threads", "t", 1, '{"id":"t","x":' + "[" * 9_000 + "]" * 9_000 + "}"), "levels deep", False),
        (RecordEntry("settings", "programs:programs", 1, "[]", "programs"), "It cannot be read", False),
        (RecordEntry("settings", "programs:programs", 1, "[]", "colour"), "owner contradicts its id", False),
        (RecordEntry("settings", "colour:x", 1, "{", "colour"), "It cannot be read", False),
        (RecordEntry("practice", "brain", 1, "[]"), "It cannot be read", False),
        (RecordEntry("settings", "quarantined:x", 1, "{}", "quarantined"), "one browser only", False),
        (RecordEntry("threads", "t", 1, '{"id":"u"}'), "contradicts", False),
        (RecordEntry("toys", "t", 1, "{}"), "does not know", False),
        (RecordEntry("threads", "t", 0, '{"id":"t"}'), "no id or no revision", False),
        (RecordEntry("settings", "hold:engine", 1, "{}", "hold"), "one browser only", False),
        (RecordEntry("practice", "file-1", 1, '{"pieces":1e20}'), "cannot be read", False),
        (changed(batches("b", 1, "done"), state="planned"), "state contradicts", False),
        (changed(batches("b", 1, "done"), fetched=[{"which": "output", "segments": 10**9}]), "impossible", False),
        (changed(SEGMENT, owner="queue:other|/v1|m"), "owner contradicts", False),
        (RecordEntry("segments", "s", 1, SEGMENT.doc.replace("queue:p|/v1|m", "queue:p"), "queue:p"), "owner contradicts", False),
        (changed(SEGMENT, ends=[3, 2]), "lines contradict", False),
        (changed(SEGMENT, gone=[1]), "lines contradict", False),
        (SEGMENT, "The text of 1 request is not in the file", True),
        (changed(PROFILE, base_url="http://llm.example/v1"), "could be read in transit", False),
        (changed(PROFILE, base_url="https://[::1/v1"), "", False),
        (changed(PROFILE, max_requests=0), "below 1", False),
    ],
)
async def test_a_damaged_record_is_named_and_the_rest_kept(entry: RecordEntry, words: str, kept: bool) -> None:
    """Whatever a record says, the file's others are there; the record is named with its place, and harm is left out."""
    whole = threads("whole", 1, "whole")
    tail = archive.Tail()
    tail.records = 2
    pieces = [archive.head(archive.Head()), archive.record(entry), archive.record(whole)]
    data = b"".join([*(tail.add(one) for one in pieces), tail.end()])
    checked = await Side.bare().checked(BytesBlob(gzip.compress(data)))
    assert [one.key for one in checked.entries] == [entry.key, whole.key] if kept else [whole.key]
    (finding,) = checked.findings
    assert words in finding
    assert checked.threads == 1


async def test_what_the_summary_says_is_in_the_file(world: World) -> None:
    """Threads, waiting requests, batches, those on their way, and answers are counted."""
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.ended()
    await tab.add(2, prefix="w")
    await tab.submit()
    await world.until(lambda: world.batches()[-1].state == "in_progress")
    await tab.add(4, prefix="q")
    await tab.queue.delete(LANE, {"q0"})
    await tab.store.commit([put(Thread(id="t"), 0), put(Thread(id="u", deleted=9.0), 0), put(Profile(id="p", name="P"), 0)])
    side = Side.of(tab)
    exported = await side.exported()
    found = await side.checked(exported.blob)
    assert (found.threads, found.queued, found.batches, found.on_their_way, found.answered) == (1, 3, 2, 1, 3)
    assert exported.on_their_way == 1
    assert found.findings == []
    assert found.size > 0
    await tab.store.commit([Put(Table.SETTINGS, "x", 0, "1")])
    assert isinstance(world.batches()[-1], Batch)
