"""A batch belongs to the account whose key made it: with another key nothing is decided about it, and the page says which key it needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.model.batches import Batch, SupersededBatch
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import accounts
from app.core.openai.accounts import KeySalt, KnownKey
from app.core.openai.wire import Request, Response
from app.core.workspace.scope import LOCAL
from app.ports import Http, Stream
from app.practice.brain import Brain
from app.practice.inproc import PracticeHttp
from app.services.batches.remote_cleanup import RemoteCleaner
from app.services.batches.settling import Found, Settling, judge
from app.services.provider.profiles import masked
from tests.fakes.http import Answered, Dropped
from tests.fakes.practice_disk import MemoryDisk as FarDisk
from tests.kit.world import KEY, LANE, Tab, World

OTHER = "sk-practice-of-another-project"
RENEWED = "sk-practice-the-same-account-anew"
WRONG = Answered(404, b'{"error":{"message":"No batch found with id \'batch_old\'.","type":"invalid_request_error"}}')


class Keyed:
    """A provider with an account for each key: what one has made, another does not see. ``headers`` are what its answers say of them."""

    def __init__(self, accounts: dict[str, Http]) -> None:
        self._accounts = accounts
        self.headers: dict[str, dict[str, str]] = {}

    def _of(self, request: Request) -> Http:
        return self._accounts[request.headers["Authorization"].removeprefix("Bearer ")]

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        response = await self._of(request).send(request, progress=progress)
        said = self.headers.get(request.headers["Authorization"].removeprefix("Bearer "), {})
        return replace(response, headers={**response.headers, **said})

    async def stream(self, request: Request) -> Stream:
        return await self._of(request).stream(request)


class Two:
    """A world whose provider has two accounts: that of KEY and RENEWED, and that of OTHER."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.second = Brain(FarDisk(), lambda: world.clock.sleep(0), scenario=world.brain.state.scenario)
        mine = PracticeHttp(world.brain, world.clock.now)
        self.http = Keyed({KEY: mine, RENEWED: mine, OTHER: PracticeHttp(self.second, world.clock.now)})
        world.http.inner = self.http

    def made(self) -> tuple[int, int]:
        """How many batches there are in either account."""
        return len(self.world.brain.state.batches), len(self.second.state.batches)

    async def key(self, tab: Tab, key: str) -> None:
        await tab.profiles.put_key("openai", key, remember=True)
        for one in self.world.batches():
            if one.state not in pipeline.FINAL:
                await tab.engine.command(one.id, pipeline.TryNow())

    def code(self) -> str:
        one = self.world.batch()
        problem = one.lookup_problem or one.problem
        return problem.code if problem else ""


@pytest.fixture
def two(world: World) -> Two:
    return Two(world)


async def started(two: Two, state: str = "in_progress", requests: int = 3) -> Tab:
    """A batch that is under way at the provider."""
    tab = await two.world.tab()
    await tab.add(requests)
    await tab.submit()
    await two.world.until(lambda: bool(two.world.batches()) and two.world.batch().state == state)
    return tab


async def doubted(two: Two) -> Tab:
    """The create took effect, its answer was lost, and nobody could look yet."""
    tab = await two.world.tab()
    two.world.http.fail("create", Dropped("broken", effect=True))
    two.world.http.fail("list", Answered(500), math.inf)
    await tab.add(2)
    await tab.submit()
    await two.world.until(lambda: bool(two.world.batches()) and two.world.batch().lookup_problem is not None)
    two.world.http.heal()
    return tab


async def test_a_batch_under_way_waits_for_its_key(two: Two) -> None:
    """B19 a: another project's key answers 404 for ever. That is no news of the batch; the page names the key that has some."""
    world = two.world
    tab = await started(two)
    await two.key(tab, OTHER)
    await world.until(lambda: two.code() == accounts.OTHER)
    problem = world.batch().problem
    assert problem is not None
    assert masked(KEY) in problem.what
    assert masked(KEY) in problem.do
    assert KEY not in repr(world.batch())
    await world.until(lambda: world.http.calls["poll"] > 20, 100_000)
    assert world.batch().state == "in_progress"
    await two.key(tab, KEY)
    (batch,) = await world.ended()
    assert (batch.state, batch.tally.answered, batch.problem) == ("done", 3, None)
    assert two.made() == (1, 0)


async def test_a_doubt_is_not_settled_with_another_key(two: Two) -> None:
    """B19 b: the other project's list is empty, which says nothing. No second create, however long it stays so; with its own key the batch
    is found."""
    world = two.world
    tab = await doubted(two)
    await two.key(tab, OTHER)
    await world.until(lambda: two.code() == accounts.OTHER)
    looks = world.http.calls["list"]
    await world.until(lambda: world.http.calls["list"] > looks + 30, 100_000)
    assert (world.batch().state, world.batch().outcome_unknown, two.made()) == ("creating", True, (1, 0))
    assert world.http.calls["create"] == 1
    await two.key(tab, KEY)
    (batch,) = await world.ended()
    assert (batch.state, two.made(), world.http.calls["create"]) == ("done", (1, 0), 1)


