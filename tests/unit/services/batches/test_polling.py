"""When the engine asks: offline not at all, hidden less often, and at once when somebody is there again."""

from __future__ import annotations

import pytest

from app.core.model.providers import Profile
from tests.fakes.http import Dropped
from tests.kit.world import LANE, PRACTICE_LANE, Tab, World


async def running(world: World, tab: Tab) -> None:
    """A batch that the provider works on for hours, and is asked about once a minute."""
    world.brain.set_scenario(type(world.brain.scenario(None))(speed=20_000.0))
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: world.batch().remote is not None)
    await world.clock.advance(1_000)
    world.http.calls.clear()


@pytest.mark.slow
async def test_offline_no_call_is_made(world: World) -> None:
    """For as long as it lasts, whatever is due; the batches stay as they are and say nothing of failures."""
    tab = await world.tab()
    await running(world, tab)
    tab.engine.network(False)
    await world.rest()
    await tab.add(1, prefix="s")
    await tab.submit()
    calls = world.http.calls.total()
    await world.clock.advance(7_200)
    assert world.http.calls.total() == calls
    assert [one.state for one in world.batches()] == ["validating", "planned"]
    assert [one.problem for one in world.batches()] == [None, None]


async def test_back_online_everything_goes_on_at_once(world: World) -> None:
    """Without waiting for what was due later."""
    tab = await world.tab()
    await running(world, tab)
    tab.engine.network(False)
    await tab.add(1, prefix="s")
    await tab.submit()
    await world.clock.advance(10)
    tab.engine.network(True)
    await tab.engine.look_now()
    await world.rest()
    assert world.http.calls["poll"] == 1
    assert world.batches()[1].remote is not None


async def test_what_met_the_fall_of_the_network_goes_on_at_once(world: World) -> None:
    """A call that was under way fails; its wait ends when the network is back, and it used up no try."""
    tab = await world.tab()
    world.http.fail("upload", Dropped("offline"))
    await tab.add(1)
    await tab.submit()
    await world.rest()
    tab.engine.network(False)
    assert (world.batch().state, world.batch().tries) == ("uploading", 0)
    await world.clock.advance(3_600)
    tab.engine.network(True)
    await tab.engine.look_now()
    await world.rest()
    assert world.batch().remote is not None


async def test_offline_what_needs_no_network_goes_on(world: World) -> None:
    """Practice in the page, and a provider on this machine."""
    world._put(Profile(id="near", name="Near", base_url="http://127.0.0.1:9/v1"))
    world.sealed["near"] = world.sealed["openai"]
    tab = await world.tab()
    tab.engine.network(False)
    await tab.add(2, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    near = type(LANE)("near", LANE.endpoint, LANE.model)
    await tab.add(2, near, "s")
    await tab.submit(near)
    assert [one.state for one in await world.ended()] == ["done", "done"]


@pytest.mark.slow
async def test_a_hidden_tab_asks_less_often(world: World) -> None:
    """Five times: of an hour's sixty looks twelve are left."""
    tab = await world.tab()
    await running(world, tab)
    await world.clock.advance(3_600)
    seen = world.http.calls["poll"]
    assert 50 <= seen <= 75
    world.http.calls.clear()
    tab.engine.seen(False)
    await world.clock.advance(3_600)
    assert seen / 7 <= world.http.calls["poll"] <= seen / 4


async def test_a_tab_that_is_seen_again_asks_at_once(world: World) -> None:
    """Unless it asked a moment ago: turning back and forth brings no calls."""
    tab = await world.tab()
    await running(world, tab)
    tab.engine.seen(False)
    await world.clock.advance(200)
    world.http.calls.clear()
    await tab.engine.look_now()
    tab.engine.seen(True)
    await world.rest()
    assert world.http.calls["poll"] == 1
    for visible in (False, True, False, True):
        tab.engine.seen(visible)
        await tab.engine.look_now()
    await world.rest()
    assert world.http.calls["poll"] == 1


async def test_a_tab_that_is_seen_has_the_hidden_leader_ask(world: World) -> None:
    """The tab that leads may be in the background: whoever looks at another one sees how things stand all the same."""
    leader, other = await world.tab(), await world.tab()
    await running(world, leader)
    leader.engine.seen(False)
    await world.clock.advance(100)
    world.http.calls.clear()
    await other.engine.look_now(90)
    await world.rest()
    assert world.http.calls["poll"] == 1


async def test_an_upload_of_a_hidden_tab_is_not_put_off(world: World) -> None:
    """Only asking is: what the person submitted before turning away goes out."""
    tab = await world.tab()
    tab.engine.seen(False)
    await tab.add(2)
    await tab.submit()
    await world.ended()
    assert world.batch().state == "done"
