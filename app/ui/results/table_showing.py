"""What of a table of answers is in sight: rows, headers, the values of a column, the open request.

The rows come first; what is read for the headers, and a search that is not at its end, goes on beside them and is stopped while rows are
asked for, since both are answered by one worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from app.core.model.datasets import Dataset
from app.core.model.judging import Expectation
from app.core.results.answerindex import NoSuchColumn
from app.core.results.column_titles import column_title
from app.ports.compute import Finished, JobFailed, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.agreement_job import AGREE, AgreementAsked
from app.services.results.selection_jobs import OUTCOMES
from app.services.results.table_jobs import (
    FACET,
    PLACE,
    ROWS,
    STEP,
    SUMMARIES,
    FacetAsked,
    RowsAsked,
    StepAsked,
    SteppedTo,
    SummariesAsked,
    TableAsked,
    TableWindow,
)
from app.ui.base.context import Context
from app.ui.base.readings import MANY
from app.ui.base.results_state import FacetState, ResultsState
from app.ui.results import addresses, follow_links, ticks
from app.ui.results.ordering import order_of

A = TypeVar("A")
R = TypeVar("R")

LIST = "results"
"""The key of the list of rows (State.scroll)."""
_LACKS_SAID = 3
_JUDGES = 6
"""Columns of judges that are shown by themselves."""
_MARGIN = 30
"""Rows that are read before and behind those in sight, and ``_NEAR`` of a query that has shown none yet: each answer may be in another
megabyte of the file that came."""
_NEAR = 6


async def follow(context: Context) -> None:
    """Show what the address names."""
    query = context.state.results.query
    if not await begin(context):
        return
    here = context.state.results
    other = query != here.query
    refresh(context)
    if here.at is not None and here.beside.request is None:
        await show(context, here)
    elif here.at is not None and other:
        await locate(context, here)
    if here.facet is not None:
        await count(context, here)
    if here.agreement is not None:
        await count_agreement(context, here)


async def begin(context: Context) -> bool:
    """Have the state say what the address names; False where it names something else meanwhile."""
    state = context.state
    scope, at, query, columns = addresses.read(state.route.id, state.route.query)
    here = state.results
    if here.scope != scope or not here.stamp:
        await leave(context)
        state.results = here = ResultsState(scope=scope, since=context.services.clock.now())
        state.scroll.pop(LIST, None)
        if not await ticks.bring_back(context, here):
            return False
    if query != here.query:
        state.scroll.pop(LIST, None)
        here.summaries, here.active = {}, -1
    if query.words != here.sought:
        here.typed = here.sought = query.words
    here.query, here.columns, here.layout = query, columns, addresses.laid_out(state.route.query)
    if addresses.named(scope)[0] == "table" and not here.version:
        here.expectation, here.version = await kept_with(context, addresses.named(scope)[1][0])
        if state.results is not here:
            return False
    if addresses.named(scope)[0] == "table" and state.data.all is None:
        state.data.all = tuple(await context.services.datasets().all())  # for its name
        if state.results is not here:
            return False
    if at != here.at:
        here.at, here.beside.request, here.beside.lost, here.beside.gone = at, None, "", False
        here.annotating.said, here.annotating.field, here.annotating.tags, here.annotating.typing = None, "", "", None
    return True


async def kept_with(context: Context, table: str) -> tuple[Expectation | None, int]:
    """What a table's answers are compared with, and its last import (0: it is not here)."""
    records = context.services.records
    expectation, dataset = await records.get(Expectation, table), await records.get(Dataset, table)
    current = dataset.value.current if dataset is not None else None
    return expectation.value if expectation is not None else None, current.number if current is not None else 0


async def leave(context: Context) -> None:
    """The table is not in sight any more: its index is returned."""
    here = context.state.results
    for stop in (here.stop, here.comparing.stop):
        if stop is not None:
            stop()
    ticks.keep(context, here)
    if here.stamp:
        context.services.compute.leave(PLACE)
        context.state.python.left()
        context.services.compute.end_fenced()
    context.state.results = ResultsState()


def asked(context: Context, here: ResultsState) -> TableAsked:
    """What the next question is about."""
    now = order_of(context, here)
    if here.stamp != now.stamp:
        here.stamp, here.summaries, here.lacks, here.outcomes.report, here.picking.facts = now.stamp, {}, (), None, None
    if here.elsewhere != now.elsewhere:
        here.elsewhere = now.elsewhere
        here.summaries = {name: one for name, one in here.summaries.items() if not name.startswith("judge:")}
    return TableAsked(now.order, now.stamp, here.query, here.expectation, now.elsewhere)


def refresh(context: Context) -> None:
    """The rows in sight; then what is in the headers."""
    context.catch_up("results", lambda: _rows(context))


