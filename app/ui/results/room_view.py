"""What stands above a table of answers: whose answers these are, why there are none to show, and which rows it lacks."""

from __future__ import annotations

from simple_html import a, div, h1, header, p

from app.core.base import text
from app.core.model.batches import Batch
from app.services.results.table_jobs import TableWindow
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, batch_title, command, note
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results import addresses
from app.ui.results.compare_actions import StopComparing
from app.ui.results.selection_actions import ShowHidden
from app.ui.results.table_actions import DropFilter, ReadAgainResults

_BATCHES_NAMED = 1_000


def room_header(state: State, here: ResultsState) -> Node:
    kind, ids = addresses.named(here.scope)
    words = "Every batch in this browser"
    back: Node = NOTHING
    if kind == "batches":
        found = [one for one in state.batches.all if one.id in ids]
        words = batch_title(found[0], state.zone) if len(found) == 1 else f"{text.count(len(found), 'batch')}"
        if not found:
            words = f"The {'batch is' if len(ids) == 1 else 'batches are'} not in this browser: deleted here, or in another browser."
        if len(found) == 1:
            back = [_attempts(state, found[0]), a(at("btn", href=f"#/batches/{found[0].id}"), "Batch")]
    if kind == "table":
        table = next((one for one in state.data.all or () if one.id == ids[0]), None)
        words = f"Answers to “{table.name}”" if table is not None else "Answers to a table's rows"
        back = a(at("btn", href=f"#/data/{ids[0]}"), "Table")
    everything = a(at("btn quiet", href="#/results"), "Everything") if here.scope else NOTHING
    return header({}, div({}, h1({}, "Results"), p({}, words)), div(at("actions"), everything, back))


def hidden_in(state: State) -> list[Batch]:
    """The batches of the table that is open of which rows were taken out; of a table's answers those of all batches, since which of them
    are its own is known to the index only."""
    kind, ids = addresses.named(state.results.scope)
    return [one for one in state.batches.all if one.hidden and (kind != "batches" or one.id in ids)]


def hidden_note(state: State) -> Node:
    """Rows that were taken out, and the way back."""
    found = hidden_in(state)
    if not found:
        return NOTHING
    everything = addresses.named(state.results.scope)[0] != "table"
    count = text.count(sum(one.hidden for one in found), "row")
    words = f"{count} taken out." if everything else f"{count} of all batches removed."
    return p(at("dim row wrap"), words, command(state, ShowHidden(), "small quiet"))


def rowless_note(window: TableWindow) -> Node:
    """Answers that no row of the table is beside any more are not in it, and are not lost."""
    found = window.rowless
    if not found.count:
        return NOTHING
    one = found.count == 1
    return note(
        "info",
        f"{text.count(found.count, 'request')} {'is' if one else 'are'} of {'a row' if one else 'rows'} that this table no longer has.",
        "It was imported again without them, so they are not listed here. Their answers are kept in their batches.",
        a(at("btn small", href=addresses.of_batches(found.batches[:_BATCHES_NAMED])), "Show the batches"),
    )


def _attempts(state: State, batch: Batch) -> Node:
    """Its requests were in other batches as well: together each stands once, with its best answer."""
    later = [one.id for one in state.batches.all if batch.resent and batch.id in one.previous_batches and one.state != "withdrawn"]
    if not batch.previous_batches and not later:
        return NOTHING
    which = "all" if batch.previous_batches and later else "later" if later else "earlier"
    return a(at("btn quiet", href=addresses.of_batches((*batch.previous_batches, batch.id, *later))), f"With {which} attempts")


def fault_note(state: State, here: ResultsState) -> Node:
    if not here.fault:
        return NOTHING
    named = bool(here.query.filters or here.query.sort)
    drop = act("Remove filters", DropFilter(), "small") if named else NOTHING
    table = command(state, StopComparing(), "small") if here.layout.compare is not None else NOTHING
    return note("bad", "There is nothing to show.", here.fault, drop, table, command(state, ReadAgainResults(), "small"))


def lacks_note(here: ResultsState) -> Node:
    """What could not be read: the others are there without it."""
    return note("warn", "Not everything could be read.", " ".join(here.lacks)) if here.lacks else NOTHING