async def test_a_renewed_key_is_known_by_what_it_shows(two: Two) -> None:
    """The same account's new key lists our batch: nobody need be asked, and it counts for the account's other batches as well."""
    world = two.world
    tab = await doubted(two)
    await two.key(tab, RENEWED)
    (batch,) = await world.ended()
    assert (batch.state, two.made(), world.http.calls["create"]) == ("done", (1, 0), 1)
    known = await tab.profiles.bindings.of(tab.profiles.known["openai"], RENEWED)
    assert batch.account in known.accounts


@pytest.mark.parametrize("state", ["in_progress", "downloading"])
async def test_a_renewed_key_carries_a_batch_on(two: Two, state: str) -> None:
    """In whatever state the key is replaced."""
    world = two.world
    if state == "downloading":
        world.http.fail("download", Answered(500), math.inf)
    tab = await started(two, state)
    world.http.heal()
    await two.key(tab, RENEWED)
    (batch,) = await world.ended()
    assert (batch.state, batch.tally.answered, two.made()) == ("done", 3, (1, 0))


async def test_nothing_is_cancelled_with_another_key(two: Two) -> None:
    """Not the batch, and nothing of the other account either; with its own key it is."""
    world = two.world
    tab = await started(two)
    await two.key(tab, OTHER)
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.until(lambda: two.code() == accounts.OTHER)
    await world.until(lambda: world.http.calls["poll"] > 10, 100_000)
    assert (world.batch().state, world.http.calls["cancel"]) == ("cancelling", 0)
    await two.key(tab, KEY)
    await world.ended()
    assert world.http.calls["cancel"] == 1


async def test_answers_are_not_fetched_or_counted_as_gone_with_another_key(two: Two) -> None:
    """A 404 for the file in another account is not «gone at the provider»."""
    world = two.world
    world.http.fail("download", Answered(500), math.inf)
    tab = await started(two, "downloading")
    world.http.heal()
    await two.key(tab, OTHER)
    await world.until(lambda: two.code() == accounts.OTHER)
    await world.until(lambda: world.http.calls["poll"] > 20, 100_000)
    assert (world.batch().state, world.batch().fetched) == ("downloading", ())
    await two.key(tab, KEY)
    (batch,) = await world.ended()
    assert (batch.state, batch.tally.answered) == ("done", 3)


async def test_no_batch_is_made_in_another_account_from_this_ones_file(two: Two) -> None:
    """The file is uploaded, the key is replaced before the batch is made: it waits, and goes back to the queue when the person wants it;
    from there it goes to the other account whole."""
    world = two.world
    tab = await world.tab()
    gate = world.http.hold("upload")
    await tab.add(2)
    (batch,) = (await tab.submit()).batches
    await world.until(lambda: gate.waiting > 0)
    await tab.profiles.put_key("openai", OTHER, remember=True)
    gate.open()
    await world.until(lambda: two.code() == accounts.OTHER)
    assert (world.batch().state, world.http.calls["create"], two.made()) == ("creating", 0, (0, 0))
    assert pipeline.ways(world.batch(), world.clock.now()) == ("claim", "cancel")
    await tab.engine.command(batch.id, pipeline.CancelRequested())
    assert world.batch().state == "withdrawn"
    await tab.submit()
    await world.ended()
    assert two.made() == (0, 1)


async def test_the_person_may_say_that_a_key_is_of_the_same_account(two: Two) -> None:
    """Where the provider shows nothing: their word counts, for all batches of the account, and is remembered. Here it was wrong: the
    account that is called does not have the file, so that no second batch comes of it."""
    world = two.world
    tab = await doubted(two)
    await two.key(tab, OTHER)
    await world.until(lambda: two.code() == accounts.OTHER)
    settling = Settling(tab.records, tab.profiles)
    assert [one.id for one in await settling.alike(world.batch())] == [world.batch().id]
    await tab.engine.command(world.batch().id, await settling.claim(world.batch()))
    await world.until(lambda: world.http.calls["create"] > 1)
    (batch,) = await world.ended()
    assert (batch.state, two.made()) == ("withdrawn", (1, 0))
    known = await tab.profiles.bindings.of(tab.profiles.known["openai"], OTHER)
    assert batch.account in known.accounts