async def _rows(context: Context) -> None:
    here = context.state.results
    if context.state.route.view != "results" or here.layout.compare is not None:
        return  # it was left since: nothing is kept of any table
    for stop in (here.stop, here.comparing.stop):
        if stop is not None:
            stop()
    if addresses.named(here.scope)[0] != "table" and not order_of(context, here).order.batches:
        here.window, here.stamp = None, here.stamp or "nothing"
        context.changed()
        return
    query = here.query
    seen = here.window is not None and here.seen == query
    first, last = context.state.scrolled(LIST).window(MANY, margin=_MARGIN if seen else _NEAR, row=here.layout.row)
    here.doing, here.share = here.doing or "rows", 0
    columns = shown_columns(here)
    found = await ask_for(context, here, ROWS, RowsAsked(asked(context, here), first, last, columns))
    if context.state.results is not here:
        return
    here.doing = ""
    if found is not None:
        _take(here, found, columns)
        here.seen = query
        if not seen or columns != shown_columns(here):  # more rows; and which columns there are was not known before
            context.catch_up("results", lambda: _rows(context))
        else:
            context.tasks.start("results", _reading(context, here))
    context.changed()


def _take(here: ResultsState, found: TableWindow, columns: tuple[str, ...]) -> None:
    here.window, here.shown, here.fault = found, columns, ""


def shown_columns(here: ResultsState) -> tuple[str, ...]:
    """Those that the person chose, or the usual ones as far as there are such."""
    if here.columns:
        return here.columns
    if here.window is None:
        return ("prompt", "answer")
    names = [one.name for one in here.window.columns]
    cells = [name for name in names if name.startswith("cell:")][:3]
    usual = [*cells, "answer"] if cells else ["id", "prompt", "answer"]
    usual += [name for name in ("batch", "variant") if name in names]
    if here.expectation is not None:
        usual.append("matches")
    usual += [name for name in names if name.startswith("judge:") and not name.partition(": ")[2].startswith("reason")][:_JUDGES]
    usual += [name for name in names if name.startswith("python:")]
    if here.window.annotated:
        usual += [name for name in ("mark", "rating", "tags") if name in names]
    return (*usual, "output_tokens")


async def _reading(context: Context, here: ResultsState) -> None:
    """Go on with the search, and read what the headers say, as long as nothing else is asked for."""
    work = asyncio.ensure_future(_read(context, here))

    def stop() -> None:
        work.cancel()

    here.stop = stop
    try:
        await asyncio.wait({work})
        if not work.cancelled():
            work.result()
    finally:
        work.cancel()
        if here.stop is stop:
            here.doing, here.stop = "", None
        context.changed()


async def _read(context: Context, here: ResultsState) -> None:
    while here.window is not None and here.window.searched < here.window.to_search:
        here.doing, here.share = "reading", 100 * here.window.searched // here.window.to_search
        context.changed()
        columns = here.shown
        found = await ask_for(context, here, ROWS, RowsAsked(asked(context, here), here.window.first, here.window.first + 100, columns))
        if found is None:
            return
        _take(here, found, columns)
    if here.outcomes.report is None:
        here.outcomes.report = await ask_for(context, here, OUTCOMES, asked(context, here))
        context.changed()
    await look_at_charts(context, here)
    lacking = tuple(name for name in ("outcome", *here.shown) if name not in here.summaries and name != "prompt")
    if not lacking:
        return
    here.doing, here.share = "reading", 0
    context.changed()
    query = here.query
    said = await ask_for(context, here, SUMMARIES, SummariesAsked(asked(context, here), lacking))
    if said is not None and here.query == query:
        here.summaries = {**here.summaries, **{one.column: one for one in said}}
        late = [name for name in lacking if name in ("answer", "matches", "current") or name.startswith("judge:")]
        if late and here.window is not None:  # they are read only now, and what they are made of are columns
            columns = here.shown
            found = await ask_for(context, here, ROWS, RowsAsked(asked(context, here), here.window.first, here.window.first + 100, columns))
            if found is not None:
                _take(here, found, columns)
            if columns != shown_columns(here):
                refresh(context)


async def ask_for(context: Context, here: ResultsState, kind: JobKind[A, R], arguments: A) -> R | None:
    """Ask, and show why there is no answer where there is none. Raises CancelledError."""

    def moved(done: int, total: int) -> None:
        share = 100 * done // total if total else 0
        if share != here.share:
            here.share = share
            context.changed()

    try:
        done: Finished[R] = await context.services.compute.run(kind, arguments, moved=moved)
        if done.faults:
            here.lacks = tuple(f"{one.item[:60]}: {one.says}" for one in done.faults[:_LACKS_SAID])
        return done.value
    except NoSuchColumn as error:
        here.fault = f"These answers have no column “{column_title(str(error.args[0]))}”. Remove the filter or the sort order that uses it."
    except (RowsMissing, JobFailed) as error:
        here.fault = str(error)
    if context.state.results is here:
        here.window = None
        context.changed()
    return None


