"""Two tabs at RabbitMQ's settings, a provider's limits and its key: the later is told what the earlier did, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.model.settings import BrokerSettings
from app.ui.base.actions_base import encode
from app.ui.programs.actions import EditBroker, SaveBroker, TypeBroker
from tests.fakes.broker import MemoryBroker
from tests.fakes.platform import FakePage
from tests.kit.depth import examples
from tests.kit.screen import RIGHT_KEY, WRONG_KEY, Visit, open_visit
from tests.unit.ui.batches.test_capacity import limited
from tests.unit.ui.conftest import Open
from tests.unit.ui.programs.test_rabbit import PASSWORD, connect

HOSTS = ("https://api.openai.com", "ws://localhost:15674")
QUEUE, ROUTING = "Queue to consume from", "Virtual host"


async def stored(visit: Visit) -> BrokerSettings:
    """RabbitMQ's settings as they are stored."""
    return await visit.app.services.brokers.settings()


@pytest.fixture
async def two(tabs: Open) -> tuple[Visit, Visit]:
    """Two tabs that edit RabbitMQ's settings."""
    visit = await tabs(broker=MemoryBroker("intake"), page=FakePage(hosts=HOSTS))
    await connect(visit, remember=True)
    await visit.click("Save")
    other = await tabs(beside=visit, broker=MemoryBroker("intake"), page=FakePage(hosts=HOSTS), route="#/settings")
    for tab in (visit, other):
        await tab.send(f'{{"action":{encode(EditBroker(on=True))},"value":"","extra":{{}}}}')
    return visit, other


@pytest.mark.slow
async def test_what_only_one_tab_changed_is_kept(two: tuple[Visit, Visit]) -> None:
    """Both save, and both changes stand."""
    visit, other = two
    await other.type(QUEUE, "theirs")
    await other.click("Save")
    await visit.type(ROUTING, "mine")
    await visit.click("Save")
    after = await stored(visit)
    assert (after.queue, after.vhost) == ("theirs", "mine")
    assert "queue theirs" in visit.text


@pytest.mark.slow
async def test_what_both_changed_is_told_before_it_goes(two: tuple[Visit, Visit]) -> None:
    """With what stands there; saved again, this tab's text stays and all else of the other's."""
    visit, other = two
    await other.type(QUEUE, "theirs")
    await other.type(ROUTING, "there")
    await other.click("Save")
    await visit.type(QUEUE, "mine")
    await visit.click("Save")
    assert "Another tab changed these settings since you opened it; nothing was saved." in visit.text
    assert "queue: “theirs”" in visit.text
    assert (await stored(visit)).queue == "theirs"
    assert visit.field(QUEUE).value == "mine"
    await visit.click("Save")
    after = await stored(visit)
    assert (after.queue, after.vhost) == ("mine", "there")
    await other.rest()
    assert "queue mine" in other.text


@pytest.mark.slow
async def test_switching_takes_nothing_back(two: tuple[Visit, Visit]) -> None:
    """«Take messages» in one tab and a save in the other, which was opened before: both count."""
    visit, other = two
    await other.click("Discard changes")
    await other.click("Consume messages")
    await visit.type(QUEUE, "mine")
    await visit.click("Save")
    after = await stored(visit)
    assert (after.queue, after.on) == ("mine", True)


@pytest.mark.slow
async def test_a_password_that_another_tab_entered(two: tuple[Visit, Visit]) -> None:
    """It is written over only when the person knows; no text of it is shown."""
    visit, other = two
    await other.check("Remember on this machine", True, -1)
    await other.type("Password", "theirs-secret")
    await other.click("Save")
    await visit.check("Remember on this machine", True, -1)
    await visit.type("Password", "mine-secret")
    await visit.click("Save")
    assert "Another tab saved another password for this broker" in visit.text
    assert "theirs-secret" not in visit.text
    assert list(visit.keys.sealed.values()) == ["theirs-secret"]
    await visit.click("Save")
    assert list(visit.keys.sealed.values()) == ["mine-secret"]


async def test_a_password_that_is_the_same_is_no_clash(two: tuple[Visit, Visit]) -> None:
    """Nobody is asked about what is as it was."""
    visit, _other = two
    await visit.check("Remember on this machine", True, -1)
    await visit.type("Password", PASSWORD)
    await visit.click("Save")
    assert list(visit.keys.sealed.values()) == [PASSWORD]
    assert "Another tab" not in visit.text


NAMES = {"address": "Address", "vhost": "Virtual host", "user": "User", "queue": QUEUE}
drawn = st.lists(
    st.tuples(st.sampled_from((0, 1)), st.sampled_from(("type", "type", "save", "open")), st.sampled_from([*NAMES])),
    min_size=4,
    max_size=16,
)