@pytest.mark.parametrize("key", [KEY, OTHER])
async def test_a_doubt_of_an_older_version_is_bound_by_what_is_seen(two: Two, key: str) -> None:
    """It carries no account: what lists it has it. An empty list is no proof of anything, and the person is asked."""
    world = two.world
    tab = await doubted(two)
    await tab.close()
    world._put(replace(world.batch(), account=""))
    tab = await world.tab()
    await tab.profiles.put_key("openai", key, remember=True)
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    if key == KEY:
        (batch,) = await world.ended()
        assert (batch.state, two.made(), bool(batch.account)) == ("done", (1, 0), True)
        return
    await world.until(lambda: two.code() == accounts.OTHER)
    await world.until(lambda: world.http.calls["list"] > 20, 100_000)
    assert (world.batch().state, two.made(), world.batch().account) == ("creating", (1, 0), "")
    looking = world.batch().lookup_problem
    assert looking is not None
    assert "An older version of Nightshift made this batch" in looking.what


async def test_a_batch_of_an_older_version_is_bound_at_its_first_success(two: Two) -> None:
    """From then on it waits for its key like any other."""
    world = two.world
    tab = await started(two, "validating")
    await tab.close()
    world._put(replace(world.batch(), account=""))
    tab = await world.tab()
    await world.until(lambda: bool(world.batch().account))
    await two.key(tab, OTHER)
    await world.until(lambda: two.code() == accounts.OTHER)


@pytest.mark.slow
async def test_files_are_not_taken_for_deleted_with_another_key(two: Two) -> None:
    """The 404 of another account would count as deleted; nothing is asked there."""
    world = two.world
    world.provider(clear=1.0)
    tab = await started(two)
    await world.ended()
    await two.key(tab, OTHER)
    told: list[Batch] = []
    await RemoteCleaner(tab.records, tab.profiles, tab.clock, tab.tasks, lambda: True, told.append).turn()
    clearing = world.batch().remote_cleanup
    assert (clearing.gone, clearing.problem.code if clearing.problem else "") == ((), accounts.OTHER)
    assert world.http.calls["delete"] == 0
    await two.key(tab, KEY)
    await world.clock.advance(10_000)
    await RemoteCleaner(tab.records, tab.profiles, tab.clock, tab.tasks, lambda: True, told.append).turn()
    assert world.batch().remote_cleanup.gone


async def test_what_the_provider_says_of_a_keys_project_counts(two: Two) -> None:
    """Where a page may read it: two keys of one project are of one account, and a key that moved to another project is of another."""
    said = {"openai-organization": "org", "openai-project": "proj_1"}
    two.http.headers = {KEY: said, OTHER: said}
    tab = await doubted(two)
    await tab.profiles.models("openai")
    mine = await tab.profiles.bindings.of(tab.profiles.known["openai"], KEY)
    await tab.profiles.put_key("openai", OTHER, remember=True)
    await tab.profiles.models("openai")
    theirs = await tab.profiles.bindings.of(tab.profiles.known["openai"], OTHER)
    assert (theirs.project, mine.account in theirs.accounts) == ("proj_1", True)
    two.http.headers = {OTHER: {**said, "openai-project": "proj_2"}}
    await tab.profiles.models("openai")
    moved = await tab.profiles.bindings.of(tab.profiles.known["openai"], OTHER)
    assert mine.account not in moved.accounts


async def test_another_address_is_another_account(two: Two) -> None:
    """The profile is pointed at another server that takes the same key."""
    world = two.world
    tab = await started(two)
    await tab.profiles.save(replace(tab.profiles.known["openai"], base_url="https://elsewhere.example/v1"))
    world.http.fail("poll", WRONG, math.inf)
    await two.key(tab, KEY)
    await world.until(lambda: two.code() == accounts.OTHER)
    await tab.profiles.save(replace(tab.profiles.known["openai"], base_url="https://api.openai.com/v1/"))
    world.http.heal()
    await two.key(tab, KEY)
    (batch,) = await world.ended()
    assert batch.state == "done"


@pytest.mark.slow
async def test_a_batch_that_its_provider_forgot_ends_in_words(two: Two) -> None:
    """B19 c: 404 for weeks with the right key. It is said, asked again ever more seldom, and the person can end it in any way they want."""
    world = two.world
    tab = await started(two)
    world.http.fail("poll", WRONG, math.inf)
    await world.until(lambda: two.code() == "batch_unknown" and world.batch().tries > 50, 1_000_000)
    assert pipeline.ways(world.batch(), world.clock.now()) == ("cancel", "bind", "return", "give_up")
    await tab.engine.command(world.batch().id, pipeline.Returned())
    assert (world.batch().state, world.queued()) == ("withdrawn", ["r0", "r1", "r2"])
    world.check_stored()