async def between(context: Context, here: ResultsState, ask: Callable[[], Awaitable[Any]]) -> None:
    """Ask something now: what is being read goes on afterwards."""
    if here.stop is not None:
        here.stop()
    await ask()
    if context.state.results is here and here.stop is None:
        context.tasks.start("results", _reading(context, here))


# --- the values of a column


async def count(context: Context, here: ResultsState) -> None:
    """The values of the column whose values are listed, under the query as it is."""
    facet = here.facet
    if facet is None:
        return
    newest = context.reading("facet")

    async def ask() -> None:
        arguments = FacetAsked(asked(context, here), facet.column, facet.find, facet.order, facet.shown)
        found = await ask_for(context, here, FACET, arguments)
        if newest() and here.facet is facet and found is not None:
            facet.found = found
        if found is None and here.facet is facet:
            here.facet = None  # there is no such column: asked for again, it would keep back the rows again
        context.changed()

    await between(context, here, ask)


def open_facet(here: ResultsState, column: str) -> None:
    """List the values of this column; the same again: close the list."""
    here.facet = None if here.facet is not None and here.facet.column == column else FacetState(column)


async def count_agreement(context: Context, here: ResultsState) -> None:
    """The figures of the two columns that are chosen, under the query but for what it says of these."""
    chosen = here.agreement
    if chosen is None:
        return
    if not chosen.one or not chosen.other:
        chosen.found = None
        return
    newest = context.reading("agreement")

    async def ask() -> None:
        about = asked(context, here)
        about = replace(about, query=about.query.without(chosen.one).without(chosen.other))
        found = await ask_for(context, here, AGREE, AgreementAsked(about, chosen.one, chosen.other, chosen.ways, chosen.folded))
        if newest() and here.agreement is chosen:
            chosen.found = found
            if found is None:
                here.agreement = None  # there is no such column: asked for again, it would keep back the rows again
        context.changed()

    await between(context, here, ask)


async def look_at_charts(context: Context, here: ResultsState) -> None:
    """Those of what is let through now, while their card is open."""
    if context.state.charts.open:
        from app.ui.results.charts_showing import look

        await look(context, here, asked(context, here), ask_for)


# --- one request


async def show(context: Context, here: ResultsState) -> None:
    """The request that the address names, in full, and where it is in the table."""
    if here.at is None:
        return
    at = here.at
    batch = next((one for one in context.state.batches.all if one.id == at[0]), None)
    try:
        opened = await context.services.review.open(batch, at[1]) if batch is not None and batch.state != "withdrawn" else None
    except IndexError:  # an address may name any row
        opened = None
    story = None
    if batch is not None and opened is not None and opened.id:
        back = [one for lane in context.state.queue.lanes for one in lane.segments if batch.id in one.previous_batches]
        waiting = [segment for one in back if (segment := await context.services.queue.segment(one)) is not None]
        story = await context.services.attempts.of(batch, opened.id, opened.previous_batches, waiting)
    said = await context.services.annotations().of(*at) if opened is not None else None
    if context.state.results is not here or here.at != at:
        return
    here.beside.request, context.state.batch.story = opened, story
    if here.annotating.said is None and said is not None:  # else it was read already
        here.annotating.said = here.annotating.with_typed(at, said)
    if opened is None:
        here.beside.lost = "This request is no longer here: its batch was deleted, or it is in another browser."
    context.changed()
    await locate(context, here)
    if batch is not None and opened is not None:
        await follow_links.read(context, batch, at[1], opened.id)


async def locate(context: Context, here: ResultsState) -> None:
    """Where the open request is in the table as it is now."""
    at = here.at
    if at is None:
        return

    async def ask() -> None:
        found = await ask_for(context, here, STEP, StepAsked(asked(context, here), at[0], at[1], 0))
        if found is not None and here.at == at:
            here.beside.gone = not found.batch
            here.beside.place = found.place if found.batch else here.beside.place
        context.changed()

    await between(context, here, ask)


async def neighbour(context: Context, here: ResultsState, by: int) -> SteppedTo | None:
    """The request that stands so many places after the open one; None where there is none."""
    if here.at is None:
        return None
    found: list[SteppedTo] = []

    async def ask() -> None:
        assert here.at is not None  # noqa: S101  # for the type checker
        to = await ask_for(context, here, STEP, StepAsked(asked(context, here), *here.at, by, here.beside.place))
        if to is not None and to.batch:
            found.append(to)

    await between(context, here, ask)
    return found[0] if found else None
