"""Limits of batches beside the plan that they cut: one truth with the settings, and with what is submitted."""

from __future__ import annotations

import pytest

from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import Limits, NamedLimit, Profile
from app.core.planning import typedlimits
from app.services.planning.planning import CheckedPlan
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked, ended

OPENAI = Profile(id="openai", name="OpenAI")


def cut(visit: Visit) -> list[int]:
    """Requests of each batch of the plan."""
    plan = visit.state.plan.checked
    assert plan is not None
    return [one.sums.requests for lane in plan.report.lanes for one in lane.batches]


async def given(visit: Visit, name: str, value: str) -> None:
    """Type a limit and leave its field."""
    await visit.emit(visit.field(name), "change", value)
    await visit.rest()


async def test_the_plan_is_cut_again_at_once_and_the_queue_is_cut_so(tabs: Open) -> None:
    """Without another look over the rows; what is submitted is what was shown."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    assert cut(visit) == [4]
    await given(visit, "Requests per batch", "3")
    assert cut(visit) == [3, 1]
    assert visit.state.provider.profiles["openai"].max_requests == 3
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    services = visit.app.services
    done = await services.submitter.submit(Lane("openai", CHAT, "gpt-4o-mini"), services.profiles.known["openai"])
    assert [one.requests for one in done.batches] == [3, 1]


async def test_tokens_decide_which_batches_wait(tabs: Open) -> None:
    """They are the provider's, as in the settings; taken out, what was known before holds again."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await given(visit, "Tokens enqueued at a time", "100")
    assert visit.state.provider.limits["openai"].own == {"gpt-4o-mini": 100}
    plan = visit.state.plan.checked
    assert plan is not None
    assert plan.report.lanes[0].waves > 1
    assert "Set by you." in visit.text
    await given(visit, "Tokens enqueued at a time", "")
    assert visit.state.provider.limits["openai"].own == {}
    assert cut(visit) == [4]


@pytest.mark.slow
async def test_what_is_changed_in_the_settings_cuts_the_plan_as_well(tabs: Open) -> None:
    """There is one limit, wherever it is edited."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await visit.app.services.profiles.amend("openai", max_requests=2)
    visit.state.provider.profiles = dict(visit.app.services.profiles.known)
    await visit.app.refresh_queue()
    await visit.rest()
    assert cut(visit) == [2, 2]


async def test_a_limit_that_cannot_be_is_said_and_nothing_changes(tabs: Open) -> None:
    """Neither the plan nor what is stored."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await given(visit, "Requests per batch", "50001")
    assert "OpenAI takes 50,000 requests in a batch at most." in visit.text
    await given(visit, "Megabytes per batch", "much")
    assert "OpenAI takes no larger file." in visit.text
    assert visit.state.provider.profiles["openai"] == OPENAI
    assert cut(visit) == [4]
    await given(visit, "Requests per batch", "")
    assert "at most" not in visit.text


async def test_requests_that_no_batch_can_hold_any_more_are_looked_at_again(tabs: Open) -> None:
    """Then they are left out, and when the limit is raised they are not forgotten."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await given(visit, "Tokens enqueued at a time", "50")
    assert "4 requests are larger than one batch may be now. Check the rows again." not in visit.text  # each is about 40
    await given(visit, "Tokens enqueued at a time", "10")
    assert "4 requests are larger than one batch may be now. Check the rows again." in visit.text
    await visit.click("Check 4 rows again")
    await ended(visit)
    assert "4 rows left out" in visit.text
    await given(visit, "Tokens enqueued at a time", "1000")
    assert "rows left out as too large may now fit" in visit.text
    await visit.click("Check 4 rows again")
    await ended(visit)
    assert "no row left out" in visit.text


async def test_a_plan_that_is_counted_while_it_is_cut_is_cut_all_the_same(tabs: Open) -> None:
    """What came in between is not lost, and nothing is left cut by a limit that holds no more."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    planning, cuts = visit.app.services.planning(), 0
    cut_by = planning.cut

    async def counted_meanwhile(plan: CheckedPlan, profile: Profile, limits: Limits | None) -> CheckedPlan:
        nonlocal cuts
        cuts += 1
        if cuts == 1:
            visit.state.plan.checked = plan._replace(counted=plan.counted)
        return await cut_by(plan, profile, limits)

    planning.cut = counted_meanwhile  # type: ignore[method-assign]
    await given(visit, "Requests per batch", "3")
    assert (cuts, cut(visit)) == (2, [3, 1])
    assert "was changed since" not in visit.text


async def test_practice_has_its_own(tabs: Open) -> None:
    """Which nobody edits; tokens can be limited there to see what comes of it."""
    visit = await tabs()
    await checked(visit)
    assert "The practice provider accepts 50,000 requests and 100 MB in a batch." in visit.text
    await given(visit, "Tokens enqueued at a time", "100")
    assert len(cut(visit)) > 1


def test_what_is_typed_is_understood() -> None:
    """Figures as people write them, never beyond what the provider takes or has said."""

    def read(part: typedlimits.LimitPart, typed: str, profile: Profile = OPENAI) -> int | str | None:
        said = Limits(id="openai", stated={"gpt-4o": NamedLimit(90_000, 1.0)})
        found = typedlimits.read(part, typed, profile, said, "gpt-4o-2024-08-06")
        return found.fault or found.amount

    assert read("requests", "12,000") == 12_000
    assert "takes 50,000" in str(read("requests", "0"))
    assert read("requests", "100000", Profile(id="x", name="Mine", base_url="https://example.org/v1")) == 100_000
    assert read("size", "0.5") == 500_000
    assert read("size", "200") == 200_000_000
    assert "no larger file" in str(read("size", "200.001"))
    assert "no larger file" in str(read("size", "0.0001"))
    assert read("tokens", "90 000") == 90_000
    assert "OpenAI said that 90,000 tokens may be enqueued" in str(read("tokens", "90001"))
    assert read("tokens", " ") is None
    assert (typedlimits.megabytes(100_000_000), typedlimits.megabytes(1_500)) == ("100", "0.002")
