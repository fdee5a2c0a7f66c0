"""A table's rows on their way into the queue: checked, fixed, priced, written as files and added."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from msgspec.structs import replace

from app.core.base import text
from app.core.bodies import remedies
from app.core.model.templates import PromptContent
from app.core.planning import mending
from app.core.planning.report import FoundKind
from app.core.planning.rowrequests import Unplannable
from app.core.prices import rates
from app.core.prices.estimates import ExpectedOutput, expected_output
from app.core.templates import versions
from app.core.templates.content import columns_of
from app.core.templates.ways import WrongWays
from app.core.tries import tried
from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.datasets.rows import RowsMissing
from app.services.planning.adding import AddedMeanwhile
from app.services.planning.planning import CheckedPlan
from app.services.planning.pricing import CountedLane, LanePrice, foreseen, priced, spared
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.plan_state import PlanState, ShownRow
from app.ui.base.stoppable import Moved, Stopped, stoppable
from app.ui.plan import counting_handlers, limits_handlers, standing, ways
from app.ui.plan.actions import (
    AddRows,
    CheckRows,
    CountAll,
    MeanColumn,
    MendAll,
    OpenFinding,
    SaveBatchFile,
    ShowFaultyRow,
    StopPlan,
    TypeOutput,
)
from app.ui.templates.showing import take_away

T = TypeVar("T")
MOST_OUTPUT = 1_000_000
"""Tokens per answer: no model writes more."""
SHOWN_COLUMNS = 30


def _words(error: Exception) -> str | None:
    told = (Unplannable, RowsMissing, JobFailed, LibraryMissing, AddedMeanwhile)
    return failures.expected(error, told, "Another tab was in the way. Try again.")


async def _under_way(
    context: Context,
    here: PlanState,
    doing: Literal["check", "queue", "file"],
    failed: str,
    stopped: str,
    work: Callable[[Moved], Awaitable[T]],
) -> T | None:
    """Have work done that can be stopped, its progress shown; None where it came to nothing, which is said then."""

    here.fault = None
    try:
        return await stoppable(context, here, doing, work)
    except Stopped:
        here.fault = ("Stopped.", stopped)
    except Exception as error:
        words = _words(error)
        if words is None:
            raise
        here.fault = (failed, words)
    return None


# --- checking


async def check(context: Context, _action: CheckRows, _event: Event) -> None:
    here, prompt, opened = context.state.plan, context.state.prompt, context.state.data.open
    if here.doing or standing.unready(context.state) is not None or prompt.template is None or opened is None:
        return
    planning = context.services.planning()
    profile = context.state.profile
    asked, limits = here.ways, context.state.provider.limits.get(profile.id)
    order = planning.order(opened.dataset, prompt.template.content, profile, limits, ways.prompts(context.state))
    order = replace(order, reuse=here.reuse)
    done = await _under_way(
        context,
        here,
        "check",
        "The rows could not be checked.",
        "Nothing was added to the queue.",
        lambda moved: planning.check(order, moved),
    )
    if done is None:
        return
    here.checked, here.opened, here.row, here.added, here.may_fit = done, "", None, None, False
    here.checked_ways = asked
    await limits_handlers.cut_again(context)  # someone may have set another limit meanwhile
    here.remedies = {one.key: words for one in done.report.found if (words := _remedy(context, one, done.order.content)[0])}
    await learn(context, here)
    counting_handlers.begin(context, here, price)


def count_all(context: Context, _action: CountAll, _event: Event) -> None:
    counting_handlers.begin(context, context.state.plan, price)


async def learn(context: Context, here: PlanState) -> None:
    """Take what tries of the prompt say about the length of answers, and price the plan by it."""
    if (checked := here.checked) is None:
        return
    order = checked.order
    tries = await context.services.tries().of(here.dataset)
    digests = {one.tag: versions.digest(one.asked) for one in order.asked}
    if here.checked is not None and here.checked.order.run == order.run:  # it may have been cut otherwise meanwhile
        here.outputs = {
            (one.tag, one.model): tuple(tried.outputs(tries, digests[one.tag], order.profile.id, one.model)) for one in checked.counted
        }
        price(context, here)
        context.changed()


def price(context: Context, here: PlanState) -> None:
    checked = here.checked
    if checked is None:
        return
    rough = {(one.tag, one.model): one.tokens for one in checked.report.variants}
    profile = checked.order.profile
    base_url = rates.SHOWN_FOR_PRACTICE if profile.practice else profile.base_url
    limits = context.state.provider.limits.get(profile.id)
    own = here.own_prices = limits.prices if limits is not None else ()

    def lane_price(one: CountedLane, tokens: int) -> LanePrice:
        return priced(one, tokens, _output(here, checked, one), base_url, own)

    here.prices = tuple(lane_price(one, rough[one.tag, one.model]) for one in checked.counted)
    here.spared = spared(checked.report.answered, here.prices, lane_price)


def _output(here: PlanState, checked: CheckedPlan, of: CountedLane) -> ExpectedOutput:
    typed = text.whole_number(here.output, 0, MOST_OUTPUT)
    if typed is not None:
        return ExpectedOutput(typed, "assumed")
    asked = next(one.asked for one in checked.order.asked if one.tag == of.tag)
    most = text.whole_number(asked.fields.get("max_output_tokens", ""), 1, MOST_OUTPUT)
    return expected_output(here.outputs.get((of.tag, of.model), ()), most)


def type_output(context: Context, _action: TypeOutput, event: Event) -> None:
    context.state.plan.output = event.text
    price(context, context.state.plan)


# --- mending


def _remedy(context: Context, found: FoundKind, content: PromptContent) -> tuple[str, PromptContent | None]:
    """What fixes all rows of a kind: its words and the prompt after it. None that changes nothing of what is asked, since all that is
    compared has a value of its own there."""
    words, after = _mended(context, found, content)
    try:
        same = after is None or ways.prompts_of(context.state, after) == ways.prompts_of(context.state, content)
    except WrongWays:
        same = False
    return ("", None) if same else (words, after)


def _mended(context: Context, found: FoundKind, content: PromptContent) -> tuple[str, PromptContent | None]:
    if found.fix is not None:
        after = mending.mended(content, found.fix)
        return (remedies.label(found.fix), after) if after is not None else ("", None)
    if not found.key.endswith("too large") and not found.key.startswith("cell too_large"):
        return "", None
    column = found.column or _longest(context, content)
    after = mending.cut_column(content, column) if column else None
    return (f"Cut {column[:40]} to {text.count(mending.CUT, 'character')}", after) if after is not None else ("", None)


def _longest(context: Context, content: PromptContent) -> str:
    """The column with the longest cell of those that the prompt uses."""
    opened, used = context.state.data.open, set(columns_of(content))
    columns = opened.dataset.current.columns if opened is not None and opened.dataset.current is not None else ()
    return max((one for one in columns if one.name in used), key=lambda one: one.longest).name if used else ""


async def mend(context: Context, action: MendAll, event: Event) -> None:
    here, template = context.state.plan, context.state.prompt.template
    found = next((one for one in here.checked.report.found if one.key == action.key), None) if here.checked is not None else None
    if found is None or template is None or here.doing:
        return
    words, after = _remedy(context, found, template.content)
    if after is None:
        context.toast("The prompt was changed since. Check the rows again.")
        return
    take_away(context, after, f"{words}: done in the prompt.")
    await check(context, CheckRows(), event)


def mean_column(context: Context, action: MeanColumn, _event: Event) -> None:
    template = context.state.prompt.template
    found = next((one for one in context.state.prompt.findings if one.kind == "unknown_column" and one.name == action.name), None)
    after = mending.renamed(template.content, found) if found is not None and template is not None else None
    if found is not None and after is not None:
        take_away(context, after, f"{found.name[:60]} is {found.suggestion[:60]} now.")


# --- rows at fault


async def open_finding(context: Context, action: OpenFinding, event: Event) -> None:
    here = context.state.plan
    if here.opened == action.key:
        here.opened, here.row = "", None
        return
    here.opened, here.row = action.key, None
    await show_row(context, ShowFaultyRow(0), event)


async def show_row(context: Context, action: ShowFaultyRow, _event: Event) -> None:
    here, opened = context.state.plan, context.state.data.open
    found = next((one for one in here.checked.report.found if one.key == here.opened), None) if here.checked is not None else None
    if found is None or not 0 <= action.n < len(found.rows) or opened is None or opened.reader is None or opened.dataset.current is None:
        return
    position, key = found.rows[action.n], here.opened
    try:
        cells = await opened.reader.cells(position)
    except (RowsMissing, IndexError) as error:
        row = ShownRow(position, lost=str(error) if isinstance(error, RowsMissing) else "The table no longer has this row.")
    else:
        names = [one.name for one in opened.dataset.current.columns]
        used = set(columns_of(here.checked.order.content)) if here.checked is not None else set()
        pairs = sorted(zip(names, cells, strict=False), key=lambda one: one[0] != found.column and one[0] not in used)
        row = ShownRow(position, tuple(pairs[:SHOWN_COLUMNS]))
    if here.opened == key:
        here.row = row
        context.changed()


# --- files, and the queue


async def save_file(context: Context, action: SaveBatchFile, _event: Event) -> None:
    here = context.state.plan
    checked = here.checked
    lane = next((one for one in checked.report.lanes if one.model == action.model), None) if checked is not None else None
    if checked is None or lane is None or here.doing or not 0 <= action.n < len(lane.batches):
        return
    planning = context.services.planning()
    blob = await _under_way(
        context,
        here,
        "file",
        "The file could not be written.",
        "No file was written.",
        lambda moved: planning.file(checked, lane, action.n, moved),
    )
    if blob is not None:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{action.model or 'requests'}-{action.n + 1}")[:80]
        context.screen.save_file(f"{name}.jsonl", blob, "application/jsonl")


async def add(context: Context, _action: AddRows, _event: Event) -> None:
    here, template = context.state.plan, context.state.prompt.template
    checked = here.checked
    if here.doing or checked is None or template is None or standing.unaddable(context.state) is not None:
        return
    planning = context.services.planning()
    before = frozenset(one.id for one in here.before)
    expected = None if checked.order.profile.practice else foreseen(here.prices)
    done = await _under_way(
        context,
        here,
        "queue",
        "Nothing was added to the queue.",
        "",
        lambda moved: planning.add(checked.order, template, moved, expected, before),
    )
    if done is not None:
        here.added = done
        context.ask_to_keep()
    here.before = tuple(await planning.queued(checked.order.dataset))
    if done is None and here.fault is not None and here.fault[0] == "Stopped.":
        late = any(one.id not in before for one in here.before)
        here.fault = ("Stopped.", "It was too late to stop: the requests are in the queue." if late else "Nothing was added to the queue.")
    await context.refresh_queue()
    context.changed()


def stop(context: Context, _action: StopPlan, _event: Event) -> None:
    here = context.state.plan
    if here.stop is not None:
        here.stop()
    else:
        here.fault = None


HANDLERS: dict[type[Action], Handler] = {
    CheckRows: check,
    StopPlan: stop,
    TypeOutput: type_output,
    OpenFinding: open_finding,
    ShowFaultyRow: show_row,
    MendAll: mend,
    MeanColumn: mean_column,
    SaveBatchFile: save_file,
    AddRows: add,
    CountAll: count_all,
    **counting_handlers.HANDLERS,
    **limits_handlers.HANDLERS,
}
