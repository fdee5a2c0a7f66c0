"""How the requests of a plan will be cut into batches, and which of them wait for others to end."""

from __future__ import annotations

from simple_html import div, h2, h3, header, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.planning.cutting import PlannedBatch, PlannedLane
from app.services.planning.planning import CheckedPlan
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import MANY, few, tool
from app.ui.base.plan_state import PlanState
from app.ui.base.state import State
from app.ui.plan import standing
from app.ui.plan.actions import SaveBatchFile
from app.ui.plan.limits_view import limits, room
from app.ui.plan.waves_view import waves


def batches(state: State, here: PlanState, checked: CheckedPlan) -> Node:
    """The card."""
    report = checked.report
    if not report.lanes:
        return _none(state, here, checked) if standing.too_large(report) else NOTHING
    cut = sum(one.cut for one in report.lanes)
    waves = max(one.waves for one in report.lanes)
    words = text.count(cut, "batch") if cut != 1 else "1 batch"
    return section(
        at("card", aria_label="Batches"),
        header({}, h2({}, "Batches"), span(at("dim end"), f"{words}, {text.count(waves, 'wave')}")),
        limits(state, here),
        few(report.lanes, lambda n, one: _lane(state, here, n, one, alone=len(report.lanes) == 1), "models"),
    )


def _none(state: State, here: PlanState, checked: CheckedPlan) -> Node:
    """No batch can hold any of the rows: a higher limit may."""
    return section(
        at("card", aria_label="Batches"),
        header({}, h2({}, "Batches"), span(at("dim end"), "No row fits into one")),
        limits(state, here),
        div(at("pad"), [room(state, here, n, one) for n, one in enumerate(standing.models(checked))]),
    )


def _lane(state: State, here: PlanState, n: int, lane: PlannedLane, *, alone: bool) -> Node:
    most = f"{text.number(lane.room)} tokens may be enqueued at a time" if lane.room else "No limit on enqueued tokens"
    said = f"{most}; these are about {text.number(lane.sums.tokens)}, estimated on the high side."
    return div(
        at("pad stack tight"),
        NOTHING if alone else h3(at("mono"), lane.model or "no model"),
        p(at("dim"), said),
        room(state, here, n, lane.model),
        waves(state, lane),
        div(
            at("scroll-x"),
            table(
                at("table"),
                thead(
                    {},
                    tr({}, th({}, "Batch"), [th(at("num"), one) for one in ("Requests", "Size", "Tokens", "Wave")]),
                ),
                tbody({}, [_batch(here, lane, n, one) for n, one in enumerate(lane.batches[:MANY])]),
            ),
        ),
        p(at("dim"), f"{text.number(lane.cut - MANY)} more batches are not listed.") if lane.cut > MANY else NOTHING,
    )


def _batch(here: PlanState, lane: PlannedLane, n: int, one: PlannedBatch) -> Node:
    name = f"Download the file of batch {n + 1}" + (f" of {text.head(lane.model, 40)}" if lane.model else "")
    return tr(
        {},
        td({}, div(at("row"), text.number(n + 1), tool("down", name, SaveBatchFile(lane.model, n), disabled=bool(here.doing)))),
        td(at("num"), text.number(one.sums.requests)),
        td(at("num"), text.size(one.sums.size)),
        td(at("num"), text.number(one.sums.tokens)),
        td(at("num"), text.number(one.wave)),
    )
