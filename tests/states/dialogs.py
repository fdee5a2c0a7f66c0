"""Every dialog, with the view over which it opens, all of whose texts are the same one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec
from msgspec.structs import replace

from app.core.batches.pipeline import Way
from app.core.batches.rescue_offers import RescueOffer, RescuePrices
from app.core.model.batches import Foreseen
from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import Profile
from app.core.model.queue_edits import RequestChange
from app.core.model.remote import Remote
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.model.settings import TakeAway
from app.core.model.steps import StepSource
from app.core.openai.outcomes import Outcome
from app.core.queue.changing import ChangeExample, ChangeReport
from app.core.results.answers import Answer, ToolCall, Usage
from app.core.results.file_columns import FileColumn
from app.core.results.joining import JoinOrder
from app.core.results.rerunning import STANDINGS, RerunFacts
from app.core.results.retrying import RetryChange
from app.core.workspace.renaming import Address
from app.services.batches.settling import Found
from app.services.results.follow_job import FollowLane, FollowReport
from app.services.results.selection_jobs import RetryPrice, SelectionFacts
from app.services.results.shown import AnswerExample, Opened
from app.ui.account.dialogs import SweepDialog
from app.ui.activity.dialogs import LogDialog
from app.ui.base.dialogs import EndDialog
from app.ui.batches.dialogs import (
    CancelDialog,
    ForgetDialog,
    ForgetSeveralDialog,
    LabelDialog,
    RescueDialog,
    SettleDialog,
    TagsDialog,
)
from app.ui.programs.dialogs import DeliveryDialog
from app.ui.provider.dialogs import ProfileDialog
from app.ui.queue.dialogs import BulkDialog, RequestDialog
from app.ui.results.dialogs import (
    ExamplesDialog,
    FollowDialog,
    JudgeDialog,
    RerunDialog,
    RetryDialog,
    RiskDialog,
    StepDialog,
    TakeAwayDialog,
)
from app.ui.shell.composition import registry
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog
from app.ui.shell.palette_handlers import ready
from app.ui.shell.palette_search import Named
from app.ui.threads.dialogs import AddressDialog, Paste
from app.ui.workspace.dialogs import ImportDialog
from tests.states.drawn import OUTCOMES, entries
from tests.states.programs import MESSAGE_STATES, message


async def _begin(_mode: str) -> None:
    """Nothing."""


def dialogs(said: str) -> list[tuple[str, msgspec.Struct]]:
    """Every dialog, with the view over which it opens."""
    answer = Answer(
        text=said,
        refusal=said,
        reasoning=said,
        tools=(ToolCall(said, said),),
        finish=said,
        notice=said,
        model=said,
        usage=Usage(1, 2, 3, 4),
        request_id=said,
        status=400,
        error=said,
        error_code=said,
        outcome=Outcome.FAILED,
    )
    opened = [
        Opened("b-1", n, said, one, said, (("user", said), ("assistant", said)), said, None if n % 2 else answer, said)
        for n, one in enumerate(OUTCOMES)
    ]
    came = Address(said, said)
    price = RetryPrice(40, 90_000, 12_000, 31_000_000_000)
    chosen = SelectionFacts(60, 40, 9, 5, 4, 2, (said,), (CHAT,), (said,), False, 500, {said: 40}, price, replace(price, cost=None))
    paid = replace(price, flex=31_000_000_000, standard=62_000_000_000)
    at_once = replace(chosen, free_price=paid, risky_price=paid)
    rescue_prices = RescuePrices(
        120,
        900,
        300,
        True,
        (RescueOffer("batch", 31_000_000_000), RescueOffer("flex"), RescueOffer("standard", 9_000_000_000_000), RescueOffer("queue", 0)),
    )
    offered = ready(registry())
    listed = (FileColumn(f"cell:{said}", said, "table"), FileColumn("answer", "Answer", "answer"))
    return [
        ("compose", Paste(said, said)),
        ("compose", AddressDialog("m-1", said, said)),
        ("queue", RequestDialog("practice|/v1/chat/completions|m", "r-1", said, said, said, said)),
        ("queue", RequestDialog("practice|/v1/chat/completions|m", "r-1", said, f"{said} ", said)),
        *(("queue", one) for one in bulk(said)),
        ("settings", ProfileDialog(Profile(id="p-1", name=said, base_url=said, purpose=said, window=said), fresh=False, fault=said)),
        ("settings", ProfileDialog(Profile(id="p-2", name="", base_url=""), fresh=True)),
        ("settings", ImportDialog(said, ((said, said),), 2, (said, said), True, _begin, True, said)),
        ("settings", ImportDialog(said, (), 0, (), False, _begin, merged=(came,), replaced=(came, Address(said, said, said, said)))),
        ("settings", ImportDialog("", (), 0, (), False, _begin)),
        *(("log", LogDialog(one)) for one in entries(said)),
        ("batch", CancelDialog("b-1")),
        ("batch", ForgetDialog("b-1")),
        ("batch", LabelDialog("b-1", said, said)),
        ("batches", TagsDialog(("b-1", "b-2"), said, said, said)),
        ("batches", ForgetSeveralDialog(("b-1", "b-2"), 3)),
        ("batch", RescueDialog("b-1")),
        ("batch", RescueDialog("b-1", "queue", "hours", said, said, said, rescue_prices)),
        ("batch", RescueDialog("b-1", "batch", "clock", said, said, said, replace(rescue_prices, assumed=False))),
        ("batch", RiskDialog("b-1", "all", (1, 2), (said, said))),
        ("results", RetryDialog({"b-1": (1, 2)}, RetryChange())),
        ("results", RetryDialog({"b-1": (1, 2)}, RetryChange(), fault=said)),
        ("results", RetryDialog({"b-1": (1, 2)}, RetryChange(said, 900, True, said), "900", said, True, chosen, said, "send", 3)),
        ("results", RetryDialog({"b-1": (1, 2)}, RetryChange(), facts=replace(chosen, practice=True))),
        ("results", RetryDialog({"b-1": (1, 2)}, RetryChange(), way="flex", facts=at_once)),
        ("batch", TakeAwayDialog(said, JoinOrder(batches=("b-1",)), TakeAway("jsonl", parts=()), doing="write", share=40)),
        ("batch", TakeAwayDialog(said, JoinOrder("d-2"), TakeAway(side_by_side=True), table=True, said=said, remarks=(said, said))),
        ("batch", TakeAwayDialog(said, JoinOrder("d-2"), TakeAway("tuning"), fault=(said, said))),
        ("results", TakeAwayDialog(said, JoinOrder("d-2"), TakeAway("html"), only={"b-1": (1,)}, shown=("outcome",))),
        ("batch", TakeAwayDialog(said, JoinOrder("d-2"), TakeAway(left_out=(f"cell:{said}",)), table=True, columns=listed)),
        ("results", TakeAwayDialog(said, JoinOrder("d-2"), TakeAway(shown=True), only={"b-1": (1,)}, shown=("outcome", f"cell:{said}"))),
        ("results", TakeAwayDialog(said, JoinOrder("d-2"), TakeAway(left_out=(f"cell:{said}",)), shown=("outcome",), doing="columns")),
        ("results", JudgeDialog(said, JoinOrder("d-2"), {"b-1": (1, 2)}, said, "labels", said, f"{said}, a, b", said, fault=(said, said))),
        ("results", JudgeDialog(said, JoinOrder(batches=("b-1",)), {"b-1": (1, 2)}, doing="table", share=40)),
        *(("results", one) for one in carrying_on(said)),
        *(("batch", SettleDialog("b-1", way, said, said, Found(Remote(id=said), against=(said,)))) for way in get_args(Way)),
        ("account", SweepDialog(said, 2, 10, 1)),
        *(("batch", one) for one in opened),
        *(("programs", DeliveryDialog(message(n, state, said), typed=said, fault=said)) for n, state in enumerate(MESSAGE_STATES)),
        ("compose", PaletteDialog(offered, marked=1)),
        ("compose", PaletteDialog(offered, typed=f"no such command {said}")),
        ("compose", PaletteDialog(offered, typed="no such", found=(Named("Prompt", said, "#/compose/t-1"), Named("Batch", said, "#/x")))),
        ("compose", ShortcutsDialog((("page", "?", said), ("message", "Alt+↑", said)))),
        ("threads", EndDialog("prompts")),
        ("settings", EndDialog("key", "openai")),
        ("programs", EndDialog("secret", said)),
        ("settings", EndDialog("password")),
        ("data", EndDialog("tables")),
        ("queue", EndDialog("requests", "practice|/v1/chat/completions|m")),
    ]


def bulk(said: str) -> Iterator[msgspec.Struct]:
    """Many requests that are changed together: nothing typed yet, looked at, refused, and without a value."""
    lane, change = "practice|/v1/chat/completions|m", RequestChange((said,), said)
    report = ChangeReport(1_200, 3, {said: 2, f"{said}.": 1}, {said: 40}, ChangeExample(said, said, said))
    yield BulkDialog(lane, 1_206, set())
    yield BulkDialog(lane, 1_206, set(), "temperature", text=said, fault=said)
    yield BulkDialog(lane, 1_206, set(), ":metadata", removed=True, key=said, change=change, doing="look", share=40)
    yield BulkDialog(lane, 1_206, set(), ":other", key=said, text=said, change=change, report=report)
    yield BulkDialog(lane, 1, set(), "tools", text=said, change=change, report=ChangeReport(1, 1, {said: 1}))


def carrying_on(said: str) -> Iterator[msgspec.Struct]:
    """The dialogs in which a person goes on from answers."""
    lane = Lane("practice", CHAT, said)
    paid = FollowLane(lane, 40, 90_000, 12_000, 31_000_000_000, 150_000, practice=False)
    report = FollowReport(
        QueuedRows(id="r-1", dataset="d-2", dataset_version=1),
        (paid,),
        {said: 3, "were not answered": 1},
        2,
        (said,),
        (said, "Answer"),
        (said, said),
    )
    follow = FollowUp(said, alone=True, model=said)
    rows: dict[str, tuple[int, ...]] = {"b-1": (1, 2)}
    yield FollowDialog(said, JoinOrder("d-2"), rows, FollowUp(""), doing="look", share=40)
    yield FollowDialog(said, JoinOrder("d-2"), rows, follow, report, (said,), fault=(said, said))
    yield FollowDialog(said, JoinOrder("d-2"), rows, FollowUp(said), replace(report, lanes=(replace(paid, cost=None),)), preview=said)
    yield FollowDialog(said, JoinOrder("d-2"), rows, FollowUp(said), replace(report, lanes=(replace(paid, practice=True),)), preview=said)
    schema = FollowUp(said, alone=True, system=said, form="schema", schema="{}")
    yield FollowDialog(said, JoinOrder("d-2"), rows, schema, report, preview=said, preview_system=said)
    yield FollowDialog(said, JoinOrder("d-2"), rows, replace(schema, schema=said), report, wrong_system=(said,), wrong_form=(said,))
    yield RerunDialog("d-2", said)
    yield RerunDialog("d-2", said, RerunFacts({**dict.fromkeys(STANDINGS, 1), "stale": 40}, 1.25))
    yield ExamplesDialog("d-2", said)
    examples = tuple(AnswerExample(f"{said} {n}", said, corrected=n == 1) for n in range(3))
    yield ExamplesDialog("d-2", said, 25, examples, 900, 2)
    yield ExamplesDialog("d-2", said, 0, (), marked=True)
    expected = Foreseen(9_000, 4_000, True, 31_000_000_000)
    sources = tuple(StepSource(f"r-{n}", said, 40, said, "openai", expected) for n in range(2))
    yield StepDialog(
        "d-2", said, (said,), sources, "r-1", follow, limit="0.07", wrong=(said,), expected=expected, limit_fault=said, fault=said
    )
    yield StepDialog("d-2", said, (said,), sources, "r-0", replace(schema, alone=False), "r-9", expected=expected)
    yield StepDialog("d-2", said, (said,), sources, "r-0", FollowUp(""), submit=False, expected=replace(expected, cost=None))
    yield StepDialog("d-2", said, (said,), sources, "r-0", FollowUp(said), expected=replace(expected, learnt=False), practice=True)
