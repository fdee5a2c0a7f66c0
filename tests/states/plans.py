"""The plan of a table in every state that the page shows, all of whose texts are one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from app.core.bodies.remedies import DropField
from app.core.model.providers import OwnPrice, Profile
from app.core.model.sendings import QueuedRows
from app.core.model.templates import PromptContent, Template
from app.core.model.ways import Ways
from app.core.planning.answered import AnsweredIn, AnsweredRequests
from app.core.planning.cutting import PlannedBatch, PlannedLane
from app.core.planning.report import FoundKind, PlanReport
from app.core.planning.rowrequests import PlanOrder
from app.core.prices.estimates import expected_output
from app.core.queue.lanes import Sums
from app.core.templates.variants import TaggedPrompt
from app.services.planning.planning import CheckedPlan
from app.services.planning.pricing import CountedLane, priced
from app.services.planning.queue_job import AddedRows
from app.ui.base.data_state import DataState, OpenTable
from app.ui.base.plan_state import Counting, PlanState, ShownRow
from app.ui.base.prompt_state import PromptState
from tests.states import prompts
from tests.states.tables import NOW, table

ID = prompts.ID


def report(said: str) -> PlanReport:
    """Findings of each kind, and two models in several waves."""
    rows = tuple(range(0, 40, 2))
    found = (
        FoundKind("type /temperature", "type", "error", said, said, "/temperature", "", 20, rows, DropField("/temperature")),
        FoundKind("cell not_a_value x", "value", "error", said, said, "", said, 1, (3,)),
        FoundKind("sensitive email x", "rule", "advice", said, said, "", said, 2_000, rows),
    )
    batches = tuple(PlannedBatch(Sums(50_000, 90_000_000, 22_500_000, 50_000), 1 + n // 2) for n in range(5))
    lanes = (
        PlannedLane("gpt-4o-mini", Sums(250_000, 450_000_000, 112_500_000, 250_000), 45_000_000, 5, 3, batches),
        PlannedLane(said, Sums(10, 9_000, 2_250, 10), 0, 1, 1, (PlannedBatch(Sums(10, 9_000, 2_250, 10), 1),)),
    )
    return PlanReport(250_030, 20, 250_010, 500, found, lanes)


def checked(said: str, *, practice: bool = False) -> CheckedPlan:
    """A plan that was looked over."""
    profile = Profile(id="practice" if practice else "openai", name=said, practice=practice)
    order = PlanOrder(ID, 2, (said, "id"), PromptContent(fields={"model": "gpt-4o-mini"}), profile, "r-1")
    counted = (
        CountedLane("gpt-4o-mini", 250_000, tuple(200 + n % 90 for n in range(490)), "exact"),
        CountedLane(said, 10, (100,) * 10, "bytes", said),
    )
    return CheckedPlan(order, report(said), counted)


def plan(said: str, **more: object) -> PlanState:
    """A plan that was looked over, with much to be said about it."""
    found = checked(said)
    profile = found.order.profile
    own = (OwnPrice(said[:40], "batch", input=2.5, output=10.0),)
    prices = tuple(priced(one, 9_000, expected_output((), None), profile.base_url, own) for one in found.counted)
    record = QueuedRows(id="r-1", dataset=ID, dataset_version=2, at=NOW - 500, requests=250_010, left_out=20)
    given = {
        "checked": found,
        "remedies": {"type /temperature": f"Remove {said}"},
        "prices": prices,
        "opened": "type /temperature",
        "row": ShownRow(4, ((said, said), ("", ""))),
        "before": (record,),
    }
    return PlanState(**{"dataset": ID, **given, **more})  # type: ignore[arg-type]  # its fields


def in_ways(said: str, ways: Ways) -> PlanState:
    """A plan whose rows are asked in two ways, of which one has findings of its own."""
    found = checked(said)
    tags = ("gpt-4o-mini.temperature-0", said)
    kinds = tuple(replace(one, variants=tags[:n]) for n, one in enumerate(found.report.found))
    counted = tuple(CountedLane("gpt-4o-mini", 125_000, tuple(200 + n % 90 for n in range(245)), "exact", tag=tag) for tag in tags)
    prices = tuple(priced(one, 9_000, expected_output((), None), found.order.profile.base_url) for one in counted)
    asked = tuple(TaggedPrompt(tag, 0, found.order.content, found.order.content) for tag in tags)
    after = found._replace(order=replace(found.order, prompts=asked), report=replace(found.report, found=kinds, partly=7), counted=counted)
    return plan(said, ways=ways, checked_ways=ways, checked=after, prices=prices)


def answered(said: str, *, reuse: bool = False) -> PlanState:
    """A plan of which a part was answered already; where that is left out, it was added."""
    found = checked(said)
    batches = tuple(AnsweredIn(f"b-{n}", said, 900 - n) for n in range(7))
    report = replace(found.report, answered=(AnsweredRequests("", said, 5_000, 90_000),), answered_in=batches, unlooked=2)
    record = QueuedRows(id="r-2", dataset=ID, dataset_version=2, at=NOW, requests=250_010, reused=5_000)
    return plan(
        said,
        checked=found._replace(order=replace(found.order, reuse=reuse), report=report),
        reuse=reuse,
        spared=None if reuse else 85_000_000_000,
        added=AddedRows(record, {said: 250_010}) if reuse else None,
    )


def states(said: str) -> Iterator[tuple[str, DataState, PromptState, PlanState]]:
    """What the tab shows."""
    data = DataState(all=(table(2, said),), open=OpenTable(table(2, said)))
    template = Template(id=ID, dataset=ID, content=checked(said).order.content)
    fine = PromptState(dataset=ID, template=template)
    yield "a plan being read", data, PromptState(), PlanState()
    yield "a plan that was not begun", data, fine, PlanState(dataset=ID)
    yield "a plan over a prompt with faults", data, prompts.prompt(said), PlanState(dataset=ID)
    yield "a plan", data, fine, plan(said)
    ways = Ways(models=said, samples="3", parameter="temperature", values="0, 1", versions=(said,))
    yield "a plan in several ways", data, fine, in_ways(said, ways)
    yield "a plan in ways that cannot be asked", data, fine, plan(said, ways=replace(ways, samples=said))
    yield "a plan of answered requests", data, fine, answered(said)
    yield "a plan without answered requests", data, fine, answered(said, reuse=True)
    yield "a plan for practice", data, fine, plan(said, checked=checked(said, practice=True))
    yield "a plan that is older than its prompt", data, prompts.prompt(said, findings=()), plan(said)
    yield "a plan with a row that is lost", data, fine, plan(said, row=ShownRow(4, lost=said), output=said)
    yield "a plan whose row is being read", data, fine, plan(said, row=None)
    typed = {("requests", ""): (said, said), ("tokens", "gpt-4o-mini"): (said, said)}
    yield "a plan with limits that cannot be", data, fine, plan(said, limit_faults=typed)
    yield "a plan to whose rows a higher limit may apply", data, fine, plan(said, may_fit=True)
    yield "a plan whose tokens are all being counted", data, fine, plan(said, counting=Counting("tokens", 34))
    yield "a plan whose tokens could not all be counted", data, fine, plan(said, counting=Counting(said=said))
    yield "a plan that failed", data, fine, plan(said, fault=(said, said))
    added = AddedRows(QueuedRows(id="r-2", dataset=ID, dataset_version=2, at=NOW, requests=250_010, left_out=20), {said: 250_010})
    yield "a plan that was queued", data, fine, plan(said, added=added)
    for doing in ("check", "queue", "file"):
        yield f"a plan: {doing}", data, fine, plan(said, doing=doing, share=34)
    yield "a plan of another table", data, fine, plan(said, dataset="d-9", doing="check")
