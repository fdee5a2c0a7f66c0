"""A batch at the provider belongs to one batch of this browser, also where two tabs say otherwise at the same moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest
from msgspec.structs import replace

from app.core.batches import adopting, pipeline
from app.core.batches.pipeline import Bound
from app.core.model.batches import Batch, RemoteOwner
from app.core.model.remote import Remote
from app.ports import Change
from app.services.provider.account import Account, AlreadyHere
from app.services.provider.owning import OwnedByOther
from app.services.runtime.records import remove
from tests.kit.stored import placed
from tests.kit.world import LANE, Tab, World

REMOTE = Remote(id="batch_1", status="in_progress", endpoint=LANE.endpoint, total=3)
BOUND = Bound(REMOTE, ours=False, account="")


async def two(world: World) -> tuple[Tab, Tab]:
    """Two tabs, and two batches, ``a`` and ``b``, of whose create nothing is known: each can be named at the provider."""
    first, second = await world.tab(engine=False), await world.tab(engine=False)
    now = world.clock.now()
    planned = pipeline.plan(Batch(id="", lane=LANE, requests=3, uniqueness_verified=True), now)
    made = [replace(planned, id=id, state="creating", outcome_unknown=True, create_began_at=now, tries=3) for id in ("a", "b")]
    await first.records.commit([placed(one) for one in made])
    return first, second


def meanwhile(tab: Tab, work: Callable[[], Awaitable[object]]) -> None:
    """Before this tab's next commit, after all that it read for it, another tab does this."""
    real = tab.records.commit

    async def commit(changes: Sequence[Change]) -> None:
        tab.records.commit = real  # type: ignore[method-assign]
        await work()
        await real(changes)

    tab.records.commit = commit  # type: ignore[method-assign]


async def remote_of(tab: Tab, id: str) -> str:
    stored = await tab.records.get(Batch, id)
    assert stored is not None
    return stored.value.remote.id if stored.value.remote else ""


async def test_of_two_tabs_that_bind_one_batch_to_two_the_later_one_is_refused(world: World) -> None:
    """By the commit itself; its batch stays as it was. Once the other one is not here any more, it can be bound."""
    first, second = await two(world)
    meanwhile(first, lambda: second.engine.command("b", BOUND))
    with pytest.raises(OwnedByOther) as refused:
        await first.engine.command("a", BOUND)
    assert refused.value.batch.id == "b"
    assert [await remote_of(first, id) for id in ("a", "b")] == ["", REMOTE.id]
    await first.records.commit([remove(Batch, "b")])
    await first.engine.command("a", BOUND)
    assert await remote_of(first, "a") == REMOTE.id
    owner = await first.records.get(RemoteOwner, f"{LANE.profile}|{REMOTE.id}")
    assert owner is not None
    assert owner.value.batch == "a"


async def test_a_batch_that_is_brought_here_while_another_tab_binds_it_is_here_once(world: World) -> None:
    """Whichever of the two is first; another profile's batch of the same id is another."""
    first, second = await two(world)
    account = Account(first.records, first.profiles, first.clock)
    meanwhile(first, lambda: second.engine.command("b", BOUND))
    with pytest.raises(AlreadyHere):
        await account.adopt("openai", REMOTE, "account")
    assert sorted(one.id for one in world.batches()) == ["a", "b"]
    other = replace(REMOTE, id="batch_2")
    await account.adopt("openai", other, "account")
    with pytest.raises(OwnedByOther) as refused:
        await second.engine.command("a", replace(BOUND, remote=other))
    assert refused.value.batch.id == adopting.record(first.profiles.known["openai"], other, 0.0).id