async def test_a_batch_is_named_and_looked_at_before_it_is_bound(two: Two) -> None:
    """The right id is taken by its mark; another batch's is refused; one without a mark says what speaks against it."""
    world = two.world
    tab = await started(two)
    await tab.add(1, prefix="s")
    await tab.submit()
    await world.until(lambda: len(world.remote()) == 2 and all(one.remote for one in world.batches()))
    first, second = world.batches()
    settling = Settling(tab.records, tab.profiles)
    assert first.remote is not None
    assert second.remote is not None
    assert (await settling.look(first, first.remote.id)).ours
    assert (await settling.look(first, second.remote.id)).never == "It carries the mark of another batch of Nightshift."
    for id, one in world.brain.state.batches.items():
        world.brain.state.batches[id] = replace(one, metadata=None)
    found = await settling.look(first, second.remote.id)
    assert "which is here already" in found.never


def test_what_speaks_against_a_batch_is_said() -> None:
    """Its file, its endpoint, its number of requests, its time: each in a sentence. Where all fits, or it carries our id, nothing does."""
    batch = Batch(id="b-1", lane=LANE, requests=3, created=10_000_000.0, input_file_id="file-1")
    fits = Remote(id="x", input_file_id="file-1", total=3, endpoint=LANE.endpoint, created_at=10_000_100.0)
    assert judge(batch, fits, []) == Found(fits, ours=True)
    assert judge(batch, replace(fits, input_file_id="file-9", metadata={"nightshift": "b-1"}), []).ours
    other = Remote(id="x", input_file_id="file-9", total=4, endpoint="/v1/responses", created_at=5.0)
    assert [one[:11] for one in judge(batch, other, []).against] == ["It was crea", "It is for /", "It holds 4 ", "It was crea"]
    silent = judge(replace(batch, input_file_id=""), Remote(id="x"), [])
    assert "neither from which file" in silent.against[0]
    counted = judge(replace(batch, input_file_id=""), Remote(id="x", total=3), [])
    assert (counted.against, counted.never, counted.ours) == ((), "", False)
    assert "earlier attempt" in judge(replace(batch, superseded=(SupersededBatch("x"),)), fits, []).never


@pytest.mark.parametrize("table", [KeySalt, KnownKey])
def test_what_recognises_keys_never_leaves_this_browser(table: type) -> None:
    """No export holds it, no import brings it."""
    assert table.__name__.lower() in LOCAL


def test_a_fingerprint_says_nothing_without_the_secret_of_this_browser() -> None:
    """The same key is recognised here, under another secret or at another address it is another; the key is not in it."""
    mine = accounts.fingerprint("s" * 48, "https://api.openai.com/v1", KEY)
    assert mine == accounts.fingerprint("s" * 48, " https://api.openai.com/v1/ ", KEY)
    others = {
        accounts.fingerprint("t" * 48, "https://api.openai.com/v1", KEY),
        accounts.fingerprint("s" * 48, "https://other.example/v1", KEY),
        accounts.fingerprint("s" * 48, "https://api.openai.com/v1", OTHER),
    }
    assert len({mine, *others}) == 4
    assert len(mine) == 32
    assert not any(KEY[i : i + 6] in mine for i in range(len(KEY) - 6))


async def test_two_tabs_know_a_key_by_one_name(world: World) -> None:
    """Whoever sees it first names its account."""
    first, second = await world.tab(engine=False), await world.tab(engine=False)
    profile = Profile(id="openai", name="OpenAI")
    one = await first.profiles.bindings.of(profile, KEY)
    assert (await second.profiles.bindings.of(profile, KEY)).accounts == one.accounts
    await first.profiles.bindings.same(one, "a-before")
    assert (await second.profiles.bindings.of(profile, KEY)).accounts == (*one.accounts, "a-before")


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from([KEY, OTHER, RENEWED]), st.floats(0.5, 400)), min_size=1, max_size=6),
    st.sampled_from([None, Dropped("broken", effect=True), Dropped("broken"), Answered(502, effect=True), Answered(502)]),
)
def test_whatever_keys_come_and_go_a_batch_is_made_once(keys: list[tuple[str, float]], fault: Dropped | Answered | None) -> None:
    """Keys are replaced at any moment of a life with any doubt: there is one batch in one account, and with its key it ends answered."""
    import asyncio

    async def life() -> None:
        world = World()
        two = Two(world)
        if fault is not None:
            world.http.fail("create", fault)
        tab = await world.tab()
        await tab.add(2)
        await tab.submit()
        for key, later in keys:
            end = world.clock.now() + later
            await world.until(lambda end=end: world.clock.now() >= end or not world.batches(), 2_000)  # type: ignore[misc]
            await two.key(tab, key)
        for key in (KEY, OTHER):
            await two.key(tab, key)
            end = world.clock.now() + 1_000
            await world.until(lambda end=end: world.clock.now() >= end, 3_000)  # type: ignore[misc]
        assert sum(two.made()) == 1
        assert world.batch().state == "done"
        world.check_stored()
        await world.close()

    asyncio.run(life())
