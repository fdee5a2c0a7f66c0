"""Where a batch does not get on: the page says why, offers ways that lead out, and what each may cost; none of them is taken unasked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.batches.pipeline import Way, ways
from app.core.batches.pipeline.moves import OPEN
from app.core.model.batches import Batch, Fetched, RemoteOwner
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.remote import Remote
from app.core.openai import accounts
from app.ports import Change
from app.services.batches.delete_batch import can_forget
from app.ui.base.actions_base import Action, encode
from app.ui.base.state import Route
from app.ui.batches.actions import AskCancel, AskForget, AskSettle, Settle
from tests.fakes.http import Answered, Dropped, FaultyHttp
from tests.kit.screen import RIGHT_KEY, Visit
from tests.kit.stored import placed
from tests.states.drawn import draw, nothing
from tests.unit.ui.submitting import behave, only, submitted

NEW_KEY = "sk-practice-of-a-new-project-9876-OTHER"
NOT_FOUND = Answered(404, b'{"error":{"message":"No batch found.","type":"invalid_request_error"}}')


def faulty(visit: Visit) -> FaultyHttp:
    """The network beyond the page, whose calls can be made to fail by their names."""
    http = FaultyHttp(visit.out._provider)
    visit.out._provider = http  # type: ignore[assignment]  # an Http as well
    return http


@pytest.mark.slow
async def test_a_create_that_fails_and_cannot_be_looked_for_is_no_dead_end(visit: Visit) -> None:
    """502 at the create, 404 at every listing: both stand in the page. While the call may still arrive, the batch can be named only; then
    the requests go back to the queue, after what that may cost was said, and wait there for their person."""
    http = faulty(visit)
    http.fail("create", Answered(502), math.inf)
    http.fail("list", Answered(404), math.inf)
    await submitted(visit, "one", "two")
    await visit.wait(10)
    assert "answered the batch creation with a server error (502)" in visit.text
    assert "There is nothing at this address" in visit.text
    assert "The call may still create the batch." in visit.text
    assert visit.has("Enter the batch’s id")
    assert not visit.has("Return to the queue")
    await visit.wait(200)
    assert "with a server error (502)" in visit.text, "it stays in sight"
    await visit.click("Return to the queue")
    assert only(visit).id in visit.reach.text
    assert "billed a second time" in visit.reach.text
    await visit.click("Leave it as it is")
    assert only(visit).state == "creating"
    await visit.click("Return to the queue")
    await visit.click("I checked: return them")
    assert visit.dialog is None
    assert only(visit).state == "withdrawn"
    assert "You returned the requests to the queue" in visit.text
    http.heal()
    await visit.wait(4_000)
    assert len(visit.state.batches.all) == 1, "nothing is sent by itself"
    await visit.go("#/queue")
    assert "2 requests" in visit.text


@pytest.mark.slow
async def test_a_batch_is_named_by_its_id(visit: Visit) -> None:
    """The create took effect although it answered 502, and no list shows it. A wrong id is refused in words; the right one goes on."""
    behave(visit, speed=0.0)
    http = faulty(visit)
    http.fail("create", Answered(502, effect=True))
    http.fail("list", Answered(500), math.inf)
    await submitted(visit, "one")
    await visit.wait(10)
    await visit.click("Enter the batch’s id")
    await visit.type("Id of the batch", "batch_of_nobody")
    await visit.click("Look at it")
    assert "does not know this batch (404)" in visit.reach.text
    assert only(visit).state == "creating"
    (id,) = visit.out.brain.state.batches
    await visit.type("Id of the batch", f" {id} ")
    assert "does not know this batch" not in visit.reach.text
    await visit.click("Look at it")
    assert visit.dialog is None
    await visit.wait(200)
    assert only(visit).state == "done"
    assert len(visit.out.brain.state.batches) == 1


async def test_a_batch_that_does_not_fit_is_bound_only_when_it_is_said_twice(visit: Visit) -> None:
    """It carries no mark and holds another number of requests: that is told, and the button says what it does then."""
    http = faulty(visit)
    http.fail("create", Answered(502, effect=True))
    http.fail("list", Answered(500), math.inf)
    await submitted(visit, "one")
    await visit.wait(10)
    ((id, made),) = visit.out.brain.state.batches.items()
    visit.out.brain.state.batches[id] = replace(made, metadata=None, input_file_id="file-elsewhere")
    await visit.click("Enter the batch’s id")
    await visit.type("Id of the batch", id)
    await visit.click("Look at it")
    assert "It may be another batch." in visit.reach.text
    assert "It was created from the file file-elsewhere" in visit.reach.text
    assert only(visit).remote is None
    await visit.click("It is this one anyway")
    assert visit.dialog is None
    bound = only(visit)
    assert bound.remote is not None
    assert (bound.remote.id, bound.uniqueness_verified) == (id, True)


async def test_a_batch_that_another_tab_binds_in_the_same_instant_is_told(visit: Visit) -> None:
    """The other tab's commit was first: nothing was changed here, and the dialog says whose batch it is."""
    http = faulty(visit)
    http.fail("create", Answered(502, effect=True))
    http.fail("list", Answered(500), math.inf)
    await submitted(visit, "one")
    await visit.wait(10)
    (id,) = visit.out.brain.state.batches
    mine = only(visit)
    other = replace(mine, id="b-other", name="Of the other tab", remote=Remote(id=id))
    real = visit.store.commit

    async def commit(changes: Sequence[Change]) -> None:
        visit.store.commit = real  # type: ignore[method-assign]
        profile = other.lane.profile
        await real([placed(other), placed(RemoteOwner(id=f"{profile}|{id}", batch=other.id))])
        await real(changes)

    await visit.click("Enter the batch’s id")
    await visit.type("Id of the batch", id)
    visit.store.commit = commit  # type: ignore[method-assign]
    await visit.click("Look at it")
    assert "It is the batch “Of the other tab”, which is here already." in visit.reach.text
    stored = await visit.app.services.records.get(Batch, mine.id)
    assert stored is not None
    assert stored.value.remote is None