@pytest.mark.slow
@settings(max_examples=examples(12, 25))
@given(drawn)
@example(
    [(0, "open", ""), (1, "open", ""), (0, "type", "address"), (0, "save", ""), (1, "type", "address"), (1, "save", ""), (1, "save", "")]
)
def test_two_tabs_write_over_nothing_unseen(steps: list[tuple[int, str, str]]) -> None:
    """Whatever two tabs type and save: a save that takes away what the other tab saved since it was opened here was told before."""
    asyncio.run(_two_tabs(steps))


async def _two_tabs(steps: list[tuple[int, str, str]]) -> None:
    one = await open_visit(broker=MemoryBroker("intake"), page=FakePage(hosts=HOSTS))
    await connect(one)
    await one.click("Save")
    other = await one.other_tab(broker=MemoryBroker("intake"), page=FakePage(hosts=HOSTS), route="#/settings")
    tabs = (one, other)
    known = [await stored(one)] * 2
    """What each tab has been shown."""
    for number, (which, what, name) in enumerate(steps):
        tab = tabs[which]
        before = await stored(tab)
        if what == "open" or not tab.state.broker.typed:
            await tab.send(f'{{"action":{encode(EditBroker(on=True))},"value":"","extra":{{}}}}')
            assert tab.state.broker.stored == before
            known[which] = before
        elif what == "type":
            text = f"ws://localhost:15674/{number}" if name == "address" else f"{name} {number} of {which}"
            await tab.send(f'{{"action":{encode(TypeBroker(name))},"value":"{text}","extra":{{}}}}')
        else:
            await tab.send(f'{{"action":{encode(SaveBroker())},"value":"","extra":{{}}}}')
            after = await stored(tab)
            lost = [each for each in NAMES if getattr(after, each) != getattr(before, each) != getattr(known[which], each)]
            assert not lost, f"{lost} of another tab were written over unseen"
            if tab.state.broker.clash:
                assert after == before
                known[which] = before
            else:
                known[which] = after
        await asyncio.gather(*(each.rest() for each in tabs))
    for tab in tabs:
        await tab.close()


# --- limits


async def test_limits_for_different_models_both_stay(tabs: Open) -> None:
    """Two tabs enter one each."""
    visit = await tabs(route="#/settings")
    other = await tabs(beside=visit, route="#/settings")
    await visit.type("Model prefix", "gpt-5", nth=0)
    await limited(other, "o3", "500")
    await visit.type("Enqueued tokens", "700", nth=0)
    await visit.click("Save the limit", nth=0)
    assert visit.state.provider.limits["openai"].own == {"gpt-5": 700, "o3": 500}


async def test_a_limit_that_another_tab_set(tabs: Open) -> None:
    """It is written over only when the person knows what stands there."""
    visit = await tabs(route="#/settings")
    other = await tabs(beside=visit, route="#/settings")
    await visit.type("Model prefix", "gpt-5", nth=0)
    await limited(other, "gpt-5", "500000")
    await visit.type("Enqueued tokens", "700", nth=0)
    await visit.click("Save the limit", nth=0)
    assert "Another tab set the limit of gpt-5 to 500,000 meanwhile. Nothing was saved" in visit.text
    assert visit.state.provider.limits["openai"].own == {"gpt-5": 500_000}
    await visit.click("Save the limit", nth=0)
    assert visit.state.provider.limits["openai"].own == {"gpt-5": 700}


async def test_a_limit_that_another_tab_removed(tabs: Open) -> None:
    """That it is gone is told before it is set anew."""
    visit = await tabs(route="#/settings")
    await limited(visit, "gpt-5", "500")
    other = await tabs(beside=visit, route="#/settings")
    await visit.type("Model prefix", "gpt-5", nth=0)
    await other.click("Remove the limit of gpt-5")
    await visit.type("Enqueued tokens", "700", nth=0)
    await visit.click("Save the limit", nth=0)
    assert "Another tab removed the limit of gpt-5 meanwhile." in visit.text
    await visit.click("Save the limit", nth=0)
    assert visit.state.provider.limits["openai"].own == {"gpt-5": 700}


async def test_a_limit_that_changed_under_the_button_is_not_removed(tabs: Open) -> None:
    """What the person saw is what is removed; another one is shown first."""
    visit = await tabs(route="#/settings")
    await limited(visit, "gpt-5", "500")
    other = await tabs(beside=visit, route="#/settings")
    button = visit.button("Remove the limit of gpt-5")
    known = visit.state.provider.limits
    await limited(other, "gpt-5", "900")
    visit.state.provider.limits = known  # this tab has not heard of it yet
    await visit.emit(button, "click")
    assert any("Another tab set the limit of gpt-5 to 900 meanwhile. It was not removed" in one for one in visit.toasts)
    assert visit.state.provider.limits["openai"].own == {"gpt-5": 900}
    await visit.click("Remove the limit of gpt-5")
    assert visit.state.provider.limits["openai"].own == {}