@pytest.mark.slow
async def test_the_page_names_the_key_that_a_batch_needs(visit: Visit) -> None:
    """The key was replaced, and the provider knows no such batch: it waits, names the key that it needs, and goes on with that."""
    behave(visit, speed=60)
    await submitted(visit, "one")
    await visit.wait(30)
    assert only(visit).state in pipeline.LIVE
    http = faulty(visit)
    http.fail("poll", NOT_FOUND, math.inf)
    await visit.go("#/settings")
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.type("API key", NEW_KEY)
    await visit.click("Save the key")
    await visit.go(f"#/batches/{only(visit).id}")
    await visit.wait(5)
    assert "belongs to the account of the key sk-…CRET" in visit.text
    assert "sk-…THER" in visit.text
    assert RIGHT_KEY not in visit.text
    http.heal()
    await visit.go("#/settings")
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.type("API key", RIGHT_KEY)
    await visit.click("Save the key")
    await visit.wait(1_000)
    assert only(visit).state == "done"


@pytest.mark.slow
async def test_a_renewed_key_is_said_to_be_of_the_same_account(visit: Visit) -> None:
    """Where the provider cannot show it: the person says so, having read what it costs if it is wrong, and the batch is looked for anew."""
    http = faulty(visit)
    http.fail("create", Dropped("broken"))
    http.fail("list", Answered(500), math.inf)
    await submitted(visit, "one")
    await visit.wait(10)
    await visit.go("#/settings")
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.type("API key", NEW_KEY)
    await visit.click("Save the key")
    http.heal()
    await visit.go(f"#/batches/{only(visit).id}")
    await visit.wait(300)
    assert only(visit).state == "creating"
    assert "shows no such batch" in visit.text
    await visit.click("It is the same account")
    assert "sk-…THER" in visit.reach.text
    assert "both are billed" in visit.reach.text
    await visit.click("It is the same account")
    await visit.wait(300)
    assert only(visit).state == "done"
    assert len(visit.out.brain.state.batches) == 1


@pytest.mark.slow
async def test_a_batch_that_its_provider_forgot_has_ways_on(visit: Visit) -> None:
    """404 for hours with the right key: how often is said, and “Stop following” ends it here."""
    behave(visit, speed=60)
    await submitted(visit, "one")
    await visit.wait(30)
    faulty(visit).fail("poll", NOT_FOUND, math.inf)
    await visit.wait(120)
    assert "does not know this batch (404)" in visit.text
    assert "times in a row; tries again" in visit.text
    await visit.click("Stop following")
    assert "is no longer polled" in visit.reach.text
    await visit.click("Stop following")
    await visit.wait(10)
    assert only(visit).state == "done"
    assert visit.has("Download the answers again")


def stuck(state: str, problem: Problem) -> Batch:
    """A batch in a state whose calls failed for long."""
    remote = Remote(id="r1", status="in_progress", output_file_id="o") if state not in pipeline.BEFORE else None
    lookup_problem = problem if state == "creating" else None
    plain = Batch(id="b-1", lane=Lane("openai", "/v1/x", "m"), requests=3, size=9, state=state, created=1.0, tries=9, problem=problem)  # type: ignore[arg-type]
    return replace(
        plain,
        remote=remote,
        lookup_problem=lookup_problem,
        outcome_unknown=state == "creating",
        fetched=(Fetched("error", 1, 5),),
        create_began_at=1.0,
    )


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize("code", ["server_error", accounts.OTHER])
def test_every_way_has_its_button(state: str, code: str) -> None:
    """Whatever leads out of a state stands in the page as something that can be pressed, and its dialog can be drawn."""
    batch = stuck(state, Problem(code=code, what="It fails.", retry=code == "server_error"))
    page = nothing()
    page.route, page.batches.all, page.now = Route("batch", "b-1"), [batch], 100_000.0
    drawn = draw(page)
    offered = ways(batch, page.now)
    assert offered
    for way in offered:
        wanted: dict[Way, Action] = {"cancel": AskCancel("b-1"), "delete": AskForget("b-1")}
        said = encode(wanted.get(way, AskSettle("b-1", way)))
        assert said.replace('"', "&quot;") in drawn, f"{way} has no button"
    assert "delete" not in offered or can_forget(batch)


def test_no_way_is_missing_here() -> None:
    """Every way is offered in some state."""
    seen = {way for state in OPEN for way in ways(stuck(state, Problem(code=accounts.OTHER, what="It fails.")), 100_000.0)}
    assert seen == set(get_args(Way))
    assert msgspec.json.decode(encode(Settle("b", "bind")))["way"] == "bind"