# --- keys


async def test_a_key_that_another_tab_saved(tabs: Open) -> None:
    """It is named, masked, before it is written over; the second press is with open eyes."""
    visit = await tabs(route="#/settings")
    other = await tabs(beside=visit, route="#/settings")
    await visit.type("API key", WRONG_KEY)
    await other.use_openai()
    await visit.click("Save the key")
    assert "Another tab saved a key for this provider meanwhile: sk-…CRET. Nothing was saved" in visit.text
    assert visit.keys.sealed == {"openai": RIGHT_KEY}
    await visit.click("Save the key")
    assert visit.keys.sealed == {"openai": WRONG_KEY}


def meanwhile(visit: Visit, sealed: dict[str, str]) -> None:
    """Another tab seals this in the instant after this tab has looked what is there."""
    real = visit.keys.get

    async def get(profile: str) -> str | None:
        found = await real(profile)
        visit.keys.sealed.update(sealed)
        visit.keys.get = real  # type: ignore[method-assign]
        return found

    visit.keys.get = get  # type: ignore[method-assign]


async def test_a_key_that_another_tab_saved_in_the_same_instant(tabs: Open) -> None:
    """Both saw that there was none: the later one is told, and changes nothing."""
    visit = await tabs(route="#/settings")
    await visit.type("API key", WRONG_KEY)
    meanwhile(visit, {"openai": RIGHT_KEY})
    await visit.click("Save the key")
    assert "Another tab saved a key for this provider meanwhile: sk-…CRET. Nothing was saved" in visit.text
    assert visit.keys.sealed == {"openai": RIGHT_KEY}
    await visit.click("Save the key")
    assert visit.keys.sealed == {"openai": WRONG_KEY}


async def test_the_same_key_in_the_same_instant_is_no_clash(tabs: Open) -> None:
    """What both wanted is there."""
    visit = await tabs(route="#/settings")
    await visit.type("API key", RIGHT_KEY)
    meanwhile(visit, {"openai": RIGHT_KEY})
    await visit.click("Save the key")
    assert "Another tab" not in visit.text


async def test_a_key_that_another_tab_replaces_in_the_same_instant_is_not_removed(tabs: Open) -> None:
    """The press was meant for the one that was shown."""
    visit = await tabs(route="#/settings")
    await visit.use_openai()
    meanwhile(visit, {"openai": WRONG_KEY})
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    assert any("Another tab saved another key meanwhile" in one for one in visit.toasts)
    assert visit.keys.sealed == {"openai": WRONG_KEY}


@pytest.mark.slow
async def test_a_password_that_another_tab_saved_in_the_same_instant(two: tuple[Visit, Visit]) -> None:
    """The settings are saved, the password is told."""
    visit, _other = two
    (drawer,) = visit.keys.sealed
    visit.keys.sealed.clear()
    await visit.check("Remember on this machine", True, -1)
    await visit.type("Password", "mine-secret")
    real = visit.app.services.brokers.save

    async def save(settings: BrokerSettings, seen: BrokerSettings | None = None) -> bool:
        allowed = await real(settings, seen)
        visit.keys.sealed[drawer] = "theirs-secret"
        return allowed

    visit.app.services.brokers.save = save  # type: ignore[method-assign]
    await visit.click("Save")
    assert "Another tab saved another password for this broker" in visit.text
    assert "the settings were saved, your password was not" in visit.text
    assert visit.keys.sealed == {drawer: "theirs-secret"}
    visit.app.services.brokers.save = real  # type: ignore[method-assign]
    await visit.click("Save")
    assert visit.keys.sealed == {drawer: "mine-secret"}


async def test_the_same_key_in_both_tabs_is_no_clash(tabs: Open) -> None:
    """Nobody is asked about what is as it should be."""
    visit = await tabs(route="#/settings")
    other = await tabs(beside=visit, route="#/settings")
    await visit.type("API key", RIGHT_KEY)
    await other.use_openai()
    await visit.click("Save the key")
    assert "Another tab" not in visit.text
    assert visit.keys.sealed == {"openai": RIGHT_KEY}


@pytest.mark.slow
async def test_a_key_that_another_tab_replaced_is_not_removed_unseen(tabs: Open) -> None:
    """What is removed is what was shown."""
    visit = await tabs(route="#/settings")
    await visit.use_openai()
    other = await tabs(beside=visit, route="#/settings")
    visit.keys.sealed["openai"] = WRONG_KEY  # as another tab stores it
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    assert any("Another tab saved another key meanwhile" in one for one in visit.toasts)
    assert visit.keys.sealed == {"openai": WRONG_KEY}
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    assert visit.keys.sealed == {}
    await other.rest()
